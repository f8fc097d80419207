"""The AB repository of a simulated night: ABs as history left them, some in the old style.

The repository is a folder ``muse/logs/<date>/`` with one file an AB. What is old about an AB
stands in :data:`HABITS`; where no source stands there, it is invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.simulate.old_ab import (
    FILED_BY_TYPE,
    Habit,
    block_texts,
    filed_by_type,
    typed,
    with_parameter,
)
from phoenix_muse.process import MUSE_IFU
from phoenix_muse.simulation.blocks import blocks

if TYPE_CHECKING:
    from phoenix_muse.simulation.plan import NightPlan

__all__ = ["HABITS", "repository"]

RECIPES = {recipe.name: recipe for recipe in MUSE_IFU.recipes}
MAKERS = {
    product.pro_catg: raw_type.name
    for raw_type in MUSE_IFU.raw_types
    for product in RECIPES[raw_type.recipe].products
}
"""PRO.CATG to the raw type that makes it."""

FILED = (*FILED_BY_TYPE, filed_by_type(MAKERS))

HABITS = (
    Habit("FLAT", 0, *FILED),
    Habit("OBJECT", 0, *FILED),
    Habit(
        "OBJECT",
        0,
        "RAW_TYPE SCI_SINGLE",
        "RAW_TYPE OBJECT",
        "the raw type of old (log of a real product of 2015)",
        typed("SCI_SINGLE"),
    ),
    Habit(
        "SKYFLAT",
        0,
        "--vignmaskedges=0.02",
        "removed",
        "ours: the recipe of today does not know it and ends with exit code 255",
        with_parameter("--vignmaskedges=0.02"),
    ),
)


def repository(plan: NightPlan) -> dict[str, str]:
    """Names and texts of the AB files of a night, none for calibrations alone."""
    return {} if plan.options.calibrations else block_texts(blocks(plan), HABITS)
