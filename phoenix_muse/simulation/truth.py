"""Truth tables of a simulated night.

One FITS file per science exposure, ``truth/<date>/<ARCFILE root>_truth.fits``:

==============  ================================================================================
HDU             content
==============  ================================================================================
primary         ARCFILE, EXPTIME; SIM RA and DEC (where the telescope truly looked, degrees), SIM
                MISS EAST and NORTH (by how many arcsec that is off the header), SIM POSANG, SIM
                SEEING (arcsec FWHM of a Moffat profile), SIM BETA (its exponent), SIM AIRMASS, SIM
                OBSERVER (km/s with which the telescope approaches the target), SIM SHIFT (Angstrom
                by which all wavelengths are off the solution), SIM THRU (share of the light that
                comes in), SIM LSF (Angstrom FWHM), SIM OB, SIM CONTAINER, seed and faults
SOURCES         NAME, RA, DEC (degrees), FLUX (of the continuum at 6400 Angstrom above the
                atmosphere, 1e-20 erg/s/cm2/Angstrom), SLOPE (power of the wavelength), LINE (air
                wavelength of an emission line in the barycentric frame, Angstrom; 0 for stars),
                LINEFLUX (1e-20 erg/s/cm2), LINESIG (Angstrom rms), SIZE (arcsec FWHM), APART
                (arcsec to the nearest neighbour)
SKY             NAME, LAMBDA (Angstrom), FLUX (1e-20 erg/s/cm2/arcsec2) of the lines of the night
                sky in this exposure, GROUP; SIM SKYCONT is the continuum at 6400 Angstrom
==============  ================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.raw import image_hdu, table_hdu
from phoenix.simulate.truthfile import truth_cards
from phoenix_muse.simulation.layout import LSF_FWHM
from phoenix_muse.simulation.light import SKY_LINES, sky_continuum
from phoenix_muse.simulation.programme import true_place
from phoenix_muse.simulation.render import MOFFAT_BETA, mean_airmass
from phoenix_muse.simulation.scene import REFERENCE, sky_place

if TYPE_CHECKING:
    from astropy.io import fits

    from phoenix.model.idp import Card
    from phoenix_muse.simulation.plan import Frame, NightPlan

__all__ = ["truth_hdus"]


def truth_hdus(plan: NightPlan, frame: Frame) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Make the truth of a science frame."""
    return [image_hdu(_cards(plan, frame)), _sources(frame), _sky(frame)]


def _sources(frame: Frame) -> fits.BinTableHDU:
    scene = frame.scene
    sources = scene.sources if scene else ()
    places = [
        sky_place(one.east, one.north, scene.ra, scene.dec) if scene else (0.0, 0.0)
        for one in sources
    ]
    apart = scene.distances() if scene else np.zeros(0)
    return table_hdu(
        "SOURCES",
        [
            ("NAME", "8A", [one.name for one in sources], ""),
            ("RA", "1D", [ra for ra, _ in places], "deg"),
            ("DEC", "1D", [dec for _, dec in places], "deg"),
            ("FLUX", "1D", [one.flux for one in sources], "1e-20 erg/s/cm2/Angstrom"),
            ("SLOPE", "1D", [one.slope for one in sources], ""),
            ("LINE", "1D", [one.line for one in sources], "Angstrom"),
            ("LINEFLUX", "1D", [one.line_flux for one in sources], "1e-20 erg/s/cm2"),
            ("LINESIG", "1D", [one.line_sigma for one in sources], "Angstrom"),
            ("SIZE", "1D", [one.size for one in sources], "arcsec"),
            ("APART", "1D", apart, "arcsec"),
        ],
    )


def _sky(frame: Frame) -> fits.BinTableHDU:
    glow = dict(frame.airglow)
    fluxes = [glow.get(line.group, 1.0) * line.flux for line in SKY_LINES]
    return table_hdu(
        "SKY",
        [
            ("NAME", "20A", [line.name for line in SKY_LINES], ""),
            ("LAMBDA", "1D", [line.wavelength for line in SKY_LINES], "Angstrom"),
            ("FLUX", "1D", fluxes, "1e-20 erg/s/cm2/arcsec2"),
            ("GROUP", "1J", [line.group for line in SKY_LINES], ""),
        ],
    )


def _cards(plan: NightPlan, frame: Frame) -> list[Card]:
    exposure, scene = frame.exposure, frame.scene
    east, north = true_place(frame)
    ra, dec = sky_place(east, north, scene.ra, scene.dec) if scene else (0.0, 0.0)
    continuum = float(sky_continuum(np.array(REFERENCE)))
    rows = (
        ("SIM RA", round(ra, 8), "Where the telescope looked (deg)"),
        ("SIM DEC", round(dec, 8), "Where the telescope looked (deg)"),
        ("SIM MISS EAST", frame.pointing[0], "Off the header (arcsec)"),
        ("SIM MISS NORTH", frame.pointing[1], "Off the header (arcsec)"),
        ("SIM POSANG", frame.posang, "Position angle (deg)"),
        ("SIM SEEING", frame.seeing, "FWHM (arcsec)"),
        ("SIM BETA", MOFFAT_BETA, "Exponent of the Moffat profile"),
        ("SIM AIRMASS", round(mean_airmass(exposure), 4), "In the middle of the exposure"),
        ("SIM OBSERVER", frame.observer, "Approaches the target (km/s)"),
        ("SIM SHIFT", frame.shift, "Of all wavelengths (Angstrom)"),
        ("SIM THRU", frame.light, "Share of the light that comes in"),
        ("SIM LSF", LSF_FWHM, "FWHM (Angstrom)"),
        ("SIM SKYCONT", frame.sky * continuum, "1e-20 erg/s/cm2/A/arcsec2 at 6400 A"),
        ("SIM OB", exposure.block.id, "OBS ID"),
        ("SIM CONTAINER", exposure.block.container, "OBS CONTAINER ID"),
    )
    return truth_cards(exposure, plan.options, rows)
