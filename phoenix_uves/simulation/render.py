"""From the plan of one frame to the pixels of each of its chips."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from phoenix.simulate.detector import RawPixels, add_cosmics, draw_cosmics, read_out
from phoenix.simulate.site import PARANAL, airmass, horizontal
from phoenix_uves.simulation.light import (
    FWHM,
    arc_columns,
    columns_of,
    electron_rate,
    lamp_rate,
    line_width,
    sky_rate,
    slit_share,
)
from phoenix_uves.simulation.optics import spectral_format
from phoenix_uves.simulation.plan import ARC, FLAT, FORMAT, KINDS, ORDERDEF, SLICER
from phoenix_uves.simulation.profile import slicer_profile, slit_profile, star_profile, trace
from phoenix_uves.simulation.setup import detector_of, optics_of
from phoenix_uves.simulation.stars import flux_density, iodine_cell

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix.simulate.exposure import Exposure
    from phoenix_uves.simulation.optics import Format
    from phoenix_uves.simulation.plan import Frame, NightPlan
    from phoenix_uves.simulation.profile import Profile

    Array = npt.NDArray[np.float64]
    Image = npt.NDArray[np.float32]

__all__ = [
    "PIXEL_SCALE",
    "chip_format",
    "chip_pixels",
    "mean_airmass",
    "object_flux",
    "slit_length",
    "throughput",
    "wavelength_grid",
]

PIXEL_SCALE = {"BLUE": 0.246, "RED": 0.182}
"""Arm to arcsec of an unbinned row along the slit."""

SPOT_ROWS = 1.3  # binned rows rms of the short slit
OBJECT_OFFSET = 0.1  # arcsec by which the star is off the middle of the slit
SCATTERED = 0.002  # part of the mean light that is spread over the whole chip
PIXEL_RESPONSE = 0.006  # rms of the sensitivity from pixel to pixel


def chip_pixels(plan: NightPlan, frame: Frame, chip: str, rng: np.random.Generator) -> RawPixels:
    """Draw one chip of a frame."""
    detector = detector_of(chip, plan.binning)
    image = np.zeros((detector.columns, detector.rows), dtype=np.float32)
    form = chip_format(plan, frame, chip)
    for electrons, profile in _light(plan, frame, form):
        trace(form, electrons, profile, image)
    image *= _pixel_response(chip, plan.binning)
    image += scattered_light(image)
    raw = _unturned(image, frame.setting.arm)
    area = detector.rows * detector.columns / (2048 * 4096)
    cosmics = draw_cosmics(detector, round(frame.cosmics * area), rng)
    add_cosmics(raw, cosmics)
    return RawPixels(read_out(raw, detector, frame.exposure.exptime, rng), cosmics)


def chip_format(plan: NightPlan, frame: Frame, chip: str) -> Format:
    """Where the orders lie in a frame."""
    optics = optics_of(frame.setting, chip, plan.binning, frame.exposure.start)
    shift = (optics.shift[0] + frame.shift[0], optics.shift[1] + frame.shift[1])
    return _known_format(evolve(optics, shift=shift))


_known_format = lru_cache(maxsize=16)(spectral_format)


def _light(plan: NightPlan, frame: Frame, form: Format) -> list[tuple[Array, Profile]]:
    """Electrons per column, and how they are spread along the slit, of all that shines."""
    kind = frame.lit_as or frame.kind
    row = PIXEL_SCALE[frame.setting.arm] * plan.binning
    length = slit_length(frame)
    if kind in {FORMAT, ARC}:
        sigma = line_width(frame.slit, plan.binning)
        electrons = _lamp_time(frame, kind) * arc_columns(form, plan.lines, sigma)
    elif kind in {ORDERDEF, FLAT}:
        sigma = line_width(frame.slit, plan.binning)
        rate = lamp_rate(form.wavelength, frame.setting.wavelength)
        electrons = _lamp_time(frame, kind) * columns_of(form, rate, sigma)
    elif frame.target is not None:
        return _sky_side(plan, frame, form)
    else:
        return []
    short = kind in {FORMAT, ORDERDEF}
    profile = star_profile(SPOT_ROWS) if short else slit_profile(length / row)
    return [(electrons, profile)]


def _lamp_time(frame: Frame, kind: str) -> float:
    """Seconds times arcsec of slit; through a bias frame's shutter as long as for a flat."""
    length = slit_length(frame) if kind == frame.kind else KINDS[kind].length
    seconds = frame.exposure.exptime or KINDS[kind].exptime
    return frame.light * seconds * (length or frame.setting.slit_length)


