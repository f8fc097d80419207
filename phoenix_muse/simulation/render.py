"""From the plan of one frame to the pixels of one IFU."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.detector import Detector, add_cosmics, draw_cosmics
from phoenix.simulate.site import PARANAL, airmass, horizontal
from phoenix_muse.simulation.layout import (
    COLUMNS,
    DISPERSION,
    MARGIN,
    SLICES,
    SPAXEL,
    WIDTH,
    slice_columns,
)
from phoenix_muse.simulation.light import (
    ARC_LINES,
    SKY_LINES,
    count_rate,
    extinction,
    flat_lamp,
    line_profile,
    sky_continuum,
    smeared,
    telluric,
    twilight,
)
from phoenix_muse.simulation.plan import ARC, BIAS, DARK, FLAT, ILLUM, TWILIGHT
from phoenix_muse.simulation.programme import true_place
from phoenix_muse.simulation.refraction import refraction

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix.simulate.exposure import Exposure
    from phoenix_muse.simulation.layout import Layout
    from phoenix_muse.simulation.plan import Frame
    from phoenix_muse.simulation.scene import Source

    Array = npt.NDArray[np.float64]
    Image = npt.NDArray[np.float32]

__all__ = ["BIAS_LEVELS", "GAIN", "READ_NOISE", "draw", "field_place", "mean_airmass"]

GAIN = 1.1
"""Electrons per count of the converter."""
READ_NOISE = 2.6
"""Electrons."""
BIAS_LEVELS = (1000.0, 1012.0, 1024.0, 1036.0)
"""Counts of the four quadrants: lower left, lower right, upper right, upper left."""

FULL_SCALE = 65535

LAMP = 30000.0  # electrons of the flat lamp in a second of the programme's exposure
DAWN = 18000.0  # electrons of a twilight flat
DARK_CURRENT = 3.0  # electrons an hour in every pixel
ARC_LIGHT = 60000.0  # electrons of the strongest arc line, summed over rows
SCATTER = 0.012  # rms of the sensitivity from pixel to pixel
SPEED_OF_LIGHT = 299792.458
MOFFAT_BETA = 2.8
REFRACTED_FROM = 7000.0
"""Angstrom to which the recipes correct: --lambdaref."""


def draw(
    layout: Layout, frame: Frame, ifu: int, rng: np.random.Generator
) -> npt.NDArray[np.uint16]:
    """Draw the CCD of one IFU as it is read out: four quadrants with their margins."""
    image = np.zeros((layout.rows, COLUMNS), dtype=np.float32)
    if frame.kind == DARK:
        image += np.float32(DARK_CURRENT * frame.exposure.exptime / 3600.0)
    elif frame.kind != BIAS and frame.light > 0:
        columns = slice_columns()
        light = frame.light * _slices(layout, frame, ifu)
        light *= _sensitivity(layout, ifu)
        for number in range(SLICES):
            image[:, columns[number]] = light[number].T
    if frame.cosmics:
        add_cosmics(image, draw_cosmics(_ccd(layout), frame.cosmics, rng))
    return _read_out(image, rng)


def _ccd(layout: Layout) -> Detector:
    return Detector("MUSE", "MUSE", COLUMNS, layout.rows)


def _slices(layout: Layout, frame: Frame, ifu: int) -> Array:
    """Electrons of each slice, shape (SLICES, WIDTH, rows), before the pixels' sensitivity."""
    wavelength = layout.wavelength() + frame.shift
    slits = np.asarray(frame.slit_light or np.ones(SLICES))[:, None, None]
    if frame.kind in {FLAT, ILLUM}:
        strength = LAMP if frame.kind == FLAT else 0.5 * LAMP
        light = strength * smeared(flat_lamp, wavelength)[:, None, :]
        return np.asarray(np.repeat(light, WIDTH, axis=1) * slits)
    if frame.kind == ARC:
        return np.repeat(_arc(frame, wavelength)[:, None, :], WIDTH, axis=1)
    x, y = layout.spaxel_places(ifu)
    tilt = _vignetting(layout, x, y)[:, :, None]
    if frame.kind == TWILIGHT:
        return np.asarray(DAWN * smeared(twilight, wavelength)[:, None, :] * tilt * slits)
    light = _objects(layout, frame, x, y, wavelength) + _sky(frame, wavelength)[:, None, :]
    return np.asarray(light * tilt * slits * frame.exposure.exptime * DISPERSION)


def _vignetting(layout: Layout, x: Array, y: Array) -> Array:
    """Part of the light of the sky that comes in, smooth over the field: lamps do not show it."""
    width, height = (side / SPAXEL for side in layout.field)
    return np.asarray(1.0 + 0.03 * x / width - 0.02 * y / height)


def _arc(frame: Frame, wavelength: Array) -> Array:
    light = np.zeros_like(wavelength)
    for line in ARC_LINES:
        if line.ion.removesuffix("I") in frame.lamp:
            profile = line_profile(wavelength, line.wavelength) * DISPERSION
            light += ARC_LIGHT * line.strength * profile
    return light


def _rate(wavelength: Array, air: float) -> Array:
    """Electrons per second and Angstrom of 1e-20 erg/s/cm2/Angstrom."""
    through = 10.0 ** (-0.4 * air * extinction(wavelength)) * telluric(wavelength, air)
    return np.asarray(1e-20 * count_rate(wavelength) * through)


def _sky(frame: Frame, wavelength: Array) -> Array:
    """Electrons per second and Angstrom in a spaxel; the sky shines inside the atmosphere."""
    glow = dict(frame.airglow)
    shining = frame.sky * smeared(sky_continuum, wavelength)
    for line in SKY_LINES:
        strength = glow.get(line.group, 1.0) * line.flux
        shining = shining + strength * line_profile(wavelength, line.wavelength)
    return np.asarray(shining * SPAXEL**2 * 1e-20 * count_rate(wavelength))


