"""Grades of OBs and comments on raw files in the store."""

from __future__ import annotations

import datetime as dt

from phoenix.model.grade import Graded, OBGrade
from phoenix.store import BlockRow, CommentRow, RawCommentRow, Store

DATE = "2020-01-01"
NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=1)


def block(number, obs_id=0, date=DATE):
    return BlockRow(f"GIRAF.2020-01-01T0{number}:00:00.000.ab", date, obs_id=obs_id)


def graded(grade="A", at=NOON, night=DATE, source="log", ob_id=7):
    return Graded(OBGrade(ob_id, night, grade=grade, source=source), at)


def test_what_a_source_says_again_is_not_kept_twice(store):
    assert store.grades.add([graded()]) == (graded(),)
    assert store.grades.add([graded(at=LATER)]) == ()
    assert store.grades.rows() == (graded(),)


def test_what_a_source_says_otherwise_is_kept_even_if_it_said_it_before(store):
    for number, grade in enumerate("ACA"):
        store.grades.add([graded(grade, NOON + dt.timedelta(minutes=number))])
    assert [row.grade.grade for row in store.grades.rows()] == ["A", "C", "A"]


def test_an_ab_has_the_grade_of_its_ob_in_its_night(store):
    store.blocks.save(
        [block(1, obs_id=7), block(2, obs_id=8), block(3), block(4, obs_id=7, date="2020-01-02")]
    )
    store.grades.add(
        [graded("C"), graded("A", night="2020-01-02"), graded("B", night="", ob_id=8)]
    )
    names = [block(number).name for number in (1, 2, 3, 4)]
    grades = store.grades.of()
    assert [grades[name].grade.grade if name in grades else "" for name in names] == [
        *("C", "B", "", "A"),
    ]
    assert set(store.grades.of(since="2020-01-02")) == {names[3]}
    assert set(store.grades.of(names[:1])) == {names[0]}


def test_grades_of_another_process_are_not_seen(store, url):
    store.grades.add([graded()])
    with Store.open(url, "UVES_ECH") as other:
        assert other.grades.rows() == ()


def test_the_nights_of_an_ob_are_those_of_its_abs(store):
    store.blocks.save([block(1, obs_id=7), block(2, obs_id=7, date="2020-01-02"), block(3)])
    assert store.grades.nights_of([7, 9]) == (DATE, "2020-01-02")


def test_a_long_ob_number_is_kept(store):
    store.grades.add([graded(ob_id=2**62)])
    assert store.grades.rows(obs=[2**62])[0].grade.ob_id == 2**62


# ---- comments on raw files


RAW = RawCommentRow("GIRAF.2020-01-01T01:00:00.000", DATE, "saturated", "me", NOON)


def test_the_same_comment_on_a_raw_file_again_changes_nothing(store):
    store.verdicts.add_raw_comment(RAW)
    store.verdicts.add_raw_comment(RAW)
    assert store.verdicts.raw_comments(files=[RAW.file]) == (RAW,)
    assert store.verdicts.raw_comments(since=DATE, until=DATE) == (RAW,)
    assert store.verdicts.raw_comments(since="2020-01-02") == ()
    assert store.verdicts.raw_comments(files=["other"]) == ()


def test_comments_of_both_kinds_are_counted_and_listed_by_night(store, night):
    store.verdicts.add_raw_comment(RAW)
    store.verdicts.add_comment(CommentRow(night[0].name, "moon", "you", LATER))
    assert store.verdicts.noted() == {DATE: 2}
    latest = store.verdicts.latest(DATE, DATE, 10)
    assert [(row.name, row.text) for row in latest] == [
        (night[0].name, "moon"),
        (RAW.file, "saturated"),
    ]
    assert len(store.verdicts.latest(DATE, DATE, 1)) == 1


def test_an_empty_store_has_no_comments(store):
    assert store.verdicts.noted() == {}
    assert store.verdicts.latest("2020-", "2020-~", 5) == ()
