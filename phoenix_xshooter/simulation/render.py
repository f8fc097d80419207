"""From the plan of one frame to its pixels."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from phoenix.simulate.detector import add_cosmics, draw_cosmics, read_out
from phoenix.simulate.site import PARANAL, airmass, horizontal
from phoenix_xshooter.simulation.arms import (
    MARGIN,
    PINHOLES,
    SAMPLES,
    SLIT,
    SPECTROGRAPHS,
)
from phoenix_xshooter.simulation.light import (
    ARC_RATE,
    FWHM,
    blocked,
    electron_rate,
    flux_density,
    grid_of,
    lamp_rate,
    line_rows,
    line_spread,
    rows_of_light,
    sky_rate,
    slit_share,
)
from phoenix_xshooter.simulation.plan import ARC, BIAS, DARK, FLAT, FORMAT, MULTI, ORDERDEF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from phoenix.simulate.detector import Cosmics, Detector
    from phoenix.simulate.exposure import Exposure
    from phoenix_xshooter.simulation.plan import Frame, NightPlan

    Array = npt.NDArray[np.float64]
    Image = npt.NDArray[np.float32]
    Profile = Callable[[Array], Array]
    Light = tuple[dict[int, Array], Profile]

__all__ = ["detector_of", "draw", "mean_airmass", "object_flux", "throughput"]

DRIFT = (0.7, -0.5)
"""Columns and rows by which the format is off what the tables say."""

SCATTERED = 0.015  # part of the mean light that is spread over the whole frame
PIXEL_RESPONSE = 0.006  # rms of the sensitivity from pixel to pixel
PINHOLE = 0.17  # arcsec rms of the image of a pinhole
NIR_MARGINS = (4, 4, 20, 24)  # columns before and behind the light, rows below and above it


LAMPS = frozenset({ORDERDEF, FLAT})
"""Kinds of which all exposures of a template see the same light."""


def draw(
    plan: NightPlan, frame: Frame, rng: np.random.Generator
) -> tuple[npt.NDArray[np.generic], Cosmics]:
    """Draw a frame as it is read out: counts of a CCD, or floating point in the near infrared."""
    detector = detector_of(frame.arm, frame.binning)
    electrons = _electrons(plan, frame)
    cosmics = draw_cosmics(detector, frame.cosmics, rng)
    add_cosmics(electrons, cosmics)
    if frame.arm == "NIR":
        return _near_infrared(electrons, detector, frame, rng), cosmics
    return read_out(electrons, detector, frame.exposure.exptime, rng), cosmics


def _electrons(plan: NightPlan, frame: Frame) -> Image:
    """Electrons in every pixel that is read, but for cosmic rays and noise."""
    if frame.kind in LAMPS:
        return _lamp(_alike(frame)).copy()
    return _collected(frame, _light(plan, frame))


def _alike(frame: Frame) -> Frame:
    """Give the frame that all of a series of a lamp are, noise and headers aside."""
    first = evolve(frame.exposure, start=frame.exposure.template.start, number=1, kind="")
    return evolve(frame, exposure=first, stream=0, lamp="", cosmics=0)


@lru_cache(maxsize=3)  # the flats of three arms are taken side by side
def _lamp(frame: Frame) -> Image:
    return _collected(frame, _lamp_light(frame))


def _collected(frame: Frame, light: Sequence[Light]) -> Image:
    """Lay light onto the detector, and read so many pixels as one."""
    row = SPECTROGRAPHS[frame.arm]
    image = np.zeros((row.rows, row.columns), dtype=np.float32)
    if frame.light > 0:
        for orders, profile in light:
            passed = blocked(frame.arm, orders) if frame.is_blocked else orders
            _trace(frame, passed, profile, image)
        image *= _pixel_response(frame.arm)
        image += scattered_light(image)
    electrons = _binned(image, frame.binning)
    return np.ascontiguousarray(electrons[::-1, ::-1]) if frame.arm == "UVB" else electrons


@lru_cache(maxsize=8)
def detector_of(arm: str, binning: tuple[int, int]) -> Detector:
    """Give a detector as it is read out: all its pixels are binned, those of the margins too."""
    whole = SPECTROGRAPHS[arm].detector
    across, along = binning
    return evolve(
        whole,
        columns=whole.columns // across,
        rows=whole.rows // along,
        prescan=whole.prescan // across,
        overscan=whole.overscan // across,
    )


def _near_infrared(
    electrons: Image, detector: Detector, frame: Frame, rng: np.random.Generator
) -> Image:
    """Read the infrared array: no bias but a pedestal, turned, with blind margins."""
    signal = electrons + np.float32(detector.dark * frame.exposure.exptime / 3600.0)
    noise = rng.standard_normal(signal.shape, dtype=np.float32)
    signal += noise * np.sqrt(np.maximum(signal, 0) + np.float32(detector.read_noise**2))
    counts = signal / np.float32(detector.conad) + np.float32(detector.bias)
    left, right, below, above = NIR_MARGINS
    rows, columns = counts.shape
    raw = np.full((below + columns + above, left + rows + right), detector.bias, dtype=np.float32)
    # PRE(x, y) = RAW(2045 - y, 20 + x), from 1.
    raw[below : below + columns, left : left + rows] = counts.T[:, ::-1]
    raw = np.minimum(raw, np.float32(detector.saturation))
    if frame.spoilt:
        raw[:] = np.nan
    return raw


def _light(plan: NightPlan, frame: Frame) -> list[Light]:
    """Electrons per row of each order, and how they lie along the slit, of all that shines."""
    arm, kind = frame.arm, frame.kind
    if kind in {BIAS, DARK}:
        return []
    time = frame.exposure.exptime * frame.light
    if kind in {FORMAT, MULTI, ARC}:
        lines = plan.lines[arm]
        rate = time * ARC_RATE * lines.flux
        places = {FORMAT: (0.0,), MULTI: PINHOLES}.get(kind)
        light = line_rows(arm, lines.wavelength, rate, line_spread(arm, frame.slit))
        return [(light, _holes(places) if places else _slit)]
    return _sky_side(frame, grid_of(arm))


def _lamp_light(frame: Frame) -> list[Light]:
    """Give the lamps of the flat and of the order definition.

    The deuterium lamp shines like the halogen lamp, in all orders: xsh_orderpos wants them lit,
    and xsh_mflat divides binned flats of both by a median that it takes from the wrong columns;
    with another level the joined flat has a step, and the response rings.
    """
    arm, grid, flat = frame.arm, grid_of(frame.arm), frame.kind == FLAT
    rate = lamp_rate(grid, arm) * (frame.slit if flat else 5.0)
    time = frame.exposure.exptime * frame.light
    light = rows_of_light(arm, grid, time * rate, line_spread(arm, frame.slit))
    return [(light, _slit if flat else _holes((0.0,)))]


def _sky_side(frame: Frame, grid: Array) -> list[Light]:
    """Star and sky."""
    arm, time = frame.arm, frame.exposure.exptime
    sky = time * sky_rate(grid, arm) * frame.slit
    found: list[Light] = [(rows_of_light(arm, grid, sky, line_spread(arm, frame.slit)), _slit)]
    if frame.target is not None and not frame.on_sky:
        rate = electron_rate(object_flux(frame, grid), grid, mean_airmass(frame.exposure), arm)
        star = rate * time * throughput(frame)
        sharp = line_spread(arm, min(frame.slit, frame.seeing))
        light = rows_of_light(arm, grid, star, sharp)
        found.append((light, _star(frame.seeing / FWHM, frame.place)))
    return found


def object_flux(frame: Frame, wavelength: Array) -> Array:
    """Flux of the target above the atmosphere in erg/s/cm2/Angstrom (wavelength in nm)."""
    target = frame.target
    if target is None:
        return np.zeros_like(wavelength)
    return flux_density(wavelength, target.magnitude, target.star, target.seen, target.nebula)


def throughput(frame: Frame) -> float:
    """Share of the star's light that passes clouds and slit."""
    return frame.light * slit_share(frame.seeing, frame.slit)


