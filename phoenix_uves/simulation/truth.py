"""Truth tables of a simulated night, and how far reduced spectra are from them.

One FITS file per science exposure, ``truth/<date>/<ARCFILE root>_truth.fits``:

==============  ================================================================================
HDU             content
==============  ================================================================================
primary         ARCFILE, EXPTIME, target (SIM TARG ...), SIM THRU (share of the light that passes
                clouds and slit), SIM SEEING, SIM SLIT, SIM AIRMASS, SIM IODINE, SIM SHIFT X and Y
                (binned pixels), seed and faults
chip            one table for each chip, named BLUE, REDL, REDU: WAVE (nm, air, as the telescope
                sees it; WAVE (1 + SIM OBSERVER / c) is barycentric), FLUX (of the
                target above the atmosphere, erg/s/cm2/Angstrom), EXPECTED (what a perfect
                flux-calibrated reduction gives: FLUX as the spectrograph blurs it, times SIM THRU
                and the iodine cell) and COUNTS (what counts divided by the flat follow, but for a
                factor: electrons of the target over those of the lamp)
chip_ORDERS     ORDER, FIRST and LAST (nm, on the chip), CENTRE (nm, of the blaze), ROW (of the
                trace in the middle column, from 0, rotated frame), STEP (nm per column there)
chip_COSMICS    COLUMN, ROW (light-sensitive, raw orientation, from 0), ELECTRONS
==============  ================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits
from attrs import field, frozen

from phoenix.simulate.raw import image_hdu, table_hdu
from phoenix.simulate.spread import OVERSAMPLING, spread
from phoenix.simulate.star import SPEED_OF_LIGHT
from phoenix.simulate.truth import (
    flux_scale,
    pulls,
    robust_sigma,
    signal_to_noise,
    velocity_error,
)
from phoenix.simulate.truthfile import cosmics_columns, truth_cards
from phoenix_uves.simulation.light import electron_rate, lamp_rate, line_width
from phoenix_uves.simulation.optics import PAD
from phoenix_uves.simulation.render import (
    chip_format,
    mean_airmass,
    object_flux,
    throughput,
    wavelength_grid,
)
from phoenix_uves.simulation.stars import iodine_cell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from phoenix.model.idp import Card
    from phoenix.simulate.detector import Cosmics
    from phoenix_uves.simulation.optics import Format
    from phoenix_uves.simulation.plan import Frame, NightPlan

    Array = npt.NDArray[np.float64]

__all__ = ["Comparison", "compare_spectrum", "compare_with_truth", "truth_hdus"]

STEP = 0.002  # nm, of the truth's wavelength grid
FAINT_BLAZE = 1e-3  # the ends of the orders at the edge of the chip carry no light
WINDOWS = 10  # parts of a spectrum in which the wavelength scale is compared
ENOUGH = 20.0  # signal-to-noise ratio below which a part says nothing about it
EDGE = 0.03  # part of a spectrum at either end that is noisy and not compared


@frozen
class Comparison:
    """A reduced spectrum against the truth.

    Attributes
    ----------
    ratio : float
        Median of reduced over expected flux; NaN where no flux is expected.
    pull : float
        Robust rms of (reduced - expected) / quoted error.
    snr : float
        Median signal-to-noise ratio per pixel.
    shifts : ndarray
        Reduced minus true position in binned pixels of the chip, one for each tenth of the
        spectrum with enough signal.
    """

    ratio: float
    pull: float
    snr: float
    shifts: Array = field(eq=False)


def truth_hdus(
    plan: NightPlan, frame: Frame, cosmics: Mapping[str, Cosmics]
) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Make the truth of a science frame; `cosmics` go by chip."""
    hdus = [image_hdu(_cards(plan, frame))]
    for chip, rays in cosmics.items():
        form = chip_format(plan, frame, chip)
        wave, flux, expected, counts = _spectra(plan, frame, form)
        hdus += [
            table_hdu(
                chip,
                [
                    ("WAVE", "1D", wave, "nm"),
                    ("FLUX", "1E", flux, "erg/s/cm2/Angstrom"),
                    ("EXPECTED", "1E", expected, "erg/s/cm2/Angstrom"),
                    ("COUNTS", "1E", counts, ""),
                ],
            ),
            table_hdu(f"{chip}_ORDERS", _orders(form)),
            table_hdu(f"{chip}_COSMICS", cosmics_columns(rays)),
        ]
    return hdus


