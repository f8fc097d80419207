"""Photo-electrons: what lamps, stars and sky give in each row of each fibre."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.lamp import ArcLines, halogen
from phoenix.simulate.sky import sky_spectrum
from phoenix.simulate.spread import OVERSAMPLING, at_pixels, spread
from phoenix.simulate.star import star_spectrum
from phoenix_giraffe.simulation.optics import PAD, Format

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix_giraffe.simulation.setup import Setup
    from phoenix_giraffe.simulation.slit import Fibre
    from phoenix_giraffe.simulation.stars import Field

    Array = npt.NDArray[np.float64]

__all__ = [
    "arc_rows",
    "fine_wavelength",
    "lamp_rate",
    "line_spread",
    "object_rate",
    "rows_of",
    "scattered_light",
    "sky_rate",
    "trace_image",
]

SPATIAL_SIGMA = 1.75  # columns
REACH = 9  # columns either side of a trace that get light
RATE_AT_15 = 560.0  # electrons/s/nm of a star of V = 15
SKY_RATE = 1.2  # electrons/s/nm of the sky's continuum in one fibre
LAMP_RATE = 2.2e5  # electrons/s/nm of the flat lamp
ARC_RATE = 8.0e3  # electrons/s of the brightest arc line


def throughput(wavelength: Array, setup: Setup) -> Array:
    """Blaze of the grating and filter, 1 in the middle (wavelength in nm)."""
    away = (wavelength - setup.optics.wavelength) / setup.setting.blaze
    return np.asarray(np.exp(-(away**2)))


def lamp_rate(wavelength: Array) -> Array:
    """Flat lamp before fibre and blaze, electrons/s/nm (wavelength in nm)."""
    return LAMP_RATE * halogen(wavelength)


def sky_rate(wavelength: Array) -> Array:
    """Sky before fibre and blaze, electrons/s/nm (wavelength in nm)."""
    return SKY_RATE * sky_spectrum(wavelength)


def object_rate(wavelength: Array, fibres: tuple[Fibre, ...], field: Field) -> Array:
    """Star and sky in every fibre before fibre and blaze.

    Parameters
    ----------
    wavelength : ndarray, shape (fibres, n)
        nm.

    Returns
    -------
    ndarray, shape (fibres, n)
        Electrons/s/nm; 0 in fibres that look at nothing.
    """
    rate = np.zeros_like(wavelength)
    targets = {target.fps: target for target in field.targets}
    for i, fibre in enumerate(fibres):
        target = targets.get(fibre.fps)
        if target is None:
            continue
        rate[i] = sky_rate(wavelength[i])
        if target.star is not None:
            brightness = RATE_AT_15 * 10.0 ** (-0.4 * (target.magnitude - 15.0))
            rate[i] += brightness * star_spectrum(wavelength[i], target.star, target.seen)
    return rate


def fine_wavelength(form: Format) -> Array:
    """Wavelength (nm) of the samples within the rows, shape (fibres, OVERSAMPLING x rows)."""
    offsets = (np.arange(OVERSAMPLING) + 0.5) / OVERSAMPLING - 0.5
    fine = form.wavelength[:, :, None] + offsets * form.dispersion[:, :, None]
    return fine.reshape(len(fine), -1)


def line_spread(rate: Array, sigma: float) -> Array:
    """Spread a finely sampled spectrum over its neighbours, as optics and pixels do.

    Parameters
    ----------
    rate : ndarray, shape (fibres, OVERSAMPLING x rows)
        Any density, at the samples of :func:`fine_wavelength`.
    sigma : float
        Of the optics, in rows.

    Returns
    -------
    ndarray, same shape
        Convolved with the Gaussian of the optics and with one pixel.
    """
    return spread(rate, sigma)


def rows_of(form: Format, fine: Array) -> Array:
    """Electrons per row from a spread density per nm: shape (fibres, rows + 2 PAD)."""
    return np.asarray(at_pixels(fine) * form.dispersion)


def arc_rows(form: Format, lines: ArcLines, sigma: float) -> Array:
    """Electrons/s per row of an arc lamp before fibre and blaze, shape (fibres, rows + 2 PAD)."""
    rows = np.arange(form.wavelength.shape[1], dtype=np.float64)
    spectrum = np.zeros_like(form.wavelength)
    sigma = float(np.hypot(sigma, np.sqrt(1.0 / 12.0)))
    window = np.arange(-11, 12)
    for i, wavelength in enumerate(form.wavelength):
        inside = (lines.wavelength > wavelength[PAD // 2]) & (
            lines.wavelength < wavelength[-PAD // 2]
        )
        centre = np.interp(lines.wavelength[inside], wavelength, rows)
        row = np.rint(centre).astype(int)[:, None] + window
        shape = np.exp(-0.5 * ((row - centre[:, None]) / sigma) ** 2) / sigma / np.sqrt(2 * np.pi)
        light = ARC_RATE * lines.flux[inside, None] * shape
        on_chip = (row >= 0) & (row < len(rows))
        np.add.at(spectrum[i], row[on_chip], light[on_chip])
    return spectrum


def trace_image(form: Format, electrons: Array, columns: int) -> npt.NDArray[np.float32]:
    """Lay the spectra of all fibres onto the detector.

    Parameters
    ----------
    electrons : ndarray, shape (fibres, rows + 2 PAD)
        Per row.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
    """
    light = electrons[:, PAD:-PAD].astype(np.float32)
    trace = form.column[:, PAD:-PAD].astype(np.float32)
    nearest = np.rint(trace).astype(np.intp)
    image = np.zeros((light.shape[1], columns + 2 * REACH), dtype=np.float32)
    rows = np.broadcast_to(np.arange(light.shape[1]), light.shape)
    light /= np.float32(SPATIAL_SIGMA * np.sqrt(2.0 * np.pi))
    # Within one step every fibre has a column of its own, so the indices never meet.
    for step in range(-REACH, REACH + 1):
        distance = (nearest + np.intp(step)).astype(np.float32) - trace
        image[rows, nearest + step + REACH] += light * np.exp(
            distance * distance * np.float32(-0.5 / SPATIAL_SIGMA**2)
        )
    return image[:, REACH : columns + REACH]


def scattered_light(image: npt.NDArray[np.float32], share: float) -> npt.NDArray[np.float32]:
    """Give light that has lost its way: smooth, and `share` of the mean light of the image."""
    mean = float(image.mean())
    if mean <= 0.0:
        return np.zeros((1, 1), dtype=np.float32)
    across = _parabola(image.mean(axis=0))
    along = _parabola(image.mean(axis=1))
    return np.asarray(share / mean * np.outer(along, across), dtype=np.float32)


def _parabola(profile: npt.NDArray[np.float32]) -> Array:
    place = np.linspace(-1.0, 1.0, len(profile))
    return np.asarray(np.polyval(np.polyfit(place, profile.astype(np.float64), 2), place))
