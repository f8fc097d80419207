"""The ABs of a simulated night as they would be written today; one row of JOBS for each kind.

The repository has no ABs of the later steps: the cascade makes them of the ABs of the exposures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration
from phoenix.model.recipe import Parameter
from phoenix.simulate.block import block_name, predicted, qualifiers, raw_file, virtual
from phoenix.simulate.exposure import timestamp
from phoenix_muse.blocks.pixtables import NIFU, pixel_tables
from phoenix_muse.process import INSTRUMENT, MUSE_IFU, SCIBASIC
from phoenix_muse.simulation.headers import MODE, READ_OUT_MODE
from phoenix_muse.simulation.plan import (
    ARC,
    BIAS,
    DARK,
    FLAT,
    ILLUM,
    KINDS,
    OBJECT,
    ON_SKY,
    SKY,
    STANDARD,
    TWILIGHT,
)
from phoenix_muse.simulation.statics import own_masters, static_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix_muse.simulation.plan import Frame, NightPlan

__all__ = ["JOBS", "Job", "blocks"]


@frozen
class Job:
    """One row: how frames of a kind are reduced.

    Attributes
    ----------
    parents : tuple of (str, str)
        Kind of the parent AB and PRO.CATG that is taken of its products.
    statics : tuple of str
        PRO.CATG of static tables.
    later : tuple of str
        PRO.CATG of static tables that only the later steps read.
    grouped : bool
        Whether the frames of a template make one AB (tag ``tpl``), or each its own.
    """

    parents: tuple[tuple[str, str], ...] = ()
    statics: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    grouped: bool = True


_BIASED = ((BIAS, "MASTER_BIAS"),)
_TRACED = (*_BIASED, (FLAT, "MASTER_FLAT"), (FLAT, "TRACE_TABLE"))
_IN_SPACE = (*_TRACED, (ARC, "WAVECAL_TABLE"))
_ON_SKY = (*_IN_SPACE, (TWILIGHT, "TWILIGHT_CUBE"))

_OF_SKY = ("EXTINCT_TABLE", "SKY_LINES")

JOBS = {
    BIAS: Job(),
    DARK: Job(_BIASED),
    FLAT: Job(_BIASED),
    ARC: Job((*_BIASED, (FLAT, "TRACE_TABLE")), ("LINE_CATALOG",)),
    TWILIGHT: Job(_IN_SPACE, ("GEOMETRY_TABLE",)),
    STANDARD: Job(
        _ON_SKY, ("GEOMETRY_TABLE",), ("EXTINCT_TABLE", "STD_FLUX_TABLE", "FILTER_LIST"),
        grouped=False,
    ),
    SKY: Job(_ON_SKY, ("GEOMETRY_TABLE",), _OF_SKY, grouped=False),
    OBJECT: Job(
        _ON_SKY, ("GEOMETRY_TABLE",), (*_OF_SKY, "FILTER_LIST", "ASTROMETRY_WCS"), grouped=False,
    ),
}  # fmt: skip
"""Kind to how it is reduced, in the order of the cascade."""

LIT = frozenset({TWILIGHT, *ON_SKY})
"""Kinds that take the illumination flat, as raw."""

SHORT_CCD = (Parameter("nsum", "8"), Parameter("order", "2"))
"""How muse_flat traces slices on a CCD of few rows."""

LSF, LSF_MAKER = "LSF_PROFILE", "muse_lsf"


def blocks(plan: NightPlan) -> tuple[AssociationBlock, ...]:
    """ABs of a night, parents before their children."""
    made: dict[str, AssociationBlock] = {}
    found: list[AssociationBlock] = []
    for kind, job in JOBS.items():
        for frames in _groups(plan, kind, job):
            ab = _block(plan, job, frames, made)
            found.append(ab)
            made.setdefault(kind, ab)
            if kind == ARC:
                found.append(made.setdefault(LSF, _line_spread(ab, made)))
    return tuple(found)


def _groups(plan: NightPlan, kind: str, job: Job) -> list[tuple[Frame, ...]]:
    """Frames of one AB each: a template, or every frame."""
    frames = plan.of_kind(kind)
    if not job.grouped:
        return [(frame,) for frame in frames]
    return [frames] if frames else []


def _block(
    plan: NightPlan, job: Job, frames: tuple[Frame, ...], made: dict[str, AssociationBlock]
) -> AssociationBlock:
    first = frames[0]
    row = KINDS[first.kind]
    recipe = next(
        found
        for raw_type in MUSE_IFU.raw_types
        if raw_type.name == row.tag and (found := MUSE_IFU.recipe(raw_type.recipe))
    )
    name = block_name(first.exposure, grouped=job.grouped)
    parents = [(made[kind], catg) for kind, catg in job.parents if kind in made]
    later = _later(plan, job, first, made)
    raws = [raw_file(frame.exposure, plan.date, row.tag) for frame in frames]
    if first.kind in LIT:
        flats = _illumination(plan, first)
        raws += [raw_file(flat.exposure, plan.date, KINDS[ILLUM].tag) for flat in flats]
    ab = AssociationBlock(
        name=name,
        recipe=recipe.name,
        raw_files=tuple(raws),
        calibrations=(
            *(virtual(parent, catg) for parent, catg in parents),
            *_from_before(plan, job),
            *later,
        ),
        parameters=_parameters(plan, first.kind),
        waits_for=tuple(dict.fromkeys(str(parent.name) for parent, _ in parents)),
        setup=_setup(first),
        **qualifiers(
            INSTRUMENT, plan.date, row.tag, [one.exposure for one in frames], grouped=job.grouped
        ),
    )
    if recipe.name == SCIBASIC:
        return evolve(ab, products=pixel_tables(ab))
    made_always = [one.pro_catg for one in recipe.products if one.required]
    return evolve(ab, products=predicted(name, recipe, made_always))


def _from_before(plan: NightPlan, job: Job) -> Iterable[MasterCalibration]:
    """Give what an AB takes that no AB of the night makes: masters and static tables."""
    wanted = {catg for _, catg in job.parents}
    for catg, file in own_masters(str(plan.date), plan.layout).items():
        if catg in wanted:
            yield MasterCalibration(f"${{DFO_CAL_DIR}}/{plan.date}/{file}", catg)
    for catg in job.statics:
        yield MasterCalibration(static_path(catg, plan.layout), catg)


def _later(
    plan: NightPlan, job: Job, frame: Frame, made: dict[str, AssociationBlock]
) -> list[MasterCalibration]:
    """Give what the steps after this AB will read of calibrations."""
    found = [MasterCalibration(static_path(catg, plan.layout), catg) for catg in job.later]
    if frame.kind not in {SKY, OBJECT}:
        return found
    if LSF in made:
        found.append(virtual(made[LSF], LSF))
    else:
        found.append(MasterCalibration(static_path(LSF, plan.layout), LSF))
    if STANDARD in made:
        found += _response(made[STANDARD])
    return found


def _response(standard: AssociationBlock) -> Iterable[MasterCalibration]:
    """Give what the cascade will make of a standard star."""
    recipe = MUSE_IFU.recipe("muse_standard")
    root = f"{standard.root}_std"
    for catg in ("STD_RESPONSE", "STD_TELLURIC"):
        name = recipe.product_name(root, catg) if recipe else ""
        yield MasterCalibration(
            f"${{DFS_PRODUCT}}/{standard.date}/{root}/{name}", catg, virtual=True
        )


def _illumination(plan: NightPlan, frame: Frame) -> tuple[Frame, ...]:
    """Return the illumination flat that is nearest in time, if there is one."""
    start = frame.exposure.start
    flats = sorted(plan.of_kind(ILLUM), key=lambda one: abs(one.exposure.start - start))
    return tuple(flats[:1])


def _line_spread(arcs: AssociationBlock, made: dict[str, AssociationBlock]) -> AssociationBlock:
    """Make the AB of muse_lsf, of the same arcs as the wavelength solution."""
    recipe = MUSE_IFU.recipe(LSF_MAKER)
    name = f"{arcs.root.removesuffix('_tpl')}_lsf"
    return evolve(
        arcs,
        name=f"{name}.ab",
        recipe=LSF_MAKER,
        raw_type="ARC_LSF",
        calibrations=(*arcs.calibrations, virtual(arcs, "WAVECAL_TABLE"),
                      virtual(made[FLAT], "MASTER_FLAT")),
        waits_for=(*arcs.waits_for, str(arcs.name)),
        products=predicted(evolve(arcs.name, text=f"{name}.ab"), recipe, [LSF]) if recipe else (),
    )  # fmt: skip


def _parameters(plan: NightPlan, kind: str) -> tuple[Parameter, ...]:
    layout = plan.layout
    if kind == TWILIGHT:
        return ()
    found = [Parameter(NIFU, str(layout.nifu))]
    if kind in {BIAS, DARK, FLAT, ARC} and layout.nifu < 0:
        found.append(Parameter("merge", "TRUE"))
    if kind == FLAT and not layout.is_whole:
        found += SHORT_CCD
    if kind in {STANDARD, SKY, OBJECT}:
        found.append(Parameter("saveimage", "FALSE"))
    return tuple(found)


def _setup(frame: Frame) -> tuple[tuple[str, str], ...]:
    read_out = ("DET.READ.CURNAME", READ_OUT_MODE[1])
    if frame.kind in {BIAS, DARK}:
        return (read_out,)
    setup = (("INS.MODE", MODE), read_out)
    if frame.kind not in {SKY, OBJECT}:
        return setup
    block = frame.exposure.block
    return (
        *setup,
        ("OBS.CONTAINER.ID", str(block.container)),
        ("TPL.START", timestamp(frame.exposure.template.start)[:19]),
        ("RA", f"{block.ra:.6f}"),
        ("DEC", f"{block.dec:.6f}"),
        ("INS.DROT.POSANG", f"{frame.posang:g}"),
    )
