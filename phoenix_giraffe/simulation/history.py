"""The AB repository of a simulated night: ABs as history left them, some in the old style.

The repository is a folder ``giraffe/logs/<date>/`` with one file an AB. What is old about an AB
stands in :data:`HABITS`; habits marked *ours* are invented, the others have a source. Besides,
an old AB lists its frames in SOF_CONTENT lines, which do not tell a product that a parent has
yet to make (path below ``$DFS_PRODUCT``) from one that is there; and it has lines that nobody
reads any more (PACK_DIR, PROCESS_STATUS ...).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.formats.abfile import format_ab
from phoenix.model.recipe import Parameter
from phoenix_giraffe.simulation.blocks import RECIPES, blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from phoenix.model.ab import AssociationBlock
    from phoenix_giraffe.simulation.plan import NightPlan

__all__ = ["HABITS", "Habit", "block_texts", "old_text"]


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


def _filed_by_type(ab: AssociationBlock) -> AssociationBlock:
    """Put the products of parents where processAB of old put them: a folder a raw type."""
    raw_type = {row.pro_catg: name for name, recipe in RECIPES.items() for row in recipe.products}
    return evolve(
        ab,
        calibrations=tuple(
            evolve(m, path=f"${{DFS_PRODUCT}}/{raw_type[m.pro_catg]}/{ab.date}/{m.name}")
            if m.virtual
            else m
            for m in ab.calibrations
        ),
    )


def _typed(old: str) -> Callable[[AssociationBlock], AssociationBlock]:
    return lambda ab: evolve(ab, raw_type=old)


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
        "SOF_CONTENT $DFS_PRODUCT/<RAW_TYPE>/<date>/r.<AB>_nnnn.fits ... CALIB",
        "MCALIB VIRTUAL $DFS_PRODUCT/<date>/<AB>/r.<AB>_nnnn.fits",
        "a parent of the same night makes it (form of the line: log of a real MUSE product)",
        _filed_by_type,
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "SLIT_GEOMETRY",
        "SLIT_GEOMETRY_MASTER",
        "one table became two; gimasterflat ignores the old tag without a word (ours)",
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
        "SCIENCE",
        0,
        "SOF_CONTENT $DFS_PRODUCT/<RAW_TYPE>/<date>/r.<AB>_nnnn.fits ... CALIB",
        "MCALIB VIRTUAL $DFS_PRODUCT/<date>/<AB>/r.<AB>_nnnn.fits",
        "a parent of the same night makes it (form of the line: log of a real MUSE product)",
        _filed_by_type,
    ),
    Habit(
        "SCIENCE",
        0,
        "--transmission-apply=true",
        "removed",
        "the flat carries the transmission already, it would be divided twice (measured)",
        _with("--transmission-apply=true"),
    ),
    Habit(
        "SCIENCE",
        0,
        "--extr-method=HORNE",
        "--extr-method=SUM",
        "the release extracts by SUM; HORNE without FIBER_PROFILE fails "
        "(qc/GIRAFFE/pipeline/recipe_science.html)",
        _with("--extr-method=HORNE"),
    ),
    Habit(
        "SCIENCE",
        0,
        "RAW_TYPE SCI_MEDUSA",
        "RAW_TYPE SCIENCE",
        "raw types are called like the tags of giraf.oca (ours)",
        _typed("SCI_MEDUSA"),
    ),
    Habit(
        "SCIENCE",
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
        here = (ab.raw_type, number)
        habits = [row for row in HABITS if (row.raw_type, row.number) == here]
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