def _spectra(plan: NightPlan, frame: Frame, form: Format) -> tuple[Array, Array, Array, Array]:
    """Wavelength, flux, and what reductions give of it in flux and in counts."""
    grid = wavelength_grid(form, plan.binning)
    flux = object_flux(frame, grid)
    cell = iodine_cell(grid) if frame.iodine else np.ones_like(grid)
    sigma = line_width(min(frame.slit, frame.seeing), plan.binning)
    # Off the chip nothing is seen, and at the ends of the grid the blurred light runs out.
    inside = np.s_[:, OVERSAMPLING * PAD : -OVERSAMPLING * PAD]
    on_chip = form.wavelength[inside][form.blaze[inside] > FAINT_BLAZE]
    wave = np.arange(np.ceil(on_chip.min() / STEP) * STEP, on_chip.max(), STEP)
    rate = electron_rate(flux, grid, mean_airmass(frame.exposure))
    expected, electrons = (
        throughput(frame)
        * _merged(form, np.interp(form.wavelength, grid, seen * cell), sigma, wave)
        for seen in (flux, rate)
    )
    counts = electrons / lamp_rate(wave, frame.setting.wavelength)
    return wave, np.interp(wave, grid, flux), expected, counts


def _merged(form: Format, seen: Array, sigma: float, wave: Array) -> Array:
    """Blur what is seen in every order and merge the orders, each by its light."""
    inside = np.s_[:, OVERSAMPLING * PAD : -OVERSAMPLING * PAD]
    light = form.blaze * form.dispersion
    blurred = spread(seen * light, sigma)
    total, weight = np.zeros_like(wave), np.zeros_like(wave)
    rows = zip(form.wavelength[inside], blurred[inside], light[inside], strict=True)
    for wavelength, above, below in rows:
        total += np.interp(wave, wavelength, above, left=0.0, right=0.0)
        weight += np.interp(wave, wavelength, below, left=0.0, right=0.0)
    return np.asarray(total / np.maximum(weight, 1e-30))


