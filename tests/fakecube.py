"""A small cube and its white light, as a recipe leaves them: to be copied and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

if TYPE_CHECKING:
    from pathlib import Path

UNIT = "10**(-20)*erg/s/cm**2/Angstrom"

PRIMARY = {
    "ORIGIN": "ESO-PARANAL",
    "TELESCOP": "ESO-VLT-U4",
    "INSTRUME": "MUSE",
    "OBJECT": "NGC 104 (white)",
    "RA": 10.0,
    "DEC": -30.0,
    "RADESYS": "FK5",
    "EQUINOX": 2000.0,
    "DATE": "2016-03-07T16:05:59",
    "DATE-OBS": "2016-03-01T01:12:00.000",
    "MJD-OBS": 57448.05,
    "EXPTIME": 300.0,
    "ARCFILE": "MUSE.2016-03-01T01:12:00.000.fits",
    "HIERARCH ESO OBS TARG NAME": "NGC 104",
    "HIERARCH ESO OBS PROG ID": "096.B-0001(A)",
    "HIERARCH ESO OBS ID": 200123456,
    "HIERARCH ESO PRO TECH": "IFU",
    "HIERARCH ESO PRO REC1 PIPE ID": "muse/2.8.7",
    "HIERARCH ESO DRS MUSE PIXTABLE WCS": "projected",
}

PLACE = {
    "CTYPE1": "RA---TAN",
    "CTYPE2": "DEC--TAN",
    "CUNIT1": "deg",
    "CUNIT2": "deg",
    "CRPIX1": 3.0,
    "CRPIX2": 3.5,
    "CRVAL1": 10.0,
    "CRVAL2": -30.0,
    "CD1_1": -5.55e-05,
    "CD1_2": 0.0,
    "CD2_1": 0.0,
    "CD2_2": 5.55e-05,
}
WAVE = {
    "CTYPE3": "AWAV",
    "CUNIT3": "Angstrom",
    "CRPIX3": 1.0,
    "CRVAL3": 4750.0,
    "CD3_3": 1.25,
    "CD1_3": 0.0,
    "CD2_3": 0.0,
    "CD3_1": 0.0,
    "CD3_2": 0.0,
}


def write_cube(path: Path, shape: tuple[int, int, int] = (7, 6, 5), **primary: object) -> Path:
    """Write primary, DATA and STAT (wavelength, y, x), with NaN where nothing was seen."""
    pixels = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    pixels[0, 0, 0] = np.nan
    hdus = [
        fits.PrimaryHDU(header=_header({**PRIMARY, **primary})),
        fits.ImageHDU(pixels, _header({**PLACE, **WAVE, "BUNIT": UNIT}), "DATA"),
        fits.ImageHDU(pixels + 1, _header({**PLACE, **WAVE, "BUNIT": f"({UNIT})**2"}), "STAT"),
    ]
    fits.HDUList(hdus).writeto(path, checksum=True)
    return path


def write_white(path: Path, shape: tuple[int, int] = (6, 5)) -> Path:
    """Write primary and DATA of an image in white light."""
    pixels = np.ones(shape, np.float32)
    hdus = [
        fits.PrimaryHDU(header=_header(PRIMARY)),
        fits.ImageHDU(pixels, _header({**PLACE, "BUNIT": UNIT}), "DATA"),
    ]
    fits.HDUList(hdus).writeto(path, checksum=True)
    return path


def _header(values: dict[str, object]) -> fits.Header:
    header = fits.Header()
    for keyword, value in values.items():
        header[keyword] = value
    return header
