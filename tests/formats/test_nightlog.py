"""Night logs: real ones, cut ones, and those that somebody has written to do harm."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.formats.nightlog import LARGEST, parse_night_log, read_night_log
from phoenix.model.dates import CivilDate
from phoenix.model.grade import GRADES
from phoenix.model.plain import LONGEST
from phoenix.simulate import Exposure, ObservationBlock, Template, night_time
from phoenix.simulate.nightlog import night_log

DATE = CivilDate(2020, 1, 1)


def log_of(number=0, ob_id=200):
    """Return a night log; its grade goes by the number: A, B, C, D."""
    block = ObservationBlock(ob_id, "Star", "HD 1", "0104.D-0001(A)")
    start = night_time(DATE, -2.0)
    template = Template("obs", "Obs", start, 1)
    one = Exposure("GIRAF", start, 600.0, "SCIENCE", "OBJECT", "MOS", block, template)
    return night_log(DATE, number, [one])


LOG = log_of(1)


def test_a_real_log_has_its_ob_and_no_fault(shared_data):
    log = read_night_log(shared_data / "muse_qc_musered" / "MUSE.2017-06-16T01:34:56.867.NL.txt")
    (ob,) = log.blocks
    assert (ob.ob_id, ob.grade, ob.run, ob.comment) == (1755413, "X", "60.A-9100(G)", "")
    assert ob.start == "2017-06-16T01:23:29"
    assert len(ob.files) == 6
    assert log.faults == ()


def test_a_real_log_without_its_weather_is_told_and_its_ob_is_read(shared_data):
    name = "MUSE.2017-06-16T01:37:47.867.invalid.txt"
    log = read_night_log(shared_data / "muse_qc_musered" / name)
    assert [ob.grade for ob in log.blocks] == ["X"]
    (fault,) = log.faults
    assert "no section 'Weather observations'" in fault


def test_a_log_says_grade_comment_run_and_files():
    (ob,) = parse_night_log(LOG).blocks
    assert (ob.ob_id, ob.grade, ob.run, ob.target) == (200, "B", "0104.D-0001(A)", "HD 1")
    assert ob.comment.startswith("Seeing 10 %")
    assert ob.files == ("GIRAF.2020-01-01T22:00:00.000",)


@given(st.integers(0, len(LOG)))
def test_a_cut_log_gives_what_the_whole_one_says_or_nothing(length):
    whole = parse_night_log(LOG).blocks[0]
    log = parse_night_log(LOG[:length])
    for ob in log.blocks:
        assert (ob.ob_id, ob.grade, ob.comment) == (whole.ob_id, whole.grade, whole.comment)
    assert bool(log.faults) == ("OB Grades" not in LOG[:length])


def test_two_obs_in_a_log_are_both_read():
    log = parse_night_log(LOG + log_of(2, 201))
    assert [(ob.ob_id, ob.grade) for ob in log.blocks] == [(200, "B")]
    both = LOG[: LOG.index("OB Grades")] + log_of(2, 201)
    assert [(ob.ob_id, ob.grade) for ob in parse_night_log(both).blocks] == [
        (200, "B"),
        (201, "C"),
    ]


def test_what_stands_in_a_comment_is_no_field_of_the_log():
    said = "Comments:\nGrade: D\nOB: 7\nRun: mine"
    (ob,) = parse_night_log(LOG.replace("Comments:\nSeeing", f"{said}\nSeeing", 1)).blocks
    assert (ob.ob_id, ob.grade, ob.run) == (200, "B", "0104.D-0001(A)")
    assert ob.comment.startswith("Grade: D OB: 7 Run: mine Seeing")


@pytest.mark.parametrize("grade", ["Q", "AB", "<script>", "\x1b[31m", "x" * 100_000])
def test_what_is_no_grade_is_told_and_counts_as_none(grade):
    log = parse_night_log(LOG.replace("\t \tB", f"\t \t{grade}"))
    assert [ob.grade for ob in log.blocks] == [""]
    (fault,) = log.faults
    assert "expected one of A, B, C, D, X" in fault
    assert "\x1b" not in fault
    assert len(fault) < 200


@pytest.mark.parametrize("grade", [*GRADES, "_"])
def test_every_grade_of_the_legend_is_read(grade):
    (ob,) = parse_night_log(LOG.replace("\t \tB", f"\t \t{grade}")).blocks
    assert ob.grade == grade.replace("_", "")


def test_a_comment_is_one_line_that_commands_no_terminal_and_is_bounded():
    said = "first\nsecond \x1b[31m " + "x" * 20_000
    (ob,) = parse_night_log(LOG.replace("Seeing 10 %", said)).blocks
    assert ob.comment.startswith("first second \\x1b[31m xxx")
    assert len(ob.comment) <= LONGEST


@pytest.mark.parametrize("number", ["", "abc", "0", "-3", "9" * 40, "1 2"])
def test_an_ob_without_a_number_is_left_out_and_told(number):
    log = parse_night_log(LOG.replace("OB:         200", f"OB:         {number}"))
    assert log.blocks == ()
    assert any("expected its number" in fault for fault in log.faults)


@given(st.text())
def test_any_text_is_read_or_told(text):
    log = parse_night_log(text)
    assert log.blocks or log.faults


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x00\x01" * 100, "no text"),
        (b"-" * (LARGEST + 1), "more than"),
        (b"\x89PNG\x00", "text"),
    ],
)
def test_what_is_no_night_log_is_refused(tmp_path, content, why):
    path = tmp_path / "x.NL.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=why):
        read_night_log(path)


def test_a_fifo_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.NL.txt")
    with pytest.raises(DataError, match="no plain file"):
        read_night_log(tmp_path / "x.NL.txt")


def test_names_of_before_utf_8_are_read(tmp_path):
    path = tmp_path / "x.NL.txt"
    path.write_bytes(LOG.replace("HD 1", "Nuñez").encode("latin-1"))
    assert read_night_log(path).blocks[0].target == "Nuñez"
