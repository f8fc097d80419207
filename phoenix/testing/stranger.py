"""A delivered spectrum as a stranger reads it, and how far it is from what was put in.

Nothing here knows how the file was made: it is opened with astropy.io.fits, columns are found by
their utypes and brought to nm by their units, and the arithmetic is its own. Wavelengths are taken
as the file gives them, in the frame that it names; no correction is undone.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Agreement", "Delivered", "compare", "read_delivered"]

_C = 299792.458  # km/s
_UTYPES = {
    "wave": "spec:data.spectralaxis.value",
    "flux": "spec:data.fluxaxis.value",
    "error": "spec:data.fluxaxis.accuracy.staterror",
    "quality": "spec:data.fluxaxis.accuracy.qualitystatus",
}
SECTIONS = 12
"""Parts of a spectrum whose levels are compared with the truth (ours)."""
TOGETHER = 6
"""Pixels of which a mean is taken for the pull: rebinning correlates neighbours (ours)."""
MEANS = 40
"""Pixels of which a mean shows what no section does: waves at lines, edges of orders (ours)."""
_SIGNIFICANT = 3.0  # sigmas beyond which a mean is off and not merely noisy (ours)
_CLIP, _ROUNDS = 5.0, 4  # sigmas beyond which a pixel is an outlier, and rounds of the fit (ours)
_SMOOTH = 3  # degree of the polynomial that the level may follow in the velocity fit (ours)


@frozen
class Delivered:
    """One spectrum of a file.

    Attributes
    ----------
    header : mapping
        Cards of the primary HDU and of the extension.
    wave : ndarray, shape (n,)
        nm, as the file says.
    flux, error : ndarray, shape (n,)
        The main columns.
    good : ndarray of bool, shape (n,)
        Pixels with a flux and an error that no flag excludes.
    """

    header: dict[str, Any] = field(repr=False)
    wave: Array = field(eq=False, repr=False)
    flux: Array = field(eq=False, repr=False)
    error: Array = field(eq=False, repr=False)
    good: npt.NDArray[np.bool_] = field(eq=False, repr=False)


@frozen
class Agreement:
    """A spectrum against the truth.

    Attributes
    ----------
    velocity, velocity_error : float
        Spectrum minus truth in km/s, positive for too red, and its formal error.
    ratio : float
        Flux over truth, weighted by the errors.
    sections : ndarray, shape (12,)
        The same of twelve equal parts over that of all; NaN where nothing is to be compared.
    section_errors : ndarray, shape (12,)
        Their formal errors.
    pull : float
        Robust sigma of (flux - ratio x truth) of means over six pixels, in units of their error.
    snr : float
        Median per pixel.
    worst_mean : float
        Of means over 40 pixels of flux over (ratio x truth), that which is farthest from 1 by more
        than three times its error; 1 where none is.
    """

    velocity: float
    velocity_error: float
    ratio: float
    sections: Array = field(eq=False)
    section_errors: Array = field(eq=False, repr=False)
    pull: float
    snr: float
    worst_mean: float


def read_delivered(path: Path) -> Delivered:
    """Read an IDP.

    Raises
    ------
    KeyError
        If a main column is missing.
    """
    from astropy import units  # noqa: PLC0415 - half a second, for who compares only
    from astropy.io import fits  # noqa: PLC0415 - the same

    with fits.open(path) as hdus:
        primary, table = hdus[0].header, hdus[1]
        header = {**dict(primary), **dict(table.header)}
        names = {
            str(table.header.get(f"TUTYP{number}", "")).lower(): number
            for number in range(table.header["TFIELDS"], 0, -1)
        }
        found = {
            key: np.asarray(table.data.field(names[utype] - 1)[0])
            for key, utype in _UTYPES.items()
            if key != "quality" or utype in names
        }
        unit = units.Unit(table.header[f"TUNIT{names[_UTYPES['wave']]}"])
    flux, error = found["flux"].astype(np.float64), found["error"].astype(np.float64)
    good = np.isfinite(flux) & np.isfinite(error) & (error > 0)
    if "quality" in found:
        good &= found["quality"] == 0
    wave = found["wave"].astype(np.float64) * unit.to(units.nm)
    return Delivered(header, wave, flux, error, good)


def compare(spectrum: Delivered, wave: Array, truth: Array) -> Agreement:
    """Hold a spectrum against the truth.

    Parameters
    ----------
    spectrum : Delivered
        As delivered.
    wave, truth : ndarray, shape (m,)
        What a perfect reduction gives, on a fine grid in nm, in the frame that the file names.
    """
    inside = spectrum.good & (spectrum.wave > wave[0]) & (spectrum.wave < wave[-1])
    every = (spectrum.wave, spectrum.flux, spectrum.error)
    here, flux, error = (values[inside] for values in every)
    expected, slope = _expected(here, wave, truth)
    velocity, formal = _velocity(flux, error, expected, slope)
    ratio, _ = _ratio(flux, error, expected)
    sections, errors = _sections(here, flux / ratio, error / ratio, expected)
    return Agreement(
        velocity=velocity,
        velocity_error=formal,
        ratio=ratio,
        sections=sections,
        section_errors=errors,
        pull=_pull(flux, error, expected * ratio),
        snr=float(np.median(flux / error)),
        worst_mean=_worst_mean(flux, error, expected * ratio),
    )


def _expected(here: Array, wave: Array, truth: Array) -> tuple[Array, Array]:
    """Return truth and d truth / d ln wavelength at the pixels."""
    slope = np.gradient(truth, np.log(wave))
    return np.interp(here, wave, truth), np.interp(here, wave, slope)


def _velocity(flux: Array, error: Array, expected: Array, slope: Array) -> tuple[float, float]:
    """Fit level and shift together; outliers are taken out between the rounds."""
    place = np.linspace(-1.0, 1.0, flux.size)
    design = np.stack([*(expected * place**power for power in range(_SMOOTH + 1)), slope], axis=1)
    used = np.ones(flux.size, dtype=bool)
    solution: Array = np.zeros(design.shape[1])
    covariance: Any = np.eye(design.shape[1])
    for _ in range(_ROUNDS):
        weighted = design[used] / error[used, np.newaxis]
        covariance = np.linalg.pinv(weighted.T @ weighted)
        solution = covariance @ (weighted.T @ (flux[used] / error[used]))
        pull = (flux - design @ solution) / error
        used = np.abs(pull) < _CLIP * max(_sigma(pull), 1.0)
    # flux(x) = level truth(x - v/c): the slope's share is -v/c times the level.
    level = float(np.median(design[:, :-1] @ solution[:-1] / np.where(expected, expected, np.inf)))
    return (
        float(-solution[-1] / level * _C),
        float(np.sqrt(covariance[-1, -1]) / abs(level) * _C),
    )


def _ratio(flux: Array, error: Array, expected: Array) -> tuple[float, float]:
    """Return the factor between flux and truth, and its error."""
    weight = expected / error**2
    total = float((weight * expected).sum())
    if total <= 0:
        return float("nan"), float("nan")
    return float((weight * flux).sum()) / total, total**-0.5


def _sections(here: Array, flux: Array, error: Array, expected: Array) -> tuple[Array, Array]:
    edges = np.linspace(here[0], here[-1], SECTIONS + 1)
    rows = [
        _ratio(flux[part], error[part], expected[part])
        for low, high in pairwise(edges)
        for part in ((here >= low) & (here <= high),)
    ]
    found = np.array(rows)
    return found[:, 0], found[:, 1]


def _pull(flux: Array, error: Array, expected: Array) -> float:
    number = flux.size // TOGETHER * TOGETHER
    residual = (flux - expected)[:number].reshape(-1, TOGETHER).mean(axis=1)
    variance = (error[:number] ** 2).reshape(-1, TOGETHER).sum(axis=1) / TOGETHER**2
    return _sigma(residual / np.sqrt(variance))


def _worst_mean(flux: Array, error: Array, expected: Array) -> float:
    number = flux.size // MEANS * MEANS
    if not number:
        return 1.0
    shares = (values[:number] / expected[:number] for values in (flux, error))
    ratios, errors = (share.reshape(-1, MEANS) for share in shares)
    means = ratios.mean(axis=1)
    noise = np.sqrt((errors**2).sum(axis=1)) / MEANS
    away = np.where(np.abs(means - 1.0) > _SIGNIFICANT * noise, np.abs(means - 1.0), 0.0)
    return float(means[np.argmax(away)]) if away.any() else 1.0


def _sigma(values: Array) -> float:
    """Return the standard deviation of a normal distribution with the same median deviation."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
