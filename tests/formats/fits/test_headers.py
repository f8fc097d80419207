"""Tests of whole headers: files as they come, and agreement with astropy on real ones."""

from __future__ import annotations

import gzip
import json
import pickle
import warnings
from functools import cache

import numpy as np
import pytest
from astropy.io import fits
from astropy.io.fits.card import Undefined

from phoenix.errors import HeaderError
from phoenix.formats.fits.headers import parse_cards, read_header, read_headers, read_keys

COMMENTARY = {"COMMENT", "HISTORY", ""}


def cards(*texts):
    return "".join(text.ljust(80) for text in texts).encode("latin-1")


def block(*texts):
    """One header as it stands in a file, END and fill included."""
    raw = cards(*texts, "END")
    return raw.ljust(-(-len(raw) // 2880) * 2880)


PRIMARY = ("SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   = 0")
IMAGE = ("XTENSION= 'IMAGE   '", "BITPIX  =  -32", "NAXIS   = 2", "NAXIS1  = 100", "NAXIS2  = 30",
         "PCOUNT  = 0", "GCOUNT  = 1")  # fmt: skip
LONG = ("ESONAME = 'a text that &'", "CONTINUE  'goes on &' / first", "CONTINUE  'here' / second")


def typed(mapping):
    """Values with their types, since 1 == True == 1.0."""
    return {key: (value, type(value)) for key, value in mapping.items()}


def by_astropy(header):
    """What astropy's header says of each keyword, the first of two counting."""
    keys = [key for key in header if key not in COMMENTARY]
    return {key: header[key] for key in keys}


# -- agreement with astropy on real headers ------------------------------------------------------


@cache
def astropy_card(image):
    card = fits.Card.fromstring(image)
    return card.keyword, None if isinstance(card.value, Undefined) else card.value


def test_every_card_of_the_real_uves_headers_reads_as_astropy_reads_it(shared_data):
    total = 0
    with gzip.open(shared_data / "uves_headers" / "uves_headers.jsonl.gz", "rt") as dump:
        for line in dump:
            images = json.loads(line)["cards"]
            expected = {}
            for image in images:
                key, value = astropy_card(image.ljust(80))
                if key not in COMMENTARY:
                    expected.setdefault(key, value)
            header = parse_cards(cards(*images))
            assert typed(header) == typed(expected)
            assert list(header) == list(expected)
            total += len(images)
    assert total > 277_000


def real_files(folder):
    paths = sorted(path for path in folder.glob("*/*.fits*") if path.is_file())
    assert paths
    return paths


def test_every_hdu_of_the_real_files_reads_as_astropy_reads_it(shared_data):
    for path in real_files(shared_data):
        with fits.open(path, disable_image_compression=True) as hdus:
            expected = [hdu.header for hdu in hdus]
            found = read_headers(path)
            assert len(found) == len(expected)
            for ours, theirs in zip(found, expected, strict=True):
                assert typed(ours) == typed(by_astropy(theirs))
                assert ours.comments == tuple(theirs.get("COMMENT", ()))
                assert ours.history == tuple(theirs.get("HISTORY", ()))


def test_comments_of_a_real_header_read_as_astropy_reads_them(shared_data):
    path = shared_data / "muse_phoenix_log" / "ADP.2016-06-01T14:07:30.135.fits"
    ours, theirs = read_header(path), fits.getheader(path)
    keys = list(ours)[::10]
    assert [ours.comment(key) for key in keys] == [theirs.comments[key] for key in keys]


def test_ten_keywords_are_those_of_the_full_header(shared_data):
    for path in real_files(shared_data):
        full = read_header(path)
        assert typed(read_keys(path, full)) == typed(full)


# -- the header as a value -----------------------------------------------------------------------


def test_the_first_of_two_cards_of_a_keyword_counts():
    header = parse_cards(cards("A       = 1", "B       = 2", "A       = 3"))
    assert dict(header) == {"A": 1, "B": 2}


def test_groups_of_keywords_come_with_values_and_comments(shared_data):
    path = next((shared_data / "uves_idps").glob("*.fits"))
    header, theirs = read_header(path), fits.getheader(path)
    groups = ("ESO INS ", "ESO DET ", "MJD")
    found = list(header.beginning(groups))
    assert len(found) > 100
    assert found == [
        (keyword, theirs[keyword], theirs.comments[keyword])
        for keyword in theirs
        if keyword.startswith(groups)
    ]


def test_a_long_text_and_its_comments_are_put_together():
    header = parse_cards(cards(*LONG))
    assert header["ESONAME"] == "a text that goes on here"
    assert header.comment("ESONAME") == "first second"


def test_comment_and_history_cards_are_texts_and_no_keywords():
    header = parse_cards(cards("COMMENT one", "HISTORY two", "COMMENT", "", "END"))
    assert not header
    assert header.comments == ("one", "")
    assert header.history == ("two",)


def test_the_faults_of_a_header_are_counted_from_one():
    header = parse_cards(cards("GOOD    = 1", "BAD     = 1.2.3"))
    assert [(fault.number, fault.image) for fault in header.faults] == [(2, "BAD     = 1.2.3")]


def test_a_keyword_without_a_value_is_none():
    header = parse_cards(cards("NOTHING ="))
    assert header["NOTHING"] is None
    assert "NOTHING" in header


def test_a_header_survives_pickling():
    header = parse_cards(cards("A       = 1 / one"), "x.fits[0]")
    again = pickle.loads(pickle.dumps(header))
    assert (dict(again), again.source, again.comment("A")) == (dict(header), "x.fits[0]", "one")


def test_a_missing_keyword_has_the_default():
    header = parse_cards(cards("A       = 1"))
    assert (header.get("A", 5), header.get("B", 5), header.get("B")) == (1, 5, None)


def test_the_comment_of_a_missing_keyword_is_a_key_error():
    with pytest.raises(KeyError, match="NONE"):
        parse_cards(cards("A       = 1")).comment("NONE")


# -- require -------------------------------------------------------------------------------------


def test_an_integer_will_do_where_a_float_is_required():
    value = parse_cards(cards("A       = 1")).require("A", float)
    assert (value, type(value)) == (1.0, float)


@pytest.mark.parametrize(
    ("card", "kind", "found"),
    [
        ("A       = 'x'", float, "'x'"),
        ("A       = T", int, "True"),
        ("A       = 1.0", int, "1.0"),
        ("A       =", str, "None"),
        ("B       = 1", int, "no such keyword"),
        ("A       = 1.2.3", float, "the value cannot be read"),
    ],
)
def test_a_required_value_of_another_kind_is_refused_with_all_that_is_known(card, kind, found):
    header = parse_cards(cards(card), "night/x.fits[0]")
    with pytest.raises(HeaderError) as refusal:
        header.require("A", kind)
    for word in ("night/x.fits[0]", "A: found", found, kind.__name__):
        assert word in str(refusal.value)


# -- files ---------------------------------------------------------------------------------------


@pytest.fixture
def three_hdus(tmp_path):
    """An empty primary, an image of 12000 bytes, a table; written by astropy."""
    path = tmp_path / "three.fits"
    table = fits.BinTableHDU(np.zeros(3, dtype=[("x", ">f8")]), name="TABLE")
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(np.zeros((30, 100), "f4"), name="IMAGE"), table]
    fits.HDUList(hdus).writeto(path)
    return path


def names(path):
    return [header.get("EXTNAME") for header in read_headers(path)]


def test_the_data_are_passed_over(three_hdus):
    assert names(three_hdus) == [None, "IMAGE", "TABLE"]


def test_one_extension_is_found_by_its_number(three_hdus):
    assert read_header(three_hdus, 2)["EXTNAME"] == "TABLE"
    assert read_keys(three_hdus, ["EXTNAME", "ABSENT"], 1) == {"EXTNAME": "IMAGE"}


def test_a_keyword_of_the_next_hdu_is_not_found_in_the_first(three_hdus):
    assert read_keys(three_hdus, ["EXTNAME"]) == {}


def test_an_extension_that_is_not_there_is_refused(three_hdus):
    with pytest.raises(HeaderError, match=r"three\.fits: found fewer HDUs, expected HDU 7"):
        read_header(three_hdus, 7)


def test_data_larger_than_what_is_read_at_once_are_passed_over(tmp_path):
    path = tmp_path / "large.fits"
    second = fits.ImageHDU(np.zeros(2, "i2"), name="LAST")
    fits.HDUList([fits.PrimaryHDU(np.zeros((300, 401), "f8")), second]).writeto(path)
    assert names(path) == [None, "LAST"]


def test_random_groups_have_no_first_axis(tmp_path):
    path = tmp_path / "groups.fits"
    start = ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 0", "NAXIS2  = 7",
             "GROUPS  = T", "PCOUNT  = 3", "GCOUNT  = 300")  # fmt: skip
    path.write_bytes(
        block(*start) + bytes(5760) + block(*IMAGE, "EXTNAME = 'LAST'") + bytes(14400)
    )
    assert names(path) == [None, "LAST"]


