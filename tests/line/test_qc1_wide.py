"""The wide table of QC1: what is searched by, bits of QCFLAG, pages and files for other tools."""

from __future__ import annotations

import re
import sys
from functools import partial

import numpy as np
import pyarrow.parquet
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from nightwork import DATE, make_workspace

from phoenix.cli import run as phoenix
from phoenix.errors import DataError, SettingsError
from phoenix.line.jobs.remember import record_quality
from phoenix.line.production import ProductionLine
from phoenix.line.qc1.columns import setup_pairs
from phoenix.line.qc1.filters import Filter
from phoenix.line.qc1.html import write_html
from phoenix.line.qc1.picture import Fit, Group, Picture
from phoenix.line.qc1.plot import NO_LINE
from phoenix.line.qc1.png import write_png
from phoenix.line.qc1.query import Query
from phoenix.model.qc import Measurement
from phoenix.steps.quality.score import QCResult

HOSTILE = "</script><script>alert(1)</script> $$x$$ \\[y\\] @name{safe}"

# ---- columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setup", "columns"),
    [
        ("", {}),
        (
            "INS.EXP.MODE=H525.8B INS.SLIT.NAME=Medusa1",
            {"INS_EXP_MODE": "H525.8B", "INS_SLIT_NAME": "Medusa1"},
        ),
        (
            "DET.READ.CLOCK=225 kHz x 1 INS.MODE=",
            {"DET_READ_CLOCK": "225 kHz x 1", "INS_MODE": ""},
        ),
    ],
)
def test_each_key_of_a_setup_is_a_column(setup, columns):
    assert setup_pairs(setup) == columns


@given(st.text(max_size=60))
def test_any_text_is_taken_for_a_setup_and_gives_names_that_can_be_asked_for(text):
    for name in setup_pairs(text):
        assert Filter.parse(f"{name}=x").column == name


@pytest.mark.parametrize("date", ["2020-99-99", "2020-02-30", "soon", "2020"])
def test_a_night_is_not_held_against_what_is_no_date(date):
    with pytest.raises(DataError, match=r"filter NIGHT>=: .*date"):
        Filter.parse(f"NIGHT>={date}")
    assert Filter.parse("NIGHT~2020-0").value == "2020-0"


def test_only_qcflag_has_bits():
    with pytest.raises(DataError, match="found SNR, expected a bit of QCFLAG"):
        Filter.parse("SNR:2")


# ---- a night in the database -----------------------------------------------------------------


@pytest.fixture(scope="module")
def line(processed):
    with ProductionLine(processed) as line:
        yield line


@pytest.mark.recipes
def test_an_ab_is_told_with_its_programme_its_ob_and_what_made_it(line):
    row = line.qc("SNR", where=["RAW_TYPE=SCIENCE", "OBS_NAME=SIM_F1_LR_543"])[0]
    assert row["PROCESS"] == "GIRAFFE_MOS"
    assert (row["OBS_PROG_ID"], row["TARGET"]) == ("104.D-0314(A)", "SIMF1")
    assert (row["OBS_ID"], row["RECIPE"]) == (200132000, "giscience")
    assert re.search(r"\bphoenix-idp/\S+ .*\bgiraf/2\.", row["VERSIONS"])
    assert row["INS_SLIT_NAME"] == "Medusa1"
    assert bool(np.ma.is_masked(row["MODE"]))


@pytest.mark.recipes
@pytest.mark.parametrize(
    "condition",
    ["TARGET=SIMF1", "obs_id=200132000", "OBS_PROG_ID~0314", "INS_EXP_MODE~l543", "MJD_OBS>5e4"],
)
def test_columns_of_abs_are_conditions_too(condition, line):
    rows = line.browse(Query(("SNR",), ("RAW_TYPE=SCIENCE", condition))).records()
    assert len(rows) >= 2
    assert Filter.parse(condition).column in rows[0]


@pytest.mark.recipes
def test_a_terminal_sees_what_was_asked_for_and_all_if_wanted(line):
    narrow = line.browse(Query(("SNR", "TARGET")))
    assert narrow.columns == ("AB", "TARGET", "ELEMENT", "SNR", "NIGHT", "RAW_TYPE", "SETUP")
    assert {"VERSIONS", "OBS_NAME", "INS_EXP_MODE"} < {*line.browse(Query(wide=True)).columns}


