"""A night that waits for a batch job says so: in its progress, and to who asks."""

from __future__ import annotations

from phoenix.line.night.process import COME, Teller


def test_the_progress_tells_what_is_waited_for_and_that_it_has_come():
    told = []
    tell = Teller(lambda done, total, text: told.append((done, total, text)))
    tell.total = 7
    tell.waits("waits for batch job 23 (Resources)")
    tell.waits("")
    assert told == [(0, 7, "waits for batch job 23 (Resources)"), (0, 7, COME)]