def mean_airmass(exposure: Exposure) -> float:
    """Mean of the airmasses that the header gives for begin and end."""
    block = exposure.block
    ends = (
        horizontal(block.ra, block.dec, time, PARANAL).altitude
        for time in (exposure.start, exposure.end)
    )
    return sum(round(airmass(altitude), 3) for altitude in ends) / 2.0


SOFT = 0.3
"""arcsec over which an end of the slit fades (ours)."""


# ---- along the slit: densities per arcsec ------------------------------------------------------


def _slit(place: Array) -> Array:
    """One per arcsec inside the slit, with soft ends."""
    edge = np.minimum(place - SLIT[0], SLIT[1] - place)
    return np.asarray(np.clip(0.5 + edge / SOFT, 0.0, 1.0))


def _holes(places: tuple[float, ...]) -> Profile:
    def profile(place: Array) -> Array:
        norm = 1.0 / PINHOLE / np.sqrt(2.0 * np.pi)
        spots = (np.exp(-0.5 * ((place - hole) / PINHOLE) ** 2) for hole in places)
        return np.asarray(norm * sum(spots))

    return profile


def _star(sigma: float, centre: float) -> Profile:
    def profile(place: Array) -> Array:
        shape = np.exp(-0.5 * ((place - centre) / sigma) ** 2) / sigma / np.sqrt(2.0 * np.pi)
        return np.asarray(shape * _slit(place))

    return profile