@pytest.mark.recipes
@pytest.mark.parametrize("statistic", ["mean", "sigma", "number", "sum"])
@pytest.mark.parametrize("by", ["", "TARGET", "NIGHT"])
def test_the_database_makes_the_statistic_that_is_made_of_rows(statistic, by, line):
    asked = Query(("SNR", "SKY_COUNTS"), ("SNR>10",), elements=True, by=by, statistic=statistic)
    # The database makes no statistic of what is chosen by `!=`.
    in_rows = evolve(asked, where=("SNR>10", "SNR!=-1"))
    made, own = (line.browse(query).records() for query in (asked, in_rows))
    assert len(made) == len(own) >= 1
    for one, other in zip(made, own, strict=True):
        assert one == {
            key: value if isinstance(value, str) or value is None else pytest.approx(value)
            for key, value in other.items()
        }


@pytest.mark.recipes
def test_parameters_that_only_recipes_know_are_columns(line):
    assert "OUT1_RON_RAW" in line.qc("OUT1_RON_RAW", where="OUT1_RON_RAW>0").colnames


@pytest.mark.recipes
def test_a_table_goes_to_pandas(line):
    frame = line.qc("SNR", elements=True).to_pandas()
    assert len(frame) == len(line.qc("SNR", elements=True))
    assert frame["SNR"].mean() > 0


@pytest.mark.recipes
def test_parquet_has_nulls_units_and_all_rows(line, tmp_path):
    path = tmp_path / "qc.parquet"
    number = line.export(Query(), path)
    table = pyarrow.parquet.read_table(path)
    assert table.num_rows == number == len(line.qc())
    assert table["SNR"].null_count == sum(line.qc("SNR", "NUM_RAW")["SNR"].mask)
    assert table.schema.field("MEAN_COUNTS").metadata == {b"unit": b"adu"}
    assert table["MODE"].null_count == number


# ---- QCFLAG ----------------------------------------------------------------------------------


@pytest.fixture
def flagged(processed, copy_of):
    """A line in which some fibres of two ABs are flagged."""
    with ProductionLine(copy_of(processed)) as line:
        names = [row["AB"] for row in line.browse(Query(("SNR",))).records() if row["SNR"]]
        for name in names[:2]:
            flags = dict.fromkeys(range(4), "000000000") | {1: "001000010"}
            line.store.qcflags.replace(
                name, flags.items(), line.instrument.score_bits(line.process_row)
            )
        yield line


@pytest.mark.recipes
def test_qcflag_of_a_run_is_stored_with_the_bits_of_the_plugin(line):
    bits = line.instrument.score_bits(line.process_row)
    meanings = line.store.qcflags.meanings(DATE, DATE)
    assert set(meanings) == {
        row["AB"] for row in line.browse(Query(("SNR",))).records() if row["SNR"]
    }
    assert set(meanings.values()) == {bits}


@pytest.mark.recipes
@pytest.mark.parametrize("bit", ["2", "numsat", "NUMSAT"])
def test_spectra_are_found_by_a_bit_of_qcflag(bit, flagged):
    rows = flagged.browse(Query(("QCFLAG",), (f"QCFLAG:{bit}",), elements=True)).records()
    assert [(row["ELEMENT"], row["QCFLAG"]) for row in rows] == [(1, "001000010")] * 2
    none = Query((), (f"QCFLAG:{bit}", "QCFLAG:1"), elements=True)
    assert len(flagged.browse(none)) == 0


@pytest.mark.recipes
def test_bits_are_counted_by_setup_with_their_meaning(flagged):
    rows = flagged.qc_flags(Query(elements=True, by="TARGET")).records()
    assert {(row["bit"], row["name"]) for row in rows} == {(2, "numsat"), (7, "badcol")}
    assert sum(row["set"] for row in rows if row["bit"] == 2) == 2
    (high,) = {row["high"] for row in rows if row["bit"] == 2}
    assert high == 999.0
    assert {row["since"] for row in rows} == {DATE}