def _orders(form: Format) -> list[tuple[str, str, object, str]]:
    inside = slice(OVERSAMPLING * PAD, -OVERSAMPLING * PAD)
    middle = form.wavelength.shape[1] // 2
    peak = form.wavelength[np.arange(len(form.order)), form.blaze.argmax(axis=1)]
    return [
        ("ORDER", "1J", form.order, ""),
        ("FIRST", "1D", form.wavelength[:, inside][:, 0], "nm"),
        ("LAST", "1D", form.wavelength[:, inside][:, -1], "nm"),
        ("CENTRE", "1D", peak, "nm"),
        ("ROW", "1D", form.row[:, form.row.shape[1] // 2], "pixel"),
        ("STEP", "1D", form.dispersion[:, middle], "nm"),
    ]


def _cards(plan: NightPlan, frame: Frame) -> list[Card]:
    exposure, target = frame.exposure, frame.target
    rows = (
        ("SIM TARG NAME", target.name if target else "", "Target"),
        ("SIM TARG MAG", target.magnitude if target else 0.0, "V (mag)"),
        ("SIM TARG CLASS", target.star.name if target else "", "Spectral type"),
        ("SIM TARG VELO", target.velocity if target else 0.0, "Barycentric velocity (km/s)"),
        ("SIM OBSERVER", target.observer if target else 0.0, "Towards the target (km/s)"),
        ("SIM THRU", round(throughput(frame), 6), "Share of the light behind the slit"),
        ("SIM SEEING", frame.seeing, "FWHM (arcsec)"),
        ("SIM SLIT", frame.slit, "Width (arcsec)"),
        ("SIM AIRMASS", mean_airmass(exposure), "Mean of begin and end"),
        ("SIM IODINE", frame.iodine, "Iodine cell in the beam"),
        ("SIM SHIFT X", frame.shift[0], "Shift along the dispersion (pixels)"),
        ("SIM SHIFT Y", frame.shift[1], "Shift across the orders (pixels)"),
    )
    return truth_cards(exposure, plan.options, rows)


def compare_with_truth(flux: Path, error: Path, truth: Path, chip: str) -> Comparison:
    """Compare a flux-calibrated spectrum of uves_obs_scired with what was put in.

    The quoted error is taken as it is; the pipeline forgets the extinction in it, so that it is
    too small by 10**(-0.4 k airmass), which the pull shows in the blue.

    Parameters
    ----------
    flux, error : Path
        FLUXCAL_<tag> and FLUXCAL_ERRORBAR_<tag> of one chip.
    truth : Path
        The truth of the same exposure.
    chip : str
        BLUE, REDL or REDU.
    """
    return compare_spectrum(*_reduced(flux, error), truth, chip)


def compare_spectrum(wave: Array, flux: Array, error: Array, truth: Path, chip: str) -> Comparison:
    """Compare any flux-calibrated spectrum of one chip with what was put in.

    Parameters
    ----------
    wave : ndarray, shape (n,)
        Air wavelengths as the telescope sees them, in nm.
    flux, error : ndarray, shape (n,)
        erg/s/cm2/Angstrom; pixels without an error are left out.
    """
    with fits.open(truth) as hdus:
        table, orders = hdus[chip].data, hdus[f"{chip}_ORDERS"].data
        expected = np.interp(wave, table["WAVE"], table["EXPECTED"], left=np.nan, right=np.nan)
        by_wavelength = np.argsort(orders["CENTRE"])
        column = np.interp(wave, orders["CENTRE"][by_wavelength], orders["STEP"][by_wavelength])
    margin = int(EDGE * len(wave))
    good = np.isfinite(expected) & (flux != 0) & (error > 0)
    good[:margin] = good[len(good) - margin :] = False
    wave, flux, error, expected, column = (
        values[good] for values in (wave, flux, error, expected, column)
    )
    return Comparison(
        ratio=flux_scale(flux, expected) if (expected > 0).any() else float("nan"),
        pull=robust_sigma(pulls(flux, error, expected)),
        snr=signal_to_noise(flux, error),
        shifts=_shifts(wave, flux, error, expected, column),
    )


def _shifts(wave: Array, flux: Array, error: Array, expected: Array, column: Array) -> Array:
    """Shift in columns of the chip, one for each window of the spectrum with enough signal."""
    shifts = []
    for part in np.array_split(np.arange(len(wave)), WINDOWS):
        if signal_to_noise(flux[part], error[part]) < ENOUGH:
            continue
        velocity = velocity_error(wave[part], flux[part], error[part], expected[part])
        step = np.median(column[part] / wave[part])
        shifts.append(velocity / SPEED_OF_LIGHT / step)
    return np.array(shifts)


def _reduced(flux: Path, error: Path) -> tuple[Array, Array, Array]:
    """Wavelength (nm), flux and error of a product."""
    with fits.open(flux) as spectrum, fits.open(error) as bars:
        header = spectrum[0].header
        values = spectrum[0].data.astype(np.float64)
        quoted = bars[0].data.astype(np.float64)
    place = np.arange(len(values)) + 1 - header["CRPIX1"]
    return (header["CRVAL1"] + header["CDELT1"] * place) / 10.0, values, quoted
