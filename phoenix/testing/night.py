"""One simulated night, prepared and reduced without a store: what the contract looks at."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from phoenix.archive.repository import ABRepository
from phoenix.archive.source import FolderSource, renew
from phoenix.errors import DataError, SettingsError
from phoenix.instrument import Instrument
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Product, Role, SetOfFrames
from phoenix.model.idp import InternalDataProduct
from phoenix.model.parts import parts_of
from phoenix.model.recipe import Parameter
from phoenix.model.report import ABResult, JobState
from phoenix.model.workspace import FOLDERS, Workspace
from phoenix.pipelines.find import installed_pipeline
from phoenix.pipelines.places import SYSTEM_PATH, prefixes
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.frames import set_of_frames
from phoenix.steps.prepare import prepare_blocks
from phoenix.steps.process_ab import process_ab
from phoenix.steps.quality.measure import measure_block
from phoenix.steps.quality.score import flags_of
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.task import ProcessTask
from phoenix.testing.fake_esorex import make_fake_esorex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.gate import Gate
    from phoenix.model.process import Process
    from phoenix.model.qc import Measurement
    from phoenix.model.recipe import Recipe
    from phoenix.steps.prepare import Prepared
    from phoenix.steps.task import Published

__all__ = [
    "USUAL",
    "PreparedNight",
    "ReducedBlock",
    "ReducedNight",
    "has_esorex",
    "has_pipeline",
    "idps_of",
    "prepare_night",
    "reduce_like",
    "reduce_night",
    "rehearse_night",
]

USUAL = SimulationOptions()
"""A small night without faults."""


@frozen
class PreparedNight:
    """A simulated night and its cascade.

    Attributes
    ----------
    instrument : Instrument
        The plugin.
    process : Process
        One of its processes.
    date : CivilDate
        The night.
    folder : Path
        Raw files, static tables and AB repository.
    historical : tuple of AssociationBlock
        As they lie in the repository.
    prepared : Prepared
        Edited and in order.
    """

    instrument: Instrument
    process: Process
    date: CivilDate
    folder: Path
    historical: tuple[AssociationBlock, ...] = field(repr=False)
    prepared: Prepared = field(repr=False)

    def only(self, names: Iterable[object]) -> PreparedNight:
        """Return the part of the night that is needed for the named ABs."""
        cascade = self.prepared.cascade.with_parents(map(str, names))
        return evolve(self, prepared=evolve(self.prepared, cascade=cascade))

    def names(self, *raw_types: str) -> tuple[str, ...]:
        """Return the names of the ABs of these raw types, in the order of the cascade."""
        return tuple(str(ab.name) for ab in self.prepared.cascade if ab.raw_type in raw_types)


@frozen
class ReducedBlock:
    """What became of one AB.

    Attributes
    ----------
    ab : AssociationBlock
        As it was run.
    result : ABResult
        How it ended.
    frames : SetOfFrames
        What its recipe read.
    products : tuple of Product
        What it made.
    parents_qc : mapping of str to tuple of Measurement
        Measurements of its parents by AB name.
    qc : tuple of Measurement
        Its own.
    qcflags : mapping of int to str
        QCFLAG by element.
    """

    ab: AssociationBlock
    result: ABResult
    frames: SetOfFrames = field(default=SetOfFrames(()), repr=False)
    products: tuple[Product, ...] = field(default=(), repr=False)
    parents_qc: Mapping[str, tuple[Measurement, ...]] = field(factory=dict, repr=False)
    qc: tuple[Measurement, ...] = field(default=(), repr=False)
    qcflags: Mapping[int, str] = field(factory=dict, repr=False)


@frozen
class ReducedNight:
    """A night after its recipes, AB by AB in the order of the cascade."""

    night: PreparedNight
    workspace: Path
    blocks: tuple[ReducedBlock, ...] = field(repr=False)

    def delivered(self) -> Iterator[ReducedBlock]:
        """Yield the ABs that have IDPs: no parts of others, whose IDPs they travel with."""
        science = {
            (product.ab_name, product.pro_catg)
            for one in self.blocks
            for product in one.products
            if product.role is Role.SCIENCE
        }
        parts = parts_of((one.ab for one in self.blocks), science)
        taken = frozenset[str]().union(*parts.values())
        yield from (one for one in self.blocks if str(one.ab.name) not in taken)


def has_esorex() -> bool:
    """Whether any true recipes can be run here."""
    return shutil.which("esorex", path=SYSTEM_PATH) is not None or bool(prefixes())


def has_pipeline(name: str) -> bool:
    """Whether the true recipes of a pipeline, ``giraf``, can be run here."""
    try:
        installed_pipeline(name)
    except SettingsError:
        return False
    return True


def prepare_night(
    instrument: Instrument,
    process: Process,
    date: str,
    folder: Path,
    options: SimulationOptions = USUAL,
) -> PreparedNight:
    """Simulate a night and prepare its cascade.

    Parameters
    ----------
    instrument, process
        Who simulates.
    date : str
        The night.
    folder : Path
        An empty folder.
    options : SimulationOptions
        How it is simulated: faults, setups, size.
    """
    night = CivilDate.parse(date)
    instrument.simulate(process, night, folder, options)
    historical, unreadable = ABRepository(folder, instrument.name).fetch(night)
    prepared = prepare_blocks(instrument, process, night, historical, unreadable)
    return PreparedNight(instrument, process, night, folder, historical, prepared)


def reduce_night(night: PreparedNight, workspace: Path) -> ReducedNight:
    """Run the true recipes of a night one after the other, measure and flag."""
    done: dict[str, ReducedBlock] = {}
    for ab in night.prepared.cascade:
        parents = {name: done[name] for name in ab.waits_for if name in done}
        done[str(ab.name)] = _reduce(night, ab, workspace, parents)
    return ReducedNight(night, workspace, tuple(done.values()))


def reduce_like(night: PreparedNight, done: ReducedNight, workspace: Path) -> ReducedNight:
    """Reduce a night that is another one in a few files only: the rest is taken over.

    An AB is run if it, one of its inputs or one of its parents is another than in the night that
    is reduced already; see :func:`phoenix.steps.shelf.done_before.done_before`.

    Raises
    ------
    DataError
        If an AB needs a file that the night does not have: it would count as unchanged.
    """
    shutil.copytree(done.workspace, workspace, copy_function=os.link)
    source = FolderSource(night.folder)
    for path in [*workspace.glob("raw/**/*.fits"), *workspace.glob("calib/**/*.fits")]:
        renew((source,), path.relative_to(workspace).as_posix(), workspace)
    for ab in night.prepared.cascade:
        masters = (one.path for one in ab.calibrations if not one.virtual)
        for symbolic in (*(raw.path for raw in ab.raw_files), *masters):
            place = Workspace(workspace).resolve(symbolic, ab.date)
            if source.locate(place.relative_to(workspace).as_posix()) is None:
                raise DataError(f"{ab.name}: {symbolic} is not in {night.folder}")
    return reduce_night(night, workspace)


def _reduce(
    night: PreparedNight,
    ab: AssociationBlock,
    workspace: Path,
    parents: Mapping[str, ReducedBlock],
) -> ReducedBlock:
    ends = {name: one.result for name, one in parents.items()}
    result, published = _run(night.instrument, night, ab, workspace, RunnerSettings(), ends)
    if result.state is not JobState.SUCCESSFUL or published.manifest is None:
        return ReducedBlock(ab, result)
    frames = set_of_frames(Workspace(workspace), published.manifest)
    products = _products(ab, published)
    measured = {name: one.qc for name, one in parents.items() if one.qc}
    qc = measure_block(
        night.instrument, night.process, ab, frames, products, measured
    ).measurements
    flags = dict(flags_of(night.instrument.score_bits(night.process, ab.raw_type), qc))
    return ReducedBlock(ab, result, frames, products, measured, qc, flags)


def idps_of(night: PreparedNight, one: ReducedBlock) -> Iterator[InternalDataProduct]:
    """Yield the plans of the IDPs of one AB."""
    if any(product.role is Role.SCIENCE for product in one.products):
        planned = night.instrument.convert_to_idps(
            night.process, one.ab, one.products, one.frames, one.qc, one.qcflags
        )
        yield from (plan for plan in planned if isinstance(plan, InternalDataProduct))


def _products(ab: AssociationBlock, published: Published) -> tuple[Product, ...]:
    if published.manifest is None or published.folder is None:
        return ()
    return tuple(
        Product(published.folder / row.name, row.pro_catg, row.role, str(ab.name))
        for row in published.manifest.products
    )


def _run(
    instrument: Instrument,
    night: PreparedNight,
    ab: AssociationBlock,
    workspace: Path,
    runner: RunnerSettings,
    parents: Mapping[str, ABResult],
) -> tuple[ABResult, Published]:
    for name, _, _ in FOLDERS:
        (workspace / name).mkdir(parents=True, exist_ok=True)
    task = ProcessTask(
        ab=ab,
        instrument=instrument.name,
        process=night.process.name,
        workspace=workspace,
        # mypy cannot follow attrs' converter=tuple.
        sources=(FolderSource(night.folder),),
        resources=instrument.resources(night.process, ab),
        runner=runner,
        lost=tuple(
            (name, end.culprit)
            for name, end in parents.items()
            if end.state is not JobState.SUCCESSFUL
        ),
    )
    return process_ab(task, instrument)


# ---- a rehearsal: the cascade without the true recipes -----------------------------------------


_STAND_IN = "stand-in"


def _rehearsed(process: Process) -> Process:
    """Give recipes written in Python to the stand-in as well."""
    recipes = (
        evolve(row, pipeline=_STAND_IN) if ":" in row.pipeline else row for row in process.recipes
    )
    return evolve(process, recipes=tuple(recipes))


class _Ungated(Instrument):
    """The instrument without its gates, which would look for science in empty products."""

    def processes(self) -> tuple[Process, ...]:
        return tuple(map(_rehearsed, super().processes()))

    def gates(self, _process: Process, _recipe: Recipe) -> tuple[Gate, ...]:
        return ()


def rehearse_night(
    night: PreparedNight, workspace: Path, failing: str = ""
) -> dict[str, ABResult]:
    """Run the cascade with a stand-in for esorex that makes every declared product.

    Parameters
    ----------
    night : PreparedNight
        The night.
    workspace : Path
        An empty folder.
    failing : str
        Name of an AB whose recipe ends with exit code 1.

    Returns
    -------
    dict of str to ABResult
        By AB name; an AB whose parent has no products is BLOCKED, unless it can do without.
    """
    runner = RunnerSettings.at(make_fake_esorex(workspace), _plugins(night, workspace))
    instrument = _Ungated(night.instrument.name, night.instrument.manager)
    results: dict[str, ABResult] = {}
    for ab in night.prepared.cascade:
        told = _told(night.process, ab, "exit" if str(ab.name) == failing else "")
        parents = {name: results[name] for name in ab.waits_for}
        results[str(ab.name)] = _run(instrument, night, told, workspace, runner, parents)[0]
    return results


def _plugins(night: PreparedNight, workspace: Path) -> Path:
    """Make an empty plugin folder for every pipeline, which the stand-in does not look into."""
    folder = workspace / "plugins"
    for recipe in _rehearsed(night.process).recipes:
        (folder / f"{recipe.pipeline}-0").mkdir(parents=True, exist_ok=True)
    return folder


def _told(process: Process, ab: AssociationBlock, fault: str) -> AssociationBlock:
    """Tell the stand-in by recipe parameters what to make."""
    recipe = process.recipe(ab.recipe)
    rows = [row.pro_catg for row in recipe.products if row.required] if recipe else []
    made = ",".join(dict.fromkeys((*rows, *(product.pro_catg for product in ab.products))))
    told = (Parameter("products", made), *((Parameter("fault", fault),) if fault else ()))
    return evolve(ab, parameters=told)
