from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from fakecube import write_cube, write_white
from phoenix.errors import DataError
from phoenix.formats.abfile import write_ab
from phoenix.formats.fits import copying
from phoenix.formats.fits.write_cards import format_card
from phoenix.model.frames import Role
from phoenix.model.grade import Graded, OBGrade
from phoenix.model.idp import (
    Ancillary,
    Card,
    Column,
    HduEdit,
    Image,
    InternalDataProduct,
    Table,
)
from phoenix.model.qc import Measurement
from phoenix.steps.delivery.ancestors import QC_REPORT, RECIPE_LOG
from phoenix.steps.delivery.ancillary import write_ancillary
from phoenix.steps.delivery.convert import changed_idps, convert_block, remove_idps
from phoenix.steps.delivery.gradecards import MOST_CARDS, grade_cards, with_grade
from phoenix.steps.finish import finish_blocks
from phoenix.steps.quality.score import QCResult, write_qc
from phoenix.steps.shelf import intact
from phoenix.steps.shelf.grades import KeptGrades, write_grades
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places, Record

from ..conftest import DATE, fake_instrument, fake_process, fits_bytes


def spectrum(name: str, ancillaries=(), **changes) -> InternalDataProduct:
    wave = np.linspace(500.0, 501.0, 50)
    plan = InternalDataProduct(
        name=name,
        prodcatg="SCIENCE.SPECTRUM",
        primary=(Card("OBJECT", "NGC 104", "Target"),),
        columns=(Column("WAVE", wave, "nm"), Column("FLUX", wave.astype(np.float32), "adu")),
        ancillaries=tuple(ancillaries),
    )
    return evolve(plan, **changes)


def sky() -> Ancillary:
    return Ancillary(
        "FA_SSKY.fits",
        "ANCILLARY.MOSSPECTRA.SKY",
        cards=(Card("ESO QC NSKY", 3, "sky fibres"),),
        hdus=(
            Image("SPECTRA", np.ones((5, 3), np.float32), (Card("BUNIT", "adu"),)),
            Table(
                "FIBER_SETUP",
                (
                    Column("INDEX", np.arange(3, dtype=np.int32)),
                    Column("OBJECT", np.array([b"one", b"two", b"three"])),
                    Column("RA", np.arange(3.0), "deg"),
                ),
            ),
        ),
    )


def convert_to_idps(products, qc, qcflags):
    report = [row.path for row in products if row.pro_catg == QC_REPORT]
    product = next(row for row in products if row.role is Role.SCIENCE)
    shared = (sky(), *(Ancillary(path.name, "ANCILLARY.PREVIEW", path) for path in report))
    return [
        spectrum(
            f"FA_{fibre:03}.fits",
            shared,
            primary=(
                Card("QCFLAG", qcflags[fibre], ""),
                Card("SNR", qc[0].value, product.pro_catg),
            ),
        )
        for fibre in (1, 2)
    ]


@pytest.fixture
def done(night):
    bias = night.bias()
    ab = night.science(bias)
    night.process(bias)
    _, published = night.process(ab)
    qc = QCResult(
        str(ab.name),
        measurements=(Measurement("SNR", 31.5),),
        qcflags=((0, "00"), (1, "01"), (2, "10")),
    )
    write_qc(qc, published.folder / "qc.json")
    (published.folder / f"{ab.root}.png").write_bytes(b"\x89PNG report")
    return evolve(night, instrument=fake_instrument(convert_to_idps=convert_to_idps)), ab


def convert(night, ab, hook=None):
    instrument = fake_instrument(convert_to_idps=hook) if hook else night.instrument
    return convert_block(instrument, fake_process(), night.workspace, ab)


def test_all_idps_of_an_ab_lie_in_one_folder_with_their_ancillaries(done):
    night, ab = done
    conversion = convert(night, ab)
    assert conversion.reason == ""
    assert conversion.folder == Places.of(night.workspace, ab).idps
    assert sorted(path.name for path in conversion.folder.iterdir()) == sorted(
        ["FA_001.fits", "FA_002.fits", "FA_SSKY.fits", f"{ab.root}.png", "conversion.json"]
    )
    assert [row.name for row in conversion.idps] == ["FA_001.fits", "FA_002.fits"]


def test_an_idp_names_its_ancillaries_and_the_md5_of_what_is_not_fits(done):
    night, ab = done
    folder = convert(night, ab).folder
    header = fits.getheader(folder / "FA_001.fits")
    assert header["ASSON1"] == "FA_SSKY.fits"
    assert "ASSOC1" not in header
    assert header["ASSON2"] == f"{ab.root}.png"
    assert header["ASSOC2"] == "ANCILLARY.PREVIEW"
    assert header["ASSOM2"] == hashlib.md5(b"\x89PNG report").hexdigest()  # noqa: S324 - the archive's checksum


