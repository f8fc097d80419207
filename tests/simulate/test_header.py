from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.idp import Card
from phoenix.simulate.detector import Detector
from phoenix.simulate.header import detector_cards, frame_cards, without
from phoenix.simulate.raw import header_of, image_hdu, table_hdu, write_fits


@pytest.fixture
def header(exposure):
    detector = detector_cards(Detector("x", "x", 10, 20), exposure, "225kHz")
    rows = [("INS MODE", "MED", "Mode")]
    return header_of(frame_cards(exposure, "GIRAFFE", "ESO-VLT-U2", 11.0, rows, detector))


def test_the_archive_name_is_the_start_of_the_exposure(header, exposure):
    assert exposure.root == "GIRAF.2020-01-02T03:04:05.678"
    assert header["ARCFILE"] == "GIRAF.2020-01-02T03:04:05.678.fits"
    assert header["DATE-OBS"] == "2020-01-02T03:04:05.678"


def test_no_keyword_stands_twice(header):
    keys = [key for key in header if key not in {"COMMENT", "HISTORY", ""}]
    assert len(keys) == len(set(keys))


def test_the_target_is_packed_as_hours_and_degrees(header):
    assert header["ESO TEL TARG ALPHA"] == 62029.629
    assert header["ESO TEL TARG DELTA"] == -303000.0
    assert "06:20:29.6" in header.comments["RA"]


def test_the_airmass_follows_from_the_pointing(header):
    assert 1.0 <= header["ESO TEL AIRM END"] < header["ESO TEL AIRM START"] < 1.5


def test_a_comment_too_long_is_cut_and_not_refused():
    cut = header_of([Card("ESO INS FILT1 NAME", "x" * 40, "y" * 60)])
    assert cut["ESO INS FILT1 NAME"] == "x" * 40


def test_a_written_frame_reads_back_the_same_and_leaves_no_temporary_file(tmp_path):
    counts = np.arange(200, dtype=np.uint16).reshape(20, 10) + 60000
    table = table_hdu("OzPoz_table", [("RA", "1D", [1.0, 2.0], "deg")])
    path = write_fits(tmp_path / "a.fits", [image_hdu([Card("OBJECT", "x")], counts), table])
    with fits.open(path) as hdus:
        assert hdus[0].header["BITPIX"] == 16
        assert (hdus[0].data == counts).all()
        assert hdus[1].header["EXTNAME"] == "OzPoz_table"
        assert list(hdus[1].data["RA"]) == [1.0, 2.0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.fits"]


def test_lost_keywords_are_left_out():
    cards = [Card("ESO INS MODE", "MED"), Card("OBJECT", "NGC 1")]
    assert without(cards, ("INS MODE",)) == cards[1:]
