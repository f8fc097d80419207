"""One-dimensional spectra: wavelength scales, velocities, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = [
    "SPEED_OF_LIGHT",
    "air_to_vacuum",
    "der_snr",
    "in_rest_of",
    "snr",
    "vacuum_to_air",
    "weighted_mean",
]

SPEED_OF_LIGHT = 299792.458
"""km/s."""

_MAD_TO_SIGMA = 1.482602  # standard deviation of a normal distribution over its MAD


def _refraction(vacuum: Array) -> Array:
    """Refractive index of standard air (Ciddor 1996), wavelength in nm, 200 nm to 2 um."""
    s2 = (1e3 / vacuum) ** 2
    return 1.0 + 0.05792105 / (238.0185 - s2) + 0.00167917 / (57.362 - s2)


def vacuum_to_air(wavelength: Array) -> Array:
    """Turn vacuum wavelengths into those in standard air (nm, Ciddor 1996)."""
    return wavelength / _refraction(wavelength)


def air_to_vacuum(wavelength: Array) -> Array:
    """Turn wavelengths in standard air into those in vacuum (nm), to 1e-9."""
    vacuum = np.array(wavelength, dtype=np.float64)
    for _ in range(3):  # each round gains a factor of a thousand and more
        vacuum = wavelength * _refraction(vacuum)
    return vacuum


def in_rest_of(wavelength: Array, correction: float) -> Array:
    """Wavelengths as an observer sees them in whose direction we move.

    Parameters
    ----------
    wavelength : ndarray
        As measured at the telescope, any unit.
    correction : float
        The velocity (km/s) to be *added* to a measured radial velocity, as the pipeline's BCORR
        and HCORR: positive where the Earth moves towards the target and sees it too blue.

    Returns
    -------
    ndarray
        wavelength (1 + correction / c).
    """
    return wavelength * (1.0 + correction / SPEED_OF_LIGHT)


def snr(
    flux: npt.NDArray[np.floating], error: npt.NDArray[np.floating]
) -> npt.NDArray[np.floating]:
    """Median signal-to-noise ratio per pixel.

    Parameters
    ----------
    flux, error : ndarray, shape (..., n_pixel)
        Same unit; pixels that are not finite or have no error are left out.

    Returns
    -------
    ndarray, shape (...)
        nan for a spectrum without a usable pixel.
    """
    usable = np.isfinite(flux) & np.isfinite(error) & (error > 0)
    if usable.all():
        return np.asarray(np.median(flux / error, axis=-1))
    ratio = np.where(usable, flux, np.nan) / np.where(usable, error, 1.0)
    result = np.full(ratio.shape[:-1], np.nan)
    any_usable = usable.any(axis=-1)
    result[any_usable] = np.nanmedian(ratio[any_usable], axis=-1)
    return result


def der_snr(flux: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Signal-to-noise ratio estimated from the spectrum alone (DER_SNR, Stoehr et al. 2008).

    Good for spectra without error bars whose noise is not correlated over more than two pixels.

    Parameters
    ----------
    flux : ndarray, shape (..., n_pixel)
        At least five pixels.

    Returns
    -------
    ndarray, shape (...)
        Median of the flux over the noise; nan where the noise is zero.
    """
    second = 2.0 * flux[..., 2:-2] - flux[..., :-4] - flux[..., 4:]
    noise = _MAD_TO_SIGMA / np.sqrt(6.0) * np.median(np.abs(second), axis=-1)
    signal = np.median(flux, axis=-1)
    known = np.where(noise > 0, noise, np.nan)
    return np.asarray(signal / known)


def weighted_mean(values: Array, errors: Array, axis: int = 0) -> tuple[Array, Array]:
    """Mean with weights 1/error^2, and its error.

    Parameters
    ----------
    values, errors : ndarray
        Same shape and unit; an error that is not positive and finite has no weight.
    axis : int
        The axis over which the mean is taken.

    Returns
    -------
    mean, error : ndarray
        nan where nothing has a weight.
    """
    usable = np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    weights = np.where(usable, 1.0 / np.where(usable, errors, 1.0) ** 2, 0.0)
    total = weights.sum(axis=axis)
    known = np.where(total > 0, total, np.nan)
    mean = (weights * np.where(usable, values, 0.0)).sum(axis=axis) / known
    return mean, 1.0 / np.sqrt(known)
