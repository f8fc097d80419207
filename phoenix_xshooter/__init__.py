"""X-shooter for phoenix: echelle spectra of three arms, from 300 to 2500 nm.

The hooks in the order of the work; each answers from the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **Polynomials**: the rules of the pipeline are those of its physical model; the optimised models
  that it needs come with no open package. Rows of ``blocks.association`` turn every action to the
  polynomial mode, which the recipes have beside it.
- **One AB an arm**, as the templates of the three arms are three; one IDP an arm. They meet on the
  coversheet of their pointing.
- **Unbinned calibrations serve binned frames**: format check, order definition and multi-pinhole
  arc are always unbinned; bias, flat and science have one binning, which the rules forget to ask.
- **The response** of the night calibrates its science; without one it is in counts, with its bit.
- **IDPs** are made from the merged spectra, which hold the numbers of the recipe's own table, so
  that products of old pipelines can be converted too. Wavelengths are in air and barycentric.
- **IFU** frames have no raw type here: they are left out, with the reason.
- **Elements** of QC parameters are orders by their number.
- **QCFLAG** has seven characters, as ESO's; what was never published of it is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.frames import MasterCalibration, Product, SetOfFrames
    from phoenix.model.gate import Gate
    from phoenix.model.idp import InternalDataProduct
    from phoenix.model.panel import Panel
    from phoenix.model.process import Process
    from phoenix.model.qc import Measurement, QCParameter
    from phoenix.model.recipe import Recipe
    from phoenix.model.rules import RuleAdaptation
    from phoenix.model.score import ScoreBit
    from phoenix.model.threshold import DynamicRule, ScoreRule
    from phoenix.simulate.night import SimulatedNight, SimulationOptions

# ruff: noqa: PLC0415 - imports stand inside the hooks: `phoenix --help`, and a worker that only
# runs recipes, need neither numpy nor the simulator.


@hookimpl
def processes() -> Iterable[Process]:
    """Offer XSHOOTER_ECH: echelle spectra of three arms, one night at a time."""
    from phoenix_xshooter.process import XSHOOTER_ECH

    return (XSHOOTER_ECH,)


@hookimpl
def adapt_rules() -> Iterable[RuleAdaptation]:
    """Return the changes of xshoo.oca, ``blocks.association.ADAPTATIONS``."""
    from phoenix_xshooter.blocks.association import ADAPTATIONS

    return ADAPTATIONS


@hookimpl
def edit_ab(ab: AssociationBlock) -> AssociationBlock:
    """Bring a historical AB to xshoo 3.5.0: the rows of ``blocks.edits.EDITS``."""
    from phoenix_xshooter.blocks.edits import modernise

    return modernise(ab)


@hookimpl
def do_without(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    """Reduce science without a response to counts."""
    from phoenix_xshooter.blocks.optional import left_of

    return left_of(ab, missing)


@hookimpl
def check_inputs(ab: AssociationBlock, frames: SetOfFrames) -> Iterable[str]:
    """Find what would crash a recipe or spoil its result in silence."""
    from phoenix_xshooter.recipe.fitness import unfit

    return unfit(ab, frames)


@hookimpl
def gates(recipe: Recipe) -> Iterable[Gate]:
    """Return the rows of ``recipe.gate.GATES`` for the recipe."""
    from phoenix_xshooter.recipe.gate import GATES

    return GATES.get(recipe.name, ())


@hookimpl
def qc_parameters() -> Iterable[QCParameter]:
    """Declare the rows of ``quality.table.PARAMETERS``."""
    from phoenix_xshooter.quality.table import PARAMETERS

    return PARAMETERS


@hookimpl
def measure_qc(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterable[Measurement]:
    """Measure an AB, and every order of a spectrum."""
    from phoenix_xshooter.quality.measure import measure

    return measure(ab, frames, products, parents_qc)


@hookimpl
def score_rules() -> Iterable[ScoreRule | DynamicRule]:
    """Return the thresholds: ``RULES`` and ``HISTORY`` of ``quality.scores``."""
    from phoenix_xshooter.quality.scores import HISTORY, RULES

    return (*RULES, *HISTORY)


@hookimpl
def score_bits() -> tuple[ScoreBit, ...]:
    """Return the bits of QCFLAG, ``quality.scores.BITS``."""
    from phoenix_xshooter.quality.scores import BITS

    return BITS


@hookimpl
def previews(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterable[Panel]:
    """Return the panels of the QC report."""
    from phoenix_xshooter.report.preview import panels

    return panels(ab, products, qc)


@hookimpl
def cover_groups(blocks: tuple[AssociationBlock, ...]) -> Mapping[str, str]:
    """Put the arms of a pointing on one sheet."""
    from phoenix_xshooter.report.cover import groups_of

    return groups_of(blocks)


@hookimpl
def coversheet(
    blocks: tuple[AssociationBlock, ...], products: Mapping[str, tuple[Product, ...]]
) -> Iterable[Panel]:
    """Return the panels of a pointing: all arms, and where they meet."""
    from phoenix_xshooter.report.cover import coversheet_panels

    return coversheet_panels(blocks, products)


@hookimpl
def rename_product(ab: AssociationBlock, product: Product) -> str | None:
    """Return the human name, XS_<CODE>_..., from the rows of ``names``."""
    from phoenix_xshooter.delivery.names import final_name

    return final_name(ab, product)


@hookimpl
def convert_to_idps(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> Iterable[InternalDataProduct]:
    """Plan one SCIENCE.SPECTRUM for an arm of a pointing."""
    from phoenix_xshooter.delivery.idp import convert

    return convert(ab, products, frames, qc, qcflags)


@hookimpl
def simulate(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of three arms with known truth."""
    from phoenix_xshooter.simulation import simulate_night

    return simulate_night(date, out, options)