def _objects(layout: Layout, frame: Frame, x: Array, y: Array, wavelength: Array) -> Array:
    """Electrons per second and Angstrom of all sources, shape (SLICES, WIDTH, rows).

    Sources move over the field with the wavelength, as the atmosphere bends blue light more: drawn
    at two or more wavelengths, and mixed between them.
    """
    sources = frame.scene.sources if frame.scene else ()
    if not sources:
        return np.zeros((SLICES, WIDTH, layout.rows))
    nodes = np.linspace(wavelength.min(), wavelength.max(), 2 if not layout.is_whole else 16)
    rate = _rate(wavelength, mean_airmass(frame.exposure))
    patterns, spectra = [], []
    mixing = _mixing(wavelength, nodes)
    for source in sources:
        spectrum = _spectrum(frame, source, wavelength) * rate
        for number, node in enumerate(nodes):
            at_x, at_y = field_place(frame, source, float(node))
            width = float(np.hypot(frame.seeing, source.size)) / SPAXEL
            patterns.append(_moffat(x - at_x, y - at_y, width).astype(np.float32))
            spectra.append((spectrum * mixing[number]).astype(np.float32))
    pattern = np.stack(patterns).transpose(1, 2, 0)
    light = np.stack(spectra).transpose(1, 0, 2)
    return np.asarray(pattern @ light)


def _mixing(wavelength: Array, nodes: Array) -> Array:
    """Weight of each node at each wavelength: linear between two of them."""
    place = np.interp(wavelength, nodes, np.arange(len(nodes)))
    number = np.arange(len(nodes))[:, None, None]
    return np.asarray(np.clip(1.0 - np.abs(place[None] - number), 0.0, 1.0))


def _spectrum(frame: Frame, source: Source, wavelength: Array) -> Array:
    """1e-20 erg/s/cm2/Angstrom of a source as the moving telescope sees it, blurred."""
    light = smeared(source.continuum, wavelength)
    if source.line_flux:
        centre = source.line / (1.0 + frame.observer / SPEED_OF_LIGHT)
        light = light + source.line_flux * line_profile(wavelength, centre, source.line_sigma)
    return np.asarray(light)


def field_place(frame: Frame, source: Source, wavelength: float) -> tuple[float, float]:
    """Return where a source is in the field, in spaxels from its middle.

    North is up and east is left at position angle 0.
    """
    east0, north0 = true_place(frame)
    bent_east, bent_north = refraction(frame.exposure, wavelength, REFRACTED_FROM)
    east, north = source.east - east0 + bent_east, source.north - north0 + bent_north
    angle = np.radians(frame.posang)
    x = -east * np.cos(angle) + north * np.sin(angle)
    y = east * np.sin(angle) + north * np.cos(angle)
    return float(x) / SPAXEL, float(y) / SPAXEL


def _moffat(x: Array, y: Array, fwhm: float) -> Array:
    """Part of a star's light in each spaxel, from 3 x 3 points in it."""
    alpha = fwhm / (2.0 * np.sqrt(2.0 ** (1.0 / MOFFAT_BETA) - 1.0))
    steps = (-1.0 / 3.0, 0.0, 1.0 / 3.0)
    total = np.zeros_like(x)
    for step_x in steps:
        for step_y in steps:
            radius = ((x + step_x) ** 2 + (y + step_y) ** 2) / alpha**2
            total += (1.0 + radius) ** -MOFFAT_BETA
    return np.asarray(total / 9.0 * (MOFFAT_BETA - 1.0) / (np.pi * alpha**2))


def mean_airmass(exposure: Exposure) -> float:
    """Airmass in the middle of the exposure."""
    block = exposure.block
    middle = exposure.start + 0.5 * (exposure.end - exposure.start)
    return airmass(horizontal(block.ra, block.dec, middle, PARANAL).altitude)


@lru_cache(maxsize=24)
def _sensitivity(layout: Layout, ifu: int) -> Image:
    """Sensitivity of every pixel of the slices, and the throughput of each slice."""
    rng = np.random.default_rng([8000, ifu])
    slices = rng.uniform(0.9, 1.1, SLICES).astype(np.float32)
    shape = (SLICES, WIDTH, layout.rows)
    pixels = 1.0 + np.float32(SCATTER) * rng.standard_normal(shape, dtype=np.float32)
    return np.asarray(pixels * slices[:, None, None])


def _read_out(electrons: Image, rng: np.random.Generator) -> npt.NDArray[np.uint16]:
    """Read four quadrants, each with prescan at the outer and overscan at the inner edges."""
    rows, columns = electrons.shape
    half_rows, half_columns = rows // 2, columns // 2
    raw = np.empty((rows + 4 * MARGIN, columns + 4 * MARGIN), dtype=np.float32)
    for number, (up, right) in enumerate(((0, 0), (0, 1), (1, 1), (1, 0))):
        part = electrons[up * half_rows : (up + 1) * half_rows,
                         right * half_columns : (right + 1) * half_columns]  # fmt: skip
        signal = np.pad(part, MARGIN)
        noise = rng.standard_normal(signal.shape, dtype=np.float32)
        signal += noise * np.sqrt(np.maximum(signal, 0.0) + np.float32(READ_NOISE**2))
        signal = signal / np.float32(GAIN) + np.float32(BIAS_LEVELS[number])
        height, width = signal.shape
        raw[up * height : (up + 1) * height, right * width : (right + 1) * width] = signal
    return np.clip(np.rint(raw), 0, FULL_SCALE).astype(np.uint16)
