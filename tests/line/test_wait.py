"""A night that waits for a batch job says so: in its progress, and to who asks."""

from __future__ import annotations

import datetime as dt

from phoenix.engine.job import Change
from phoenix.line.night.process import COME, Teller
from phoenix.model.report import ABResult, JobState


def test_the_progress_tells_what_is_waited_for_and_that_it_has_come():
    told = []
    tell = Teller(lambda done, total, text: told.append((done, total, text)))
    tell.total = 7
    tell.waits("waits for batch job 23 (Resources)")
    tell.waits("")
    assert told == [(0, 7, "waits for batch job 23 (Resources)"), (0, 7, COME)]


NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)


class Bar:
    """Keeps what it is told."""

    def __init__(self):
        self.told, self.running = [], []

    def __call__(self, done, total, text):
        self.told.append((done, total, text))

    def runs(self, running):
        self.running.append(running)


def test_the_progress_tells_what_is_running_and_since_when():
    tell = Teller(bar := Bar())
    tell((Change("a.ab", "process", JobState.RUNNING, NOON, started=NOON),))
    tell((Change("a.ab", "qc", JobState.RUNNING, NOON, started=NOON),))
    ended = ABResult("a.ab", JobState.SUCCESSFUL)
    tell((Change("a.ab", "process", JobState.SUCCESSFUL, NOON, result=ended),))
    assert bar.running == [{"a.ab": NOON}, {}]
    assert bar.told == [(1, 0, "a.ab successful")]


def test_the_number_is_told_before_the_first_ab_has_ended():
    tell = Teller(bar := Bar())
    tell.expect([])
    assert bar.told == []
    tell.expect([Change("a.ab", "process", JobState.READY, NOON)])
    assert bar.told == [(0, 1, "")]