@pytest.mark.recipes
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["flags", "SNR>3"], "expected columns of ABs"),
        (["flags", "--by", "SNR"], "expected columns of ABs"),
        (["flags", "--by", "SETUPP"], "did you mean SETUP"),
        (["browse", "QCFLAG:42"], "expected one of 0 qc_deltatemp"),
    ],
)
def test_a_wrong_question_about_flags_leaves_with_two(words, told, line, capsys):
    assert phoenix(["qc", words[0], "-w", str(line.workspace.root), *words[1:]]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


@pytest.mark.recipes
def test_what_was_flagged_by_nobody_knows_which_bits_says_so(flagged):
    name = flagged.browse(Query(("SNR",), ("RAW_TYPE=SCIENCE",))).records()[0]["AB"]
    record_quality(flagged.store, QCResult(name, qcflags=((0, "010"),)), (), flagged.clock())
    rows = flagged.qc_flags(Query(where=(f"AB={name}",))).records()
    assert [(row["bit"], row["meaning"][:9]) for row in rows] == [(1, "not known")]


# ---- pages and images ------------------------------------------------------------------------


def picture(text=HOSTILE, fit=None):
    points = np.array([1.0, 2.0, 3.0])
    group = Group(text, "#0072b2", points, points, (text,) * 3)
    line = np.array([points, points]) if fit else np.empty((2, 0))
    return Picture(text, (text, text), (False, True), (group, group), fit, line)


def test_a_page_needs_no_network_and_runs_nothing_that_a_name_says(tmp_path):
    path = tmp_path / "x.html"
    write_html(picture(fit=Fit(1.0, 0.0, 0.0, 3)), path)
    page = path.read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=[^>]*>", page) == []
    assert [one.name for one in tmp_path.iterdir()] == ["x.html"]


def test_an_image_takes_any_name(tmp_path):
    write_png(picture("_$x^$ " + HOSTILE), tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("suffix", "package", "extra"),
    [(".html", "bokeh", "plot"), (".parquet", "pyarrow", "parquet")],
)
@pytest.mark.recipes
def test_a_package_that_is_not_there_is_named_with_its_extra(
    suffix, package, extra, line, tmp_path, monkeypatch
):
    for name in [one for one in sys.modules if one.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / f"x{suffix}"
    do = line.export if suffix == ".parquet" else partial(line.plot, "MJD_OBS", "SNR")
    with pytest.raises(SettingsError, match=rf"no package {package}.*phoenix-idp\[{extra}\]"):
        do(Query(), path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.recipes
def test_a_line_that_cannot_be_drawn_is_told_with_its_reason(line, tmp_path, capsys):
    words = ["MJD_OBS", "BIAS_MASTER_MEDIAN", "--fit", "-o", str(tmp_path / "x.html")]
    assert phoenix(["qc", "plot", "-w", str(line.workspace.root), *words]) == 0
    assert NO_LINE in capsys.readouterr().err


# ---- what is lost and found ------------------------------------------------------------------


@pytest.mark.recipes
@pytest.mark.slow
def test_a_lost_database_learns_again_what_was_observed_and_flagged(raw_night, tmp_path):
    folder = make_workspace(tmp_path / "work", raw_night)
    with ProductionLine(folder) as line:
        line.run(DATE)
        before = line.qc("SNR", elements=True)
        meanings = line.store.qcflags.meanings()
    for path in folder.glob("phoenix.db*"):
        path.unlink()
    with ProductionLine(folder) as line:
        line.run(DATE)
        after = line.qc("SNR", elements=True)
        assert line.store.qcflags.meanings() == meanings
    for name in ("AB", "TARGET", "VERSIONS", "QCFLAG"):
        assert list(after[name]) == list(before[name])


@pytest.mark.recipes
def test_rows_are_counted_once_where_parameters_have_different_elements(flagged):
    name = flagged.browse(Query(("SNR",), ("RAW_TYPE=SCIENCE",))).records()[0]["AB"]
    rows = [Measurement("SNR", 1.0, fibre) for fibre in (1, 2, 5)]
    flagged.store.qc1.replace(name, [*rows, Measurement("SKY_COUNTS", 1.0, 9)])
    asked = Query(("SNR", "SKY_COUNTS"), (f"AB={name}",), elements=True, statistic="number")
    (row,) = flagged.browse(asked).records()
    assert row == {"NUMBER": 4, "SNR": 3, "SKY_COUNTS": 1}
