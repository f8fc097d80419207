"""Other people's tools find nothing wrong with our products, and read them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.io import registry as io_registry
from astropy.table import Table
from specutils import Spectrum, SpectrumList
from specutils.io.registers import identify_spectrum_format

from phoenix.formats.idpfile import write_idp
from phoenix.phase3.specutils_loader import LABEL, register
from phoenix.phase3.validate import validate

XQ100 = (
    Path(__file__).parents[2] / "../shared/data/xshooter_products/XShooter_XQ100.fits.gz"
).resolve()
FITSVERIFY = shutil.which("fitsverify")


@pytest.fixture(params=["giraffe", "uves"])
def product(request, tmp_path):
    idp = request.getfixturevalue(request.param)()
    path = tmp_path / idp.name
    write_idp(idp, path)
    return idp, path


@pytest.mark.skipif(FITSVERIFY is None, reason="fitsverify is not installed")
def test_fitsverify_finds_neither_error_nor_warning(product):
    done = subprocess.run(
        [str(FITSVERIFY), "-q", str(product[1])], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("verification OK")


def test_astropy_verifies_checksums_and_cards(product):
    with fits.open(product[1], checksum=True) as hdus:
        hdus.verify("exception")
        assert [hdu.verify_checksum() for hdu in hdus] == [1, 1]
        assert [hdu.verify_datasum() for hdu in hdus] == [1, 1]


@pytest.fixture
def taught():
    register()
    yield
    for kind in (Spectrum, SpectrumList):
        io_registry.unregister_reader(LABEL, kind)
        io_registry.unregister_identifier(LABEL, kind)


@pytest.mark.usefixtures("taught")
def test_specutils_reads_axis_flux_and_error(product):
    idp, path = product
    wave, flux, error = idp.columns[:3]
    spectrum = Spectrum.read(path)
    assert spectrum.spectral_axis.unit == units.Unit(wave.unit)
    assert spectrum.flux.unit == units.Unit(flux.unit)
    np.testing.assert_array_equal(spectrum.spectral_axis.value, wave.values)
    np.testing.assert_array_equal(spectrum.flux.value, flux.values)
    np.testing.assert_array_equal(spectrum.uncertainty.array, error.values)
    assert spectrum.meta["header"]["OBJECT"] == "NGC 104-007"
    assert not spectrum.mask.any()


@pytest.mark.usefixtures("taught")
def test_specutils_prefers_our_format_to_its_table_format(product):
    assert set(identify_spectrum_format(str(product[1]))) == {"tabular-fits", LABEL}


@pytest.mark.usefixtures("taught")
@pytest.mark.skipif(not XQ100.exists(), reason="the real XQ-100 product is not at hand")
def test_specutils_reads_a_real_product_of_the_archive():
    spectrum = Spectrum.read(XQ100)
    assert spectrum.flux.shape == (9771,)
    assert spectrum.spectral_axis.unit == units.nm


def test_specutils_reads_the_vectors_as_a_table_of_many_rows(product, tmp_path):
    """Without our loader: what its own table format can read, it reads from our columns."""
    idp, path = product
    row = Table.read(path)[0]
    flat = Table({name: row[name] for name in ("WAVE", "FLUX", "ERR")})
    for column in idp.columns[:3]:
        flat[column.name].unit = column.unit
    flat.write(tmp_path / "flat.fits")
    spectrum = Spectrum.read(tmp_path / "flat.fits", format="tabular-fits")
    np.testing.assert_array_equal(spectrum.flux.value, idp.columns[1].values)


def test_a_file_that_astropy_wrote_is_judged_alike(product, tmp_path):
    idp, path = product
    other = tmp_path / "astropy" / idp.name
    other.parent.mkdir()
    with fits.open(path) as hdus:
        hdus.writeto(other, checksum=True)
    assert validate(other).findings == ()
