"""Grades: which counts, and what is told where sources contradict each other."""

from __future__ import annotations

import datetime as dt

import pytest

from phoenix.errors import DataError
from phoenix.model.grade import Graded, OBGrade, contradictions, grade_from, mode_from, newest

NIGHT, OTHER = "2020-01-01", "2020-01-02"


def rows(*grades):
    noon = dt.datetime(2020, 1, 3, 12, tzinfo=dt.UTC)
    return [Graded(one, noon + dt.timedelta(seconds=n)) for n, one in enumerate(grades)]


def counts(*grades, ob_id=7, night=NIGHT):
    found = newest(rows(*grades), ob_id, night)
    return found.grade if found else None


def test_the_newest_grade_counts():
    assert counts(OBGrade(7, NIGHT, grade="A"), OBGrade(7, NIGHT, grade="C")).grade == "C"


def test_each_night_has_its_own_grade():
    first, second = OBGrade(7, NIGHT, grade="C"), OBGrade(7, OTHER, grade="A")
    assert counts(first, second).grade == "C"
    assert counts(first, second, night=OTHER).grade == "A"


def test_a_row_of_any_night_counts_for_every_night():
    assert counts(OBGrade(7, NIGHT, grade="A"), OBGrade(7, grade="B")).grade == "B"
    assert counts(OBGrade(7, grade="B"), OBGrade(7, NIGHT, grade="A")).grade == "A"


def test_a_table_of_modes_takes_no_grade_away_and_is_not_its_source():
    log = OBGrade(7, NIGHT, grade="A", comment="fine", source="log")
    found = counts(log, OBGrade(7, mode="service", source="table"))
    assert (found.grade, found.comment, found.mode, found.source) == (
        *("A", "fine", "service", "log"),
    )


def test_nothing_is_known_of_another_ob():
    assert counts(OBGrade(8, NIGHT, grade="A")) is None


def test_contradicting_grades_are_told_with_their_sources():
    (told,) = contradictions(
        rows(
            OBGrade(7, NIGHT, grade="A", source="log"),
            OBGrade(7, NIGHT, grade="A", source="other"),
            OBGrade(7, grade="C", source="table"),
            OBGrade(8, NIGHT, grade="A", source="log"),
            OBGrade(8, NIGHT, mode="visitor", source="table"),
        )
    )
    assert told == "OB 7: found grade A (log), then C (table); the newest counts"


@pytest.mark.parametrize("word", ["SM", "service", " Service ", "s"])
def test_service_mode_has_several_words(word):
    assert mode_from(word) == "service"


@pytest.mark.parametrize("word", ["", "_", "-", "none", " N/A "])
def test_no_grade_has_several_words(word):
    assert grade_from(word) == ""


def test_what_is_neither_is_refused():
    with pytest.raises(DataError, match="expected service"):
        mode_from("tourist")
    with pytest.raises(DataError, match="expected one of A"):
        grade_from("E")


def test_names_are_bounded_and_plain():
    one = OBGrade(7, run="r" * 100, target="\x1b[1mX", comment="a\nb")
    assert len(one.run) <= 64
    assert (one.target, one.comment) == ("\\x1b[1mX", "a b")
