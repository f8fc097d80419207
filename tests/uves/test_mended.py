"""A night without a response through the whole line, killed, taken up, and mended."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from phoenix.line.production import ProductionLine
from phoenix.line.simulation import simulate_night
from phoenix.line.workspace import create_workspace
from phoenix.model.report import JobState
from phoenix.store.rows import IDPStatus, JobRow
from phoenix.testing.night import has_esorex

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

DATE = "2020-01-01"


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp("unknown-standard")
    simulate_night(
        "uves", "", DATE, folder, setups=("437",), size="small", faults=("unknown_standard",)
    )
    return folder


@pytest.fixture(scope="module")
def line(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("line") / "work"
    create_workspace(folder, "UVES_ECH", (repository,))
    with ProductionLine(folder) as line:
        line.run(DATE)
        line.convert(DATE)
        line.ingest(DATE)
        yield line


def manifests(line):
    """Return the manifests by AB name."""
    root = line.workspace.root
    places = (*root.glob("logs/*/*.json"), *root.glob("products/*/*/manifest.json"))
    found = (json.loads(path.read_text("utf-8")) for path in places)
    return {one["ab_name"]: one for one in found if "job_key" in one}


def runs(line):
    """Return when the recipe of each AB was run, and for how long."""
    return {name: (one["started"], one["wall_s"]) for name, one in manifests(line).items()}


def without(line):
    return {name for name, one in manifests(line).items() if one["without"]}


def ends(line):
    return {row.ab_name: row for row in line.store.jobs.rows(step="process")}


def current(line):
    return {row.name[:7] for row in line.store.phase3.rows(status=IDPStatus.CURRENT)}


def test_the_standard_is_gated_and_nothing_is_blocked(line):
    states = [row.state for row in ends(line).values()]
    assert states.count(JobState.GATED) == 1
    assert states.count(JobState.SUCCESSFUL) == len(states) - 1


def test_status_and_page_say_what_was_made_without(line):
    lacking = without(line)
    assert len(lacking) == 3  # two exposures and their stack
    reasons = {row["AB"]: row["reason"] for row in line.status(DATE).records()}
    for name in lacking:
        assert reasons[name].startswith("made without ")
        page = line.workspace.root / f"monitor/nights/{DATE}/{name.removesuffix('.ab')}.html"
        assert "made without" in page.read_text("utf-8")


def test_idps_are_in_counts_and_their_bits_say_so(line):
    assert current(line) == {"UV_SRED"}
    (stack,) = line.workspace.root.glob("reduced/*/idp/*_tpl/UV_SRED_*.fits")
    assert fits.getheader(stack)["QCFLAG"] == "00011000000"


def test_a_run_that_was_killed_and_is_taken_up_reduces_nothing_again(line):
    before, lacking = runs(line), without(line)
    # As a kill leaves it between publishing and storing.
    line.store.jobs.record(JobRow(name, "process", JobState.RUNNING) for name in lacking)
    (report,) = line.run(DATE)
    assert runs(line) == before
    assert {name: report.results[name].state for name in lacking} == dict.fromkeys(
        lacking, JobState.SUCCESSFUL
    )
    assert without(line) == lacking


def test_a_rerun_that_mends_nothing_reduces_only_the_standard_again(line):
    before = runs(line)
    (report,) = line.rerun(DATE)
    assert report.wrong == 1
    changed = {name for name, run in runs(line).items() if run != before[name]}
    assert {ends(line)[name].state for name in changed} == {JobState.GATED}


def test_once_the_response_is_mended_science_is_calibrated_and_the_record_keeps_it(
    line, repository, tmp_path
):
    lacking, before = without(line), runs(line)
    simulate_night("uves", "", DATE, tmp_path, setups=("437",), size="small")
    for path in (tmp_path / "calib/gen").glob("*SIMSTD.fits"):
        there = repository / path.relative_to(tmp_path)
        there.unlink()
        shutil.copyfile(path, there)
    (report,) = line.rerun(DATE)
    assert report.is_complete, report.summary()
    assert without(line) == set()
    redone = {name for name, run in runs(line).items() if run != before[name]}
    assert lacking < redone
    assert len(redone) == len(lacking) + 1
    for name in lacking:
        assert "made without" in manifests(line)[name]["replaces"]
        assert dict(ends(line)[name].details)["replaces"] == manifests(line)[name]["replaces"]


def test_the_archive_then_has_the_calibrated_stack_and_not_the_one_in_counts(line):
    line.convert(DATE)
    what = [row["what"] for row in line.ingest(DATE).table().records()]
    assert sorted(what) == ["ingested", "was there", "withdrawn"]
    # The sliced exposure is in counts for ever.
    assert current(line) == {"UV_SFLX", "UV_SRED"}
    assert len(line.store.phase3.rows(status=IDPStatus.OBSOLETE)) == 1
