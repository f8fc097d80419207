"""The AB repository of a simulated night: ABs as history left them, some in the old style.

The repository is a folder ``xshooter/logs/<date>/`` with one file an AB. What is old about an AB
stands in :data:`HABITS`; all of them are invented (no list of changes comes with the pipeline).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.simulate.old_ab import (
    FILED_BY_TYPE,
    Habit,
    block_texts,
    filed_by_type,
    makers_of,
    with_parameter,
    without_parameter,
)
from phoenix_xshooter.process import XSHOOTER_ECH, usual_products
from phoenix_xshooter.simulation.blocks import blocks

if TYPE_CHECKING:
    from phoenix_xshooter.simulation.plan import NightPlan

__all__ = ["HABITS", "repository"]

FILED = (*FILED_BY_TYPE, filed_by_type(makers_of(XSHOOTER_ECH, usual_products)))

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
    """Names and texts of the AB files of a night, none for calibrations alone."""
    return {} if plan.options.calibrations else block_texts(blocks(plan), HABITS)
