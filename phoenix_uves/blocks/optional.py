"""What an AB of UVES can do without, and what is left of it.

- **Science without a response** is reduced to counts. A mean over the slit has none anyhow.
- **An OB stack without an exposure** is the mean of the others, two at least.
- **An OB stack of exposures in counts** is in counts, also if only one of them is: counts and
  calibrated flux cannot be averaged.

Nothing else: uves.oca has ``minRet = 0`` for biases and darks of flats too, but a flat with its
bias in it is wrong and nothing in it says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix_uves.blocks.edits import RESPONSES
from phoenix_uves.process import SCIENCE_RECIPE, STACK_RECIPE, arm_of, chips_of, flux_products

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration

__all__ = ["EXPOSURES", "LEAST", "left_of"]

LEAST = 2
"""Exposures that make a mean."""

EXPOSURES = "exposures"
"""Parameter of uves_stack: how many the OB has, whatever became of them."""

_FLUX = "FLUXCAL_"


def left_of(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    """Return the AB without these calibrations, None if it cannot be run so."""
    if ab.recipe == SCIENCE_RECIPE:
        return _in_counts(ab, missing)
    return _of_fewer(ab, missing) if ab.recipe == STACK_RECIPE else None


def _in_counts(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    if not all(one.pro_catg.startswith(RESPONSES) for one in missing):
        return None
    left = tuple(one for one in ab.calibrations if one not in missing)
    lost = {chip for chip in chips_of(ab.raw_type) if not _has_response(left, chip)}
    lost_products = {name for name in flux_products(ab.raw_type) if arm_of(name) in lost}
    return ab.edited(
        why="no response: spectra in counts, the flux is not calibrated",
        calibrations=left,
        products=tuple(one for one in ab.products if one.pro_catg not in lost_products),
    )


def _has_response(calibrations: tuple[MasterCalibration, ...], chip: str) -> bool:
    return any(
        one.pro_catg.startswith(RESPONSES) and one.pro_catg.endswith(f"_{chip}")
        for one in calibrations
    )


def _of_fewer(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    gone = {one.parent for one in missing if not one.pro_catg.startswith(_FLUX)}
    raws = tuple(raw for raw in ab.raw_files if _maker(raw.name) not in gone)
    if len(raws) < LEAST:
        return None
    left = tuple(one for one in ab.calibrations if one.parent not in gone)
    told = []
    if gone:
        told.append(f"the mean of {len(raws)} of {_exposures(ab)} exposures of the OB")
    if any(one in missing for one in left):
        told.append("in counts, because not all exposures have calibrated flux")
        left = tuple(one for one in left if not one.pro_catg.startswith(_FLUX))
    return ab.edited(why=", ".join(told), raw_files=raws, calibrations=left)


def _maker(raw: str) -> str:
    """Return the AB of one exposure, which is called like its raw file."""
    return f"{raw.removesuffix('.fits')}.ab"


def _exposures(ab: AssociationBlock) -> str:
    return next((one.value for one in ab.parameters if one.name == EXPOSURES), "all")
