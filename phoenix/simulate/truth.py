"""How far a reduced spectrum is from the truth: velocity, flux and honesty of the error bars.

All functions take arrays of one spectrum on one wavelength grid; pixels that are not finite or
have no error are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.star import SPEED_OF_LIGHT

if TYPE_CHECKING:
    import numpy.typing as npt

    Spectrum = npt.NDArray[np.float64]

__all__ = ["flux_scale", "pulls", "robust_sigma", "signal_to_noise", "velocity_error"]


def robust_sigma(values: Spectrum) -> float:
    """Return the standard deviation of a normal distribution with the same MAD."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def signal_to_noise(flux: Spectrum, error: Spectrum) -> float:
    """Median signal-to-noise ratio per pixel."""
    good = _usable(flux, error)
    return float(np.median(flux[good] / error[good])) if good.any() else 0.0


def flux_scale(flux: Spectrum, truth: Spectrum) -> float:
    """Factor by which the truth must be multiplied: the ratio of the medians of both."""
    good = np.isfinite(flux) & (truth > 0)
    return float(np.median(flux[good] / truth[good]))


def pulls(flux: Spectrum, error: Spectrum, truth: Spectrum) -> Spectrum:
    """Residuals in units of the quoted error, (flux - truth) / error, usable pixels only."""
    good = _usable(flux, error)
    return (flux[good] - truth[good]) / error[good]


def velocity_error(
    wavelength: Spectrum, flux: Spectrum, error: Spectrum, truth: Spectrum, rounds: int = 3
) -> float:
    """Velocity of a reduced spectrum against the truth in km/s, positive = too red.

    Weighted least squares of flux = (a + b x) truth + c d(truth)/d(ln wavelength), x the position
    in the spectrum; -c/a is the shift in ln wavelength. Pixels beyond 5 sigma of the fit (cosmic
    rays) are taken out between the rounds.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        nm, rising in equal steps.
    flux, error, truth : ndarray, shape (n,)
        Any unit, the first two the same.
    """
    # Fourth order: two pixels a sigma are too few for the plain difference, 10 % in velocity.
    rise = np.convolve(truth, [-1.0, 8.0, 0.0, -8.0, 1.0], mode="same") / 12.0
    slope = rise / np.gradient(np.log(wavelength))
    place = np.linspace(-1.0, 1.0, len(wavelength))
    design = np.stack([truth, place * truth, slope], axis=1)
    good = _usable(flux, error)
    good[[0, 1, -2, -1]] = False
    solution = np.zeros(3)
    for _ in range(rounds):
        weighted = design[good] / error[good, None]
        solution[:] = np.linalg.lstsq(weighted, flux[good] / error[good], rcond=None)[0]
        pull = (flux - design @ solution) / np.where(error > 0, error, np.inf)
        good &= np.abs(pull) < 5.0 * max(robust_sigma(pull[good]), 1e-9)
    return float(-solution[2] / solution[0] * SPEED_OF_LIGHT)


def _usable(flux: Spectrum, error: Spectrum) -> npt.NDArray[np.bool_]:
    return np.isfinite(flux) & np.isfinite(error) & (error > 0)
