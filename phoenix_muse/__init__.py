"""MUSE for phoenix: cubes of the integral-field spectrograph, one OB a cube.

The hooks in the order of the work; each answers from the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **The later steps** (response, sky, cubes, offsets, combinations) are ABs of the cascade, made of
  those of the exposures: no repository has them, and rules of the telescope do not make them. Tree
  and names are those of a real archive log of 2015.
- **Exposures come together** by container or OB, mode and pointing; rotations and templates may
  differ. A single one is a cube of its own.
- **The sky** comes from a SKY exposure of the OB, or else from the field itself.
- **A frame that lacks an IFU** is not reduced, as muse would fail after its work on the others.
- **An alignment that is not sure** is gated, and its exposures are combined where they are.
- **Pixel tables** have the number of their IFU, and leave when they were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.ancestor import Ancestor
    from phoenix.model.dates import CivilDate
    from phoenix.model.frames import MasterCalibration, Product, SetOfFrames
    from phoenix.model.gate import Gate
    from phoenix.model.idp import InternalDataProduct
    from phoenix.model.panel import Panel
    from phoenix.model.process import Process
    from phoenix.model.qc import Measurement, QCParameter
    from phoenix.model.recipe import Recipe, Resources, Spent, Step
    from phoenix.model.rules import RuleAdaptation
    from phoenix.model.score import ScoreBit
    from phoenix.model.threshold import DynamicRule, ScoreRule
    from phoenix.simulate.night import SimulatedNight, SimulationOptions

# ruff: noqa: PLC0415 - imports stand inside the hooks: `phoenix --help`, and a worker that only
# runs recipes, need neither numpy nor the simulator.


@hookimpl
def processes() -> Iterable[Process]:
    """Offer MUSE_IFU: cubes, one night at a time."""
    from phoenix_muse.process import MUSE_IFU

    return (MUSE_IFU,)


@hookimpl
def adapt_rules() -> Iterable[RuleAdaptation]:
    """Return the changes of muse.oca, ``blocks.association.ADAPTATIONS``."""
    from phoenix_muse.blocks.association import ADAPTATIONS

    return ADAPTATIONS


@hookimpl
def edit_ab(ab: AssociationBlock) -> AssociationBlock:
    """Bring a historical AB to muse 2.8.7: the rows of ``blocks.edits.EDITS``."""
    from phoenix_muse.blocks.edits import modernise

    return modernise(ab)


@hookimpl
def build_cascade(blocks: tuple[AssociationBlock, ...]) -> Iterable[AssociationBlock]:
    """Add the ABs of the later steps: response, sky, cubes, offsets, combinations."""
    from phoenix_muse.blocks.cascade import cascade

    return cascade(blocks)


@hookimpl
def do_without(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    """Do without twilight, the sky beside the field, offsets, or a lost exposure."""
    from phoenix_muse.blocks.optional import left_of

    return left_of(ab, missing)


@hookimpl
def resources(ab: AssociationBlock, step: Step, history: tuple[Spent, ...]) -> Resources | None:
    """Keep memory free by IFUs and exposures, or as it was seen before."""
    from phoenix_muse.blocks.needs import needed

    return needed(ab, step, history)


@hookimpl
def check_inputs(ab: AssociationBlock, frames: SetOfFrames) -> Iterable[str]:
    """Find what a recipe would pass over in silence, or fail at after all its work."""
    from phoenix_muse.recipe.fitness import unfit

    return unfit(ab, frames)


@hookimpl
def gates(recipe: Recipe) -> Iterable[Gate]:
    """Return the rows of ``recipe.gate.GATES`` for the recipe."""
    from phoenix_muse.recipe.gate import GATES

    return GATES.get(recipe.name, ())


@hookimpl
def qc_parameters() -> Iterable[QCParameter]:
    """Declare the rows of ``quality.table.PARAMETERS``."""
    from phoenix_muse.quality.table import PARAMETERS

    return PARAMETERS


@hookimpl
def measure_qc(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterable[Measurement]:
    """Measure an AB, its IFUs, or the sources of its cube."""
    from phoenix_muse.quality.measure import measure

    return measure(ab, frames, products, parents_qc)


@hookimpl
def score_rules() -> Iterable[ScoreRule | DynamicRule]:
    """Return the thresholds: ``RULES`` and ``HISTORY`` of ``quality.scores``."""
    from phoenix_muse.quality.scores import HISTORY, RULES

    return (*RULES, *HISTORY)


@hookimpl
def score_bits(raw_type: str) -> tuple[ScoreBit, ...]:
    """Return the bits of QCFLAG, ``quality.scores.BITS``: of cubes alone."""
    from phoenix_muse.quality.scores import bits_of

    return bits_of(raw_type)


@hookimpl
def previews(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterable[Panel]:
    """Return the panels of the QC report."""
    from phoenix_muse.report.preview import panels

    return panels(ab, products, qc)


@hookimpl
def cover_groups(blocks: tuple[AssociationBlock, ...]) -> Mapping[str, str]:
    """Put the cubes of an OB on one sheet."""
    from phoenix_muse.report.cover import groups_of

    return groups_of(blocks)


@hookimpl
def coversheet(
    blocks: tuple[AssociationBlock, ...],
    products: Mapping[str, tuple[Product, ...]],
    qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterable[Panel]:
    """Return the panels of an OB: its exposures, and what they agree in."""
    from phoenix_muse.report.cover import coversheet_panels

    return coversheet_panels(blocks, products, qc)


@hookimpl
def rename_product(ab: AssociationBlock, product: Product) -> str | None:
    """Return the human name, MU_<CODE>_..., from the rows of ``delivery.names``."""
    from phoenix_muse.delivery.names import final_name

    return final_name(ab, product)


@hookimpl
def convert_to_idps(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
    ancestors: tuple[Ancestor, ...],
) -> Iterable[InternalDataProduct]:
    """Plan one SCIENCE.CUBE.IFS, its white light, and what tells how it was made."""
    from phoenix_muse.delivery.idp import convert

    return convert(ab, products, frames, qc, qcflags, ancestors)


@hookimpl
def simulate(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of one or more IFUs with known truth."""
    from phoenix_muse.simulation import simulate_night

    return simulate_night(date, out, options)
