"""Small cubes in files, and skies with stars to fill them."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

SCALE = 0.2  # arcsec a pixel
FIRST, STEP = 4750.0, 1.25  # Angstrom


def cube_header(name, unit="10**(-20)*erg/s/cm**2/Angstrom", **cards):
    header = fits.Header()
    header["EXTNAME"] = name
    header["BUNIT"] = unit
    header["CTYPE1"], header["CTYPE2"], header["CTYPE3"] = "RA---TAN", "DEC--TAN", "AWAV"
    header["CUNIT1"], header["CUNIT2"], header["CUNIT3"] = "deg", "deg", "Angstrom"
    header["CRVAL1"], header["CRVAL2"], header["CRVAL3"] = 35.0, -18.0, FIRST
    header["CRPIX1"], header["CRPIX2"], header["CRPIX3"] = 10.0, 8.0, 1.0
    header["CD1_1"], header["CD1_2"], header["CD2_1"] = -SCALE / 3600, 0.0, 0.0
    header["CD2_2"], header["CD3_3"] = SCALE / 3600, STEP
    for key, value in cards.items():
        header[key] = value
    return header


def write_cube(path, data, stat=None, primary=None, **cards):
    """Write a cube as the recipes do: DATA and STAT, single precision."""
    hdus = fits.HDUList([fits.PrimaryHDU(header=primary)])
    hdus.append(fits.ImageHDU(data, cube_header("DATA", **cards)))
    if stat is not None:
        hdus.append(fits.ImageHDU(stat, cube_header("STAT", **cards)))
    hdus.writeto(path, overwrite=True)
    return path


def moffat(shape, x, y, fwhm, beta=2.8):
    """Return the image of a star whose sum over the plane is one."""
    alpha = fwhm / (2.0 * np.sqrt(2.0 ** (1.0 / beta) - 1.0))
    rows, columns = np.indices(shape, dtype=float)
    radius2 = (columns - x) ** 2 + (rows - y) ** 2
    return (beta - 1.0) / (np.pi * alpha**2) * (1.0 + radius2 / alpha**2) ** -beta


def starry(planes, shape, stars, noise, seed, fwhm=4.0):
    """Return pixels and variances of a field of stars (x, y, flux a plane)."""
    rng = np.random.default_rng(seed)
    field = sum((flux * moffat(shape, x, y, fwhm) for x, y, flux in stars), np.zeros(shape))
    data = field + rng.normal(0.0, noise, (planes, *shape))
    return data.astype(np.float32), np.full(data.shape, noise**2, dtype=np.float32)