def test_each_element_gets_its_own_qcflag(done):
    night, ab = done
    folder = convert(night, ab).folder
    flags = [fits.getheader(folder / f"FA_00{fibre}.fits")["QCFLAG"] for fibre in (1, 2)]
    assert flags == ["01", "10"]


def test_what_is_written_has_its_checksums(done):
    night, ab = done
    folder = convert(night, ab).folder
    for path in folder.glob("*.fits"):
        with fits.open(path, checksum=True) as hdus:
            hdus.verify("exception")
            assert all("CHECKSUM" in hdu.header and "DATASUM" in hdu.header for hdu in hdus)


def test_a_finished_night_is_converted_too(done):
    night, ab = done
    finish_blocks(night.instrument, fake_process(), night.workspace, [ab])
    assert convert(night, ab).reason == ""


def test_the_same_is_not_converted_twice(done):
    night, ab = done
    first = convert(night, ab)
    again = convert(night, ab)
    assert again.done_before
    assert again.idps == first.idps


def test_other_measurements_make_new_idps(done):
    night, ab = done
    convert(night, ab)
    write_qc(
        QCResult(str(ab.name), (Measurement("SNR", 1.0),), qcflags=((1, "11"), (2, "11"))),
        Places.of(night.workspace, ab).fresh(Record.QC),
    )
    again = convert(night, ab)
    assert not again.done_before
    assert fits.getheader(again.folder / "FA_001.fits")["QCFLAG"] == "11"


def test_one_bad_plan_leaves_no_idp_at_all(done):
    night, ab = done

    def one_is_bad(products):
        del products
        return [spectrum("FA_001.fits"), spectrum("no good name")]

    conversion = convert(night, ab, one_is_bad)
    assert "no good name" in conversion.reason
    assert not Places.of(night.workspace, ab).idps.exists()
    assert night.left_in_scratch() == []


def test_a_failed_conversion_leaves_the_earlier_idps(done):
    night, ab = done
    convert(night, ab)
    write_qc(QCResult(str(ab.name)), Places.of(night.workspace, ab).fresh(Record.QC))
    assert convert(night, ab, lambda: [spectrum("no good name")]).reason
    assert (Places.of(night.workspace, ab).idps / "FA_001.fits").exists()


def test_two_idps_of_one_name_are_refused(done):
    night, ab = done
    reason = convert(night, ab, lambda: [spectrum("FA.fits"), spectrum("FA.fits")]).reason
    assert reason == "FA.fits: found two files of that name, expected one"


def test_two_different_ancillaries_of_one_name_are_refused(done):
    night, ab = done
    other = evolve(sky(), category="ANCILLARY.MOSSPECTRA")
    plans = [spectrum("FA_1.fits", [sky()]), spectrum("FA_2.fits", [other])]
    assert "two different files" in convert(night, ab, lambda: plans).reason


def test_a_plugin_that_stumbles_is_a_reason(done):
    night, ab = done

    def stumble(products):
        raise KeyError(products[0].pro_catg)

    assert "convert_to_idps" in convert(night, ab, stumble).reason


def test_an_ab_without_products_is_a_reason(night):
    assert "run the AB first" in convert(night, night.bias(7)).reason


def test_an_ab_without_science_products_has_no_idps(done):
    night, _ = done
    assert "no IDP" in convert(night, night.bias()).reason


def test_a_cube_is_copied_into_the_folder_of_the_ab_with_its_white_light(done, tmp_path):
    night, ab = done
    cube, white = write_cube(tmp_path / "cube.fits"), write_white(tmp_path / "white.fits")

    def plan_a_cube(products):
        light = Ancillary(
            "MU_SIMC.fits",
            "ANCILLARY.IMAGE.WHITELIGHT",
            white,
            (Card("SNR", 2.0),),
            edits=(HduEdit("DATA", (Card("BUNIT", "adu"),)),),
        )
        return [InternalDataProduct("MU_SCBC.fits", "SCIENCE.CUBE.IFS", (), path=cube,
                                    ancillaries=(light,))]  # fmt: skip

    folder = convert(night, ab, plan_a_cube).folder
    assert fits.getval(folder / "MU_SCBC.fits", "ASSON1") == "MU_SIMC.fits"
    for name, source in (("MU_SCBC.fits", cube), ("MU_SIMC.fits", white)):
        with fits.open(folder / name, checksum=True) as hdus:
            hdus.verify("exception")
            np.testing.assert_array_equal(hdus[1].data, fits.getdata(source))
    assert fits.getval(folder / "MU_SIMC.fits", "BUNIT", 1) == "adu"
    assert fits.getval(folder / "MU_SIMC.fits", "SNR") == 2.0


