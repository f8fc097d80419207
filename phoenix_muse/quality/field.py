"""QC of cubes: what is in the field, how deep it goes, and what is left of the sky.

Two passes through the file: one for the white light and the noise, one for the spectra of the
sources that were found in it and of the empty sky.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.qc import Measurement
from phoenix.toolkit.cubes.cube import open_cube
from phoenix.toolkit.cubes.light import collapse
from phoenix.toolkit.cubes.noise import background_reach, limiting_magnitude, mode, pixel_noise
from phoenix.toolkit.cubes.sources import field_spectra, find_sources
from phoenix.toolkit.measures import finite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.toolkit.cubes.cube import Cube
    from phoenix.toolkit.cubes.light import Light
    from phoenix.toolkit.cubes.sources import FieldSpectra, Source

    Array = npt.NDArray[np.float64]

__all__ = ["MOST_SPECTRA", "SCALE", "SKY_LINES", "aperture_of", "measure_field"]

SCALE = 1e-20
"""Unit of a cube with a flux calibration, in erg/s/cm2/Angstrom."""

FALL = 1.7
"""Decades by which the histogram has fallen where HISTO_BKG is read (by ESO's previews)."""

APERTURE = 1.0
"""Radius of an aperture in units of the image quality (ours): most of the light, little sky."""

MOST_SPECTRA = 10
"""Sources of which a spectrum is taken (ours)."""

SKY_LINES = (557.734, 589.0, 630.030, 636.378, 686.4, 727.6, 734.1, 775.1, 834.4, 884.9)
"""Air wavelengths in nm of bright lines and heads of bands (Osterbrock et al. 1996)."""

NEAR = 0.25
"""nm around a line within which its residual lies: a resolution element, and the motion of the
observer of up to 30 km/s."""


def aperture_of(cube: Cube, sky_res: float) -> float:
    """Return the radius of an aperture in pixels, at least one."""
    return max(APERTURE * sky_res / cube.pixel, 1.0)


def measure_field(path: Path, sky_res: float) -> Iterator[Measurement]:
    """Measure the pixels of a cube.

    Parameters
    ----------
    path : Path
        The cube.
    sky_res : float
        Width of a star in arcsec.

    Raises
    ------
    DataError
        If it is no cube.
    """
    cube = open_cube(path)
    light = collapse(cube)
    fwhm = sky_res / cube.pixel
    sources = find_sources(light.white, fwhm)
    spectra = field_spectra(cube, light.white, sources[:MOST_SPECTRA], aperture_of(cube, sky_res))
    yield from _depth(cube, light, fwhm)
    yield from _sky(cube, light, spectra)
    yield from _sources(cube, sources, spectra)


def _depth(cube: Cube, light: Light, fwhm: float) -> Iterator[Measurement]:
    limits = (float(cube.wave[0]), float(cube.wave[-1]))
    noise = pixel_noise(light.variances)
    depth = limiting_magnitude(light.white, fwhm, limits, SCALE)
    field = int(np.count_nonzero(light.planes))
    calibrated = "erg" in cube.unit
    yield Measurement("FIELD", field)
    filled = float(light.planes.sum()) / (field * cube.wave.size) if field else None
    yield Measurement("CUBE_FILLED", finite(filled))
    yield Measurement("FLUX_CALIBRATED", int(calibrated))
    yield Measurement("WAVELMIN", limits[0])
    yield Measurement("WAVELMAX", limits[1])
    typical = light.noise[np.isfinite(light.noise)]
    level = float(np.median(typical)) * SCALE if typical.size and calibrated else None
    yield Measurement("NOISE", level)
    # Of counts there is neither a flux nor a magnitude.
    yield Measurement("PIXNOISE", noise * SCALE if noise is not None and calibrated else None)
    yield Measurement("ABMAGLIM", finite(depth) if calibrated else None)


def _sky(cube: Cube, light: Light, spectra: FieldSpectra) -> Iterator[Measurement]:
    known = light.white[np.isfinite(light.white)]
    yield Measurement("HISTO_BKG", finite(background_reach(light.white, FALL)))
    yield Measurement("BACKGROUND", finite(mode(known)) if known.size else None)
    yield Measurement("NOISE_RATIO", finite(spectra.pull))
    yield Measurement("SKY_RESID", finite(_residual(cube.wave, spectra)))


def _residual(wave: Array, spectra: FieldSpectra) -> float | None:
    """Compare the scatter of the sky at bright lines with that beside them, over the error."""
    ratio = np.divide(
        spectra.scatter,
        spectra.stated,
        out=np.full(wave.size, np.nan),
        where=spectra.stated > 0,
    )
    at_line = np.zeros(wave.size, dtype=bool)
    for line in SKY_LINES:
        at_line |= np.abs(wave - line) <= NEAR
    on, off = ratio[at_line & np.isfinite(ratio)], ratio[~at_line & np.isfinite(ratio)]
    if not on.size or not off.size or np.median(off) <= 0:
        return None
    return float(np.median(on) / np.median(off))


def _sources(
    cube: Cube, sources: Sequence[Source], spectra: FieldSpectra
) -> Iterator[Measurement]:
    yield Measurement("NUM_SRC", len(sources))
    widths = [one.fwhm * cube.pixel for one in sources if one.fwhm is not None]
    yield Measurement("PSF_FWHM", float(np.median(widths)) if widths else None)
    ratios = [_median_snr(spectra, number) for number in range(len(spectra.flux))]
    yield Measurement("SNR", max((one for one in ratios if one is not None), default=None))
    for number, source in enumerate(sources, 1):
        ra, dec = on_sky(cube, source)
        yield Measurement("SRC_X", source.x + 1.0, number)
        yield Measurement("SRC_Y", source.y + 1.0, number)
        yield Measurement("SRC_RA", finite(ra), number)
        yield Measurement("SRC_DEC", finite(dec), number)
        width = None if source.fwhm is None else source.fwhm * cube.pixel
        yield Measurement("SRC_FWHM", finite(width), number)
        yield Measurement("SRC_FLUX", finite(source.flux), number)
        if number <= len(ratios):
            yield Measurement("SNR", ratios[number - 1], number)


def on_sky(cube: Cube, source: Source) -> tuple[float, float]:
    """Return right ascension and declination of a source in degrees."""
    return cube.sky_of(source.x, source.y)


def _median_snr(spectra: FieldSpectra, number: int) -> float | None:
    flux, error = spectra.flux[number], spectra.error[number]
    known = np.isfinite(flux) & (error > 0)
    if not known.any():
        return None
    value = float(np.median(flux[known] / error[known]))
    return value if math.isfinite(value) else None
