"""A sky that cannot be fitted in the field: the second try of muse_scipost does without the fit.

Where the fit of the sky's lines does not converge, muse 2.8.7 logs an error and ends with exit
code 0. The median spectrum of the same dark spaxels needs no fit (``--skymethod=simple``). What
tells of it are the recipe's parameters in the header of the cube, the combined log, and the first
bit of QCFLAG (SKY_FAULTS).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix_muse.blocks.parameters import SKY_FROM_FIELD, SKY_SIMPLE
from phoenix_muse.process import SCIPOST

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.gate import RecipeOutcome

__all__ = ["UNFITTED", "second_try"]

UNFITTED = "Sky line fit failed"
"""Words of muse_scipost."""


def second_try(ab: AssociationBlock, outcome: RecipeOutcome) -> AssociationBlock | None:
    """Take off a median where the sky of the field could not be fitted, None otherwise."""
    (fitted, *_), (median,) = SKY_FROM_FIELD, SKY_SIMPLE
    if ab.recipe != SCIPOST or fitted not in ab.parameters or UNFITTED not in outcome.log:
        return None
    return ab.edited(
        why="the fit of the sky did not converge: the median of the dark spaxels is taken off",
        parameters=tuple(median if one == fitted else one for one in ab.parameters),
    )
