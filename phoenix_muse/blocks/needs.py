"""What the jobs of an AB take of a machine: memory grows with the IFUs and the exposures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.recipe import Resources, Step
from phoenix.toolkit.memory import learned_memory_mb, memory_per_file_mb
from phoenix_muse.blocks.pixtables import ifus_of
from phoenix_muse.process import ALIGN, COMBINE, MUSE_IFU, SCIBASIC

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.recipe import Spent

__all__ = ["needed"]

# MB an IFU of whole CCDs, measured with muse 2.8.7: 0.9 GB for calibrations of three frames,
# 0.7 GB for one exposure in scibasic; 2.8 times the pixel tables (380 MB) in the steps that read
# them, twice their sum in the combination.
_MB_OF_IFU = {SCIBASIC: 750, ALIGN: 40, COMBINE: 760}
_USUAL_MB = 1070

_MARGIN = 1.1
"""Frames of one kind differ by less than a tenth in what they take (ours)."""

TABLES = "PIXTABLE_REDUCED"


def needed(ab: AssociationBlock, step: Step, history: tuple[Spent, ...]) -> Resources | None:
    """Return what the recipe of an AB takes; None where the default will do.

    What it took before counts more than what is expected of whole CCDs: memory is kept free for
    it, but no job is refused, since frames may be smaller. Of a combination whose tables are known
    by earlier ones so many are left out that the others fit the largest machine.
    """
    recipe = MUSE_IFU.recipe(ab.recipe)
    if step is not Step.RECIPE or recipe is None:
        return None
    least = recipe.resources.memory_mb
    seen = learned_memory_mb(history, len(ab.raw_files) + len(ab.calibrations))
    wanted = math.ceil(_MARGIN * seen) if seen else expected_mb(ab)
    told = evolve(recipe.resources, wanted_mb=max(least, wanted))
    each = math.ceil(_MARGIN * memory_per_file_mb(history))
    if ab.recipe != COMBINE or not each:
        return told
    return evolve(told, memory_mb=max(least, wanted), each_of=TABLES, each_mb=each)


def expected_mb(ab: AssociationBlock) -> int:
    """Return the MB that an AB takes if its CCDs are whole."""
    tables = sum(one.pro_catg.startswith("PIXTABLE_") for one in ab.calibrations)
    each = _MB_OF_IFU.get(ab.recipe, _USUAL_MB)
    if ab.recipe == COMBINE:
        return 24 * tables * each
    return each * (tables or len(ifus_of(ab)))
