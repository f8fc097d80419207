"""A rejection for bad raw data hides them; whoever says otherwise shows them again."""

from __future__ import annotations

import datetime as dt

import pytest

from phoenix.line.jobs import raw_bad
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame
from phoenix.model.score import Verdict, VerdictKind

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
AB = AssociationBlock(
    name="TOY.2020-01-02T01:00:00.000_tpl.ab",
    recipe="r",
    raw_files=(
        RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.2020-01-02T01:00:00.000.fits", "FLAT"),
        RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.2020-01-02T01:01:00.000.fits", "FLAT"),
    ),
    associated_raws=(RawFrame("${DFO_RAW_DIR}/2020-01-01/TOY.X.fits", "ARC"),),
)
BAD = Verdict(VerdictKind.RAW_BAD, "lamp was off", "me")


@pytest.fixture
def calls(monkeypatch):
    found = []
    for name in ("hide_raw_files", "show_raw_files"):
        monkeypatch.setattr(
            raw_bad,
            name,
            lambda _line, _ab, why, by, _at, name=name: found.append((name, why, by)),
        )
    return found


def test_its_own_raw_files_are_meant_and_not_its_companions():
    assert raw_bad.raw_names(AB) == ("TOY.2020-01-02T01:00:00.000", "TOY.2020-01-02T01:01:00.000")


def test_the_reason_of_the_verdict_is_that_of_hiding_them(calls):
    raw_bad.tell_raw_files(None, AB, None, BAD, NOON)
    assert calls == [("hide_raw_files", "lamp was off", "me")]


@pytest.mark.parametrize("kind", [kind for kind in VerdictKind if kind is not VerdictKind.RAW_BAD])
def test_any_other_verdict_after_it_shows_them_again(calls, kind):
    raw_bad.tell_raw_files(None, AB, BAD, Verdict(kind, "it was on", "you"), NOON)
    assert calls == [("show_raw_files", "it was on", "you")]


def test_a_rejection_of_products_hides_nothing(calls):
    raw_bad.tell_raw_files(None, AB, None, Verdict(VerdictKind.REJECTED, "x", "me"), NOON)
    assert calls == []
