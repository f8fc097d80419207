"""Cubes in files: their axes and their planes."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from cubefiles import cube_header, write_cube
from phoenix.errors import DataError
from phoenix.toolkit.cubes import cube as module
from phoenix.toolkit.cubes.cube import open_cube


@pytest.fixture
def pixels():
    return np.random.default_rng(1).normal(size=(7, 5, 4)).astype(np.float32)


@pytest.fixture
def path(tmp_path, pixels):
    return write_cube(tmp_path / "a.fits", pixels, pixels**2)


def test_planes_are_those_that_astropy_reads(path, pixels):
    cube = open_cube(path)
    assert np.array_equal(np.stack(list(cube.data.planes())), pixels)
    assert np.array_equal(np.stack(list(cube.variance.planes())), pixels**2)


def test_planes_are_the_same_in_whatever_pieces_they_are_read(path, pixels, monkeypatch):
    for size in (1, 200, 1000):
        monkeypatch.setattr(module, "PIECE", size)
        assert np.array_equal(np.stack(list(open_cube(path).data.planes())), pixels)


def test_some_planes_are_read_alone(path, pixels):
    assert np.array_equal(np.stack(list(open_cube(path).data.planes(2, 5))), pixels[2:5])
    assert list(open_cube(path).data.planes(7)) == []


def test_some_spaxels_are_those_of_all_planes(path, pixels, monkeypatch):
    places = np.array([3, 0, 17])
    for size in (1, 200, 1000):
        monkeypatch.setattr(module, "PIECE", size)
        found = np.concatenate(list(open_cube(path).data.spaxels(places)))
        assert np.array_equal(found, pixels.reshape(7, -1)[:, places])


def test_a_plane_may_be_written_on(path):
    for plane in open_cube(path).data.planes():
        plane[:] = 0.0


def test_double_precision_comes_as_single(tmp_path, pixels):
    path = write_cube(tmp_path / "a.fits", pixels.astype(np.float64))
    planes = list(open_cube(path).data.planes())
    assert planes[0].dtype == np.float32
    assert np.array_equal(np.stack(planes), pixels)


def test_a_tile_is_the_part_of_the_whole(path, pixels):
    tile = open_cube(path).data.tile(slice(1, 4), slice(2, None))
    assert np.array_equal(tile, pixels[:, 1:4, 2:])


@pytest.mark.parametrize("unit", ["Angstrom", "angstrom", "nm"])
def test_wavelengths_are_in_nm_whatever_the_file_has(tmp_path, pixels, unit):
    path = write_cube(tmp_path / "a.fits", pixels, CUNIT3=unit)
    factor = 1.0 if unit == "nm" else 0.1
    assert open_cube(path).wave == pytest.approx(factor * (4750.0 + 1.25 * np.arange(7)))


def test_the_nearest_plane_is_found(path):
    assert open_cube(path).plane_at(475.26) == 2


def test_the_size_of_a_pixel_is_in_arcsec(path):
    assert open_cube(path).pixel == pytest.approx(0.2)


def test_places_on_the_sky_are_those_of_astropy(path):
    header = fits.getheader(path, "DATA")
    ra, dec = WCS(header).celestial.all_pix2world(2.5, 1.5, 0)
    assert open_cube(path).sky_of(2.5, 1.5) == pytest.approx((float(ra), float(dec)), abs=1e-9)


def test_a_scale_by_steps_and_turns_is_understood(tmp_path, pixels):
    path = write_cube(tmp_path / "a.fits", pixels)
    with fits.open(path, mode="update") as hdus:
        header = hdus["DATA"].header
        for i in (1, 2):
            header[f"CDELT{i}"] = header[f"CD{i}_{i}"]
            header[f"PC{i}_{i}"] = 1.0
        for key in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"):
            del header[key]
        ra, dec = WCS(header).celestial.all_pix2world(2.5, 1.5, 0)
    cube = open_cube(path)
    assert cube.pixel == pytest.approx(0.2)
    assert cube.sky_of(2.5, 1.5) == pytest.approx((float(ra), float(dec)), abs=1e-9)


def test_a_cube_without_variances_has_none(tmp_path, pixels):
    assert open_cube(write_cube(tmp_path / "a.fits", pixels)).variance is None


def test_a_file_without_the_cube_is_refused(path):
    with pytest.raises(DataError, match="found the cubes DATA, STAT, expected one that is called"):
        open_cube(path, data="SCI")


def test_variances_of_another_shape_are_refused(tmp_path, pixels):
    hdus = fits.HDUList(
        [
            fits.PrimaryHDU(),
            fits.ImageHDU(pixels, cube_header("DATA")),
            fits.ImageHDU(pixels[1:], cube_header("STAT")),
        ]
    )
    hdus.writeto(tmp_path / "a.fits")
    with pytest.raises(DataError, match=r"found the shape \(6, 5, 4\), expected that of DATA"):
        open_cube(tmp_path / "a.fits")


def test_a_cube_without_a_scale_is_refused(tmp_path, pixels):
    path = write_cube(tmp_path / "a.fits", pixels, CD1_1=0.0, CD2_2=0.0)
    with pytest.raises(DataError, match="expected a CD matrix"):
        open_cube(path)


def test_a_cube_in_strange_units_of_wavelength_is_refused(tmp_path, pixels):
    path = write_cube(tmp_path / "a.fits", pixels, CUNIT3="furlong")
    with pytest.raises(DataError, match="CUNIT3: found 'furlong', expected one of angstrom"):
        open_cube(path)


def test_a_file_that_was_cut_is_refused(path):
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(DataError):
        open_cube(path)


def test_a_file_that_shrinks_while_it_is_read_is_refused(path):
    cube = open_cube(path)
    path.write_bytes(path.read_bytes()[: cube.data.start + 100])
    with pytest.raises(DataError, match="the file is cut off"):
        list(cube.data.planes())
