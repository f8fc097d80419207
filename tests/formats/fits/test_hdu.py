"""What is encoded here is read back by astropy as it was given."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from phoenix.errors import StandardError
from phoenix.formats.fits.hdu import (
    BITPIX,
    TABLE_CODES,
    encode_image,
    encode_primary,
    encode_table,
)
from phoenix.model.idp import Card, Column, Image, Table

SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, max_side=5)


def opened(extension: bytes) -> fits.HDUList:
    """Read an extension behind an empty primary HDU; a wrong checksum is a warning."""
    content = io.BytesIO(encode_primary(()) + extension)
    return fits.open(content, checksum=True, disable_image_compression=True)


def arrays(types):
    return st.sampled_from(sorted(types)).flatmap(lambda kind: hnp.arrays(kind, SHAPES))


@given(arrays(BITPIX))
def test_an_image_read_back_is_the_same(pixels):
    with opened(encode_image(Image("MAP", pixels))) as hdus:
        np.testing.assert_array_equal(hdus["MAP"].data, pixels)


@given(arrays(TABLE_CODES))
def test_a_column_read_back_is_the_same(values):
    with opened(encode_table(Table("T", (Column("A", values),)))) as hdus:
        read = np.asarray(hdus["T"].data["A"])
        np.testing.assert_array_equal(read.reshape(values.shape), values)


def test_text_logical_and_vectors_stand_side_by_side():
    columns = (
        Column("NAME", np.array([b"star", b"sky"])),
        Column("Used", np.array([True, False])),
        Column("FLUX", np.array([[1.0, 2.0], [3.0, np.nan]], np.float32), "adu", "u.type", "phot"),
    )
    with opened(encode_table(Table("FIBRES", columns))) as hdus:
        table = hdus["FIBRES"]
        assert table.data["NAME"].tolist() == ["star", "sky"]
        assert table.data["Used"].tolist() == [True, False]
        np.testing.assert_array_equal(table.data["FLUX"], columns[2].values)
        described = [table.header[f"{key}3"] for key in ("TFORM", "TUNIT", "TUTYP", "TUCD")]
    assert described == ["2E", "adu", "u.type", "phot"]


def test_what_follows_from_the_data_goes_before_a_card_of_the_plan():
    image = Image("MAP", np.zeros((2, 3), np.int16), (Card("NAXIS1", 99), Card("BUNIT", "adu")))
    with opened(encode_image(image)) as hdus:
        assert (hdus["MAP"].header["NAXIS1"], hdus["MAP"].header["BUNIT"]) == (3, "adu")


def test_all_comments_are_kept():
    cards = (Card("COMMENT", "one"), Card("COMMENT", "two"))
    with fits.open(io.BytesIO(encode_primary(cards))) as hdus:
        assert list(hdus[0].header["COMMENT"]) == ["one", "two"]


def test_pixels_of_a_type_that_fits_has_not_are_refused():
    with pytest.raises(StandardError, match="MAP of type uint16, expected one of"):
        encode_image(Image("MAP", np.zeros(3, np.uint16)))


def test_values_of_a_type_that_fits_has_not_are_refused():
    with pytest.raises(StandardError, match="column A of type complex128, expected one of"):
        encode_table(Table("T", (Column("A", np.zeros(3, complex)),)))


def test_columns_of_different_lengths_are_refused():
    columns = (Column("A", np.zeros(3)), Column("B", np.zeros(2)))
    with pytest.raises(StandardError, match=r"T with columns of \[2, 3\] rows"):
        encode_table(Table("T", columns))


@pytest.mark.parametrize(
    "value", [50_000_000_000_000_000, "0" * 16, "CHECKSUM= '0000000000000000'"]
)
def test_zeros_in_a_value_are_not_taken_for_an_empty_checksum(value, tmp_path):
    path = tmp_path / "zeros.fits"
    path.write_bytes(encode_primary([Card("ESO OBS ANY", value)]))
    with fits.open(path, checksum=True) as hdus:
        assert hdus[0].header["ESO OBS ANY"] == value
        assert hdus[0].verify_checksum() == 1