def test_a_header_of_ten_thousand_cards_is_read(tmp_path):
    path = tmp_path / "many.fits"
    path.write_bytes(block(*PRIMARY, *(f"HIERARCH ESO QC P{n} = {n}" for n in range(10_000))))
    assert read_header(path)["ESO QC P9999"] == 9999


def test_bytes_behind_the_last_hdu_are_no_hdu(tmp_path):
    path = tmp_path / "tail.fits"
    path.write_bytes(block(*PRIMARY) + bytes(2880))
    assert len(read_headers(path)) == 1


def test_data_without_their_fill_are_whole(tmp_path):
    path = tmp_path / "short.fits"
    path.write_bytes(block(*PRIMARY) + block(*IMAGE) + bytes(12000))
    assert len(read_headers(path)) == 2


def test_a_keyword_that_begins_like_another_is_told_from_it(tmp_path):
    path = tmp_path / "x.fits"
    both = ("HIERARCH ESO OBS IDENT = 'no'", "HIERARCH ESO OBS ID = 5")
    path.write_bytes(block(*PRIMARY, "COMMENT   MJD-OBS = 3", *both, *LONG))
    wanted = {"ESO OBS ID": 5, "ESONAME": "a text that goes on here"}
    assert read_keys(path, ["ESO OBS ID", "MJD-OBS", "ESONAME"]) == wanted


