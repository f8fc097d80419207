"""Lines of the night sky: a spectrum that has some can be held against its wavelengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from phoenix.toolkit.measures import robust_sigma

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["SKY_LINES", "line_shift"]

SKY_LINES: Final = (
    557.7338,  # [O I]
    630.0304,  # [O I]
    636.3776,  # [O I]
    834.4602,  # OH from here on
    839.9170,
    843.0174,
    882.7096,
    888.5850,
    891.96,  # two lines that are seen as one
)
"""Air wavelengths in nm of lines that are strong in any night and stand alone at R = 6000 and more
(Osterbrock et al. 1996, PASP 108, 277)."""

REACH_NM: Final = 1.5
"""Largest shift that is looked for (ours): further away stand the next lines of a band."""
WIDTH_NM: Final = 0.03
"""Rms width of a line in the template, between those of the resolving powers 6000 and 30000."""
LEAST: Final = 8.0
"""Height of the correlation, in units of its scatter, from which it is believed (ours)."""


def line_shift(
    wavelength: npt.NDArray[np.float64], spectrum: npt.NDArray[np.floating]
) -> float | None:
    """Return how far the sky lines of a spectrum lie beside their wavelengths.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        In nm, in air, of the observer, in equal steps.
    spectrum : ndarray, shape (n,)
        Any units.

    Returns
    -------
    float or None
        In nm, positive where they are too red; None where no line is in the range, or none is
        seen.
    """
    inside = [
        line for line in SKY_LINES if wavelength[0] + REACH_NM < line < wavelength[-1] - REACH_NM
    ]
    if not inside:
        return None
    step = float(wavelength[1] - wavelength[0])
    shifts = np.arange(-round(REACH_NM / step), round(REACH_NM / step) + 1)
    around = np.arange(-round(6 * WIDTH_NM / step), round(6 * WIDTH_NM / step) + 1)
    weights = np.exp(-0.5 * (around * step / WIDTH_NM) ** 2)
    # Its sum is zero: of a continuum it sees nothing.
    smooth = np.convolve(spectrum, weights - weights.mean(), mode="same")
    places = np.rint((np.array(inside) - wavelength[0]) / step).astype(int)
    correlation = smooth[places[:, np.newaxis] + shifts].mean(axis=0)
    scatter = robust_sigma(correlation)
    best = int(correlation.argmax())
    if scatter <= 0 or correlation[best] < LEAST * scatter:
        return None
    return float(shifts[best] * step)
