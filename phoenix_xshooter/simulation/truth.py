"""Truth tables of a simulated night.

One FITS file per science exposure, ``truth/<date>/<ARCFILE root>_truth.fits``:

==============  ================================================================================
HDU             content
==============  ================================================================================
primary         ARCFILE, EXPTIME, arm (SIM ARM), target (SIM TARG ...), SIM THRU (share of the
                light that passes clouds and slit), SIM SEEING, SIM SLIT, SIM AIRMASS, SIM
                OBSERVER (km/s with which the telescope approaches the target), SIM PLACE (of the
                target on the slit, arcsec), SIM SHIFT X and Y (columns, rows), seed and faults
SPECTRUM        WAVE (nm, air, as the telescope sees it; WAVE (1 + SIM OBSERVER / c) is
                barycentric), FLUX (of the target above the atmosphere, erg/s/cm2/Angstrom),
                EXPECTED (what a perfect flux-calibrated reduction gives: FLUX as the spectrograph
                blurs it, times SIM THRU), TELLURIC (part of the light that the bands let pass)
ORDERS          ORDER, FIRST and LAST (nm, of the table of the format), CENTRE (nm, of the blaze),
                STEP (nm per unbinned row there), SIGMA (nm rms by which a line is blurred)
COSMICS         COLUMN, ROW (light-sensitive, from 0), ELECTRONS
==============  ================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.raw import image_hdu, table_hdu
from phoenix.simulate.truthfile import cosmics_columns, truth_cards
from phoenix_xshooter.simulation.arms import SPECTROGRAPHS
from phoenix_xshooter.simulation.light import grid_of, line_spread, telluric
from phoenix_xshooter.simulation.render import mean_airmass, object_flux, throughput

if TYPE_CHECKING:
    import numpy.typing as npt
    from astropy.io import fits

    from phoenix.model.idp import Card
    from phoenix.simulate.detector import Cosmics
    from phoenix_xshooter.simulation.plan import Frame, NightPlan

    Array = npt.NDArray[np.float64]

__all__ = ["expected_flux", "truth_hdus"]


def truth_hdus(
    plan: NightPlan, frame: Frame, cosmics: Cosmics
) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Make the truth of a science frame."""
    grid = grid_of(frame.arm)
    flux = object_flux(frame, grid)
    return [
        image_hdu(_cards(plan, frame)),
        table_hdu(
            "SPECTRUM",
            [
                ("WAVE", "1D", grid, "nm"),
                ("FLUX", "1E", flux, "erg/s/cm2/Angstrom"),
                ("EXPECTED", "1E", expected_flux(frame, grid, flux), "erg/s/cm2/Angstrom"),
                ("TELLURIC", "1E", telluric(grid, mean_airmass(frame.exposure)), ""),
            ],
        ),
        table_hdu("ORDERS", _orders(frame)),
        table_hdu("COSMICS", cosmics_columns(cosmics)),
    ]


def expected_flux(frame: Frame, grid: Array, flux: Array) -> Array:
    """Return the flux as the spectrograph blurs it, and as much as passes the slit.

    The width of a line is a constant part of its wavelength, but for the curvature of the orders:
    the blur is one Gaussian in the logarithm.
    """
    from scipy import ndimage  # noqa: PLC0415 - loaded where it is used

    row = SPECTROGRAPHS[frame.arm]
    sigma = np.hypot(line_spread(frame.arm, min(frame.slit, frame.seeing)), _ROW)
    even = np.geomspace(grid[0], grid[-1], 2 * grid.size)
    samples = sigma * row.range / (0.5 * row.rows) / np.log(even[1] / even[0])
    soft = ndimage.gaussian_filter1d(np.interp(even, grid, flux), samples, mode="nearest")
    return np.asarray(throughput(frame) * np.interp(grid, even, soft))


_ROW = 12.0**-0.5
"""Rms width of a row, in rows: a pixel sees the light of all of it."""


def _orders(frame: Frame) -> list[tuple[str, str, object, str]]:
    row = SPECTROGRAPHS[frame.arm]
    used = np.array([row.used(number) for number in row.orders])
    centre = row.constant / np.array(row.orders)
    step = centre * row.range / (0.5 * row.rows)
    return [
        ("ORDER", "1J", np.array(row.orders), ""),
        ("FIRST", "1D", used[:, 0], "nm"),
        ("LAST", "1D", used[:, 1], "nm"),
        ("CENTRE", "1D", centre, "nm"),
        ("STEP", "1D", step, "nm"),
        ("SIGMA", "1D", step * line_spread(frame.arm, min(frame.slit, frame.seeing)), "nm"),
    ]


def _cards(plan: NightPlan, frame: Frame) -> list[Card]:
    exposure, target = frame.exposure, frame.target
    rows = (
        ("SIM ARM", frame.arm, "Arm"),
        ("SIM TARG NAME", target.name if target else "", "Target"),
        ("SIM TARG MAG", target.magnitude if target else 0.0, "V (mag)"),
        ("SIM TARG VELO", target.velocity if target else 0.0, "Barycentric velocity (km/s)"),
        ("SIM TARG NEBULA", target.nebula if target else 0.0, "Lines; below 0 without a star"),
        ("SIM OBSERVER", target.observer if target else 0.0, "Towards the target (km/s)"),
        ("SIM THRU", round(throughput(frame), 6), "Share of the light behind the slit"),
        ("SIM SEEING", frame.seeing, "FWHM (arcsec)"),
        ("SIM SLIT", frame.slit, "Width (arcsec)"),
        ("SIM AIRMASS", mean_airmass(exposure), "Mean of begin and end"),
        ("SIM PLACE", frame.place, "Of the target on the slit (arcsec)"),
        ("SIM SHIFT X", frame.shift[0], "Shift across the dispersion (pixels)"),
        ("SIM SHIFT Y", frame.shift[1], "Shift along the dispersion (pixels)"),
    )
    return truth_cards(exposure, plan.options, rows)
