"""One of the two exposures of an OB is broken: the other has an IDP until the stack comes."""

from __future__ import annotations

import shutil

import pytest
from astropy.io import fits

from phoenix.line.production import ProductionLine
from phoenix.line.simulation import simulate_night
from phoenix.line.workspace import create_workspace
from phoenix.model.report import JobState
from phoenix.store.rows import IDPStatus
from phoenix.testing.night import has_esorex

pytestmark = [pytest.mark.recipes, pytest.mark.slow]

DATE = "2020-01-01"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp("left-over")
    simulate_night("uves", "", DATE, folder, setups=("437",), size="small")
    return folder


@pytest.fixture(scope="module")
def line(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("line") / "work"
    create_workspace(folder, "UVES_ECH", (repository,))
    with ProductionLine(folder) as line:
        yield line


def exposures(line):
    """Return the stack of the night and the ABs of its exposures."""
    (night,) = line.prepare(DATE, dry=True).nights
    stack = next(ab for ab in night.prepared.cascade if ab.recipe == "uves_stack")
    return stack, [night.prepared.cascade.block(name) for name in sorted(stack.waits_for)]


def folders(line):
    return {path.name for path in line.workspace.root.glob("reduced/*/idp/*")}


def told(line):
    """Convert and ingest; return AB and what became of its IDP, the slicer's left out."""
    line.convert(DATE)
    rows = line.ingest(DATE).table().records()
    return {(row["AB"], row["IDP"][:7], row["what"]) for row in rows if "SRED" not in row["IDP"]}


def test_a_good_exposure_has_an_idp_until_its_stack_comes(line, repository, tmp_path):
    stack, (first, second) = exposures(line)
    (broken,) = repository.rglob(first.raw_files[0].name)
    shutil.copyfile(broken, tmp_path / broken.name)
    with fits.open(broken, mode="update") as hdus:
        del hdus[0].header["ESO TEL AIRM START"]
    line.run(DATE)
    ends = {row.ab_name: row.state for row in line.store.jobs.rows(step="process")}
    assert ends[str(first.name)] is JobState.FAILED
    assert ends[str(stack.name)] is JobState.BLOCKED
    assert told(line) == {(str(second.name), "UV_SFLX", "ingested")}
    assert second.root in folders(line)

    shutil.copyfile(tmp_path / broken.name, broken)
    for copy in line.workspace.root.glob(f"raw/*/{broken.name}"):
        copy.unlink()
    (report,) = line.rerun(DATE)
    assert report.is_complete, report.summary()
    assert told(line) == {
        (str(stack.name), "UV_SFLX", "ingested"),
        (str(stack.name), "UV_SFLX", "withdrawn"),
    }
    assert stack.root in folders(line)
    assert second.root not in folders(line)
    current = line.store.phase3.rows(status=IDPStatus.CURRENT)
    assert str(stack.name) in {row.ab_name for row in current}
    assert str(second.name) not in {row.ab_name for row in current}
