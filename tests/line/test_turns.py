"""A month goes on where another run holds one of its nights."""

from __future__ import annotations

import json

import pytest
from nightwork import make_workspace

from phoenix.cli import run as phoenix
from phoenix.errors import BusyError
from phoenix.line.night.hold import hold_night
from phoenix.line.night.nights import in_turn
from phoenix.line.production import ProductionLine
from phoenix.line.report import PreparedNight
from phoenix.model.cascade import Cascade
from phoenix.model.dates import CivilDate
from phoenix.steps.prepare import Prepared

DAYS = tuple(CivilDate(2020, 1, day) for day in (1, 2, 3))
FIRST, SECOND = DAYS[:2]
MONTH = "2020-01"


def nights(*days):
    return tuple(PreparedNight(date, Prepared(Cascade(()))) for date in days)


def skipped(night, why):
    return f"{night.date} skipped: {why}"


class Holder:
    """Other runs hold nights for so many tries."""

    def __init__(self, **held):
        self.held = {CivilDate(2020, 1, int(day[1:])): tries for day, tries in held.items()}
        self.tried = []

    def __call__(self, night):
        self.tried.append(night.date)
        if self.held.get(night.date, 0) > 0:
            self.held[night.date] -= 1
            raise BusyError("held")
        return str(night.date)


def test_a_held_night_is_tried_once_more_when_the_others_are_done():
    do = Holder(d1=1)
    assert in_turn(nights(*DAYS), do, skipped) == tuple(map(str, DAYS))
    assert do.tried == [*DAYS, DAYS[0]]


def test_a_night_that_is_still_held_is_skipped():
    do = Holder(d2=2)
    assert in_turn(nights(*DAYS), do, skipped)[1] == "2020-01-02 skipped: held"
    assert do.tried == [*DAYS, DAYS[1]]


def test_the_only_night_is_not_skipped():
    with pytest.raises(BusyError):
        in_turn(nights(FIRST), Holder(d1=1), skipped)


def test_a_held_night_is_told_at_once(caplog):
    in_turn(nights(*DAYS), Holder(d1=2), skipped)
    assert "2020-01-01 is left for later: held" in caplog.text


@pytest.fixture
def line(two_nights, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "work", two_nights)) as line:
        yield line


def hold(line, date):
    return hold_night(line, date)


def test_the_other_nights_of_a_month_are_taken_up(line):
    with hold(line, FIRST):
        first, second = line.run(MONTH, resume=True)
    assert (first.date, second.date) == (FIRST, SECOND)
    assert "held by process" in first.skipped
    assert first.summary().startswith("2020-01-01: skipped: ")
    assert not first.is_complete
    assert not second.skipped
    assert len(second.names) == 7


def test_a_skipped_night_stands_in_the_list_of_runs(line):
    with hold(line, FIRST):
        line.run(MONTH, resume=True)
    (row,) = line.last_runs().records()
    assert row["state"] == "wrong"
    assert row["reason"].startswith("2020-01-01 was skipped: ")


def test_converting_and_ingesting_skip_a_held_night(line):
    for verb in (line.convert, line.ingest):
        with hold(line, SECOND):
            (told,) = verb(MONTH).skipped
        assert told.startswith("2020-01-02 was skipped: ")


def test_the_abs_of_the_other_nights_are_written(line):
    with hold(line, FIRST), pytest.raises(BusyError, match="2020-01-01 was skipped"):
        line.prepare(MONTH)
    assert not list(line.workspace.folder("ab", FIRST).glob("*.ab"))
    assert len(list(line.workspace.folder("ab", SECOND).glob("*.ab"))) == 7


@pytest.mark.parametrize("verb", ["run", "convert", "ingest"])
def test_a_call_that_skipped_a_night_leaves_with_two_and_says_what_to_do(line, verb, capsys):
    words = ["-w", str(line.workspace.root), "-m", MONTH, "--json"]
    with hold(line, FIRST):
        assert phoenix([verb, *words, *(["-M"] if verb == "run" else [])]) == 2
    captured = capsys.readouterr()
    assert "skipped, because other runs hold them: 2020-01-01; give the same" in captured.err
    assert isinstance(json.loads(captured.out), list)
