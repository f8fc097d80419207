"""A small instrument, a small archive and the stand-in for esorex."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from attrs import evolve, field, frozen

from phoenix.archive.source import FolderSource
from phoenix.hookspecs import hookimpl
from phoenix.instrument import Instrument, from_module
from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame, Role
from phoenix.model.process import Process, RawType
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct, Resources
from phoenix.model.workspace import Workspace
from phoenix.steps.process_ab import process_ab
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.task import ProcessTask
from phoenix.testing.fake_esorex import make_fake_esorex

if TYPE_CHECKING:
    from pathlib import Path

DATE = CivilDate(2020, 1, 1)

BIAS = Recipe(
    "fakebias",
    "fake",
    products=(
        RecipeProduct("MASTER_BIAS", Role.CALIBRATION),
        RecipeProduct("BAD_PIXEL_MAP", Role.INTERMEDIATE),
    ),
    parameters=(Parameter("products", "BAD_PIXEL_MAP,MASTER_BIAS"),),
    resources=Resources(time_limit_s=300.0),
    harmless=("Missing dark value property",),
)
SCIENCE = Recipe(
    "fakescience",
    "fake",
    products=(
        RecipeProduct("SPECTRUM", Role.SCIENCE),
        RecipeProduct("IMAGE", Role.ANCILLARY),
        RecipeProduct("DEBRIS", Role.DISCARD, required=False),
    ),
    parameters=(Parameter("products", "DEBRIS,IMAGE,SPECTRUM"),),
)


def fake_process(*recipes: Recipe) -> Process:
    rows = recipes or (BIAS, SCIENCE)
    types = tuple(RawType(recipe.name.upper(), recipe.name) for recipe in rows)
    return Process("FAKE_MOS", "fake", "FA", raw_types=types, recipes=rows)


def fake_instrument(*recipes: Recipe, **hooks: object) -> Instrument:
    """Make an instrument of these recipes; hooks are functions named like their hook."""

    @hookimpl
    def processes():
        return [fake_process(*recipes)]

    marked = {name: hookimpl(function) for name, function in hooks.items()}
    return from_module("fake", SimpleNamespace(processes=processes, **marked))


def fits_bytes(*cards: str) -> bytes:
    """Make a small FITS file: 1440 pixels of 16 bit."""
    rows = [
        "SIMPLE  =                    T",
        "BITPIX  =                   16",
        "NAXIS   =                    1",
        "NAXIS1  =                 1440",
        *cards,
        "END",
    ]
    return "".join(row.ljust(80) for row in rows).encode().ljust(2880) + bytes(2880)


@frozen
class Night:
    """A workspace, a source beside it, and the instrument."""

    root: Path
    instrument: Instrument
    settings: RunnerSettings
    sources: tuple[FolderSource, ...] = field(converter=tuple)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root / "workspace")

    def raw(self, name: str, content: bytes = b"") -> RawFrame:
        path = self.sources[0].root / "raw" / str(DATE) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or fits_bytes(f"ARCFILE = '{name}'"))
        return RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{name}", "BIAS")

    def bias(self, number: int = 0, **changes: object) -> AssociationBlock:
        names = [f"FAKE.2020-01-01T22:{number:02d}:{second:02d}.000" for second in range(3)]
        root = f"{names[0]}_tpl"
        block = AssociationBlock(
            name=f"{root}.ab",
            recipe="fakebias",
            raw_files=tuple(self.raw(f"{name}.fits") for name in names),
            products=(PredictedProduct(f"r.{root}_0000.fits", "MASTER_BIAS"),),
            date=DATE,
            raw_type="FAKEBIAS",
        )
        return evolve(block, **changes)

    def science(self, parent: AssociationBlock, **changes: object) -> AssociationBlock:
        name = "FAKE.2020-01-02T01:00:00.000"
        made = parent.products[0]
        place = f"${{DFS_PRODUCT}}/{DATE}/{parent.root}/{made.name}"
        block = AssociationBlock(
            name=f"{name}.ab",
            recipe="fakescience",
            raw_files=(self.raw(f"{name}.fits"),),
            calibrations=(MasterCalibration(place, made.pro_catg, virtual=True),),
            waits_for=(str(parent.name),),
            date=DATE,
            raw_type="FAKESCIENCE",
            dpr_catg="SCIENCE",
        )
        return evolve(block, **changes)

    def task(self, ab: AssociationBlock, **changes: object) -> ProcessTask:
        task = ProcessTask(
            ab=ab,
            instrument="fake",
            process="FAKE_MOS",
            workspace=self.workspace.root,
            sources=self.sources,
            resources=Resources(time_limit_s=300.0),
            runner=self.settings,
        )
        return evolve(task, **changes)

    def process(self, ab: AssociationBlock, **changes: object):
        return process_ab(self.task(ab, **changes), self.instrument)

    def left_in_scratch(self) -> list[Path]:
        return sorted(self.workspace.folder("scratch", DATE).rglob("*"))


def told(ab: AssociationBlock, **parameters: str) -> AssociationBlock:
    """Tell the stand-in what to do."""
    rows = tuple(Parameter(name, value) for name, value in parameters.items())
    return evolve(ab, parameters=(*ab.parameters, *rows))


@pytest.fixture(scope="session")
def esorex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_fake_esorex(tmp_path_factory.mktemp("esorex"))


@pytest.fixture
def night(tmp_path: Path, esorex: Path) -> Night:
    settings = RunnerSettings.at(esorex, tmp_path, grace_s=0.3)
    (tmp_path / "workspace").mkdir()
    return Night(tmp_path, fake_instrument(), settings, (FolderSource(tmp_path / "source"),))
