from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growth import steps
from phoenix.errors import ABFormatError
from phoenix.formats.abfile import format_ab, parse_ab, read_ab, write_ab
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter
from strategies import BLOCKS

NAME = "GIRAF.2008-03-02T12:07:10.339_tpl.ab"
OLD = """\
TOOL_VERSION   4.2   # createAB
INSTRUMENT     GIRAFFE
RECIPE         giscience
SOF_CONTENT\t${DFO_RAW_DIR}/2008-03-01/GIRAF.2008-03-02T12:07:10.339.fits OBJECT RAW
SOF_CONTENT\t${DFO_CAL_DIR}/gen/GI_GRAT_080101A.fits GRATING_DATA CALIB   # static
WHATEVER       nobody knows this
"""


@given(BLOCKS)
@settings(max_examples=200)
def test_an_ab_read_back_is_the_same_ab(ab):
    assert parse_ab(format_ab(ab), str(ab.name)) == ab


@given(BLOCKS, st.text().map("because {}".format))
def test_an_edited_ab_keeps_its_edits_and_reasons_in_the_file(ab, why):
    edited = ab.edited(why=why, recipe="newer_recipe", parameters=(Parameter("a", "b#c\\d"),))
    assert parse_ab(format_ab(edited), str(ab.name)) == edited


def test_an_ab_on_disk_is_the_same_ab(tmp_path):
    ab = AssociationBlock(NAME, "gimasterbias", (RawFrame("x.fits", "BIAS"),))
    assert read_ab(write_ab(ab, tmp_path)) == ab


def test_writing_leaves_nothing_but_the_ab(tmp_path):
    write_ab(AssociationBlock(NAME, "gimasterbias", (RawFrame("x.fits", "BIAS"),)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_an_old_ab_with_sof_content_lines_is_understood():
    ab = parse_ab(OLD, NAME)
    assert ab.raw_files == (
        RawFrame("${DFO_RAW_DIR}/2008-03-01/GIRAF.2008-03-02T12:07:10.339.fits", "OBJECT"),
    )
    assert ab.calibrations == (
        MasterCalibration("${DFO_CAL_DIR}/gen/GI_GRAT_080101A.fits", "GRATING_DATA"),
    )


def test_lines_with_unknown_qualifiers_are_kept_as_they_are():
    ab = parse_ab(OLD, NAME)
    assert ab.other == ("TOOL_VERSION   4.2   # createAB", "WHATEVER       nobody knows this")
    assert parse_ab(format_ab(ab), NAME).other == ab.other


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("RAW_MATCH_KEY  INS.MODE=DICHR#2", "DICHR#2"),
        ("RAW_MATCH_KEY  INS.MODE=DICHR#2   # second dichroic", "DICHR#2"),
        ("RAW_MATCH_KEY\tINS.MODE=DICHR#2\t#second dichroic", "DICHR#2"),
        (r"RAW_MATCH_KEY  INS.MODE=DICHR\#2", "DICHR#2"),
        (r"RAW_MATCH_KEY  INS.MODE=the \#2", "the #2"),
        ("RAW_MATCH_KEY  INS.MODE=DICHR #2", "DICHR"),
        ("RAW_MATCH_KEY  INS.MODE=DICHR # 2 # or 1", "DICHR"),
        (r"RAW_MATCH_KEY  INS.MODE=\\\#", r"\#"),
    ],
)
def test_a_comment_begins_behind_a_blank_and_not_in_a_value(line, value):
    assert parse_ab(f"{OLD}{line}\n#RECIPE nothing\n", NAME).setup == (("INS.MODE", value),)


def test_a_frame_named_twice_by_an_old_ab_is_reduced_once():
    text = OLD + "RAWFILE ${DFO_RAW_DIR}/2008-03-01/GIRAF.2008-03-02T12:07:10.340.fits OBJECT\n"
    twice = text + text.splitlines()[3] + "\n"
    assert len(parse_ab(twice, NAME).raw_files) == 2


