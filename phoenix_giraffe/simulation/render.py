"""From the plan of one frame to its pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from phoenix.simulate.detector import RawPixels, add_cosmics, draw_cosmics, read_out
from phoenix_giraffe.simulation.light import (
    arc_rows,
    fine_wavelength,
    lamp_rate,
    line_spread,
    object_rate,
    rows_of,
    scattered_light,
    throughput,
    trace_image,
)
from phoenix_giraffe.simulation.plan import ARC, FLAT

if TYPE_CHECKING:
    import numpy.typing as npt

    from phoenix_giraffe.simulation.optics import Format
    from phoenix_giraffe.simulation.plan import Frame, NightPlan

    Array = npt.NDArray[np.float64]

__all__ = ["fibre_light", "raw_pixels"]


def raw_pixels(
    plan: NightPlan, frame: Frame, still: Format, rng: np.random.Generator
) -> RawPixels:
    """Draw a frame.

    Parameters
    ----------
    still : Format
        Where the spectra lie without flexure.
    """
    optics, detector = plan.optics, plan.detector
    form = still.shifted(*frame.flexure)
    electrons = fibre_light(plan, frame, form)
    if electrons.any():
        image = trace_image(form, electrons, optics.columns)
        image += scattered_light(image, frame.scattered)
    else:
        image = np.zeros((optics.rows, optics.columns), dtype=np.float32)
    area = optics.rows * optics.columns / (2048 * 4096)
    cosmics = draw_cosmics(detector, round(frame.cosmics * area), rng)
    add_cosmics(image, cosmics)
    if frame.rows:
        image, detector = image[: frame.rows], evolve(detector, rows=frame.rows)
    detector = evolve(detector, read_noise=detector.read_noise * frame.noise)
    return RawPixels(read_out(image, detector, frame.exposure.exptime, rng), cosmics)


def fibre_light(plan: NightPlan, frame: Frame, form: Format) -> Array:
    """Electrons in each row of each fibre, shape (fibres, rows + 2 PAD)."""
    simcal = np.array([fibre.simcal for fibre in plan.fibres])
    dark = np.array([fibre.fps in frame.dark_fibres for fibre in plan.fibres])
    passed = np.array([fibre.transmission for fibre in plan.fibres]) * ~dark
    rate = np.where(simcal[:, None], _simcal_rate(plan, frame, form), _sky_side(plan, frame, form))
    time = frame.exposure.exptime
    return np.asarray(time * passed[:, None] * throughput(form.wavelength, plan.setup) * rate)


def _sky_side(plan: NightPlan, frame: Frame, form: Format) -> Array:
    """Electrons/s per row in the fibres that see the plate, before fibre and blaze."""
    if frame.kind == FLAT:
        return np.asarray(frame.light * lamp_rate(form.wavelength) * form.dispersion)
    if frame.kind == ARC:
        return frame.light * arc_rows(form, plan.lines, plan.setup.setting.sigma)
    if frame.field is not None:
        rate = object_rate(fine_wavelength(form), plan.fibres, frame.field)
        return frame.light * rows_of(form, line_spread(rate, plan.setup.setting.sigma))
    return np.zeros_like(form.wavelength)


def _simcal_rate(plan: NightPlan, frame: Frame, form: Format) -> Array:
    """Electrons/s per row in the SIMCAL fibres; their lamp is dimmed for long exposures."""
    dimmed = min(1.0, 60.0 / max(frame.exposure.exptime, 1.0))
    if frame.simcal == "HAL":
        return np.asarray(dimmed * frame.light * lamp_rate(form.wavelength) * form.dispersion)
    if frame.simcal == "TAL":
        return dimmed * frame.light * arc_rows(form, plan.lines, plan.setup.setting.sigma)
    return np.zeros_like(form.wavelength)
