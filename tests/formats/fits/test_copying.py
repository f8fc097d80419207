"""A copy has the pixels of its source, the headers that were asked for, and sums that fit."""

from __future__ import annotations

import errno
import hashlib
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakecube import write_cube
from phoenix.errors import HeaderError, StandardError
from phoenix.formats.fits import copying
from phoenix.formats.fits.copying import ChangedError, Known, copy_fits
from phoenix.formats.fits.sums import digest_and_sums
from phoenix.model.idp import Card, HduEdit
from phoenix.phase3.fitsfile import read_fits
from strategies import card_texts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def cube(tmp_path_factory) -> Path:
    return write_cube(tmp_path_factory.mktemp("cube") / "cube.fits")


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "copy.fits"


def faults_of(path: Path) -> list[object]:
    """Return what the validator, which shares no sum with the copier, finds wrong."""
    file = read_fits(path)
    return [*file.faults, *(fault for hdu in file.hdus for fault in hdu.faults)]


def check(path: Path) -> None:
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
    assert not faults_of(path)


def test_a_copy_without_edits_has_the_same_headers_and_pixels(cube, target):
    copy_fits(cube, target, ())
    check(target)
    with fits.open(cube) as before, fits.open(target) as after:
        for one, other in zip(before, after, strict=True):
            assert {**one.header, "CHECKSUM": ""} == {**other.header, "CHECKSUM": ""}
            np.testing.assert_array_equal(one.data, other.data)


