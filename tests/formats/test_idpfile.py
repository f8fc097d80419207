"""An IDP on disk is the plan, whole or not at all."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fakecube import write_cube
from phoenix.errors import StandardError
from phoenix.formats.fits.hdu import encode_checksum, sum_words
from phoenix.formats.idpfile import association_cards, encode_idp, write_idp
from phoenix.model.idp import Ancillary, Card, Column, HduEdit, InternalDataProduct
from strategies import card_texts


def plan(**changes):
    columns = (
        Column("WAVE", np.linspace(500, 520, 100), "nm", "spec:Data.SpectralAxis.Value", "em.wl"),
        Column("FLUX", np.ones(100, np.float32), "adu", "spec:Data.FluxAxis.Value", "phot.flux"),
        Column("QUAL", np.zeros(100, np.int32)),
    )
    idp = InternalDataProduct(
        name="GI_SRBS_1.fits",
        prodcatg="SCIENCE.SPECTRUM",
        primary=(Card("OBJECT", "NGC 104", "target"), Card("ESO QC SNR", 31.25, "per pixel")),
        extension=(Card("TITLE", "NGC 104"),),
        columns=columns,
    )
    return evolve(idp, **changes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "GI_SRBS_1.fits"


def test_what_is_written_is_told(path):
    written = write_idp(plan(), path)
    content = path.read_bytes()
    assert written.name == path.name
    assert written.size == len(content)
    assert written.sha256 == hashlib.sha256(content).hexdigest()


def test_the_same_plan_gives_the_same_bytes():
    assert encode_idp(plan()) == encode_idp(plan())


def test_structural_cards_come_first_and_in_order(path):
    write_idp(plan(), path)
    primary, table = (list(fits.getheader(path, i)) for i in (0, 1))
    assert primary[:4] == ["SIMPLE", "BITPIX", "NAXIS", "EXTEND"]
    assert table[:8] == [
        *("XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "TFIELDS")
    ]


def test_the_table_is_one_row_of_vectors(path):
    write_idp(plan(), path)
    header = fits.getheader(path, 1)
    assert (header["NAXIS2"], header["PCOUNT"], header["NELEM"]) == (1, 0, 100)
    assert [header[f"TFORM{i}"] for i in (1, 2, 3)] == ["100D", "100E", "100J"]
    assert (header["EXTNAME"], header["INHERIT"]) == ("SPECTRUM", True)


def test_the_ends_of_the_spectral_axis_are_told(path):
    write_idp(plan(), path)
    header = fits.getheader(path, 1)
    assert (header["TDMIN1"], header["TDMAX1"]) == (500.0, 520.0)


def test_a_column_without_unit_has_an_empty_one(path):
    write_idp(plan(), path)
    header = fits.getheader(path, 1)
    assert [header[f"{stem}3"] for stem in ("TUNIT", "TUTYP", "TUCD")] == ["", "", ""]


words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=6)
eso_cards = st.builds(
    Card,
    st.lists(words, min_size=1, max_size=3).map(lambda names: " ".join(("ESO", *names))),
    card_texts(" !#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[]^_`abcxyz{|}~", max_size=20)
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False),
    st.text("abc / 'x", max_size=60),
)
vectors = st.sampled_from([">f8", "<f8", "<f4", "<i2", "<i4", "<i8", "u1"]).flatmap(
    lambda dtype: hnp.arrays(dtype, 7)
)


@settings(max_examples=60)
@given(
    st.lists(eso_cards, max_size=20, unique_by=lambda card: card.keyword),
    st.lists(vectors, max_size=4),
)
def test_astropy_reads_the_plan_back(path, cards, arrays):
    wave = Column("WAVE", np.arange(7.0), "nm")
    columns = (wave, *(Column(f"C{i}", array) for i, array in enumerate(arrays)))
    write_idp(plan(primary=cards, columns=columns), path)
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        for card in cards:
            value = card.value
            found = hdus[0].header[card.keyword]
            assert type(found) is type(value)
            assert found == (value.rstrip() if isinstance(value, str) else value)
        for column in columns:
            np.testing.assert_array_equal(hdus[1].data[column.name][0], column.values)
        assert [hdu.verify_checksum() for hdu in hdus] == [1, 1]


@given(st.binary(min_size=4, max_size=400).map(lambda data: data[: len(data) // 4 * 4]))
def test_an_encoded_checksum_makes_the_sum_minus_zero(data):
    text = encode_checksum(sum_words(data))
    rotated = text[1:] + text[:1]  # the value field begins at the second byte of a word
    assert text.isalnum()
    # Each byte of the text counts from '0' (FITS 4.0, appendix J).
    code = bytes(rotated)
    words_of_text = sum_words(code)
    zero = sum_words(b"0" * 16)
    assert (words_of_text - zero + sum_words(data)) % 0xFFFFFFFF == 0


def test_a_png_travels_with_category_and_md5(tmp_path, path):
    picture = tmp_path / "r.GIRAF.png"
    picture.write_bytes(b"picture")
    ancillaries = (
        Ancillary("GI_SMOS_1.fits", "ANCILLARY.MOSSPECTRA", tmp_path / "GI_SMOS_1.fits"),
        Ancillary("r.GIRAF.png", "ANCILLARY.PREVIEW", picture),
    )
    write_idp(plan(ancillaries=ancillaries), path)
    header = fits.getheader(path)
    assert header["ASSON1"] == "GI_SMOS_1.fits"
    assert (header["ASSON2"], header["ASSOC2"]) == ("r.GIRAF.png", "ANCILLARY.PREVIEW")
    assert header["ASSOM2"] == hashlib.md5(b"picture").hexdigest()  # noqa: S324 (the archive's)
    assert "ASSOC1" not in header


def test_an_ancillary_written_again_gets_a_new_md5(tmp_path):
    picture = Ancillary("a.png", "ANCILLARY.PREVIEW", tmp_path / "a.png")
    picture.path.write_bytes(b"one")
    before = association_cards([picture])
    picture.path.write_bytes(b"two, longer")
    assert association_cards([picture]) != before


def test_an_ancillary_that_is_not_there_is_refused(tmp_path, path):
    picture = Ancillary("a.png", "ANCILLARY.PREVIEW", tmp_path / "a.png")
    with pytest.raises(StandardError, match="ASSOM1"):
        write_idp(plan(ancillaries=(picture,)), path)


def test_a_picture_without_path_is_refused(path):
    with pytest.raises(StandardError, match=r"ASSOM1.*no path"):
        write_idp(plan(ancillaries=(Ancillary("a.png", "ANCILLARY.PREVIEW"),)), path)


def column(**changes):
    return evolve(Column("FLUX", np.ones(100, np.float32)), **changes)


REFUSED = {
    "a name too long": ({"name": "x" * 64 + ".fits"}, "file name.*at most 68"),
    "another suffix": ({"name": "x.dat"}, "file name"),
    "a lower-case keyword": ({"primary": [Card("object", "x")]}, "object.*upper-case"),
    "a long value": ({"primary": [Card("OBJECT", "x" * 69)]}, "OBJECT.*at most 68"),
    "NaN in a header": ({"primary": [Card("SNR", np.nan)]}, "SNR.*finite"),
    "Inf in a header": ({"extension": [Card("TMID", np.inf)]}, "TMID.*finite"),
    "a keyword twice": ({"primary": [Card("A", 1), Card("A", 2)]}, "A: found '2 cards'"),
    "a card of the writer": ({"primary": [Card("NAXIS", 2)]}, "NAXIS.*follows"),
    "an association": ({"primary": [Card("ASSON1", "a.png")]}, "ASSON1.*follows"),
    "no columns": ({"columns": ()}, "TFIELDS"),
    "columns of unequal length": (
        {"columns": (column(), column(name="ERR", values=np.ones(99)))},
        "TFORM2.*ERR.*100 elements",
    ),
    "an empty column": ({"columns": (column(values=np.ones(0)),)}, "TFORM1"),
    "a column of two axes": ({"columns": (column(values=np.ones((2, 2))),)}, "TFORM1"),
    "a column of text": ({"columns": (column(values=np.array(["a"])),)}, "TFORM1.*type"),
    "a column of unsigned integers": (
        {"columns": (column(values=np.ones(3, np.uint16)),)},
        "TFORM1.*uint16",
    ),
    "a lower-case column": ({"columns": (column(name="flux"),)}, "TTYPE1.*upper-case"),
    "a column name twice": ({"columns": (column(), column())}, "TTYPE.*differ"),
    "an axis that begins with NaN": (
        {"columns": (column(name="WAVE", values=np.array([np.nan, 1.0])),)},
        "TDMIN1.*finite",
    ),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_a_plan_that_breaks_the_standard_is_refused(tmp_path, changes, words):
    idp = plan(**changes)
    with pytest.raises(StandardError, match=words):
        write_idp(idp, tmp_path / idp.name)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_leads_out_of_the_folder_is_refused():
    with pytest.raises(StandardError, match="file name"):
        encode_idp(plan(name="../x.fits"))


def test_a_refusal_names_the_file(path):
    with pytest.raises(
        StandardError, match=r"^GI_SRBS_1\.fits: SNR: found nan, expected a finite"
    ):
        write_idp(plan(primary=[Card("SNR", np.nan)]), path)


def test_a_path_of_another_name_is_refused(tmp_path):
    with pytest.raises(StandardError, match=r"other\.fits"):
        write_idp(plan(), tmp_path / "other.fits")


def test_a_failed_write_leaves_nothing_behind(path, monkeypatch):
    path.write_bytes(b"what was there")
    monkeypatch.setattr(type(path), "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_idp(plan(), path)
    assert [one.read_bytes() for one in path.parent.iterdir()] == [b"what was there"]


def test_a_history_may_have_many_lines(path):
    write_idp(plan(primary=[Card("HISTORY", "one"), Card("HISTORY", "two")]), path)
    assert list(fits.getheader(path)["HISTORY"]) == ["one", "two"]


# ---- a product that exists already ------------------------------------------------------------


@pytest.fixture
def cube_plan(tmp_path):
    return InternalDataProduct(
        name="MU_SCBC_1.fits",
        prodcatg="SCIENCE.CUBE.IFS",
        primary=(Card("OBJECT", "NGC 104", "target"), Card("SNR", 31.25)),
        path=write_cube(tmp_path / "cube.fits", PRODCATG="SCIENCE.IMAGE", ASSON7="old.png"),
        edits=(HduEdit("DATA", (Card("BUNIT", "adu"),)), HduEdit(0, removed=("ARCFILE",))),
    )


def test_a_product_is_copied_with_the_headers_of_its_plan(cube_plan, tmp_path):
    path = tmp_path / cube_plan.name
    written = write_idp(cube_plan, path)
    content = path.read_bytes()
    assert written.size == len(content)
    assert written.sha256 == hashlib.sha256(content).hexdigest()
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        header = hdus[0].header
        assert (header["OBJECT"], header["SNR"], hdus[1].header["BUNIT"]) == (
            "NGC 104", 31.25, "adu",
        )  # fmt: skip
        assert "ARCFILE" not in header


def test_the_label_of_a_copy_is_that_of_its_plan(cube_plan, tmp_path):
    white = Ancillary("MU_SIMC_1.fits", "ANCILLARY.IMAGE.WHITELIGHT")
    path = tmp_path / cube_plan.name
    write_idp(evolve(cube_plan, ancillaries=(white,)), path)
    header = fits.getheader(path)
    assert (header["PRODCATG"], header["ASSON1"]) == ("SCIENCE.CUBE.IFS", "MU_SIMC_1.fits")
    assert "ASSON7" not in header


NOT_COPIED = {
    "a name of its own for an axis": (
        {"edits": (HduEdit("DATA", (Card("NAXIS3", 1),)),)}, "HDU DATA: NAXIS3: found it in",
    ),
    "a removed scale": ({"edits": (HduEdit("DATA", removed=("BZERO",)),)}, "HDU DATA: BZERO"),
    "a category": ({"primary": (Card("PRODCATG", "X"),)}, "HDU 0: PRODCATG"),
    "a sum": ({"edits": (HduEdit(0, (Card("DATASUM", "1"),)),)}, "HDU 0: DATASUM"),
    "a keyword twice": (
        {"edits": (HduEdit(0, (Card("SNR", 1.0),)),)}, "HDU 0: SNR: found two new cards",
    ),
    "columns beside a path": (
        {"columns": (Column("WAVE", np.ones(3)),)}, "TFIELDS: found 'columns",
    ),
    "an HDU that is not there": ({"edits": (HduEdit("DQ"),)}, "expected 'DQ' to be edited"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "told"), NOT_COPIED.values(), ids=NOT_COPIED)
def test_a_plan_of_a_copy_is_refused_for(cube_plan, tmp_path, changes, told):
    with pytest.raises(StandardError, match=f"^MU_SCBC_1.fits: .*{told}"):
        write_idp(evolve(cube_plan, **changes), tmp_path / cube_plan.name)
    assert [path.name for path in tmp_path.iterdir()] == ["cube.fits"]


def test_a_product_that_is_not_there_cannot_be_copied(cube_plan, tmp_path):
    with pytest.raises(OSError, match=r"gone\.fits"):
        write_idp(evolve(cube_plan, path=tmp_path / "gone.fits"), tmp_path / cube_plan.name)
