"""Truth tables of a simulated night, and how far reduced spectra are from them.

One FITS file per science exposure, ``truth/<date>/<ARCFILE root>_truth.fits``:

=============  =================================================================================
HDU            content
=============  =================================================================================
primary        ARCFILE, EXPTIME, the optical model (SIM OPT ...), flexure (SIM FLEX COL, ROW in
               pixels, VELO in km/s), SIM SCATTER (part of the mean light), SIM LIGHT, SIM SIMCAL,
               SIM FLAT TIME
               (exposure time of the flats in s), detector (SIM DET ...), seed and faults
``FIBRES``     one row per fibre of the slit, in the order of the columns on the detector: FPS,
               BUTTON, RETRACTOR, OBJECT, TYPE (M, S or empty: no target), RA, DEC (deg),
               MAGNITUDE, CLASS, VELOCITY (km/s, barycentric), OBSERVER (km/s, velocity of the
               telescope towards the target), TRANSMISSION, DEAD, DARK, SIMCAL, COLUMN (trace in
               the middle row, from 0)
``WAVE``       WAVE (nm, air, as the telescope sees it; in the barycentric frame it is
               WAVE (1 + OBSERVER / c)), LAMP and SKY (electrons/s/nm before fibre and blaze)
``RATE``       image, fibre along axis 2: electrons/s/nm, star and sky, before fibre, blaze and
               spectrograph
``EXPECTED``   image alike: RATE as the spectrograph blurs it, over LAMP. A perfect reduction
               gives EXPECTED x EXPTIME / SIM FLAT TIME x PRO FLAT SCALE
``COSMICS``    COLUMN, ROW (light-sensitive, from 0), ELECTRONS
=============  =================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits
from attrs import field, frozen

from phoenix.model.idp import Card
from phoenix.simulate.raw import header_of, image_hdu, table_hdu
from phoenix.simulate.star import SPEED_OF_LIGHT
from phoenix.simulate.truth import (
    flux_scale,
    pulls,
    robust_sigma,
    signal_to_noise,
    velocity_error,
)
from phoenix.simulate.truthfile import cosmics_columns, truth_cards
from phoenix_giraffe.simulation.light import (
    fine_wavelength,
    lamp_rate,
    line_spread,
    object_rate,
    sky_rate,
)
from phoenix_giraffe.simulation.plan import FLAT, KINDS

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.simulate.detector import Cosmics
    from phoenix_giraffe.simulation.optics import Format
    from phoenix_giraffe.simulation.plan import Frame, NightPlan

    Array = npt.NDArray[np.float64]

__all__ = ["Comparison", "compare_with_truth", "truth_hdus"]

STEP = 0.01  # nm, of the truth's wavelength grid, or half a row if that is less
EDGE = 0.5  # nm at either end of a spectrum that are not compared
GREEN_LINE, AROUND_IT = 557.734, 0.3  # nm


@frozen
class Comparison:
    """Reduced spectra of one exposure against the truth, one element per compared fibre.

    Attributes
    ----------
    fps : ndarray of int
        The fibre.
    kind : ndarray of str
        M or S.
    snr : ndarray
        Median signal-to-noise ratio per pixel.
    velocity : ndarray
        Reduced minus true in km/s; NaN for the sky.
    scale : ndarray
        Reduced flux over truth, relative to the median fibre.
    pull : ndarray
        Robust rms of (reduced - truth) / quoted error.
    factor : float
        The median fibre's flux over EXPECTED x EXPTIME / SIM FLAT TIME; a perfect reduction
        gives PRO FLAT SCALE.
    """

    fps: npt.NDArray[np.int_] = field(eq=False)
    kind: npt.NDArray[np.str_] = field(eq=False)
    snr: Array = field(eq=False)
    velocity: Array = field(eq=False)
    scale: Array = field(eq=False)
    pull: Array = field(eq=False)
    factor: float


def truth_hdus(
    plan: NightPlan, frame: Frame, form: Format, cosmics: Cosmics
) -> list[fits.PrimaryHDU | fits.ImageHDU | fits.BinTableHDU]:
    """Make the truth of a science frame.

    Parameters
    ----------
    form : Format
        Where the spectra lie, flexure included.
    """
    setup = plan.setup
    step = min(STEP, 0.5 * setup.optics.dispersion)
    wave = np.arange(setup.low - 1.0, setup.high + 1.0, step)
    table = [
        ("WAVE", "1D", wave, "nm"),
        ("LAMP", "1D", lamp_rate(wave), ""),
        ("SKY", "1D", sky_rate(wave), ""),
    ]
    rate, expected = _spectra(plan, frame, form, wave)
    return [
        image_hdu(_cards(plan, frame, form)),
        table_hdu("FIBRES", _fibre_columns(plan, frame, form)),
        table_hdu("WAVE", table),
        _image("RATE", rate),
        _image("EXPECTED", expected),
        table_hdu("COSMICS", cosmics_columns(cosmics)),
    ]


def _spectra(plan: NightPlan, frame: Frame, form: Format, wave: Array) -> tuple[Array, Array]:
    if frame.field is None:
        shape = (len(plan.fibres), len(wave))
        return np.zeros(shape), np.zeros(shape)
    grid = np.broadcast_to(wave, (len(plan.fibres), len(wave)))
    rate = frame.light * object_rate(grid, plan.fibres, frame.field)
    fine = fine_wavelength(form)
    blurred = frame.light * line_spread(
        object_rate(fine, plan.fibres, frame.field), plan.setup.setting.sigma
    )
    expected = np.stack([np.interp(wave, x, y) for x, y in zip(fine, blurred, strict=True)])
    return rate, expected / lamp_rate(wave)


def _cards(plan: NightPlan, frame: Frame, form: Format) -> list[Card]:
    optics = plan.optics
    velocity = SPEED_OF_LIGHT * float(np.median(form.dispersion / form.wavelength))
    rows = (
        ("SIM FLAT TIME", KINDS[FLAT].exptime, "Exposure time of the flats (s)"),
        ("SIM LIGHT", frame.light, "Factor on the light of the stars"),
        ("SIM FLEX COL", frame.flexure[0], "Shift in columns (pixels)"),
        ("SIM FLEX ROW", frame.flexure[1], "Shift in rows (pixels)"),
        ("SIM FLEX VELO", frame.flexure[1] * velocity, "The same, towards the red (km/s)"),
        ("SIM SCATTER", frame.scattered, "Scattered light (part of the mean)"),
        ("SIM SIMCAL", frame.simcal, "Lamp in the SIMCAL fibres"),
        ("SIM OPT SDX", optics.sdx, "Slit offset along x (mm)"),
        ("SIM OPT SDY", optics.sdy, "Slit offset along y (mm)"),
        ("SIM OPT SPHI", optics.sphi, "Slit rotation"),
        ("SIM OPT THETA", optics.theta, "Grating angle (rad)"),
        ("SIM OPT FCOLL", optics.collimator, "Focal length of the collimator (mm)"),
        ("SIM OPT GCAM", optics.camera, "Camera magnification"),
        ("SIM DET CONAD", plan.detector.conad, "Electrons per count"),
        ("SIM DET RON", plan.detector.read_noise, "Read noise (electrons)"),
        ("SIM DET BIAS", plan.detector.bias, "Bias level (counts)"),
        ("SIM DET DARK", plan.detector.dark, "Dark current (electrons/h)"),
    )
    return truth_cards(frame.exposure, plan.options, rows)


def _fibre_columns(
    plan: NightPlan, frame: Frame, form: Format
) -> list[tuple[str, str, object, str]]:
    targets = {t.fps: t for t in frame.field.targets} if frame.field else {}
    seen = [targets.get(fibre.fps) for fibre in plan.fibres]
    fibres = plan.fibres
    return [
        ("FPS", "1J", [f.fps for f in fibres], ""),
        ("BUTTON", "1J", [f.button for f in fibres], ""),
        ("RETRACTOR", "16A", [f.retractor for f in fibres], ""),
        ("OBJECT", "24A", [t.name if t else "" for t in seen], ""),
        ("TYPE", "1A", [t.kind if t else "" for t in seen], ""),
        ("RA", "1D", [t.ra if t else 0.0 for t in seen], "deg"),
        ("DEC", "1D", [t.dec if t else 0.0 for t in seen], "deg"),
        ("MAGNITUDE", "1E", [t.magnitude if t else 0.0 for t in seen], "mag"),
        ("CLASS", "8A", [t.star.name if t and t.star else "" for t in seen], ""),
        ("VELOCITY", "1D", [t.velocity if t else 0.0 for t in seen], "km/s"),
        ("OBSERVER", "1D", [t.observer if t else 0.0 for t in seen], "km/s"),
        ("TRANSMISSION", "1D", [f.transmission for f in fibres], ""),
        ("DEAD", "1L", [f.dead for f in fibres], ""),
        ("DARK", "1L", [f.fps in frame.dark_fibres for f in fibres], ""),
        ("SIMCAL", "1L", [f.simcal for f in fibres], ""),
        ("COLUMN", "1D", form.column[:, form.column.shape[1] // 2], "pixel"),
    ]


def _image(name: str, pixels: Array) -> fits.ImageHDU:
    return fits.ImageHDU(
        pixels.astype(np.float32),
        header=header_of([Card("EXTNAME", name, "Name of this image")]),
    )


def compare_with_truth(spectra: Path, errors: Path, truth: Path) -> Comparison:
    """Compare what giscience made of an exposure with what was put in.

    Fibres are matched through FPS; 0.5 nm at either end and the brightest sky line are left out.

    Parameters
    ----------
    spectra, errors : Path
        SCIENCE_RBNSPECTRA and SCIENCE_RBNERRORS.
    truth : Path
        The truth of the same exposure.
    """
    wave, flux, error, reduced_fps = _reduced(spectra, errors)
    with fits.open(truth) as hdus:
        time = hdus[0].header["EXPTIME"] / hdus[0].header["ESO SIM FLAT TIME"]
        fibres, grid = hdus["FIBRES"].data, hdus["WAVE"].data["WAVE"]
        expected = hdus["EXPECTED"].data.astype(np.float64) * time
        index = {int(fps): i for i, fps in enumerate(fibres["FPS"])}
        kinds = np.array([str(kind) for kind in fibres["TYPE"]])
    clean = (wave > wave[0] + EDGE) & (wave < wave[-1] - EDGE)
    clean &= np.abs(wave - GREEN_LINE) > AROUND_IT
    rows = [
        _one(wave[clean], flux[clean, i], error[clean, i], np.interp(wave[clean], grid, row), kind)
        for i, fps in enumerate(reduced_fps)
        if (kind := kinds[index[fps]]) in ("M", "S")
        for row in (expected[index[fps]],)
    ]
    used = [fps for fps in reduced_fps if kinds[index[fps]] in ("M", "S")]
    scale = np.array([row[2] for row in rows])
    return Comparison(
        fps=np.array(used),
        kind=kinds[[index[fps] for fps in used]],
        snr=np.array([row[0] for row in rows]),
        velocity=np.array([row[1] for row in rows]),
        scale=scale / np.median(scale),
        pull=np.array([row[3] for row in rows]),
        factor=float(np.median(scale)),
    )


def _one(
    wave: Array, flux: Array, error: Array, truth: Array, kind: str
) -> tuple[float, float, float, float]:
    """Signal to noise, velocity, flux over truth and pull of one fibre."""
    scale = flux_scale(flux, truth)
    velocity = velocity_error(wave, flux, error, truth) if kind == "M" else float("nan")
    return (
        signal_to_noise(flux, error),
        velocity,
        scale,
        robust_sigma(pulls(flux, error, scale * truth)),
    )


def _reduced(spectra: Path, errors: Path) -> tuple[Array, Array, Array, list[int]]:
    with fits.open(spectra) as hdus, fits.open(errors) as bars:
        header = hdus[0].header
        flux = hdus[0].data.astype(np.float64)
        error = bars[0].data.astype(np.float64)
        fps = [int(number) for number in hdus["FIBER_SETUP"].data["FPS"]]
    wave = header["CRVAL2"] + header["CDELT2"] * (np.arange(len(flux)) + 1 - header["CRPIX2"])
    return wave, flux, error, fps