def _sky_side(plan: NightPlan, frame: Frame, form: Format) -> list[tuple[Array, Profile]]:
    """Star and sky."""
    grid = wavelength_grid(form, plan.binning)
    cell = iodine_cell(grid) if frame.iodine else np.ones_like(grid)
    star = electron_rate(object_flux(frame, grid), grid, mean_airmass(frame.exposure))
    star *= throughput(frame) * cell
    time, length = frame.exposure.exptime, slit_length(frame)
    sky = sky_rate(grid) * cell * frame.slit * length
    row = PIXEL_SCALE[frame.setting.arm] * plan.binning
    sharp = line_width(min(frame.slit, frame.seeing), plan.binning)
    return [
        (
            time * columns_of(form, np.interp(form.wavelength, grid, star), sharp),
            _star_profile(frame, row),
        ),
        (
            time
            * columns_of(
                form, np.interp(form.wavelength, grid, sky), line_width(frame.slit, plan.binning)
            ),
            slit_profile(length / row),
        ),
    ]


def _star_profile(frame: Frame, row: float) -> Profile:
    sigma = frame.seeing / FWHM / row
    if frame.kind == SLICER:
        return slicer_profile(sigma, row)
    return star_profile(sigma, OBJECT_OFFSET / row)


def object_flux(frame: Frame, wavelength: Array) -> Array:
    """Flux of the target above the atmosphere in erg/s/cm2/Angstrom (wavelength in nm)."""
    if frame.target is None:
        return np.zeros_like(wavelength)
    return flux_density(frame.target, wavelength)


def throughput(frame: Frame) -> float:
    """Share of the star's light that passes clouds and slit; the slicer loses nothing."""
    slit = 1.0 if frame.kind == SLICER else slit_share(frame.seeing, frame.slit)
    return frame.light * slit


def slit_length(frame: Frame) -> float:
    """Length of the slit in arcsec."""
    return KINDS[frame.kind].length or frame.setting.slit_length


def mean_airmass(exposure: Exposure) -> float:
    """Mean of the airmasses that the header gives for begin and end."""
    block = exposure.block
    ends = (
        horizontal(block.ra, block.dec, time, PARANAL).altitude
        for time in (exposure.start, exposure.end)
    )
    return sum(round(airmass(altitude), 3) for altitude in ends) / 2.0


def wavelength_grid(form: Format, binning: int) -> Array:
    """Wavelengths in nm on which spectra are computed before they are laid onto the orders."""
    low, high = form.wavelength.min() - 0.1, form.wavelength.max() + 0.1
    return np.arange(low, high, 0.0005 * binning)


def scattered_light(image: Image) -> Image:
    """Give light that has lost its way: smooth, strongest in the middle of the chip."""
    rows, columns = (np.linspace(-1.0, 1.0, n, dtype=np.float32) for n in image.shape)
    bowl = np.float32(1.2) - np.float32(0.3) * (rows[:, None] ** 2 + columns[None, :] ** 2)
    return np.asarray(np.float32(SCATTERED * image.mean()) * bowl)


@lru_cache(maxsize=8)
def _pixel_response(chip: str, binning: int) -> Image:
    detector = detector_of(chip, binning)
    rng = np.random.default_rng([6000, *chip.encode(), binning])
    deviate = rng.standard_normal((detector.columns, detector.rows), dtype=np.float32)
    return np.float32(1.0) + np.float32(PIXEL_RESPONSE / binning) * deviate


def _unturned(image: Image, arm: str) -> Image:
    """Turn an image with the dispersion along x into the orientation of the chip."""
    turned = image[:, ::-1] if arm == "BLUE" else image[::-1, ::-1]
    return np.ascontiguousarray(turned.T)
