"""One small GIRAFFE night, run once through the whole line by the true recipes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

from phoenix.instrument import installed
from phoenix.line.production import ProductionLine
from phoenix.line.simulation import simulate_night
from phoenix.testing.night import has_esorex

if TYPE_CHECKING:
    from phoenix.line.report import DeliveryReport, NightReport, PreparedPool

# Subprocesses and tests find what they share.
sys.path.insert(0, str(Path(__file__).parent))

import cubes
from nightwork import DATE, data_sums, file_names, make_workspace, snapshot, without_pixels


@frozen
class Undisturbed:
    """What an undisturbed run gives at each of its breakpoints."""

    folder: Path
    before: dict[str, tuple[int, int, int]]
    after_dry: dict[str, tuple[int, int, int]]
    dry: PreparedPool
    prepared: dict[str, tuple[int, int, int]]
    processed: dict[str, tuple[int, int, int]]
    report: NightReport
    finished: set[str]
    converted: DeliveryReport
    ingested: DeliveryReport
    files: set[str]
    data: dict[str, list[str]]


@pytest.fixture(scope="session")
def raw_night(tmp_path_factory) -> Path:
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp("raw")
    simulate_night("giraffe", "", DATE, folder, size="small")
    return folder


@pytest.fixture(scope="module")
def headers(raw_night, tmp_path_factory) -> Path:
    """The night without its pixels: static tables and headers alone."""
    return without_pixels(raw_night, tmp_path_factory.mktemp("headers"), "calib")


@pytest.fixture
def night(headers, tmp_path) -> Path:
    """A copy of it that may be spoilt."""
    return shutil.copytree(headers, tmp_path / "night")


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory) -> Path:
    """Two raw nights of a month; no recipe is needed to make them."""
    folder = tmp_path_factory.mktemp("month")
    for date in ("2020-01-01", "2020-01-02"):
        simulate_night("giraffe", "", date, folder, size="small")
    return folder


@pytest.fixture(scope="session")
def processed(raw_night, tmp_path_factory) -> Path:
    """A workspace at breakpoint P; copy it, nobody may touch it."""
    folder = make_workspace(tmp_path_factory.mktemp("line") / "processed", raw_night)
    with ProductionLine(folder) as line:
        line.process(line.prepare(DATE))
    return folder


@pytest.fixture(scope="session")
def undisturbed(raw_night, processed) -> Undisturbed:
    folder = make_workspace(processed.parent / "undisturbed", raw_night)
    before = snapshot(folder)
    with ProductionLine(folder) as line:
        dry = line.prepare(DATE, dry=True)
        after_dry = snapshot(folder)
        line.prepare(DATE)
        # The database is looked at, and replaced.
        line.close()
        at_c = snapshot(folder)
        shutil.copytree(processed, folder, dirs_exist_ok=True)
        at_p = snapshot(folder)
        (report,) = line.run(DATE, resume=True)
        finished = file_names(folder)
        converted, ingested = line.convert(DATE), line.ingest(DATE)
    return Undisturbed(
        folder=folder,
        before=before,
        after_dry=after_dry,
        dry=dry,
        prepared=at_c,
        processed=at_p,
        report=report,
        finished=finished,
        converted=converted,
        ingested=ingested,
        files=file_names(folder),
        data=data_sums(folder),
    )


@pytest.fixture(scope="module")
def cubes_plugin(tmp_path_factory):
    place = str(cubes.install(tmp_path_factory.mktemp("plugin")))
    sys.path.insert(0, place)
    installed.cache_clear()
    yield
    sys.path.remove(place)
    installed.cache_clear()


@pytest.fixture(scope="module")
def cubes_repository(cubes_plugin, tmp_path_factory):
    return cubes.make_repository(tmp_path_factory.mktemp("cubes"))


@pytest.fixture
def copy_of(request):
    """Copy a workspace, times of its files included; beside it, so that its settings hold."""
    made: list[Path] = []

    def copy(folder: Path) -> Path:
        name = f"{folder.name}-{request.node.originalname}-{len(made)}"
        made.append(Path(shutil.copytree(folder, folder.parent / name)))
        return made[-1]

    yield copy
    for folder in made:
        shutil.rmtree(folder)
