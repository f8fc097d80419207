"""The AB repository of a simulated night: ABs as history left them, some in the old style.

The repository is a folder ``giraffe/logs/<date>/`` with one file an AB. What is old about an AB
stands in :data:`HABITS`; habits marked *ours* are invented, the others have a source. How an old
AB is written is the same for all instruments, see :mod:`phoenix.simulate.old_ab`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.simulate.old_ab import (
    Habit,
    block_texts,
    calibration_tagged,
    filed_by_type,
    raw_tagged,
    renamed,
    typed,
    with_parameter,
    without_parameter,
)
from phoenix_giraffe.simulation.blocks import RECIPES, blocks

if TYPE_CHECKING:
    from phoenix_giraffe.simulation.plan import NightPlan

__all__ = ["HABITS", "repository"]

_FILED_BY_TYPE = filed_by_type(
    {row.pro_catg: name for name, recipe in RECIPES.items() for row in recipe.products}
)

HABITS = (
    Habit(
        "BIAS",
        0,
        "RECIPE masterbias",
        "RECIPE gimasterbias",
        "the recipe got the prefix of the instrument (ours)",
        renamed("masterbias"),
    ),
    Habit(
        "BIAS",
        0,
        "SOF_CONTENT ... BIAS_RAW",
        "tag BIAS",
        "the tag is not in giraf.oca and the recipe ignores it (ours)",
        raw_tagged("BIAS_RAW"),
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "SOF_CONTENT $DFS_PRODUCT/<RAW_TYPE>/<date>/r.<AB>_nnnn.fits ... CALIB",
        "MCALIB VIRTUAL $DFS_PRODUCT/<date>/<AB>/r.<AB>_nnnn.fits",
        "a parent of the same night makes it (form of the line: log of a real MUSE product)",
        _FILED_BY_TYPE,
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "SLIT_GEOMETRY",
        "SLIT_GEOMETRY_MASTER",
        "one table became two; gimasterflat ignores the old tag without a word (ours)",
        calibration_tagged("SLIT_GEOMETRY_MASTER", "SLIT_GEOMETRY"),
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "--extr-profile=gauss",
        "removed",
        "no recipe of 2.16 knows the parameter, exit code 255 (ours)",
        with_parameter("--extr-profile=gauss"),
    ),
    Habit(
        "FIBER_FLAT",
        0,
        "no --bsremove-areas, no --psf-binsize",
        "--bsremove-areas=5:40:0:<rows - 1>, --psf-binsize=48 where the frame has 2112 rows",
        "the defaults are made for 4096 rows (measured)",
        without_parameter("bsremove-areas", "psf-binsize"),
    ),
    Habit(
        "SCIENCE",
        0,
        "SOF_CONTENT $DFS_PRODUCT/<RAW_TYPE>/<date>/r.<AB>_nnnn.fits ... CALIB",
        "MCALIB VIRTUAL $DFS_PRODUCT/<date>/<AB>/r.<AB>_nnnn.fits",
        "a parent of the same night makes it (form of the line: log of a real MUSE product)",
        _FILED_BY_TYPE,
    ),
    Habit(
        "SCIENCE",
        0,
        "--transmission-apply=true",
        "removed",
        "the flat carries the transmission already, it would be divided twice (measured)",
        with_parameter("--transmission-apply=true"),
    ),
    Habit(
        "SCIENCE",
        0,
        "--extr-method=HORNE",
        "--extr-method=SUM",
        "the release extracts by SUM; HORNE without FIBER_PROFILE fails "
        "(qc/GIRAFFE/pipeline/recipe_science.html)",
        with_parameter("--extr-method=HORNE"),
    ),
    Habit(
        "SCIENCE",
        0,
        "RAW_TYPE SCI_MEDUSA",
        "RAW_TYPE SCIENCE",
        "raw types are called like the tags of giraf.oca (ours)",
        typed("SCI_MEDUSA"),
    ),
    Habit(
        "SCIENCE",
        0,
        "SOF_CONTENT ... OBJECT",
        "tag SCIENCE",
        "the tag is not in giraf.oca (ours)",
        raw_tagged("OBJECT"),
    ),
)


def repository(plan: NightPlan) -> dict[str, str]:
    """Names and texts of the AB files of a night, none for calibrations alone."""
    return {} if plan.options.calibrations else block_texts(blocks(plan), HABITS)
