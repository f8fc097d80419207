"""Light that has lost its way: what lies between the sub-slits, and what it does to the sky.

Nine fibres of a sub-slit stand close; between two sub-slits no fibre shines. What is there after
bias and dark are gone is scattered light. The sum over the profile of a fibre collects it, too,
and giscience takes nothing off: it ignores SCATTERED_LIGHT_MODEL when it extracts by SUM (its own
log says so), and for other extractions the model is that of the flat. A bright star does not mind;
with 0.3 % of scattered light sky fibres come out 40 % too bright, and who subtracts them from a
star takes that off, too. So it is measured and told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.toolkit.files import find, first_of
from phoenix.toolkit.fits import read_image

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["between_sub_slits", "scattered_light"]

WIDE = 1.7
"""Distance of neighbours, in units of the usual one, beyond which a new sub-slit begins (ours)."""

BESIDE = 2
"""Columns on either side of the middle of a gap that are looked at, well away from the fibres
(ours)."""


def scattered_light(
    frames: SetOfFrames, products: tuple[Product, ...], sky: npt.NDArray[np.intp]
) -> tuple[float | None, float | None]:
    """Measure scattered light in a science exposure.

    Parameters
    ----------
    frames : SetOfFrames
        With the centres and half widths of the profiles in the flat.
    products : tuple of Product
        Of giscience.
    sky : ndarray of int
        Rows of the sky fibres in the products.

    Returns
    -------
    float or None
        ADU a pixel between the sub-slits; None where it cannot be told.
    float or None
        The part of it in what a sky fibre collects; None without sky fibres.
    """
    reduced, spectra = find(products, "SCIENCE_REDUCED"), find(products, "SCIENCE_EXTSPECTRA")
    centres = first_of(frames, "FF_PSFCENTROID", "FF_LOCCENTROID")
    widths = first_of(frames, "FF_PSFWIDTH", "FF_LOCWIDTH")
    if reduced is None or spectra is None or centres is None or widths is None:
        return None, None
    level = between_sub_slits(read_image(reduced), read_image(centres))
    if level is None or not sky.size:
        return level, None
    collected = float(np.median(read_image(spectra)[:, sky]))
    columns = 2.0 * float(np.median(read_image(widths)))
    return level, level * columns / collected if collected > 0 else None


def between_sub_slits(
    image: npt.NDArray[np.floating], centres: npt.NDArray[np.floating]
) -> float | None:
    """Return the median level (ADU) midway between neighbours that stand far apart.

    Parameters
    ----------
    image : ndarray, shape (n_row, n_column)
        Without bias and dark.
    centres : ndarray, shape (n_row, n_fibre)
        Column of each fibre, from 0, in order.

    Returns
    -------
    float or None
        None where no two neighbours stand far apart, or the two do not fit each other.
    """
    if image.shape[0] != centres.shape[0] or centres.shape[1] < 2:  # noqa: PLR2004 (neighbours)
        return None
    apart = np.median(np.diff(centres, axis=1), axis=0)
    gaps = np.flatnonzero(apart > WIDE * np.median(apart))
    if not gaps.size:
        return None
    middle = np.rint(0.5 * (centres[:, gaps] + centres[:, gaps + 1])).astype(np.intp)
    columns = middle[:, :, np.newaxis] + np.arange(-BESIDE, BESIDE + 1)
    rows = np.arange(image.shape[0])[:, np.newaxis, np.newaxis]
    return float(np.median(image[rows, np.clip(columns, 0, image.shape[1] - 1)]))