# -- packed files --------------------------------------------------------------------------------


def compressed(raw):
    """Bytes as ``compress`` could write them: single letters of 9 bits, cleared in time."""
    codes = []
    for at in range(0, len(raw), 247):
        codes += [*raw[at : at + 247], 256]
    bits = sum(code << 9 * place for place, code in enumerate(codes))
    return b"\x1f\x9d\x90" + bits.to_bytes(-(-9 * len(codes) // 8), "little")


def test_a_file_packed_by_gzip_reads_like_the_plain_one(three_hdus, tmp_path):
    packed = tmp_path / "x.fits.gz"
    packed.write_bytes(gzip.compress(three_hdus.read_bytes()))
    assert names(packed) == names(three_hdus)


def test_a_file_packed_by_compress_reads_like_the_plain_one(three_hdus, tmp_path):
    packed = tmp_path / "x.fits.Z"
    packed.write_bytes(compressed(three_hdus.read_bytes()))
    assert names(packed) == names(three_hdus)


def test_the_header_of_a_large_packed_file_is_read_without_the_rest(tmp_path):
    packed = tmp_path / "x.fits.gz"
    whole = gzip.compress(block(*PRIMARY) + np.random.default_rng(1).bytes(300_000))
    packed.write_bytes(whole[: len(whole) // 2])
    assert read_header(packed)["NAXIS"] == 0


def test_a_cut_gzip_file_is_refused(three_hdus, tmp_path):
    packed = tmp_path / "x.fits.gz"
    packed.write_bytes(gzip.compress(three_hdus.read_bytes())[:100])
    with pytest.raises(HeaderError, match=r"x\.fits\.gz: found a broken compressed file"):
        read_header(packed)


@pytest.mark.parametrize("was_primary", [True, False])
def test_an_image_packed_in_tiles_has_its_own_header_again(tmp_path, was_primary):
    plain = fits.ImageHDU(np.arange(600, dtype="i2").reshape(20, 30), name="CCD")
    plain.header["HIERARCH ESO DPR CATG"] = ("SCIENCE", "category")
    packed = fits.CompImageHDU(plain.data, plain.header)
    path = tmp_path / "x.fits.fz"
    fits.HDUList([fits.PrimaryHDU(), packed]).writeto(path)
    if was_primary:  # fpack says so by ZSIMPLE instead of ZTENSION
        raw = path.read_bytes().replace(b"ZTENSION= 'IMAGE   '", b"ZSIMPLE =          T")
        path.write_bytes(raw)
    headers = read_headers(path)
    expected = {key: value for key, value in plain.header.items() if key != "XTENSION"}
    first = {"SIMPLE": True} if was_primary else {"XTENSION": "IMAGE"}
    assert len(headers) == (1 if was_primary else 2)
    assert dict(headers[-1]) == first | expected
    assert list(headers[-1])[:3] == [*first, "BITPIX", "NAXIS"]
    assert read_keys(path, ["ESO DPR CATG"], len(headers) - 1) == {"ESO DPR CATG": "SCIENCE"}


def test_the_data_unit_of_a_tile_packed_image_is_that_of_its_table(tmp_path):
    path = tmp_path / "x.fits.fz"
    packed = fits.CompImageHDU(np.zeros((50, 50), "i2"), name="CCD")
    fits.HDUList([fits.PrimaryHDU(), packed, fits.ImageHDU(name="LAST")]).writeto(path)
    assert names(path) == [None, "CCD", "LAST"]


# -- headers alone -------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_as_lines_of_text_is_read(tmp_path, end):
    path = tmp_path / "UVES.2001-06-18T09:19:26.841.hdr"
    text = end.join([*PRIMARY, "HIERARCH ESO OBS ID = 5", "END", ""])
    path.write_bytes(text.encode())
    assert read_header(path)["ESO OBS ID"] == 5
    assert len(read_headers(path)) == 1


def test_lines_of_text_need_no_end(tmp_path):
    path = tmp_path / "x.hdr"
    path.write_text("\n".join(PRIMARY))
    assert list(read_header(path)) == ["SIMPLE", "BITPIX", "NAXIS"]


def test_a_header_file_of_blocks_has_no_data(tmp_path):
    path = tmp_path / "x.hdr"
    path.write_bytes(block(*PRIMARY) + block(*IMAGE, "EXTNAME = 'CCD'"))
    assert names(path) == [None, "CCD"]


def test_a_line_longer_than_a_card_is_refused(tmp_path):
    path = tmp_path / "x.hdr"
    path.write_text("\n".join([*PRIMARY, "COMMENT " + 80 * "x"]))
    with pytest.raises(HeaderError, match=r"x\.hdr, line 4: found 88 characters"):
        read_header(path)


# -- what is no good header ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\n<!DOCTYPE html><html>Please log in", "an HTML page"),
        (b"<HTML><body>", "an HTML page"),
        (b"<?xml version='1.0'?>", "an XML document"),
        (b'{"error": 403}', "JSON"),
        (b"\x89PNG\r\n\x1a\n", r"\x89PNG"),
    ],
)
def test_a_file_that_is_not_fits_is_called_what_it_is(tmp_path, content, found):
    path = tmp_path / "x.fits"
    path.write_bytes(content)
    with pytest.raises(HeaderError) as refusal:
        read_header(path)
    assert f"{path}: found" in str(refusal.value)
    assert found in str(refusal.value)
    assert "expected FITS" in str(refusal.value)


@pytest.mark.parametrize("size", [100, 2880])
def test_a_header_that_ends_before_end_is_refused(tmp_path, size):
    path = tmp_path / "x.fits"
    path.write_bytes(block(*PRIMARY, *(f"K{n}      = {n}" for n in range(40)))[:size])
    with pytest.raises(HeaderError, match=rf"no END in {size // 80} cards"):
        read_header(path)


@pytest.mark.parametrize("lost", [1, 5000, 11999])
def test_a_file_that_ends_inside_its_data_is_refused(tmp_path, lost):
    path = tmp_path / "x.fits"
    path.write_bytes(block(*PRIMARY) + block(*IMAGE) + bytes(12000 - lost))
    assert read_header(path, 1)["NAXIS1"] == 100
    with pytest.raises(HeaderError, match="inside the data of HDU 1, expected 12000 bytes"):
        read_headers(path)


@pytest.mark.parametrize(
    ("good", "bad", "found"),
    [
        ("NAXIS1  = 100", "NAXIS1  = -5", "NAXIS1 = -5"),
        ("NAXIS1  = 100", "NAXIS1  = 'x'", "NAXIS1 = 'x'"),
        ("NAXIS1  = 100", "NAXIS3  = 100", "NAXIS1 = None"),
        ("NAXIS1  = 100", "NAXIS1  = 99999999999999", "NAXIS1 = 99999999999999"),
        ("NAXIS   = 2", "NAXIS   = 99999999", "NAXIS = 99999999"),
        ("NAXIS1  = 100", "NAXIS1  = 4398046511104", "inside the data"),
    ],
)
def test_an_impossible_size_of_the_data_is_refused(tmp_path, good, bad, found):
    path = tmp_path / "x.fits"
    texts = [bad if text == good else text for text in IMAGE]
    path.write_bytes(block(*PRIMARY) + block(*texts))
    with pytest.raises(HeaderError) as refusal:
        read_headers(path)
    assert "HDU 1" in str(refusal.value)
    assert found in str(refusal.value)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_header(tmp_path / "absent.fits")


def test_no_file_stays_open(three_hdus):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        for _ in range(3):
            read_header(three_hdus)
            read_keys(three_hdus, ["NAXIS"], 1)
