"""The page of the workflow metrics: its numbers, its twin, and when it is written."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from attrs import asdict

from phoenix.model.score import Verdict, VerdictKind
from phoenix.monitor import write_history, write_metrics
from phoenix.monitor.metrics import metrics_page
from phoenix.monitor.render import html
from phoenix.store import MetricsRow, WorkloadRow

if TYPE_CHECKING:
    from phoenix.model.workspace import Workspace
    from phoenix.store import Store

HOSTILE = "<script>alert(1)</script>"
ROWS = (
    MetricsRow("2020-01-01", "CALIB", raw_files=3, raw_bytes=3_000_000, blocks=2, wrong=1),
    MetricsRow("2020-01-01", "SCIENCE", raw_files=1, blocks=1, delays=1, delay_s=90.0),
    MetricsRow("2020-01-02", "OTHER", raw_files=5, raw_unused=5),
    MetricsRow("2020-01-03", "CALIB"),
    MetricsRow("2020-02-01", "CALIB", blocks=4),
)


def test_the_page_of_a_month_has_its_nights_by_category_and_their_sum() -> None:
    page = metrics_page("P", "2020-01", ROWS[:4])
    assert [(line.label, [row.category for row in line.rows]) for line in page.lines] == [
        ("2020-01-01", ["CALIB", "SCIENCE"]),
        ("2020-01-02", ["OTHER"]),
    ]
    assert page.sum.raw_files == 9
    assert [row.raw_files for row in page.total.rows] == [3, 5, 1]


def test_a_night_without_abs_leads_nowhere() -> None:
    page = metrics_page("P", "2020-01", ROWS)
    assert [line.href for line in page.lines][:2] == ["../nights/2020-01-01/index.html", ""]


def test_the_page_of_a_year_leads_to_those_of_its_months() -> None:
    page = metrics_page("P", "2020", ROWS)
    assert [line.href for line in page.lines] == ["2020-01.html", "2020-02.html"]


def test_names_of_persons_are_shown_and_never_run() -> None:
    said = (WorkloadRow(HOSTILE, certified=2),)
    text = html(metrics_page("P", "2020-01", ROWS, workload=said))
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


@pytest.fixture
def written(store: Store, workspace: Workspace) -> Workspace:
    for row in ROWS:
        store.metrics.replace(row.date, (row,))
    write_metrics(store, workspace, ["2020-02-01"])
    return workspace


def test_pages_are_written_for_the_month_and_the_year_of_a_night(written: Workspace) -> None:
    names = {path.name for path in (written.root / "monitor/metrics").iterdir()}
    assert names == {"2020.html", "2020.json", "2020-02.html", "2020-02.json"}


def test_the_twin_says_the_same(written: Workspace) -> None:
    twin = json.loads((written.root / "monitor/metrics/2020-02.json").read_text("utf-8"))
    assert twin["lines"][0]["rows"] == [asdict(ROWS[-1])]


def test_where_nothing_was_counted_there_is_no_page(store: Store, workspace: Workspace) -> None:
    store.metrics.replace("2021-01-01", (MetricsRow("2021-01-01", "CALIB"),))
    write_metrics(store, workspace, ["2021-01-01"])
    assert not (workspace.root / "monitor/metrics").exists()


def test_the_history_leads_to_the_metrics_that_there_are(
    store: Store, workspace: Workspace
) -> None:
    history = workspace.root / "monitor/history/2008-03.html"
    write_history(store, workspace)
    assert ">workflow<" not in history.read_text("utf-8")
    store.metrics.replace("2008-03-02", (MetricsRow("2008-03-02", "CALIB", blocks=1),))
    write_metrics(store, workspace, ["2008-03-02"])
    write_history(store, workspace)
    assert 'href="../metrics/2008-03.html"' in history.read_text("utf-8")


def test_the_page_tells_what_was_said_of_its_nights_only(
    store: Store, workspace: Workspace
) -> None:
    name = store.blocks.rows()[0].name
    noon = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
    store.verdicts.give(name, Verdict(VerdictKind.OK, by="ann"), noon)
    for date in ("2008-03-02", "2009-03-02"):
        store.metrics.replace(date, (MetricsRow(date, "CALIB", blocks=1),))
    write_metrics(store, workspace, ["2008-03-02", "2009-03-02"])
    folder = workspace.root / "monitor/metrics"
    assert "ann" in (folder / "2008.html").read_text("utf-8")
    assert "What was said" not in (folder / "2009.html").read_text("utf-8")
