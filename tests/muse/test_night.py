"""A night of MUSE through the true recipes: its cube against the truth."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from scipy.optimize import least_squares

pytestmark = pytest.mark.recipes

BETA = 2.8
PLACE = 0.15  # pixels
FLUX = 0.05  # part
WAVE = 0.3  # Angstrom
OFFSET = 0.02  # arcsec


class Cube:
    """A combined cube, its white-light image, and the truth of its first exposure."""

    def __init__(self, path, truth):
        with fits.open(path) as hdus:
            header = hdus["DATA"].header
            header["CUNIT3"] = "Angstrom"
            self.data = hdus["DATA"].data.astype(float)
            self.wcs = WCS(header).celestial
            steps = np.arange(self.data.shape[0]) + 1 - header["CRPIX3"]
            self.wave = header["CRVAL3"] + steps * header["CD3_3"]
        with fits.open(truth) as hdus:
            self.told = dict(hdus[0].header)
            self.sources = hdus["SOURCES"].data
        inside = np.isfinite(self.data).any(axis=(1, 2))
        self.inside = np.flatnonzero(inside)[10:-10]
        with np.errstate(invalid="ignore"):
            some = np.isfinite(self.data[self.inside]).all(axis=0)
        self.image = np.where(some, self.data[self.inside].mean(axis=0), np.nan)

    def expected(self):
        """Places (pixels from 0) and fluxes in the image, as the first exposure points."""
        # What the telescope missed in the first exposure stays in the coordinates.
        dec = self.sources["DEC"] - self.told["ESO SIM MISS NORTH"] / 3600.0
        east = self.told["ESO SIM MISS EAST"] / 3600.0 / np.cos(np.radians(dec))
        x, y = self.wcs.all_world2pix(self.sources["RA"] - east, dec, 0)
        wave = self.wave[self.inside]
        flux = np.array(
            [row["FLUX"] * np.mean((wave / 6400.0) ** row["SLOPE"]) for row in self.sources]
        )
        return x, y, flux + self.sources["LINEFLUX"] / (wave[-1] - wave[0])

    def fitted(self):
        """Places and fluxes of all sources, fitted together so that neighbours do no harm."""
        x, y, flux = self.expected()
        rows, columns = np.indices(self.image.shape)
        good = np.isfinite(self.image)
        near = np.zeros_like(good)
        for i in range(len(x)):
            near |= np.hypot(columns - x[i], rows - y[i]) < 12
        good &= near
        count = len(x)

        def residuals(told):
            places = told[: 2 * count].reshape(2, count)
            model = np.full(good.sum(), told[-1])
            for i in range(count):
                width = told[3 * count] if self.sources["SIZE"][i] == 0 else told[3 * count + 1]
                alpha = width / 2.0 / np.sqrt(2.0 ** (1.0 / BETA) - 1.0)
                away = (columns[good] - places[0, i]) ** 2 + (rows[good] - places[1, i]) ** 2
                peak = told[2 * count + i] * (BETA - 1.0) / np.pi / alpha**2
                model += peak * (1.0 + away / alpha**2) ** -BETA
            return model - self.image[good]

        start = np.concatenate([x, y, flux, [4.2, 4.6, 0.0]])
        found = least_squares(residuals, start, x_scale=np.maximum(np.abs(start), 1.0)).x
        return found[:count], found[count : 2 * count], found[2 * count : 3 * count]

    def spectrum(self, x, y):
        rows, columns = np.indices(self.image.shape)
        near = np.hypot(columns - x, rows - y) < 4
        return np.nansum(self.data[:, near], axis=1)


@pytest.fixture(scope="module")
def products(good):
    return {
        (one.ab.raw_type, found.pro_catg): found.path
        for one in good.blocks
        for found in one.products
    }


@pytest.fixture(scope="module")
def combined(good):
    return next(one for one in good.blocks if one.ab.raw_type == "PIXTABLE_REDUCED")


@pytest.fixture(scope="module")
def truths(good, combined):
    folder = good.night.folder / "truth" / "2020-01-01"
    names = [raw.name.removesuffix(".fits") for raw in combined.ab.associated_raws]
    return [folder / f"{name}_truth.fits" for name in names]


@pytest.fixture(scope="module")
def cube(combined, truths):
    return Cube(combined.products[0].path, truths[0])


@pytest.fixture(scope="module")
def fit(cube):
    return cube.fitted()


def test_stars_are_where_they_are(cube, fit):
    x, y, _ = cube.expected()
    stars = cube.sources["LINE"] == 0
    away = np.hypot(fit[0] - x, fit[1] - y)[stars]
    assert away.max() < PLACE


def test_stars_have_their_flux(cube, fit):
    x, y, flux = cube.expected()
    rows, columns = np.indices(cube.image.shape)
    # One at the edge of the field is not in all exposures.
    whole = [
        np.isfinite(cube.image[np.hypot(columns - x[i], rows - y[i]) < 8]).all()
        for i in range(len(x))
    ]
    stars = (cube.sources["LINE"] == 0) & np.array(whole)
    assert stars.sum() >= 3
    assert np.abs(fit[2] / flux - 1.0)[stars].max() < FLUX


def test_lines_are_at_their_wavelengths_in_the_barycentric_frame(cube):
    x, y, _ = cube.expected()
    for i in np.flatnonzero(cube.sources["LINE"] > 0):
        line, spectrum = cube.sources["LINE"][i], cube.spectrum(x[i], y[i])
        away = np.abs(cube.wave - line)
        level = np.median(spectrum[(away > 15) & (away < 35)])
        near = away < 5
        light = spectrum[near] - level
        assert (light * cube.wave[near]).sum() / light.sum() == pytest.approx(line, abs=WAVE)


def test_offsets_are_what_the_telescope_missed(products, truths):
    with fits.open(products["IMAGE_FOV", "OFFSET_LIST"]) as hdus:
        rows = hdus[1].data
    missed = []
    for path in truths:
        header = fits.getheader(path)
        missed.append([header["ESO SIM MISS EAST"], header["ESO SIM MISS NORTH"]])
        dec = header["ESO SIM DEC"]
    east = rows["RA_OFFSET"] * 3600.0 * np.cos(np.radians(dec))
    found = np.stack([east, rows["DEC_OFFSET"] * 3600.0], axis=1)
    wanted = -(np.array(missed) - missed[0])
    assert np.abs(found - wanted).max() < OFFSET


def test_the_sky_is_gone_between_the_sources(cube):
    x, y, _ = cube.expected()
    rows, columns = np.indices(cube.image.shape)
    empty = np.isfinite(cube.image)
    for i in range(len(x)):
        empty &= np.hypot(columns - x[i], rows - y[i]) > 14
    # The sky itself has 36 in these units in a spaxel, and 3200 in its brightest line.
    assert abs(np.median(cube.image[empty])) < 4.0


def test_the_response_is_that_of_the_simulated_spectrograph(products):
    from phoenix_muse.simulation.light import count_rate  # noqa: PLC0415 - only here

    with fits.open(products["PIXTABLE_STD", "STD_RESPONSE"]) as hdus:
        rows = hdus[1].data
    inside = (rows["lambda"] > 6260) & (rows["lambda"] < 6540)
    wanted = 2.5 * np.log10(count_rate(rows["lambda"][inside]))
    differences = rows["response"][inside] - wanted
    assert np.ptp(differences) < 0.02


def test_an_exposure_is_a_cube_of_its_own(good):
    single = [
        one
        for one in good.blocks
        if one.ab.raw_type == "PIXTABLE_OBJECT" and "02:13" in str(one.ab.name)
    ]
    assert [product.role.value for product in single[0].products[:2]] == ["science", "ancillary"]
    delivered = {str(one.ab.name) for one in good.delivered()}
    assert str(single[0].ab.name) in delivered
