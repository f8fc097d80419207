from __future__ import annotations

import queue
from itertools import chain, repeat

import pytest

from phoenix.engine import handover


class Inbox(queue.SimpleQueue):
    """Gets so many events while somebody sleeps for the first time, the second, and so on."""

    looks = 0

    def comes(self, monkeypatch, *numbers):
        coming = chain(numbers, repeat(0))

        def sleep(_seconds):
            self.looks += 1
            for number in range(next(coming)):
                self.put(number)

        monkeypatch.setattr(handover.time, "sleep", sleep)


@pytest.fixture
def inbox():
    return Inbox()


def test_who_has_idle_machines_waits_for_what_comes_at_the_same_moment_only(inbox, monkeypatch):
    inbox.comes(monkeypatch, 2, 3, 1)
    assert len(handover._soon(inbox, patient=False)) == 2


def test_who_has_none_waits_while_events_keep_coming(inbox, monkeypatch):
    inbox.comes(monkeypatch, 2, 3, 1)
    assert len(handover._soon(inbox, patient=True)) == 6


def test_a_pause_ends_the_patience(inbox, monkeypatch):
    inbox.comes(monkeypatch, 2, 0, 1)
    assert len(handover._soon(inbox, patient=True)) == 2


def test_a_fifth_of_a_second_is_the_most_that_anybody_waits(inbox, monkeypatch):
    inbox.comes(monkeypatch, *repeat(1, 1000))
    handover._soon(inbox, patient=True)
    assert inbox.looks * handover._COLLECT_S == pytest.approx(0.2)