def copy_the_product(products):
    product = next(row for row in products if row.role is Role.SCIENCE)
    return [InternalDataProduct("MU_SCBC.fits", "SCIENCE.CUBE.IFS", (), path=product.path)]


def science_product(night, ab):
    places = Places.of(night.workspace, ab)
    rows = successful_manifest(places)[1].products
    row = next(row for row in rows if row.role is Role.SCIENCE)
    return places.product(row.name, row.final)


def test_a_product_that_is_copied_is_compared_with_what_was_published(done):
    night, ab = done
    path = science_product(night, ab)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"END  ", b"END x", 1))
    conversion = convert(night, ab, copy_the_product)
    assert conversion.damaged
    assert "as it was published" in conversion.reason
    path.write_bytes(content)
    assert convert(night, ab, copy_the_product).reason == ""


def test_a_product_that_is_copied_is_read_once(done, monkeypatch):
    night, ab = done
    path = science_product(night, ab)
    read, checksum = [], intact.file_checksum
    monkeypatch.setattr(intact, "file_checksum", lambda file: read.append(file) or checksum(file))
    assert convert(night, ab, copy_the_product).reason == ""
    assert path not in read


def test_the_sums_of_its_data_are_known_since_it_was_published(done, monkeypatch):
    night, ab = done
    monkeypatch.setattr(copying, "_sum_of", None)
    folder = convert(night, ab, copy_the_product).folder
    with fits.open(folder / "MU_SCBC.fits", checksum=True) as hdus:
        hdus.verify("exception")


def test_damage_is_told_before_what_the_plugin_makes_of_it(done):
    def fail(products):
        raise DataError("no such column")

    night, ab = done
    path = science_product(night, ab)
    assert "no such column" in convert(night, ab, fail).reason
    path.write_bytes(path.read_bytes().replace(b"END  ", b"END x", 1))
    conversion = convert(night, ab, fail)
    assert conversion.damaged
    assert "no such column" not in conversion.reason


def test_a_made_ancillary_is_labelled(tmp_path):
    write_ancillary(sky(), tmp_path / "a.fits")
    with fits.open(tmp_path / "a.fits") as hdus:
        assert hdus[0].header["PRODCATG"] == "ANCILLARY.MOSSPECTRA.SKY"
        assert hdus[0].header["ESO QC NSKY"] == 3
        assert hdus["SPECTRA"].data.shape == (5, 3)
        assert hdus["SPECTRA"].header["BUNIT"] == "adu"
        assert hdus["FIBER_SETUP"].data["OBJECT"].tolist() == ["one", "two", "three"]
        assert hdus["FIBER_SETUP"].columns["RA"].unit == "deg"


def test_a_copied_fits_file_is_labelled_and_its_pixels_stay(tmp_path):
    (tmp_path / "in.fits").write_bytes(fits_bytes("OBJECT  = 'NGC 104 '"))
    plan = Ancillary("out.fits", "ANCILLARY.2DSPECTRUM", tmp_path / "in.fits")
    write_ancillary(plan, tmp_path / "out.fits")
    with fits.open(tmp_path / "out.fits", checksum=True) as hdus:
        assert hdus[0].header["PRODCATG"] == "ANCILLARY.2DSPECTRUM"
        assert hdus[0].header["OBJECT"] == "NGC 104"
        assert hdus[0].data.shape == (1440,)


def test_the_plugin_is_asked_once_with_all_products_the_report_and_the_log(done):
    night, ab = done
    seen = []

    def look(products):
        seen.append([row.pro_catg for row in products])

    convert(night, ab, look)
    assert seen == [["SPECTRUM", "IMAGE", QC_REPORT, RECIPE_LOG]]


def test_the_plugin_is_given_the_abs_behind_it_with_their_products_and_logs(done):
    night, ab = done
    seen = []

    def look(ancestors):
        seen.extend(ancestors)

    parent = night.bias()
    folder = Places.of(night.workspace, parent).edited.parent
    folder.mkdir(parents=True, exist_ok=True)
    write_ab(parent, folder)
    convert(night, ab, look)
    assert [str(one.ab.name) for one in seen] == list(ab.waits_for)
    assert seen[0].products[-1].pro_catg == RECIPE_LOG


def test_an_ab_behind_it_whose_file_is_gone_stands_in_no_way(done):
    night, ab = done
    seen = []

    def look(ancestors):
        seen.append(ancestors)

    convert(night, ab, look)
    assert seen == [()]


