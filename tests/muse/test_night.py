"""A night of MUSE through the true recipes: its cubes against the truth."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.model.cascade import Cascade
from phoenix.testing.night import reduce_like
from phoenix.testing.stranger_cube import fit_sources, line_centre, noise, read_cube
from phoenix_muse.blocks.parameters import SKY_FROM_FIELD, SKY_SIMPLE

pytestmark = [
    pytest.mark.recipes,
    # astropy knows the unit of the recipes, and says so every time.
    pytest.mark.filterwarnings("ignore:'unitfix' made the change"),
]

PLACE = 0.15  # pixels
FLUX = 0.05  # part
WAVE = 0.3  # Angstrom
OFFSET = 0.02  # arcsec
WHOLE = 8.0  # pixels around a star that must be in all exposures
EMPTY = 13.0  # pixels to the next source


class Seen:
    """A cube, and what should be in it by the truth of its first exposure."""

    def __init__(self, path, truth):
        self.cube = read_cube(path)
        with fits.open(truth) as hdus:
            told, self.sources = dict(hdus[0].header), hdus["SOURCES"].data.copy()
        # What the telescope missed in the first exposure stays in the coordinates.
        dec = self.sources["DEC"] - told["ESO SIM MISS NORTH"] / 3600.0
        east = told["ESO SIM MISS EAST"] / 3600.0 / np.cos(np.radians(dec))
        self.x, self.y = self.cube.wcs.all_world2pix(self.sources["RA"] - east, dec, 0)
        wave = self.cube.wave[self.cube.inside]
        flux = [row["FLUX"] * np.mean((wave / 6400.0) ** row["SLOPE"]) for row in self.sources]
        self.flux = np.array(flux) + self.sources["LINEFLUX"] / (wave[-1] - wave[0])
        self.image = self.cube.image()
        extended = self.sources["SIZE"] > 0
        self.found = fit_sources(self.image, self.x, self.y, self.flux, extended)

    @property
    def stars(self):
        """Stars that all exposures have whole."""
        rows, columns = np.indices(self.image.shape)
        whole = [
            np.isfinite(self.image[np.hypot(columns - x, rows - y) < WHOLE]).all()
            for x, y in zip(self.x, self.y, strict=True)
        ]
        return (self.sources["LINE"] == 0) & np.array(whole)


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
def cubes(good, combined, truths):
    """The cube of the OB, and that of the single exposure."""
    (single,) = [
        one
        for one in good.blocks
        if one.ab.raw_type == "PIXTABLE_OBJECT" and "02:13" in str(one.ab.name)
    ]
    exposure = single.ab.associated_raws[0].name.removesuffix(".fits")
    return [
        Seen(combined.products[0].path, truths[0]),
        Seen(single.products[0].path, truths[0].with_name(f"{exposure}_truth.fits")),
    ]


@pytest.fixture(scope="module")
def unfitted(good, tmp_path_factory):
    """The cube of the single exposure with the sky of a second try: a median in place of a fit."""
    name = next(name for name in good.night.names("PIXTABLE_OBJECT") if "02:13" in name)
    night = good.night.only([name])
    (fitted, *_), (median,) = SKY_FROM_FIELD, SKY_SIMPLE

    def changed(ab):
        told = tuple(median if one == fitted else one for one in ab.parameters)
        return evolve(ab, parameters=told) if str(ab.name) == name else ab

    cascade = Cascade(changed(ab) for ab in night.prepared.cascade)
    night = evolve(night, prepared=evolve(night.prepared, cascade=cascade))
    done = reduce_like(night, good, tmp_path_factory.mktemp("muse-median") / "workspace")
    one = done.blocks[-1]
    exposure = one.ab.associated_raws[0].name.removesuffix(".fits")
    truth = good.night.folder / "truth" / "2020-01-01" / f"{exposure}_truth.fits"
    return Seen(one.products[0].path, truth), one


def test_a_median_of_the_sky_leaves_stars_and_lines_what_they_are(unfitted):
    seen, _ = unfitted
    away = np.hypot(seen.found.x - seen.x, seen.found.y - seen.y)[seen.stars]
    assert away.size >= 2
    assert away.max() < PLACE
    assert np.abs((seen.found.flux / seen.flux)[seen.stars] - 1.0).max() < FLUX
    for i in np.flatnonzero(seen.sources["LINE"] > 0):
        line = seen.sources["LINE"][i]
        centre = line_centre(seen.cube, seen.x[i], seen.y[i], line)
        assert centre == pytest.approx(line, abs=WAVE)


def test_a_median_of_the_sky_is_told_by_header_and_flag(unfitted):
    seen, one = unfitted
    told = [key for key, value in seen.cube.primary.items() if value == "skymethod"]
    assert [seen.cube.primary[key.replace("NAME", "VALUE")] for key in told] == ["simple"]
    assert one.qcflags[0] == "101000000"


def test_stars_are_where_they_are(cubes):
    away = np.concatenate(
        [np.hypot(one.found.x - one.x, one.found.y - one.y)[one.stars] for one in cubes]
    )
    assert away.size >= 4
    assert away.max() < PLACE


def test_stars_have_their_flux(cubes):
    ratio = np.concatenate([(one.found.flux / one.flux)[one.stars] for one in cubes])
    assert np.abs(ratio - 1.0).max() < FLUX


def test_lines_are_at_their_wavelengths_in_the_barycentric_frame(cubes):
    for one in cubes:
        for i in np.flatnonzero(one.sources["LINE"] > 0):
            line = one.sources["LINE"][i]
            centre = line_centre(one.cube, one.x[i], one.y[i], line)
            assert centre == pytest.approx(line, abs=WAVE)


def test_the_variance_is_honest_but_for_what_neighbours_share(cubes):
    for one in cubes:
        empty = np.isfinite(one.image) & (one.cube.away(one.x, one.y) > EMPTY)
        found = noise(one.cube, empty)
        assert 0.8 < found.pull < 1.2
        assert 1.1 < found.covariance < 1.6


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


def test_the_sky_is_gone_between_the_sources(cubes):
    for one in cubes:
        empty = np.isfinite(one.image) & (one.cube.away(one.x, one.y) > EMPTY)
        # The sky itself has 36 in these units in a spaxel, and 3200 in its brightest line.
        assert abs(np.median(one.image[empty])) < 4.0


def test_the_response_is_that_of_the_simulated_spectrograph(products):
    from phoenix_muse.simulation.light import count_rate  # noqa: PLC0415 - only here

    with fits.open(products["PIXTABLE_STD", "STD_RESPONSE"]) as hdus:
        rows = hdus[1].data
    inside = (rows["lambda"] > 6260) & (rows["lambda"] < 6540)
    wanted = 2.5 * np.log10(count_rate(rows["lambda"][inside]))
    differences = rows["response"][inside] - wanted
    assert np.ptp(differences) < 0.02
    assert abs(np.median(differences)) < 0.01


def test_an_exposure_is_a_cube_of_its_own(good):
    single = [
        one
        for one in good.blocks
        if one.ab.raw_type == "PIXTABLE_OBJECT" and "02:13" in str(one.ab.name)
    ]
    assert [product.role.value for product in single[0].products[:2]] == ["science", "ancillary"]
    delivered = {str(one.ab.name) for one in good.delivered()}
    assert str(single[0].ab.name) in delivered
