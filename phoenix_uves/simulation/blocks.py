"""The ABs of a simulated night as they would be written today; one row of JOBS for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration
from phoenix.model.recipe import Parameter
from phoenix.simulate.block import block_name, predicted, qualifiers, raw_file, virtual
from phoenix_uves.process import UVES_ECH, chips_of, usual_products
from phoenix_uves.simulation.plan import (
    ARC,
    BIAS,
    FLAT,
    FORMAT,
    ORDERDEF,
    SCIENCE,
    SLICER,
    STANDARD,
)
from phoenix_uves.simulation.statics import static_path

if TYPE_CHECKING:
    from phoenix_uves.simulation.plan import Frame, NightPlan
    from phoenix_uves.simulation.setup import Setting

__all__ = ["FAR_RED", "JOBS", "Job", "blocks"]

FAR_RED = 760.0
"""Central wavelength in nm beyond which the release divides by the flat before it extracts."""

PIXEL_FLAT = (
    Parameter("reduce.ffmethod", "pixel"),
    Parameter("reduce.merge_delt1", "14"),
    Parameter("reduce.merge_delt2", "4"),
)
KAPPA = Parameter("reduce.extract.kappa", "20")
ACCURACY = Parameter("paccuracy", "70")
SLICED = (
    Parameter("reduce.ffmethod", "extract"),
    Parameter("reduce.extract.method", "average"),
    Parameter("reduce.backsub.mmethod", "median"),
    Parameter("reduce.skysub", "FALSE"),
)


@frozen
class Job:
    """One row: how frames of a kind are reduced.

    Attributes
    ----------
    grouped : bool
        Whether the frames of a template make one AB (tag ``tpl``) or each its own.
    parents : tuple of (str, str)
        Kind of the parent AB and PRO.CATG, without the chip, that is taken of its products.
    statics : tuple of str
        PRO.CATG of static tables.
    """

    grouped: bool = False
    parents: tuple[tuple[str, str], ...] = ()
    statics: tuple[str, ...] = ()


EXTRACTION = (
    (ORDERDEF, "ORDER_TABLE"),
    (ARC, "LINE_TABLE"),
    (BIAS, "MASTER_BIAS"),
    (FLAT, "MASTER_FLAT"),
)

JOBS = {
    BIAS: Job(grouped=True),
    FORMAT: Job(statics=("LINE_REFER_TABLE",)),
    ORDERDEF: Job(parents=((FORMAT, "ORDER_GUESS_TAB"),)),
    FLAT: Job(grouped=True, parents=((BIAS, "MASTER_BIAS"), (ORDERDEF, "ORDER_TABLE"))),
    ARC: Job(
        parents=((ORDERDEF, "ORDER_TABLE"), (FORMAT, "LINE_GUESS_TAB")),
        statics=("LINE_REFER_TABLE",),
    ),
    STANDARD: Job(
        parents=EXTRACTION,
        statics=("FLUX_STD_TABLE", "EXTCOEFF_TABLE", "RESP_FIT_POINTS_CATALOG"),
    ),
    SCIENCE: Job(
        parents=(*EXTRACTION, (STANDARD, "INSTR_RESPONSE_FINE")), statics=("EXTCOEFF_TABLE",)
    ),
    # The response is made by optimal extraction: it would be wrong by a factor of seven here.
    SLICER: Job(parents=EXTRACTION),
}

RECIPES = {
    row.name: recipe
    for row in UVES_ECH.raw_types
    for recipe in UVES_ECH.recipes
    if recipe.name == row.recipe
}
"""Raw type to the recipe that reduces it."""

Parents = dict[tuple[str, str, str], AssociationBlock]


def blocks(plan: NightPlan) -> tuple[AssociationBlock, ...]:
    """All ABs of a night as they would be written today, in the order of the cascade."""
    made: list[AssociationBlock] = []
    parents: Parents = {}
    for kind, job in JOBS.items():
        for frames in _groups(plan, kind, grouped=job.grouped):
            ab = _block(plan, job, frames, parents)
            made.append(ab)
            parents.setdefault(_key(kind, frames[0].setting, frames[0].mode), ab)
    return tuple(made)


def _groups(plan: NightPlan, kind: str, *, grouped: bool) -> list[tuple[Frame, ...]]:
    """Frames of one AB each: a template in one arm, or every frame."""
    if not grouped:
        return [(frame,) for frame in plan.of_kind(kind)]
    found: dict[tuple[object, str], list[Frame]] = {}
    for frame in plan.of_kind(kind):
        template = (frame.exposure.template.start, frame.setting.arm)
        found.setdefault(template, []).append(frame)
    return [tuple(frames) for frames in found.values()]


def _key(kind: str, setting: Setting, mode: str) -> tuple[str, str, str]:
    """Give what a parent shares with its child: the arm, and the setting unless it is a bias."""
    return (kind, setting.arm, "") if kind == BIAS else (kind, setting.name, mode)


def _block(
    plan: NightPlan, job: Job, frames: tuple[Frame, ...], parents: Parents
) -> AssociationBlock:
    first = frames[0]
    name, recipe = block_name(first.exposure, grouped=job.grouped), RECIPES[first.tag]
    wanted = [
        (parents[key], catg)
        for kind, catg in job.parents
        if (key := _key(kind, first.setting, first.mode)) in parents
    ]
    return AssociationBlock(
        name=name,
        recipe=recipe.name,
        raw_files=tuple(raw_file(frame.exposure, plan.date, frame.tag) for frame in frames),
        calibrations=(
            *(
                virtual(ab, f"{catg}_{chip}")
                for ab, catg in wanted
                for chip in chips_of(first.tag)
            ),
            *(MasterCalibration(static_path(catg), catg) for catg in job.statics),
        ),
        parameters=_parameters(first),
        waits_for=tuple(str(ab.name) for ab, _ in wanted),
        products=predicted(name, recipe, usual_products(recipe.name, first.tag)),
        setup=_setup(plan, first),
        **qualifiers(
            "UVES",
            plan.date,
            first.tag,
            [frame.exposure for frame in frames],
            grouped=job.grouped,
        ),
    )


def _parameters(frame: Frame) -> tuple[Parameter, ...]:
    """Give the extraction choices of the release (UVES v1) and of uves.oca."""
    far_red = PIXEL_FLAT if frame.setting.wavelength > FAR_RED else ()
    return {
        STANDARD: (ACCURACY, *far_red),
        SCIENCE: (KAPPA, *far_red),
        SLICER: SLICED,
    }.get(frame.kind, ())


def _setup(plan: NightPlan, frame: Frame) -> tuple[tuple[str, str], ...]:
    chip = (("DET.WIN1.BINX", str(plan.binning)), ("DET.WIN1.BINY", str(plan.binning)))
    if frame.kind == BIAS:
        return chip
    grating = 1 if frame.setting.arm == "BLUE" else 2
    return (
        *chip,
        ("INS.MODE", frame.mode),
        (f"INS.GRAT{grating}.ID", frame.setting.disperser),
        (f"INS.GRAT{grating}.WLEN", f"{frame.setting.wavelength:g}"),
        ("INS.SLIT1.NAME", "SLIC#1" if frame.kind == SLICER else "FREE"),
    )