def _trace(frame: Frame, light: dict[int, Array], profile: Profile, image: Image) -> None:
    """Lay light onto the orders, in place.

    A pixel sees the light of the row that is its own less the tilt of the slit there.
    """
    row = SPECTROGRAPHS[frame.arm]
    rows = np.arange(1.0, row.rows + 1.0)
    half = int(SLIT[1] * abs(row.scale)) + 6
    step = np.arange(-half, half + 1)
    drift_x, drift_y = DRIFT[0] + frame.shift[0], DRIFT[1] + frame.shift[1]
    for number, values in light.items():
        first, last = _lit_rows(values, row.rows)
        here = rows[first:last]
        middle = row.column(number, here) + drift_x
        columns = np.rint(middle).astype(int)[:, None] + step
        place = (columns - middle[:, None]) / row.scale
        source = (here[:, None] - drift_y - row.tilt * place + MARGIN - 1.0) * SAMPLES
        source += 0.5 * (SAMPLES - 1)
        left = np.clip(source.astype(int), 0, values.size - 2)
        part = source - left
        seen = values[left] * (1.0 - part) + values[left + 1] * part
        electrons = seen * profile(place) / abs(row.scale)
        inside = (columns >= 1) & (columns <= row.columns)
        index = np.broadcast_to(np.arange(first, last)[:, None], columns.shape)
        # No two orders share a pixel, and each row of an order has its columns once.
        image[index[inside], columns[inside] - 1] += electrons[inside].astype(np.float32)


def _lit_rows(values: Array, rows: int) -> tuple[int, int]:
    lit = np.flatnonzero(values > 0) // SAMPLES - MARGIN
    if lit.size == 0:
        return 0, 0
    return max(0, int(lit[0]) - 8), min(rows, int(lit[-1]) + 9)


def _binned(image: Image, binning: tuple[int, int]) -> Image:
    if binning == (1, 1):
        return image
    across, along = binning
    rows, columns = image.shape[0] // along, image.shape[1] // across
    blocks = image[: rows * along, : columns * across].reshape(rows, along, columns, across)
    return np.asarray(blocks.sum(axis=(1, 3), dtype=np.float32))


def scattered_light(image: Image) -> Image:
    """Give light that has lost its way: smooth, strongest in the middle of the frame."""
    return np.asarray(np.float32(SCATTERED * image.mean()) * _bowl(image.shape))


@lru_cache(maxsize=3)
def _bowl(shape: tuple[int, ...]) -> Image:
    rows, columns = (np.linspace(-1.0, 1.0, n, dtype=np.float32) for n in shape)
    return np.asarray(
        np.float32(1.2) - np.float32(0.3) * (rows[:, None] ** 2 + columns[None, :] ** 2)
    )


@lru_cache(maxsize=3)
def _pixel_response(arm: str) -> Image:
    row = SPECTROGRAPHS[arm]
    rng = np.random.default_rng([6000, *arm.encode()])
    deviate = rng.standard_normal((row.rows, row.columns), dtype=np.float32)
    return np.float32(1.0) + np.float32(PIXEL_RESPONSE) * deviate
