"""Pages while a run goes on, and after one that was stopped."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from monitor.example import BLOCKED, DATE, FAILED, GATED, HOSTILE, NIGHT, NOON, SCIENCE, WAITING
from phoenix.engine.calls import hold_call
from phoenix.engine.lock import lock_of, night_lock
from phoenix.model.qc import Measurement
from phoenix.model.report import ABResult, JobState, blocked_by, told
from phoenix.model.score import judge
from phoenix.model.threshold import Kind, ScoreRule
from phoenix.monitor import write_history, write_night
from phoenix.steps.quality.score import QCResult, write_qc
from phoenix.store import BlockRow, JobRow, RunRow, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phoenix.model.workspace import Workspace

NOW = NOON + dt.timedelta(minutes=5)


@pytest.fixture
def running(store: Store) -> Store:
    """The example, one of whose recipes has been running for 65 s."""
    began = NOW - dt.timedelta(seconds=65)
    store.jobs.record([JobRow(str(WAITING.name), "process", JobState.RUNNING, started=began)])
    return store


@pytest.fixture
def held(workspace: Workspace) -> Iterator[None]:
    with night_lock(lock_of(workspace, DATE), NOON):
        yield


def twin(path: Path) -> Any:
    return json.loads(path.with_suffix(".json").read_text("utf-8"))


def row_of(page: Path, name: object) -> dict[str, Any]:
    (row,) = (row for row in twin(page)["rows"] if row["name"] == str(name))
    return row


def page_of(workspace: Workspace, ab: Any) -> Path:
    return workspace.folder("monitor") / "nights" / DATE / f"{ab.root}.html"


# ---- while a run goes on ------------------------------------------------------------------------


@pytest.mark.usefixtures("held")
def test_the_page_of_a_night_that_is_run_reads_itself_again(
    running: Store, workspace: Workspace
) -> None:
    page = write_night(running, workspace, DATE, now=NOW)
    assert twin(page)["written"] == "2008-03-02T12:05:00Z"
    text = page.read_text("utf-8")
    assert '<noscript><meta http-equiv="refresh"' in text
    assert "location.reload()" in text


@pytest.mark.usefixtures("held")
def test_a_recipe_that_runs_says_for_how_long(running: Store, workspace: Workspace) -> None:
    row = row_of(write_night(running, workspace, DATE, now=NOW), WAITING.name)
    assert (row["state"], row["running_s"]) == ("running", 65.0)
    assert row["recipe_s"] is None


@pytest.mark.usefixtures("held")
def test_the_page_of_an_ab_reads_itself_again_while_its_recipe_runs(
    running: Store, workspace: Workspace
) -> None:
    write_night(running, workspace, DATE, now=NOW)
    assert twin(page_of(workspace, WAITING))["written"]
    assert not twin(page_of(workspace, SCIENCE))["written"]


@pytest.mark.usefixtures("held")
def test_only_what_changed_or_runs_is_written_again(running: Store, workspace: Workspace) -> None:
    write_night(running, workspace, DATE, now=NOW)
    for ab in NIGHT:
        page_of(workspace, ab).unlink()
    write_night(running, workspace, DATE, now=NOW, only=[str(SCIENCE.name)])
    assert {ab for ab in NIGHT if page_of(workspace, ab).exists()} == {SCIENCE, WAITING}


@pytest.mark.usefixtures("held")
def test_a_night_all_of_whose_jobs_have_ended_is_not_read_again(
    store: Store, workspace: Workspace
) -> None:
    store.jobs.record([JobRow(str(WAITING.name), "process", JobState.CANCELLED, "gone")])
    assert twin(write_night(store, workspace, DATE, now=NOW))["written"] == ""


def test_the_front_page_reads_itself_again_while_a_call_is_on(
    store: Store, workspace: Workspace
) -> None:
    run = store.runs.begin(RunRow("run", DATE, "phoenix run", NOON, since=DATE, until=DATE))
    with hold_call(workspace, store.locks, run):
        assert twin(write_history(store, workspace, now=NOW))["written"]
    assert twin(write_history(store, workspace, now=NOW))["written"] == ""


# ---- after a run that was stopped ---------------------------------------------------------------


def test_nothing_runs_or_waits_in_a_night_that_nobody_runs(
    running: Store, workspace: Workspace
) -> None:
    page = write_night(running, workspace, DATE, now=NOW)
    assert row_of(page, WAITING.name)["state"] == "created"
    assert (twin(page)["written"], twin(page)["left"]) == ("", 1)
    assert f"phoenix run -d {DATE}" in page.read_text("utf-8")
    history = twin(write_history(running, workspace, now=NOW))
    assert {"created", "successful"} <= dict(history["total"]["states"]).keys()
    assert not {"running", "ready", "waiting"} & dict(history["total"]["states"]).keys()


def test_what_waits_for_a_person_waits_whether_a_run_is_on_or_not(
    store: Store, workspace: Workspace
) -> None:
    why = "waits for A.ab to be certified"
    store.jobs.record([JobRow(str(WAITING.name), "process", JobState.WAITING, why)])
    page = write_night(store, workspace, DATE, now=NOW)
    assert row_of(page, WAITING.name)["state"] == "waiting"
    assert twin(page)["left"] == 0


# ---- blocked, gated, neighbours -----------------------------------------------------------------


def test_a_blocked_ab_names_what_blocks_it_and_the_reason_stands_there_alone(
    store: Store, workspace: Workspace
) -> None:
    why = ABResult(str(FAILED.name), JobState.FAILED, "no light at all").culprit
    store.jobs.record([JobRow(str(BLOCKED.name), "process", JobState.BLOCKED, why)])
    page = write_night(store, workspace, DATE)
    (remark,) = row_of(page, BLOCKED.name)["remarks"]
    assert (remark["kind"], remark["text"]) == ("blocked", f"blocked by {FAILED.name}")
    assert page.parent.joinpath(remark["href"].replace("%3A", ":")) == page_of(workspace, FAILED)
    assert page.read_text("utf-8").count("no light at all") == 0


def test_a_table_says_of_a_blocked_ab_only_by_which() -> None:
    one = ABResult("A.2020.ab", JobState.GATED, "giscience: 3 lines (of 4); bad.ab (failed: x)")
    other = ABResult("B.2020.ab", JobState.FAILED, "exit 1")
    both = f"{one.culprit}; {other.culprit}"
    assert told(JobState.BLOCKED, other.culprit) == "blocked by B.2020.ab"
    assert told(JobState.BLOCKED, both).endswith("B.2020.ab")
    others = "C.ab (certified), see `phoenix explain`"
    reason = f"{other.culprit}; next by the rules: {others}"
    assert told(JobState.BLOCKED, reason) == f"blocked by B.2020.ab; next by the rules: {others}"
    assert told(JobState.FAILED, other.culprit) == other.culprit
    assert blocked_by(f"why {HOSTILE}") == ()


def test_what_a_gate_held_back_shows_scores_and_parameters(
    store: Store, workspace: Workspace
) -> None:
    measured = (Measurement("RMS", 0.5), Measurement("WIDTH", 2.0, 3))
    scores = judge(measured, [ScoreRule("RMS", high=0.1, comment="bad fit")], "")
    folder = workspace.folder("products", DATE) / f"{GATED.root}.gated"
    write_qc(QCResult(str(GATED.name), measured, scores=scores), folder / "qc.json")
    row = row_of(write_night(store, workspace, DATE), GATED.name)
    assert [square["outcome"] for square in row["scores"]] == ["red"]
    page = twin(page_of(workspace, GATED))
    assert [line["parameter"] for line in page["measurements"]] == ["RMS"]
    assert [line["parameter"] for line in page["series"]] == ["WIDTH"]
    assert store.qc1.measurements(ab_name=str(GATED.name)) == ()


def test_an_ab_leads_to_its_neighbours_on_the_monitor(store: Store, workspace: Workspace) -> None:
    names = [row["name"] for row in twin(write_night(store, workspace, DATE))["rows"]]
    page = twin(page_of(workspace, SCIENCE))
    place = names.index(str(SCIENCE.name))
    assert page["earlier"]["text"] == names[place - 1]
    assert page["later"]["text"] == names[place + 1]
    first = twin(page_of(workspace, next(ab for ab in NIGHT if str(ab.name) == names[0])))
    assert first["earlier"] == {"text": "", "href": ""}


def test_the_ab_before_in_the_same_setup_stands_beside_it(
    store: Store, workspace: Workspace
) -> None:
    before = evolve(SCIENCE, name="GIRAF.2008-03-01T23:00:00.000.ab", mjd_obs=54526.9)
    store.blocks.save([BlockRow.of(before)])
    store.qc1.replace(str(before.name), [Measurement("NUM_SAT", 17)])
    write_night(store, workspace, DATE)
    report = twin(page_of(workspace, SCIENCE))["report"]
    assert report["before"]["text"] == str(before.name)
    values = {line["square"]["parameter"]: line["before"] for line in report["lines"]}
    assert values["NUM_SAT"] == "17"


def test_a_parameter_that_is_judged_twice_says_by_what(store: Store, workspace: Workspace) -> None:
    rules = (
        ScoreRule("NUM_SAT", high=1000),
        ScoreRule("NUM_SAT", 0, 20, kind=Kind.DYNAMIC, text="NUM_SAT within 5 sigma"),
    )
    scores = judge([Measurement("NUM_SAT", 23450)], rules, "")
    store.qc1.add_scores(str(SCIENCE.name), scores, NOON + dt.timedelta(hours=1))
    row = row_of(write_night(store, workspace, DATE), SCIENCE.name)
    assert [square["by"] for square in row["scores"]] == ["fixed", "history"]
    texts = [one["text"] for one in row["remarks"] if one["kind"] == "score"]
    assert ["(fixed)" in texts[0], "(history)" in texts[1]] == [True, True]
