"""What an AB of X-shooter can do without, and what is left of it.

**Science without a response** is reduced to counts. Nothing else: a frame without its bias, flat
or wavelengths is wrong, and nothing in it says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix_xshooter.blocks.edits import RESPONSES
from phoenix_xshooter.process import SCIENCE_RECIPES, flux_products

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration

__all__ = ["left_of"]


def left_of(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    """Return the AB without these calibrations, None if it cannot be run so."""
    if ab.recipe not in SCIENCE_RECIPES:
        return None
    if not all(one.pro_catg.startswith(RESPONSES) for one in missing):
        return None
    lost = set(flux_products(ab.raw_type))
    return ab.edited(
        why="no response: spectra in counts, the flux is not calibrated",
        calibrations=tuple(one for one in ab.calibrations if one not in missing),
        products=tuple(one for one in ab.products if one.pro_catg not in lost),
    )
