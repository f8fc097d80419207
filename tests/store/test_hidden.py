"""Hidden files in the database: nothing is overwritten, the last word counts."""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from phoenix.store import HiddenRow, Store

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
ROW = HiddenRow("GIRAF.2020-01-02T10:06:20.003", "saturated", "me", NOON)
SHOWN = evolve(ROW, why="it was another", hides=False)


def test_a_hidden_file_is_hidden_until_it_is_shown_again(store):
    store.hidden.say([ROW])
    assert store.hidden.current() == {ROW.name: ROW}
    store.hidden.say([SHOWN])
    assert store.hidden.current() == {}
    assert store.hidden.history() == (ROW, SHOWN)


def test_the_same_said_again_changes_nothing(store):
    store.hidden.say([ROW])
    store.hidden.say([evolve(ROW, at=NOON + dt.timedelta(days=1))])
    assert store.hidden.history() == (ROW,)


def test_another_reason_is_kept_beside_the_first_and_counts(store):
    store.hidden.say([ROW])
    store.hidden.say([evolve(ROW, why="no light")])
    assert store.hidden.current()[ROW.name].why == "no light"
    assert [row.why for row in store.hidden.history()] == ["saturated", "no light"]


def test_processes_that_share_a_database_hide_for_themselves(store, url):
    store.hidden.say([ROW])
    with Store.open(url, "UVES_ECH") as other:
        assert other.hidden.current() == {}


def test_what_is_given_back_to_a_lost_database_ends_as_it_was_said(store):
    again = evolve(ROW, at=NOON + dt.timedelta(days=2))
    said = (ROW, evolve(SHOWN, at=NOON + dt.timedelta(days=1)), again)
    store.hidden.restore(said)
    assert store.hidden.history() == said
    assert store.hidden.current() == {ROW.name: again}
