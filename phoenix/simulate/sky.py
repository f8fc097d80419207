"""The night sky: a flat continuum and the brighter airglow lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["AIRGLOW", "sky_spectrum"]

# Air wavelength in nm and photons in units of what the continuum gives in one nanometre.
AIRGLOW: tuple[tuple[float, float], ...] = (
    (519.82, 0.3),  # [N I]
    (520.03, 0.2),  # [N I]
    (557.734, 12.0),  # [O I], the green line
    (588.995, 1.5),  # Na D2
    (589.592, 0.9),  # Na D1
    (630.030, 9.0),  # [O I]
    (636.378, 3.0),  # [O I]
    (683.27, 1.5),  # OH from here on
    (686.40, 3.0),
    (692.32, 3.5),
    (724.46, 4.0),
    (727.64, 6.0),
    (731.63, 7.0),
    (734.09, 4.0),
    (775.06, 5.0),
    (779.41, 9.0),
    (782.15, 6.0),
    (791.37, 9.0),
    (799.33, 9.0),
    (834.46, 9.0),
    (839.92, 14.0),
    (843.02, 12.0),
    (882.71, 12.0),
    (888.58, 20.0),
    (891.96, 18.0),
    (937.50, 10.0),
)


def sky_spectrum(
    wavelength: npt.NDArray[np.float64], sigma: float = 0.008
) -> npt.NDArray[np.float64]:
    """Photon spectrum of the sky, its continuum at 1.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        Air wavelengths in nm.
    sigma : float
        Rms width of the lines in nm: narrow, but not below the step of the grid.
    """
    spectrum = np.ones_like(wavelength)
    norm = 1.0 / (sigma * np.sqrt(2.0 * np.pi))
    for centre, photons in AIRGLOW:
        near = np.abs(wavelength - centre) < 8.0 * sigma
        shape = np.exp(-0.5 * ((wavelength[near] - centre) / sigma) ** 2)
        spectrum[near] += photons * norm * shape
    return spectrum