@pytest.mark.parametrize(
    "line",
    [
        "RAWFILE ../../etc/passwd OBJECT",
        "RAWFILE /etc/passwd OBJECT",
        "RAWFILE ${HOME}/x.fits OBJECT",
        "RAWFILE ${DFO_RAW_DIR}/../../x.fits OBJECT",
        "RAWFILE ${DFO_RAW_DIR}/a;rm OBJECT",
        "RAWFILE $(reboot)/x.fits OBJECT",
        "MCALIB REAL ${DFO_CAL_DIR}/./../x.fits MASTER_BIAS",
        "MCALIB REAL ${DFO_CAL_DIR}/x.fits MASTER/../BIAS",
        "SOF_CONTENT ${DFO_RAW_DIR}//x.fits OBJECT RAW",
        "RECIPE_PARAM --output-dir",
        "RECIPE_PARAM -x",
        "RECIPE another",
        "RECIPE ../bin/sh",
        "MCALIB MAYBE ${DFO_CAL_DIR}/x.fits MASTER_BIAS",
        "OBS_ID twelve",
        "DATE 2020-02-30",
        "COMPLETENESS PERHAPS",
        "EDIT_IN recipe x",
    ],
)
def test_a_bad_line_is_refused_with_its_number(line):
    text = f"RECIPE giscience\nRAWFILE x.fits OBJECT\n{line}\n"
    if line.startswith("RECIPE ../"):
        text = text.replace("RECIPE giscience\n", "# no recipe\n", 1)
    with pytest.raises(ABFormatError, match=r"line 3|expected"):
        parse_ab(text, NAME)


def test_a_message_names_file_line_found_and_expected():
    with pytest.raises(
        ABFormatError, match=re.escape(f"{NAME}, line 2: found 'RAWFILE x.fits', expected RAWFILE")
    ):
        parse_ab("RECIPE giscience\nRAWFILE x.fits\n", NAME)


def test_an_ab_without_recipe_is_refused():
    with pytest.raises(ABFormatError, match="no RECIPE line"):
        parse_ab("RAWFILE x.fits OBJECT\n", NAME)


def test_an_ab_that_calls_itself_differently_than_its_file_is_refused():
    text = "AB_NAME GIRAF.2008-03-02T12:07:10.999.ab\nRECIPE x\nRAWFILE x.fits OBJECT\n"
    with pytest.raises(ABFormatError, match="the name of the file"):
        parse_ab(text, NAME)


def test_binary_data_is_no_ab(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(b"SIMPLE\xff\xfe\x00")
    with pytest.raises(ABFormatError, match="UTF-8"):
        read_ab(path)


@given(st.text())
def test_any_text_is_an_ab_or_a_clear_refusal(text):
    try:
        parse_ab(text, NAME)
    except ABFormatError as error:
        assert NAME in str(error)  # noqa: PT017 - both ends are right


def test_the_sof_lines_of_the_genuine_muse_log_are_understood(shared_data):
    log = next((shared_data / "muse_phoenix_log").glob("*.log"))
    blocks: dict[str, list[str]] = {}
    for line in log.read_text("utf-8", errors="replace").splitlines():
        match = re.match(r"\[(MUSE\S+?)\.rblog\] (SOF_CONTENT.*)", line)
        if match:
            blocks.setdefault(match[1], []).append(match[2])
    assert blocks
    for name, lines in blocks.items():
        ab = parse_ab("RECIPE muse_scibasic\n" + "\n".join(lines), f"{name}.ab")
        assert len(ab.raw_files) + len(ab.calibrations) == len(set(lines))


def test_the_test_data_of_others_is_read_from_beside_the_project(shared_data):
    assert Path(shared_data).name == "data"


def test_an_ab_of_products_alone_is_written_and_read():
    calibration = MasterCalibration("r.MUSE.2020-01-02T00:13:00.752_0000.fits", "PIXTABLE_STD")
    ab = AssociationBlock(
        "MUSE.2020-01-02T00:13:00.752_std.ab", "muse_standard", calibrations=(calibration,)
    )
    assert parse_ab(format_ab(ab)) == ab


@pytest.mark.parametrize(
    "line",
    [
        "SOF_CONTENT ${{DFO_RAW_DIR}}/2020-01-01/x{n}.fits SCIENCE RAW",
        "SOF_CONTENT ${{DFO_CAL_DIR}}/gen/x{n}.fits SCIENCE CALIB",
        "RAWFILE ${{DFO_RAW_DIR}}/2020-01-01/x{n}.fits SCIENCE",
        "MCALIB REAL ${{DFO_CAL_DIR}}/gen/x{n}.fits MASTER_BIAS",
        "RECIPE_PARAM --x{n}=1",
        "WAITFOR GIRAF.2008-03-02T12:07:{n:06.3f}.ab",
        "EDIT why\nEDIT_OUT raw_files x{n}",
        "STRANGE x{n}",
    ],
)
def test_reading_takes_steps_as_an_ab_has_lines(line):
    def taken(number):
        text = "".join(f"{line.format(n=n)}\n" for n in range(number))
        raw = "RAWFILE ${DFO_RAW_DIR}/2020-01-01/x.fits SCIENCE"
        return steps(lambda: parse_ab(f"AB_NAME {NAME}\nRECIPE giscience\n{raw}\n{text}"))

    assert taken(200) < 2.5 * taken(100)
