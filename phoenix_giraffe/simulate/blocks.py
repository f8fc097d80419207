"""The historical ABs of a simulated night, some of them in the old style.

An AB repository is a folder ``giraffe/logs/<date>/`` with one file an AB. What is old about an AB
stands in :data:`HABITS`; those marked *ours* are invented, the others have a source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from phoenix.formats.abfile import format_ab
from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter
from phoenix.simulate.site import mjd
from phoenix_giraffe.simulate.plan import ARC, BIAS, DARK, FLAT, SCIENCE, SIMCAL_ARC
from phoenix_giraffe.simulate.setup import EXPOSURE_MODE, SLIT_NAME
from phoenix_giraffe.simulate.statics import static_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix_giraffe.simulate.plan import Frame, NightPlan

__all__ = ["HABITS", "Habit", "block_texts", "blocks", "raw_night"]


@frozen
class Job:
    """One row: how frames of a kind are reduced.

    Attributes
    ----------
    raw_type, recipe, tag : str
        RAW_TYPE, recipe and DO category.
    grouped : bool
        Whether the frames of a template make one AB (tag ``tpl``) or each its own.
    parents : tuple of (str, tuple of str)
        Kind of the parent AB and the PRO.CATG that are taken of its products.
    statics : tuple of str
        PRO.CATG of static tables.
    products : tuple of str
        PRO.CATG of the products, in the order of their numbers.
    """

    raw_type: str
    recipe: str
    tag: str
    grouped: bool
    parents: tuple[tuple[str, tuple[str, ...]], ...]
    statics: tuple[str, ...]
    products: tuple[str, ...]


JOBS = {
    BIAS: Job("BIAS", "gimasterbias", "BIAS", True, (), (), ("MASTER_BIAS", "BAD_PIXEL_MAP")),
    DARK: Job(
        "DARK", "gimasterdark", "DARK", True, ((BIAS, ("MASTER_BIAS",)),), (), ("MASTER_DARK",)
    ),
    FLAT: Job(
        "FIBER_FLAT",
        "gimasterflat",
        "FIBER_FLAT",
        True,
        ((BIAS, ("MASTER_BIAS",)),),
        ("GRATING_DATA", "SLIT_GEOMETRY_MASTER"),
        (
            "MASTER_FIBER_FLAT",
            "FF_LOCCENTROID",
            "FF_LOCWIDTH",
            "FF_LOCFIT",
            "FF_PSFCENTROID",
            "FF_PSFWIDTH",
            "FF_PSFFIT",
            "FIBER_PROFILE",
            "FF_EXTSPECTRA",
            "FF_EXTERRORS",
            "FF_EXTPIXELS",
            "FF_EXTTRACES",
        ),
    ),
    ARC: Job(
        "ARC_SPECTRUM",
        "giwavecalibration",
        "ARC_SPECTRUM",
        False,
        ((BIAS, ("MASTER_BIAS",)), (FLAT, ("FF_LOCCENTROID", "FF_LOCWIDTH"))),
        ("GRATING_DATA", "SLIT_GEOMETRY_SETUP", "LINE_CATALOG"),
        (
            "ARC_EXTSPECTRA",
            "ARC_EXTERRORS",
            "ARC_EXTPIXELS",
            "ARC_EXTTRACES",
            "DISPERSION_SOLUTION",
            "LINE_DATA",
            "ARC_RBNSPECTRA",
            "ARC_RBNERRORS",
        ),
    ),
    SCIENCE: Job(
        "SCI_MEDUSA",
        "giscience",
        "SCIENCE",
        False,
        (
            (BIAS, ("MASTER_BIAS",)),
            (FLAT, ("FF_LOCCENTROID", "FF_LOCWIDTH", "FF_EXTSPECTRA", "FF_EXTERRORS")),
            (ARC, ("DISPERSION_SOLUTION",)),
        ),
        ("GRATING_DATA", "SLIT_GEOMETRY_SETUP"),
        (
            "SCIENCE_REDUCED",
            "SCIENCE_EXTSPECTRA",
            "SCIENCE_EXTERRORS",
            "SCIENCE_EXTPIXELS",
            "SCIENCE_EXTTRACES",
            "SCIENCE_RBNSPECTRA",
            "SCIENCE_RBNERRORS",
        ),
    ),
}


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
    first = frames[0].exposure
    name = f"{first.root}{'_tpl' if job.grouped else ''}.ab"
    simcal = bool(frames[0].simcal) and job.raw_type == "SCI_MEDUSA"
    statics = (*job.statics, "LINE_MASK") if simcal else job.statics
    return AssociationBlock(
        name=name,
        recipe=job.recipe,
        raw_files=tuple(_raw(frame, job.tag) for frame in frames),
        calibrations=(
            *(
                MasterCalibration(_product_path(parents[kind], catg), catg, virtual=True)
                for kind, wanted in job.parents
                if kind in parents
                for catg in wanted
            ),
            *(MasterCalibration(static_path(catg), catg) for catg in statics),
        ),
        parameters=_parameters(plan, job),
        waits_for=tuple(str(parents[kind].name) for kind, _ in job.parents if kind in parents),
        associated_raws=_attached(plan, frames[0]) if job.raw_type == "SCI_MEDUSA" else (),
        products=tuple(
            PredictedProduct(_product_name(name, number), catg)
            for number, catg in enumerate(job.products)
        ),
        **_qualifiers(plan, job, frames),
    )


def _qualifiers(plan: NightPlan, job: Job, frames: tuple[Frame, ...]) -> dict[str, Any]:
    first, last = frames[0].exposure, frames[-1].exposure
    science = first.category == "SCIENCE"
    setup = [("DET.CHIP1.ID", plan.detector.id), ("DET.WIN1.NY", str(plan.optics.rows))]
    if frames[0].exposure.technique == "MOS":
        setup += [("INS.SLIT.NAME", SLIT_NAME), ("INS.EXP.MODE", EXPOSURE_MODE)]
    return {
        "instrument": "GIRAFFE",
        "date": plan.date,
        "raw_type": job.raw_type,
        "dpr_catg": first.category,
        "ab_event": "TPL_A" if job.grouped else "SINGLE",
        "obs_prog_id": first.block.programme,
        "obs_id": first.block.id,
        "obs_mode": "SM" if science else "NONE",
        "mjd_obs": round(mjd(first.start), 8),
        "mjd_mid": round((mjd(first.start) + mjd(last.end)) / 2, 8),
        "setup": tuple(setup),
    }


def _parameters(plan: NightPlan, job: Job) -> tuple[Parameter, ...]:
    """Parameters that differ from the defaults, which are made for 4096 rows."""
    rows = plan.optics.rows
    if rows == 4096 or job.raw_type == "BIAS":  # noqa: PLR2004 - the recipes' own default
        return ()
    areas = Parameter("bsremove-areas", f"5:40:0:{rows - 1}")
    binsize = Parameter("psf-binsize", str(plan.setup.psf_binsize))
    return (areas, binsize) if job.raw_type == "FIBER_FLAT" else (areas,)


def _raw(frame: Frame, tag: str) -> RawFrame:
    return RawFrame(f"${{DFO_RAW_DIR}}/{raw_night(frame)}/{frame.exposure.root}.fits", tag)


def _attached(plan: NightPlan, frame: Frame) -> tuple[RawFrame, ...]:
    """SIMCAL arcs of the same OB."""
    ob = frame.exposure.block.id
    arcs = (arc for arc in plan.of_kind(SIMCAL_ARC) if arc.exposure.block.id == ob)
    return tuple(_raw(arc, "SIMCAL_ARC") for arc in arcs)


def _product_name(name: str, number: int) -> str:
    return f"r.{name.removesuffix('.ab')}_{number:04d}.fits"


def _product_path(parent: AssociationBlock, pro_catg: str) -> str:
    name = next(product.name for product in parent.products if product.pro_catg == pro_catg)
    return f"${{DFS_PRODUCT}}/{parent.raw_type}/{parent.date}/{name}"


# ---- the old style ---------------------------------------------------------------------------


@frozen
class Habit:
    """One row: what an old AB says differently.

    Attributes
    ----------
    raw_type : str
        Of the ABs that have it.
    number : int
        Which of them, from 0.
    old, new : str
        What stands there, and what should.
    reason : str
        Why it must be edited, and where that is known from.
    spoil : callable
        Makes the AB old.
    """

    raw_type: str
    number: int
    old: str
    new: str
    reason: str
    spoil: Callable[[AssociationBlock], AssociationBlock]


def _renamed(old: str) -> Callable[[AssociationBlock], AssociationBlock]:
    return lambda ab: evolve(ab, recipe=old)


def _tagged(old: str) -> Callable[[AssociationBlock], AssociationBlock]:
    return lambda ab: evolve(ab, raw_files=tuple(evolve(raw, tag=old) for raw in ab.raw_files))


def _static_tagged(new: str, old: str) -> Callable[[AssociationBlock], AssociationBlock]:
    return lambda ab: evolve(
        ab,
        calibrations=tuple(
            evolve(master, pro_catg=old) if master.pro_catg == new else master
            for master in ab.calibrations
        ),
    )


def _without(*names: str) -> Callable[[AssociationBlock], AssociationBlock]:
    return lambda ab: evolve(ab, parameters=tuple(p for p in ab.parameters if p.name not in names))


def _with(text: str) -> Callable[[AssociationBlock], AssociationBlock]:
    return lambda ab: evolve(ab, parameters=(*ab.parameters, Parameter.parse(text)))


HABITS = (
    Habit(
        "BIAS",
        0,
        "RECIPE masterbias",
        "RECIPE gimasterbias",
        "the recipe got the prefix of the instrument (ours)",
        _renamed("masterbias"),
    ),
    Habit(
        "BIAS",
        0,
        "SOF_CONTENT ... BIAS_RAW",
        "tag BIAS",
        "the tag is not in giraf.oca and the recipe ignores it (ours)",
        _tagged("BIAS_RAW"),
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "SLIT_GEOMETRY",
        "SLIT_GEOMETRY_MASTER",
        "one table became two, master and setup (ours)",
        _static_tagged("SLIT_GEOMETRY_MASTER", "SLIT_GEOMETRY"),
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "--extr-profile=gauss",
        "removed",
        "no recipe of 2.16 knows the parameter, exit code 255 (ours)",
        _with("--extr-profile=gauss"),
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "no --bsremove-areas, no --psf-binsize",
        "--bsremove-areas=5:40:0:<rows - 1>, --psf-binsize=48 where the frame has 2112 rows",
        "the defaults are made for 4096 rows (measured)",
        _without("bsremove-areas", "psf-binsize"),
    ),
    Habit(
        "SCI_MEDUSA",
        0,
        "--transmission-apply=true",
        "removed",
        "the flat carries the transmission already, it would be divided twice (measured)",
        _with("--transmission-apply=true"),
    ),
    Habit(
        "SCI_MEDUSA",
        0,
        "--extr-method=HORNE",
        "--extr-method=SUM",
        "the release extracts by SUM; HORNE without FIBER_PROFILE fails "
        "(qc/GIRAFFE/pipeline/recipe_science.html)",
        _with("--extr-method=HORNE"),
    ),
    Habit(
        "SCI_MEDUSA",
        0,
        "SOF_CONTENT ... OBJECT",
        "tag SCIENCE",
        "the tag is not in giraf.oca (ours)",
        _tagged("OBJECT"),
    ),
)


def block_texts(plan: NightPlan) -> dict[str, str]:
    """Names and texts of the AB files; those with old habits are written in the old way."""
    seen: dict[str, int] = {}
    texts = {}
    for ab in blocks(plan):
        number = seen.get(ab.raw_type, 0)
        seen[ab.raw_type] = number + 1
        habits = [row for row in HABITS if (row.raw_type, row.number) == (ab.raw_type, number)]
        for habit in habits:
            ab = habit.spoil(ab)  # noqa: PLW2901 - one habit after the other
        texts[str(ab.name)] = old_text(ab) if habits else format_ab(ab)
    return texts


def old_text(ab: AssociationBlock) -> str:
    """Text of an AB as the tools of 2010 wrote it: SOF_CONTENT lines, and much else.

    Qualifiers and their order are those of DFOS:AB_structure; PACK_DIR was obsolete already.
    """
    frames = [f"SOF_CONTENT\t{raw.path} {raw.tag} RAW" for raw in ab.raw_files]
    frames += [f"SOF_CONTENT\t{m.path} {m.pro_catg} CALIB" for m in ab.calibrations]
    lines = [
        "TOOL_VERSION\tcreateAB 4.2.1",
        "CONFIG_VERSION\t1.9",
        f"INSTRUMENT\t{ab.instrument}",
        f"DATE\t{ab.date}",
        f"DPR_CATG\t{ab.dpr_catg}",
        f"RAW_TYPE\t{ab.raw_type}",
        f"RECIPE\t{ab.recipe}",
        "DRS_TYPE\tCPL",
        "PACK_DIR\tNONE\t# obsolete",
        f"BATCH_ID\t{ab.mode.value}_{ab.date}",
        f"AB_NAME\t{ab.name}",
        f"AB_EVENT\t{ab.ab_event}",
        f"COMPLETENESS\t{ab.completeness.value}",
        "PROCESS_STATUS\tSUCCESSFUL",
        f"OBS_PROG_ID\t{ab.obs_prog_id}",
        f"OBS_ID\t{ab.obs_id}",
        f"OBS_MODE\t{ab.obs_mode}",
        f"MJD-OBS\t{ab.mjd_obs}",
        f"MJD-OBS_MOD\t{ab.mjd_mid}",
        f"PROD_ROOT_NAME\tr.{ab.root}",
        f"LOG_NAME\t{ab.root}.rblog",
        "# pipeline product path",
        f"PROD_PATH\t${{DFS_PRODUCT}}/{ab.raw_type}/{ab.date}",
        "# raw match key",
        *(f"RAW_MATCH_KEY\t{key}={value}" for key, value in ab.setup),
        "# set of frames",
        *frames,
        *(f"RASSOC\t{raw}" for raw in ab.associated_raws),
        *(f"RECIPE_PARAM\t{parameter}" for parameter in ab.parameters),
        *(f"WAITFOR\t{name}" for name in ab.waits_for),
        *(f"PRODUCT\t{product}" for product in ab.products),
    ]
    return "\n".join(lines) + "\n"
