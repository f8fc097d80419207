"""The AB repository of a simulated night: ABs as history left them, some in the old style.

The repository is a folder ``xshooter/logs/<date>/`` with one file an AB. What is old about an AB
stands in :data:`HABITS`; all of them are invented (no list of changes comes with the pipeline).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.simulate.old_ab import (
    Habit,
    block_texts,
    filed_by_type,
    with_parameter,
    without_parameter,
)
from phoenix_xshooter.process import XSHOOTER_ECH, usual_products
from phoenix_xshooter.simulation.blocks import blocks

if TYPE_CHECKING:
    from phoenix_xshooter.simulation.plan import NightPlan

__all__ = ["HABITS", "repository"]

MAKERS = {
    pro_catg: raw_type.name
    for raw_type in XSHOOTER_ECH.raw_types
    for pro_catg in usual_products(raw_type.recipe, raw_type.name)
}
"""PRO.CATG to the raw type that makes it."""

FILED = (
    "SOF_CONTENT $DFS_PRODUCT/<RAW_TYPE>/<date>/r.<AB>_nnnn.fits ... CALIB",
    "MCALIB VIRTUAL $DFS_PRODUCT/<date>/<AB>/r.<AB>_nnnn.fits",
    "a parent of the same night makes it (form of the line: log of a real MUSE product)",
    filed_by_type(MAKERS),
)

HABITS = (
    *(Habit(f"FLAT_SLIT_{arm}", 0, *FILED) for arm in ("UVB", "VIS", "NIR")),
    *(
        Habit(
            f"OBJECT_SLIT_NOD_{arm}",
            0,
            "no --generate-SDP-format",
            "--generate-SDP-format=TRUE",
            "ours: the table in the form of the data standard came later",
            without_parameter("generate-SDP-format"),
        )
        for arm in ("UVB", "VIS", "NIR")
    ),
    Habit(
        "OBJECT_SLIT_NOD_NIR",
        0,
        "--stack-method=median",
        "removed",
        "ours: the recipe of today does not know it and ends with exit code 255",
        with_parameter("--rectify-method=bspline"),
    ),
)


def repository(plan: NightPlan) -> dict[str, str]:
    """Names and texts of the AB files of a night."""
    return block_texts(blocks(plan), HABITS)
