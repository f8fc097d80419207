"""The ABs of a simulated night as they would be written today; one row of JOBS for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration
from phoenix.model.recipe import Parameter
from phoenix.simulate.block import block_name, predicted, qualifiers, raw_file, virtual
from phoenix_xshooter.blocks.parameters import RULE_PARAMETERS
from phoenix_xshooter.process import (
    BLOCKED,
    RESPONSE,
    SCIENCE_RECIPES,
    XSHOOTER_ECH,
    flux_products,
    usual_products,
)
from phoenix_xshooter.simulation.headers import CLOCKS, SLIT_WHEELS
from phoenix_xshooter.simulation.plan import (
    BIAS,
    DARK,
    FLAT,
    FORMAT,
    KINDS,
    MULTI,
    NOD,
    OFFSET,
    ORDERDEF,
    STANDARD,
    STANDARDS,
    STARE,
    TELLURICS,
)
from phoenix_xshooter.simulation.statics import static_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.recipe import Recipe
    from phoenix_xshooter.simulation.plan import Frame, NightPlan

__all__ = ["JOBS", "Job", "blocks"]


@frozen
class Job:
    """One row: how frames of a kind are reduced.

    Attributes
    ----------
    parents : tuple of (str, str)
        Kind of the parent AB and PRO.CATG, without the arm, that is taken of its products.
    statics : tuple of str
        PRO.CATG of static tables, without the arm.
    grouped : bool
        Whether the frames of a template make one AB (tag ``tpl``), or each its own in UVB and VIS.
    """

    parents: tuple[tuple[str, str], ...] = ()
    statics: tuple[str, ...] = ()
    grouped: bool = True


FORMAT_TABLE = "SPECTRAL_FORMAT_TAB"
REDUCING = (
    (BIAS, "MASTER_BIAS"),
    (FLAT, "MASTER_FLAT_SLIT"),
    (FLAT, "ORDER_TAB_EDGES_SLIT"),
    (MULTI, "WAVE_TAB_2D"),
    (MULTI, "DISP_TAB"),
)
_STANDARD_STATICS = (FORMAT_TABLE, "ATMOS_EXT", "FLUX_STD_CATALOG", "RESP_FIT_POINTS_CAT")
CALIBRATED = (*REDUCING, (STANDARD, RESPONSE))

JOBS = {
    BIAS: Job(),
    DARK: Job(),
    FORMAT: Job((), (FORMAT_TABLE, "ARC_LINE_LIST", "THEO_TAB_SING"), grouped=False),
    ORDERDEF: Job(((FORMAT, "ORDER_TAB_GUESS"),), (FORMAT_TABLE,), grouped=False),
    FLAT: Job(((BIAS, "MASTER_BIAS"), (ORDERDEF, "ORDER_TAB_CENTR")), (FORMAT_TABLE,)),
    MULTI: Job(
        ((FLAT, "ORDER_TAB_EDGES_SLIT"), (FORMAT, "WAVE_TAB_GUESS")),
        (FORMAT_TABLE, "ARC_LINE_LIST", "THEO_TAB_MULT"),
        grouped=False,
    ),
    STANDARDS[NOD]: Job(REDUCING, _STANDARD_STATICS),
    STANDARDS[STARE]: Job(REDUCING, (*_STANDARD_STATICS, "SKY_LINE_LIST"), grouped=False),
    STANDARDS[OFFSET]: Job(REDUCING, _STANDARD_STATICS),
    NOD: Job(CALIBRATED, (FORMAT_TABLE, "ATMOS_EXT")),
    STARE: Job(
        ((DARK, "MASTER_DARK"), *CALIBRATED),
        (FORMAT_TABLE, "ATMOS_EXT", "SKY_LINE_LIST"),
        grouped=False,
    ),
    OFFSET: Job(((DARK, "MASTER_DARK"), *CALIBRATED), (FORMAT_TABLE, "ATMOS_EXT")),
}
JOBS |= {
    TELLURICS[NOD]: JOBS[NOD], TELLURICS[STARE]: JOBS[STARE], TELLURICS[OFFSET]: JOBS[OFFSET],
}  # fmt: skip
"""Kind to how it is reduced, in the order of the cascade; arcs and IFU frames are in no historical
AB."""

Parents = dict[tuple[str, str, str], AssociationBlock]


def blocks(plan: NightPlan) -> tuple[AssociationBlock, ...]:
    """ABs of a night, parents before their children."""
    made: list[AssociationBlock] = []
    parents: Parents = {}
    for kind, job in JOBS.items():
        for frames in _groups(plan, kind, job):
            if kind == ORDERDEF and frames[0].lamp == "QTH":
                continue  # one frame serves, that of the deuterium lamp
            ab = _block(plan, job, frames, parents)
            made.append(ab)
            role = STANDARD if kind in STANDARDS.values() else kind
            parents.setdefault(_key(role, frames[0]), ab)
            parents.setdefault((role, frames[0].arm, ""), ab)
    return tuple(made)


def _groups(plan: NightPlan, kind: str, job: Job) -> list[tuple[Frame, ...]]:
    """Frames of one AB each: a template in one arm, or every frame."""
    found: dict[tuple[object, ...], list[Frame]] = {}
    for frame in plan.of_kind(kind):
        single = not _is_grouped(job, frame)
        template = (frame.exposure.template.start, frame.arm, frame.stream if single else 0)
        found.setdefault(template, []).append(frame)
    return [tuple(frames) for frames in found.values()]


def _is_grouped(job: Job, frame: Frame) -> bool:
    """Whether a template makes one AB; in NIR the dark frame of a pair goes with the lit one."""
    return job.grouped or (frame.arm == "NIR" and KINDS[frame.kind].paired)


def _key(kind: str, frame: Frame) -> tuple[str, str, str]:
    """Give what a parent shares with its child: the arm, and the slit of a flat."""
    return (kind, frame.arm, frame.slit_name if kind == FLAT else "")


def _parent(parents: Parents, kind: str, frame: Frame) -> AssociationBlock | None:
    return parents.get(_key(kind, frame)) or parents.get((kind, frame.arm, ""))


def _block(
    plan: NightPlan, job: Job, frames: tuple[Frame, ...], parents: Parents
) -> AssociationBlock:
    first = frames[0]
    recipe = _recipe(first.raw_type)
    grouped = _is_grouped(job, first)
    name = block_name(first.exposure, grouped=grouped)
    wanted = [
        (ab, f"{catg}_{first.arm}")
        for kind, catg in job.parents
        if (ab := _parent(parents, kind, first)) is not None
    ]
    return AssociationBlock(
        name=name,
        recipe=recipe.name,
        raw_files=tuple(raw_file(frame.exposure, plan.date, frame.tag) for frame in frames),
        calibrations=(
            *(virtual(ab, catg) for ab, catg in wanted),
            *(
                MasterCalibration(static_path(pro_catg), pro_catg)
                for pro_catg in _statics(job, first)
            ),
        ),
        parameters=tuple(
            Parameter(key, value)
            for key, value in RULE_PARAMETERS.get((recipe.name, first.arm), ())
        ),
        waits_for=tuple(dict.fromkeys(str(ab.name) for ab, _ in wanted)),
        products=predicted(name, recipe, _products(recipe, first, wanted)),
        setup=_setup(first),
        **qualifiers(
            "XSHOOTER",
            plan.date,
            first.raw_type,
            [frame.exposure for frame in frames],
            grouped=grouped,
        ),
    )


def _products(
    recipe: Recipe, frame: Frame, wanted: Iterable[tuple[AssociationBlock, str]]
) -> tuple[str, ...]:
    """Give the PRO.CATGs that the recipe makes, flux among them where it has a response."""
    products = usual_products(recipe.name, frame.raw_type)
    if recipe.name in SCIENCE_RECIPES and any(catg.startswith(RESPONSE) for _, catg in wanted):
        return (*products, *flux_products(frame.raw_type))
    return products


def _statics(job: Job, frame: Frame) -> list[str]:
    """Return the PRO.CATGs of static tables; behind the filter of the K band orders are fewer."""
    blocked = f"_{BLOCKED}" if frame.is_blocked else ""
    return [
        f"{family}{blocked if family == FORMAT_TABLE else ''}_{frame.arm}"
        for family in job.statics
    ]


def _recipe(raw_type: str) -> Recipe:
    return next(
        recipe
        for row in XSHOOTER_ECH.raw_types
        if row.name == raw_type and (recipe := XSHOOTER_ECH.recipe(row.recipe))
    )


def _setup(frame: Frame) -> tuple[tuple[str, str], ...]:
    readout = (
        ("DET.DIT", f"{frame.exposure.exptime:g}")
        if frame.arm == "NIR"
        else ("DET.READ.CLOCK", CLOCKS[frame.binning])
    )
    beginning = (readout, ("SEQ.ARM", frame.arm))
    if frame.kind in {BIAS, DARK}:
        return beginning
    slit = (f"INS.{SLIT_WHEELS[frame.arm]}.NAME", frame.slit_name)
    return (*beginning, slit, ("INS.OPTI2.NAME", "SLOT"))
