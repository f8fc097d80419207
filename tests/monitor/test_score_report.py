"""The score report of an AB: trends of its setup, the best of them, and single elements."""

from __future__ import annotations

import datetime as dt

import pytest
from attrs import evolve

from phoenix.model.score import Outcome
from phoenix.monitor.record import ABDetail, ABRecord
from phoenix.monitor.render import trend_of
from phoenix.monitor.scorereport import Trend, score_report
from phoenix.store.rows import BlockRow
from phoenix.store.rows.qc1 import ScoreRow, TrendPoint

NOON = dt.datetime(2008, 3, 2, 12, tzinfo=dt.UTC)
NAME, DATE = "GIRAF.2008-03-02T12:00:00.000.ab", "2008-03-01"
SCORE = ScoreRow(
    NAME, "SNR", 5.0, 3.0, None, Outcome.GREEN, "faint", rule="3 <= SNR", source="me 1", at=NOON
)
POINTS = tuple(
    TrendPoint(name, f"2008-03-0{day}", 54525.5 + day, value)
    for day, name, value in ((1, NAME, 5.0), (2, "other", 7.0), (4, "third", 1.0))
)


def report_of(*scores, **detail):
    record = ABRecord(BlockRow(NAME, DATE), None, scores=scores)
    return score_report(f"monitor/nights/{DATE}/x.html", record, ABDetail(**detail))


def test_what_was_never_scored_has_no_report():
    assert report_of() is None


def test_a_score_stands_beside_what_its_setup_was_like():
    report = report_of(SCORE, trends={"SNR": POINTS})
    (line,) = report.lines
    assert (line.rule, line.source, report.judged) == ("3 <= SNR", "me 1", "2008-03-02T12:00:00Z")
    assert line.trend == Trend((54526.5, 54527.5, 54529.5), (5.0, 7.0, 1.0), 0, 3.0, None)
    assert (report.since, report.until) == ("2008-03-01", "2008-03-04")


def test_the_best_of_the_setup_is_linked():
    report = report_of(SCORE, best=("BEST.ab", "2008-03-02", 0, 5))
    assert (report.best.text, report.best.href, report.best_score) == (
        "BEST.ab",
        "../2008-03-02/BEST.html",
        "0/5",
    )


def test_elements_stand_below_their_score_and_have_no_trend():
    parts = tuple(evolve(SCORE, part=number, value=float(number)) for number in (1, 2))
    (line,) = report_of(SCORE, parts=parts, trends={"SNR": POINTS}).lines
    assert [(part.parameter, part.value) for part in line.parts] == [("1", "1"), ("2", "2")]
    assert line.trend is None


@pytest.mark.parametrize(
    ("low", "high", "top", "band"),
    [
        (3.0, None, 0.0, 17.3),
        (None, 4.0, 13.0, 13.0),
        (2.0, 4.0, 13.0, 8.7),
        (None, None, 0.0, 0.0),
    ],
)
def test_the_band_of_a_trend_lies_between_its_limits(low, high, top, band):
    chart = trend_of(Trend((1.0, 2.0), (1.0, 7.0), 1, low, high))
    assert (chart["top"], chart["band"]) == (top, band)
    assert chart["own"] == (160.0, 0.0)


def test_a_trend_of_one_value_lies_in_the_middle():
    chart = trend_of(Trend((1.0,), (5.0,), 0, None, None))
    assert chart["dots"] == [(80.0, 13.0)]
