"""FLAMES/GIRAFFE for phoenix: one spectrum for every fibre of the Medusa mode.

The hooks in the order of the work; each answers from the module that is named like its subject.
No module here may be called like a hook: once imported it would hide the hook from pluggy.

What was decided, and why:

- **Aperture.** giscience sums within the fitted profile (FF_PSFCENTROID, FF_PSFWIDTH), as
  gimasterflat does for the flat spectra. With the mask (FF_LOC*), which historical ABs ask for,
  the flux scale is 2 % too high. Certified masks of other nights are left as they are.
- **Extraction** by SUM, flat applied, fibre transmission not applied again: the flat spectra are
  normalised by one number for all fibres and so carry the transmission.
- **IDPs** hold air wavelengths in the barycentric frame (``phoenix.toolkit.barycentre``;
  giscience's own are heliocentric), counts of one exposure divided by the flat, the sky not
  subtracted. What is uncalibrated says so: FLUXCAL, FLUXERR = -1, UCDs with stat.uncalib.
- **The number of a fibre** is FPS, its place in the slit: in QC, QCFLAG and file names.
- **The letter of a master's name** is A: ESO's letters tell versions of one day apart that would
  else have one name, and the UT at the end of ours does so already. An AB that is done again
  replaces its products.
- **RA_ERR and DEC_ERR** are left out, and the validator warns (SDP 5.6 recommends them, for
  spectra only): RA and DEC are those of the target in the observer's catalogue, whose errors no
  file of the night tells. How well a fibre sits on its target is another thing.
- **Resolving power** (SPEC_RES) is that of the night's arc, else the nominal one of the setup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.dates import CivilDate
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix.model.gate import Gate
    from phoenix.model.idp import InternalDataProduct, LeftOut
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
    """Offer GIRAFFE_MOS: Medusa spectra, one night at a time."""
    from phoenix_giraffe.process import GIRAFFE_MOS

    return (GIRAFFE_MOS,)


@hookimpl
def adapt_rules() -> Iterable[RuleAdaptation]:
    """Return the changes of giraf.oca, ``blocks.association.ADAPTATIONS``."""
    from phoenix_giraffe.blocks.association import ADAPTATIONS

    return ADAPTATIONS


@hookimpl
def edit_ab(ab: AssociationBlock) -> AssociationBlock:
    """Bring a historical AB to giraf 2.16.10: the rows of ``blocks.edits.EDITS``."""
    from phoenix_giraffe.blocks.edits import modernise

    return modernise(ab)


@hookimpl
def gates(recipe: Recipe) -> Iterable[Gate]:
    """Return the rows of ``recipe.gate.GATES`` for the recipe."""
    from phoenix_giraffe.recipe.gate import GATES

    return GATES.get(recipe.name, ())


@hookimpl
def second_try(ab: AssociationBlock, frames: SetOfFrames) -> AssociationBlock | None:
    """Leave out fibres from which the flats show no light."""
    from phoenix_giraffe.recipe.lost import second_try as try_again

    return try_again(ab, frames)


@hookimpl
def qc_parameters() -> Iterable[QCParameter]:
    """Declare the rows of ``quality.table.PARAMETERS``."""
    from phoenix_giraffe.quality.table import PARAMETERS

    return PARAMETERS


@hookimpl
def measure_qc(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterable[Measurement]:
    """Measure an AB, and every fibre of it (element = FPS)."""
    from phoenix_giraffe.quality.measure import measure

    return measure(ab, frames, products, parents_qc)


@hookimpl
def score_rules() -> Iterable[ScoreRule | DynamicRule]:
    """Return the thresholds: ``RULES`` and ``HISTORY`` of ``quality.scores``."""
    from phoenix_giraffe.quality.scores import HISTORY, RULES

    return (*RULES, *HISTORY)


@hookimpl
def score_bits() -> tuple[ScoreBit, ...]:
    """Return the nine published bits of QCFLAG, ``quality.scores.BITS``."""
    from phoenix_giraffe.quality.scores import BITS

    return BITS


@hookimpl
def previews(
    ab: AssociationBlock, products: tuple[Product, ...], qc: tuple[Measurement, ...]
) -> Iterable[Panel]:
    """Return the panels of the QC report."""
    from phoenix_giraffe.report.preview import panels

    return panels(ab, products, qc)


@hookimpl
def rename_product(ab: AssociationBlock, product: Product) -> str | None:
    """Return the human name, GI_<CODE>_..., from the rows of ``delivery.names.NAMES``."""
    from phoenix_giraffe.delivery.names import final_name

    return final_name(ab, product)


@hookimpl
def convert_to_idps(
    ab: AssociationBlock,
    products: tuple[Product, ...],
    frames: SetOfFrames,
    qc: tuple[Measurement, ...],
    qcflags: Mapping[int, str],
) -> Iterable[InternalDataProduct | LeftOut] | None:
    """Plan one SCIENCE.SPECTRUM for every fibre on a target; lost fibres are left out."""
    from phoenix_giraffe.delivery.idp import convert

    return convert(ab, products, frames, qc, qcflags)


@hookimpl
def simulate(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a Medusa night with known truth."""
    from phoenix_giraffe.simulation import simulate_night

    return simulate_night(date, out, options)