def test_a_plain_ancillary_can_be_made_of_text(done):
    night, ab = done
    log = Ancillary("FA.log", "ANCILLARY.README", text="1. All ABs\n")

    def hook(qcflags):
        return [spectrum("FA_001.fits", (log,))]

    assert (convert(night, ab, hook).folder / "FA.log").read_text("utf-8") == "1. All ABs\n"


def test_frames_of_a_released_night_are_its_headers(done):
    night, ab = done
    seen = []

    def look(frames):
        seen.extend(path for path, _ in frames.frames)

    night.workspace.resolve(ab.raw_files[0].path).unlink()
    convert(night, ab, look)
    assert seen[0] == night.workspace.folder("headers", DATE) / f"{ab.root}.hdr"


def test_idps_that_go_into_others_are_taken_away_and_made_again_when_wanted(done):
    night, ab = done
    folder = convert(night, ab).folder
    remove_idps(night.workspace, ab)
    assert not folder.exists()
    assert not list(night.workspace.folder("scratch", DATE).iterdir())
    remove_idps(night.workspace, ab)
    again = convert(night, ab)
    assert again.folder == folder
    assert not again.done_before


def test_a_full_disk_is_no_fault_of_an_idp(done, monkeypatch):
    def full(*_arguments, **_keywords):
        raise OSError(errno.ENOSPC, "No space left on device", "FA_001.fits")

    monkeypatch.setattr("phoenix.steps.delivery.convert.write_idp", full)
    night, ab = done
    conversion = convert(night, ab)
    assert conversion.reason.startswith("disk full: ")
    assert conversion.folder is None


# ---- grades of OBs -----------------------------------------------------------------------------


def keep_grade(night, ab, **told):
    at = dt.datetime(2020, 1, 3, tzinfo=dt.UTC)
    rows = (Graded(OBGrade(ab.obs_id, str(ab.date), **told), at),)
    write_grades(night.workspace, str(ab.date), KeptGrades(rows))


@pytest.fixture
def graded(done):
    night, ab = done
    return night, evolve(ab, obs_id=200)


def header_of(night, ab):
    return fits.getheader(convert(night, ab).folder / "FA_001.fits")


def test_an_idp_has_the_grade_of_its_ob_the_mode_and_the_observers_comment(graded):
    night, ab = graded
    keep_grade(night, ab, grade="B", mode="service", comment="Seeing 10 % above; größer")
    header = header_of(night, ab)
    assert (header["OB_GRADE"], header["VM_SM"]) == ("B", "SM")
    assert list(header["COMMENT"]) == ["OB 200: Seeing 10 % above; gro?er"]


def test_an_idp_of_an_ob_without_grade_has_no_such_cards(graded):
    header = header_of(*graded)
    assert not {"OB_GRADE", "VM_SM", "COMMENT"} & set(header)


def test_a_long_comment_is_cut_and_says_so(graded):
    night, ab = graded
    keep_grade(night, ab, comment="cloud " * 1600)
    lines = list(header_of(night, ab)["COMMENT"])
    assert len(lines) <= MOST_CARDS
    assert lines[-1].endswith("characters)")


def test_a_new_grade_converts_again_and_the_same_does_not(graded):
    night, ab = graded
    assert not convert(night, ab).done_before
    keep_grade(night, ab, grade="B")
    assert not convert(night, ab).done_before
    assert convert(night, ab).done_before


def test_a_keyword_that_the_plugin_writes_stays_as_it_is():
    plan = InternalDataProduct("x.fits", "SCIENCE.SPECTRUM", (Card("OB_GRADE", "own"),))
    assert with_grade(plan, grade_cards(OBGrade(7, grade="A"))) == plan


@given(st.text())
def test_any_comment_can_stand_in_a_header(text):
    for card in grade_cards(OBGrade(7, comment=text)):
        assert len(format_card(card.keyword, card.value, card.comment)) == 80


@pytest.mark.parametrize(
    "record",
    [
        [],
        {"idps": None},
        {"idps": ["FA_001.fits"]},
        {"idps": [{"name": None, "size": 1, "sha256": ""}]},
        {"idps": [], "beside": [{"name": 7, "size": 1, "sha256": ""}]},
    ],
)
def test_a_record_that_names_no_files_is_told_and_converted_again(done, record):
    night, ab = done
    place = convert(night, ab).folder / "conversion.json"
    place.write_text(json.dumps(record))
    with pytest.raises(DataError, match="found no list of IDPs, expected one"):
        changed_idps(night.workspace, ab)
    assert not convert(night, ab).done_before
    assert changed_idps(night.workspace, ab) == ()
