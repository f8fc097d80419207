"""The ABs of a simulated night as they would be written today; one row of JOBS for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration
from phoenix.model.recipe import Parameter
from phoenix.simulate.block import block_name, predicted, qualifiers, raw_file, virtual
from phoenix.simulate.site import mjd
from phoenix_giraffe.process import GIRAFFE_MOS
from phoenix_giraffe.simulation.plan import ARC, BIAS, DARK, FLAT, SCIENCE, SIMCAL_ARC
from phoenix_giraffe.simulation.setup import SLIT_NAME
from phoenix_giraffe.simulation.statics import static_path

if TYPE_CHECKING:
    from phoenix.model.frames import RawFrame
    from phoenix_giraffe.simulation.plan import Frame, NightPlan

__all__ = ["JOBS", "RECIPES", "Job", "blocks", "raw_night"]


@frozen
class Job:
    """One row: how frames of a kind are reduced.

    Attributes
    ----------
    raw_type : str
        RAW_TYPE, and the DO category of the frames.
    grouped : bool
        Whether the frames of a template make one AB (tag ``tpl``) or each its own.
    parents : tuple of (str, tuple of str)
        Kind of the parent AB and the PRO.CATG that are taken of its products.
    statics : tuple of str
        PRO.CATG of static tables.
    """

    raw_type: str
    grouped: bool = False
    parents: tuple[tuple[str, tuple[str, ...]], ...] = ()
    statics: tuple[str, ...] = ()


JOBS = {
    BIAS: Job("BIAS", grouped=True),
    DARK: Job("DARK", grouped=True, parents=((BIAS, ("MASTER_BIAS",)),)),
    FLAT: Job(
        "FIBER_FLAT",
        grouped=True,
        parents=((BIAS, ("MASTER_BIAS",)),),
        statics=("GRATING_DATA", "SLIT_GEOMETRY_MASTER"),
    ),
    ARC: Job(
        "ARC_SPECTRUM",
        parents=((BIAS, ("MASTER_BIAS",)), (FLAT, ("FF_LOCCENTROID", "FF_LOCWIDTH"))),
        statics=("GRATING_DATA", "SLIT_GEOMETRY_SETUP", "LINE_CATALOG"),
    ),
    SCIENCE: Job(
        "SCIENCE",
        parents=(
            (BIAS, ("MASTER_BIAS",)),
            (FLAT, ("FF_LOCCENTROID", "FF_LOCWIDTH", "FF_EXTSPECTRA", "FF_EXTERRORS")),
            (ARC, ("DISPERSION_SOLUTION",)),
        ),
        statics=("GRATING_DATA", "SLIT_GEOMETRY_SETUP"),
    ),
}

RECIPES = {
    raw_type.name: recipe
    for raw_type in GIRAFFE_MOS.raw_types
    for recipe in GIRAFFE_MOS.recipes
    if recipe.name == raw_type.recipe
}
"""Raw type to the recipe that reduces it."""


def raw_night(frame: Frame) -> CivilDate:
    """Night to which a frame belongs; a borrowed calibration may be of an earlier one."""
    return CivilDate.of(mjd(frame.exposure.start))


def blocks(plan: NightPlan) -> tuple[AssociationBlock, ...]:
    """All ABs of a night as they would be written today, in the order of the cascade."""
    made: dict[str, list[AssociationBlock]] = {}
    for kind, job in JOBS.items():
        frames = plan.of_kind(kind)
        groups = [frames] if job.grouped else [(frame,) for frame in frames]
        parents = {name: found[0] for name, found in made.items()}
        made[kind] = [_block(plan, job, group, parents) for group in groups if group]
    return tuple(ab for found in made.values() for ab in found)


def _block(
    plan: NightPlan,
    job: Job,
    frames: tuple[Frame, ...],
    parents: dict[str, AssociationBlock],
) -> AssociationBlock:
    name, recipe = block_name(frames[0].exposure, grouped=job.grouped), RECIPES[job.raw_type]
    science = job.raw_type == "SCIENCE"
    simcal = science and bool(frames[0].simcal)
    return AssociationBlock(
        name=name,
        recipe=recipe.name,
        raw_files=tuple(_raw(frame, job.raw_type) for frame in frames),
        calibrations=_calibrations(plan, job, parents, simcal=simcal),
        parameters=_parameters(plan, job),
        waits_for=tuple(str(parents[kind].name) for kind, _ in job.parents if kind in parents),
        associated_raws=_attached(plan, frames[0]) if science else (),
        products=predicted(
            name, recipe, (row.pro_catg for row in recipe.products if row.required)
        ),
        setup=_setup(plan, frames[0]),
        **qualifiers(
            "GIRAFFE",
            plan.date,
            job.raw_type,
            [frame.exposure for frame in frames],
            grouped=job.grouped,
        ),
    )


def _calibrations(
    plan: NightPlan, job: Job, parents: dict[str, AssociationBlock], *, simcal: bool
) -> tuple[MasterCalibration, ...]:
    """Products of the parents, in their order, and static tables."""
    made = (
        virtual(parents[kind], catg)
        for kind, wanted in job.parents
        if kind in parents
        for catg in wanted
    )
    statics = (*job.statics, "LINE_MASK") if simcal else job.statics
    return (*made, *(MasterCalibration(static_path(catg, plan), catg) for catg in statics))


def _setup(plan: NightPlan, frame: Frame) -> tuple[tuple[str, str], ...]:
    chip = (("DET.CHIP1.ID", plan.detector.id), ("DET.WIN1.NY", str(plan.optics.rows)))
    if frame.exposure.technique != "MOS":
        return chip
    return (*chip, ("INS.SLIT.NAME", SLIT_NAME), ("INS.EXP.MODE", plan.setup.setting.name))


def _parameters(plan: NightPlan, job: Job) -> tuple[Parameter, ...]:
    """Parameters that differ from the defaults, which are made for 4096 rows."""
    rows = plan.optics.rows
    short = rows < 4096 and job.raw_type != "BIAS"  # noqa: PLR2004 - the recipes' own default
    wanted = (
        (short, "bsremove-areas", f"5:40:0:{rows - 1}"),
        (short and job.raw_type == "FIBER_FLAT", "psf-binsize", str(plan.setup.psf_binsize)),
    )
    return tuple(Parameter(name, value) for needed, name, value in wanted if needed)


def _raw(frame: Frame, tag: str) -> RawFrame:
    return raw_file(frame.exposure, raw_night(frame), tag)


def _attached(plan: NightPlan, frame: Frame) -> tuple[RawFrame, ...]:
    """SIMCAL arcs of the same OB."""
    ob = frame.exposure.block.id
    arcs = (arc for arc in plan.of_kind(SIMCAL_ARC) if arc.exposure.block.id == ob)
    return tuple(_raw(arc, "SIMCAL_ARC") for arc in arcs)