def test_what_was_copied_is_told(cube, target):
    copied = copy_fits(cube, target, ())
    content = target.read_bytes()
    assert (copied.size, copied.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_extensions_are_edited_by_number_and_by_name(cube, target):
    copy_fits(cube, target, (HduEdit(1, (Card("A", 1),)), HduEdit("STAT", (Card("B", 2),))))
    assert fits.getval(target, "A", 1) == 1
    assert fits.getval(target, "B", 2) == 2
    check(target)


def test_several_edits_of_one_hdu_add_up(cube, target):
    copy_fits(cube, target, (HduEdit(1, (Card("A", 1),)), HduEdit("DATA", (Card("B", 2),))))
    header = fits.getheader(target, 1)
    assert (header["A"], header["B"]) == (1, 2)


@pytest.mark.parametrize("hdu", ["DQ", 3, -1])
def test_an_hdu_that_is_not_there_is_refused(cube, target, hdu):
    with pytest.raises(StandardError, match=r"found HDUs 0, DATA, STAT, expected"):
        copy_fits(cube, target, (HduEdit(hdu),))
    assert not list(target.parent.iterdir())


def test_a_card_that_cannot_stand_in_a_header_is_refused(cube, target):
    with pytest.raises(StandardError, match=r"cube.fits: HDU 1: SNR: found nan"):
        copy_fits(cube, target, (HduEdit(1, (Card("SNR", float("nan")),)),))
    assert not list(target.parent.iterdir())


# ---- any edit keeps the file valid ------------------------------------------------------------

WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=6)
NEW = WORDS.map(lambda word: f"X{word}"[:8]) | st.lists(WORDS, min_size=1, max_size=3).map(
    lambda words: " ".join(("ESO", *words))
)
OLD = st.sampled_from(["OBJECT", "EXPTIME", "ESO OBS ID", "ESO PRO TECH", "ARCFILE", "DATE"])
VALUES = (
    card_texts(" !#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[]^_`abcxyz{|}~", max_size=20).map(
        str.rstrip
    )
    | st.booleans()
    | st.integers(1 - 2**63, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
CARDS = st.lists(
    st.builds(Card, NEW | OLD, VALUES, st.text("abc / 'x", max_size=60)),
    unique_by=lambda card: card.keyword,
    max_size=20,
)
REMOVED = st.lists(OLD | st.sampled_from(["*", "ESO *", "NAXIS*", "C*", "COMMENT"]), max_size=4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cards=CARDS, removed=REMOVED, hdu=st.sampled_from([0, 1, "STAT"]))
def test_a_copy_with_any_edit_is_valid_and_says_what_was_asked(cube, target, cards, removed, hdu):
    copy_fits(cube, target, (HduEdit(hdu, tuple(cards), tuple(removed)),))
    check(target)
    with fits.open(cube) as before, fits.open(target) as after:
        header = after[2 if hdu == "STAT" else hdu].header
        assert {card.keyword: header[card.keyword] for card in cards} == {
            card.keyword: card.value for card in cards
        }
        for one, other in zip(before, after, strict=True):
            np.testing.assert_array_equal(one.data, other.data)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cards=CARDS, hdu=st.sampled_from([0, 1, "STAT"]))
def test_fitsverify_agrees(cube, target, cards, hdu):
    program = shutil.which("fitsverify")
    if program is None:
        pytest.skip("no fitsverify here")
    # It judges what keywords of the standard say, too.
    free = tuple(card for card in cards if card.keyword not in {"DATE", "OBJECT"})
    copy_fits(cube, target, (HduEdit(hdu, free),))
    told = subprocess.run([program, "-q", target], capture_output=True, text=True, check=False)
    assert told.stdout.startswith("verification OK"), told.stdout


# ---- sources of all kinds ---------------------------------------------------------------------


@pytest.mark.parametrize("planes", [1, 2, 700])
def test_pieces_and_blocks_of_any_size_fit_together(tmp_path, target, monkeypatch, planes):
    monkeypatch.setattr(copying, "_PIECE", 4096)
    source = write_cube(tmp_path / "cube.fits", (planes, 7, 3))
    copy_fits(source, target, ())
    check(target)
    np.testing.assert_array_equal(fits.getdata(target, 2), fits.getdata(source, 2))


def test_tables_and_scaled_pixels_are_copied_as_they_are_stored(tmp_path, target):
    rows = np.zeros(3, dtype=[("A", ">i4"), ("B", "S3")])
    raw = np.arange(6, dtype=np.uint16).reshape(2, 3) + 40000
    source = tmp_path / "raw.fits"
    hdus = [fits.PrimaryHDU(raw), fits.BinTableHDU(rows, name="T"), fits.CompImageHDU(raw)]
    fits.HDUList(hdus).writeto(source)
    copy_fits(source, target, (HduEdit("T", (Card("NEW", 1),)),))
    check(target)
    with fits.open(source) as before, fits.open(target) as after:
        for one, other in zip(before, after, strict=True):
            np.testing.assert_array_equal(one.data, other.data)


def test_a_source_without_sums_is_copied_with_them(tmp_path, target):
    source = tmp_path / "plain.fits"
    fits.HDUList([fits.PrimaryHDU(np.arange(5000.0))]).writeto(source)
    copy_fits(source, target, ())
    check(target)


@pytest.mark.parametrize("size", [10, 5000, 200_000])
def test_sums_that_were_made_with_the_sha256_make_one_pass_enough(
    tmp_path, target, monkeypatch, size
):
    source = tmp_path / "plain.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.arange(float(size)))]).writeto(source)
    known = Known(*digest_and_sums(source))
    assert known.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    monkeypatch.setattr(copying, "_sum_of", None)
    copy_fits(source, target, (), known)
    check(target)


def test_what_is_no_fits_file_has_a_sha256_and_no_sums(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"text")
    assert digest_and_sums(tmp_path / "a.txt") == (hashlib.sha256(b"text").hexdigest(), ())


def test_the_fill_of_the_last_block_may_be_missing(tmp_path, target):
    source = tmp_path / "short.fits"
    fits.HDUList([fits.PrimaryHDU(np.arange(10.0))]).writeto(source, checksum=True)
    source.write_bytes(source.read_bytes()[: 2880 + 80])
    copy_fits(source, target, ())
    check(target)


def test_bytes_behind_the_last_hdu_stay_behind(cube, tmp_path, target):
    source = tmp_path / "more.fits"
    source.write_bytes(cube.read_bytes() + b"more" * 720)
    copy_fits(source, target, ())
    assert target.stat().st_size == cube.stat().st_size


def test_data_that_were_changed_since_are_no_copy(cube, tmp_path, target):
    content = bytearray(cube.read_bytes())
    content[-2000] ^= 1
    source = tmp_path / "changed.fits"
    source.write_bytes(content)
    with pytest.raises(HeaderError, match=r"changed.fits: HDU 2: found data with the sum"):
        copy_fits(source, target, ())
    assert [path.name for path in tmp_path.iterdir()] == ["changed.fits"]


def test_a_source_that_is_the_one_meant_is_copied_to_its_last_byte(cube, tmp_path, target):
    source = tmp_path / "more.fits"
    source.write_bytes(cube.read_bytes() + b"more" * 720)
    published = hashlib.sha256(source.read_bytes()).hexdigest()
    copy_fits(source, target, (HduEdit(0, (Card("NEW", 1),)),), Known(published))
    check(target)


@pytest.mark.parametrize("place", [200, 3000, -1])
def test_a_source_that_is_another_one_is_no_copy_wherever_it_differs(
    cube, tmp_path, target, place
):
    content = bytearray(cube.read_bytes() + b"more" * 720)
    published = hashlib.sha256(content).hexdigest()
    content[place] ^= 1
    source = tmp_path / "source.fits"
    source.write_bytes(content)
    with pytest.raises(ChangedError, match=f"found sha256 .*, expected {published}"):
        copy_fits(source, target, (), Known(published))
    assert not target.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "expected plain FITS"),
        (b"\x1f\x8b\x08 packed", "expected plain FITS"),
        (b"<html>log in</html>" * 300, "expected plain FITS"),
        (b"SIMPLE  =                    T\nEND\n", "expected plain FITS"),
        (b"SIMPLE  =                    T".ljust(80) + b" " * 2800, "no END"),
    ],
)
def test_what_is_no_plain_fits_is_refused(tmp_path, target, content, told):
    source = tmp_path / "source"
    source.write_bytes(content)
    with pytest.raises(HeaderError, match=told):
        copy_fits(source, target, ())
    assert not target.exists()


def test_a_cut_source_is_refused(cube, tmp_path, target):
    source = tmp_path / "cut.fits"
    source.write_bytes(cube.read_bytes()[:-2880])
    with pytest.raises(HeaderError, match="the file is cut"):
        copy_fits(source, target, ())
    assert not target.exists()


# ---- whole or not at all ----------------------------------------------------------------------


def test_a_full_disk_leaves_nothing(cube, target, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(copying, "_copy_data", fail)
    with pytest.raises(OSError, match="No space left"):
        copy_fits(cube, target, ())
    assert not list(target.parent.iterdir())


def test_what_was_there_stays_where_a_copy_fails(cube, target, monkeypatch):
    target.write_bytes(b"before")
    monkeypatch.setattr(copying, "_copy_data", lambda *_: -1)
    with pytest.raises(HeaderError):
        copy_fits(cube, target, ())
    assert target.read_bytes() == b"before"


KILLED = """
import os, signal, sys
from pathlib import Path
from phoenix.formats.fits import copying

def die(self):
    os.kill(os.getpid(), signal.SIGKILL)

copying._Tally.end = die
copying.copy_fits(Path(sys.argv[1]), Path(sys.argv[2]), ())
"""


def test_a_killed_copy_has_no_name_and_is_made_again(cube, target):
    done = subprocess.run([sys.executable, "-c", KILLED, cube, target], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not target.exists()
    copy_fits(cube, target, ())
    check(target)
