"""How a spectrum is extracted: by slicer and central wavelength, as in the release.

A response must have been made with the extraction and flat-fielding of the spectrum to which it is
applied (measured: a response by optimal extraction is wrong by a factor of 7 for mean spectra, of
2 for flat-fielded pixels), so standard stars take the same choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.recipe import Parameter
from phoenix_uves.process import SCIENCE_RECIPE, arm_of

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock

__all__ = ["FAR_RED", "PARAMETERS", "choice_of", "is_calibrated", "wavelength_of"]

FAR_RED = 760.0
"""Central wavelength in nm beyond which pixels are divided by the flat before the
extraction, as in the release: it takes the fringes away."""

GRATINGS = {"BLUE": "INS.GRAT1.WLEN", "RED": "INS.GRAT2.WLEN"}
"""Arm to the match key of the central wavelength."""

# Cosmics at 20 sigma, as in the release.
_KAPPA = (Parameter("reduce.extract.kappa", "20"),)
# As in the release; merge_delt1 and merge_delt2 cut the ends of orders before they are merged.
_PIXEL_FLAT = (
    Parameter("reduce.ffmethod", "pixel"),
    Parameter("reduce.merge_delt1", "14"),
    Parameter("reduce.merge_delt2", "4"),
)
_SLIT_MEAN = (
    Parameter("reduce.ffmethod", "extract"),
    Parameter("reduce.extract.method", "average"),
    Parameter("reduce.backsub.mmethod", "median"),
    Parameter("reduce.skysub", "FALSE"),
)
_MEANS = ("SCI_SLICER", "SCI_EXTND")

PARAMETERS = frozenset(one.name for one in (*_KAPPA, *_PIXEL_FLAT, *_SLIT_MEAN))
"""Names of the parameters that are set here; everywhere else their defaults hold."""


def is_calibrated(raw_type: str) -> bool:
    """Whether the flux can be calibrated: not where the light of the whole slit is averaged."""
    return not raw_type.startswith(_MEANS)


def wavelength_of(ab: AssociationBlock) -> float | None:
    """Return the central wavelength of an AB's arm in nm, None where its setup does not tell."""
    text = dict(ab.setup).get(GRATINGS.get(arm_of(ab.raw_type), ""), "")
    try:
        return float(text)
    except ValueError:
        return None


def choice_of(ab: AssociationBlock) -> tuple[Parameter, ...]:
    """Return the extraction parameters of a science or standard-star AB."""
    if not is_calibrated(ab.raw_type):
        return _SLIT_MEAN
    far_red = _PIXEL_FLAT if (wavelength_of(ab) or 0.0) > FAR_RED else ()
    return (*(_KAPPA if ab.recipe == SCIENCE_RECIPE else ()), *far_red)
