"""UVES for phoenix: echelle spectra of three detectors, flux-calibrated and joined.

The hooks in the order of the work; each answers from the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **Extraction** is that of the ESO release: optimal, cosmics at 20 sigma; beyond 760 nm pixels are
  divided by the flat before they are extracted. Spectra of image slicers and extended sources are
  means over the slit. A response must be made alike, so standard stars are extracted alike; means
  over the slit stay in counts.
- **One AB an arm**: the recipes reduce both red chips at once. IDPs hold the joined spectrum of
  an arm, the gap between the red chips flagged in QUAL.
- **IDPs** hold air wavelengths in the barycentric frame and calibrated flux, else counts. The
  error of the flux is computed again, because the pipeline forgets the extinction in it.
- **OB stacks**: several exposures of an OB in one setup are averaged by the recipe uves_stack
  (ours); the single ones travel as ancillaries. They are IDPs where the stack came to nothing.
- **Without a response** a point source is reduced to counts, with its bit; **without one of its
  exposures** a stack is the mean of the others, two at least.
- **A format that moved** is measured in the raw frame, and uves_cal_predict tried once more.
- **Elements** of QC parameters are orders by their true number (above 30) and chips: 1 BLUE,
  2 REDL, 3 REDU.
- **QCFLAG**: no table was ever published for UVES; this one is ours.
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
    from phoenix.model.gate import Gate, RecipeOutcome
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
    """Offer UVES_ECH: echelle spectra of both arms, one night at a time."""
    from phoenix_uves.process import UVES_ECH

    return (UVES_ECH,)


@hookimpl
def adapt_rules() -> Iterable[RuleAdaptation]:
    """Return the changes of uves.oca, ``blocks.association.ADAPTATIONS``."""
    from phoenix_uves.blocks.association import ADAPTATIONS

    return ADAPTATIONS


@hookimpl
def edit_ab(ab: AssociationBlock) -> AssociationBlock:
    """Bring a historical AB to uves 6.1.8: the rows of ``blocks.edits.EDITS``."""
    from phoenix_uves.blocks.edits import modernise

    return modernise(ab)


@hookimpl
def build_cascade(blocks: tuple[AssociationBlock, ...]) -> Iterable[AssociationBlock]:
    """Add an AB for every OB whose exposures are to be averaged."""
    from phoenix_uves.blocks.cascade import cascade

    return cascade(blocks)


@hookimpl
def do_without(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    """Reduce science without a response to counts, average the exposures that are left."""
    from phoenix_uves.blocks.optional import left_of

    return left_of(ab, missing)


@hookimpl
def check_inputs(ab: AssociationBlock, frames: SetOfFrames) -> Iterable[str]:
    """Find what would crash a recipe or spoil its result in silence."""
    from phoenix_uves.recipe.fitness import unfit

    return unfit(ab, frames)


@hookimpl
def gates(recipe: Recipe) -> Iterable[Gate]:
    """Return the rows of ``recipe.gate.GATES`` for the recipe."""
    from phoenix_uves.recipe.gate import GATES

    return GATES.get(recipe.name, ())


@hookimpl
def second_try(
    ab: AssociationBlock, frames: SetOfFrames, outcome: RecipeOutcome
) -> AssociationBlock | None:
    """Tell uves_cal_predict by how much the format moved."""
    from phoenix_uves.recipe.shift import second_try as try_again

    return try_again(ab, frames, outcome)


@hookimpl
def mend_products(products: tuple[Product, ...]) -> Iterable[str]:
    """Bridge the hydrogen lines of the standard star in responses."""
    from phoenix_uves.recipe.response import bridge_lines

    return bridge_lines(products)


@hookimpl
def qc_parameters() -> Iterable[QCParameter]:
    """Declare the rows of ``quality.table.PARAMETERS``."""
    from phoenix_uves.quality.table import PARAMETERS

    return PARAMETERS


@hookimpl
def measure_qc(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterable[Measurement]:
    """Measure an AB, every chip of a calibration and every order of a spectrum."""
    from phoenix_uves.quality.measure import measure

    return measure(ab, frames, products, parents_qc)


@hookimpl
def score_rules() -> Iterable[ScoreRule | DynamicRule]:
    """Return the thresholds: ``RULES`` and ``HISTORY`` of ``quality.scores``."""
    from phoenix_uves.quality.scores import HISTORY, RULES

    return (*RULES, *HISTORY)


@hookimpl
def score_bits() -> tuple[ScoreBit, ...]:
    """Return our own bits of QCFLAG, ``quality.scores.BITS``."""
    from phoenix_uves.quality.scores import BITS

    return BITS


@hookimpl
def previews(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterable[Panel]:
    """Return the panels of the QC report."""
    from phoenix_uves.report.preview import panels

    return panels(ab, products, qc)


@hookimpl
def rename_product(ab: AssociationBlock, product: Product) -> str | None:
    """Return the human name, UV_<CODE>_..., from the rows of ``names``."""
    from phoenix_uves.delivery.names import final_name

    return final_name(ab, product)


@hookimpl
def convert_to_idps(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> Iterable[InternalDataProduct]:
    """Plan one SCIENCE.SPECTRUM for an exposure, or for the stack of an OB."""
    from phoenix_uves.delivery.idp import convert

    return convert(ab, products, frames, qc, qcflags)


@hookimpl
def simulate(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of both arms with known truth."""
    from phoenix_uves.simulation import simulate_night

    return simulate_night(date, out, options)
