from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from attrs import evolve

from phoenix.archive.deprecation import Note, delete_version, note_place, write_note
from phoenix.archive.phase3 import archived_versions, read_data_set, take_in
from phoenix.errors import ArchiveError
from phoenix.formats.filedigest import copy_with_digest, file_digest
from phoenix.model.archived import Deprecation

NIGHT = "2020-01-01"
PNG = b"\x89PNG"


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 - the archive's checksum


@pytest.fixture
def idps(tmp_path, fits_bytes):
    """Two IDPs that share a preview and a FITS ancillary."""
    folder = tmp_path / "idp"
    folder.mkdir()
    (folder / "r.png").write_bytes(PNG)
    (folder / "sky.fits").write_bytes(fits_bytes("PRODCATG= 'ANCILLARY.MOSSPECTRA.SKY'"))
    for fibre in (1, 2):
        write_idp(folder / f"FA_{fibre}.fits", fits_bytes, fibre)
    return folder


def write_idp(path, fits_bytes, pixel, md5sum=""):
    path.write_bytes(
        fits_bytes(
            "PRODCATG= 'SCIENCE.SPECTRUM'",
            "ASSON1  = 'sky.fits'",
            "ASSON2  = 'r.png   '",
            "ASSOC2  = 'ANCILLARY.PREVIEW'",
            f"ASSOM2  = '{md5sum or md5(PNG)}'",
            pixel=pixel,
        )
    )


def take(tmp_path, idps, name="FA_1.fits", current=None):
    return take_in(tmp_path / "archive", NIGHT, read_data_set(idps / name), current)


def test_a_data_set_is_an_idp_and_the_files_that_it_names(idps):
    data_set = read_data_set(idps / "FA_1.fits")
    assert data_set.category == "SCIENCE.SPECTRUM"
    assert data_set.ancillaries == (
        (idps / "sky.fits", "ANCILLARY.MOSSPECTRA.SKY"),
        (idps / "r.png", "ANCILLARY.PREVIEW"),
    )


def test_a_missing_ancillary_is_named(idps):
    (idps / "sky.fits").unlink()
    with pytest.raises(ArchiveError, match=r"ASSON1: found no file sky\.fits"):
        read_data_set(idps / "FA_1.fits")


def test_an_ancillary_with_another_md5_is_refused(idps):
    (idps / "r.png").write_bytes(b"another")
    with pytest.raises(ArchiveError, match="ASSOM2"):
        read_data_set(idps / "FA_1.fits")


def test_an_ancillary_elsewhere_is_refused(idps, fits_bytes):
    (idps / "FA_1.fits").write_bytes(fits_bytes("ASSON1  = '../secret.fits'"))
    with pytest.raises(ArchiveError, match="expected a file name"):
        read_data_set(idps / "FA_1.fits")


def test_what_is_no_fits_file_is_no_data_set(tmp_path):
    (tmp_path / "FA.fits").write_text("x")
    with pytest.raises(ArchiveError):
        read_data_set(tmp_path / "FA.fits")


def test_a_first_version_lies_in_its_own_folder_with_all_its_files(tmp_path, idps):
    held = take(tmp_path, idps)
    assert (held.version, held.supersedes, held.is_new) == (1, None, True)
    assert held.idp.path == f"{NIGHT}/FA_1/v1/FA_1.fits"
    for row in (held.idp, *held.files):
        content = (tmp_path / "archive" / row.path).read_bytes()
        assert (row.size, row.md5) == (len(content), md5(content))


def test_the_archive_does_not_share_files_with_the_workspace(tmp_path, idps):
    held = take(tmp_path, idps)
    assert not (tmp_path / "archive" / held.idp.path).samefile(idps / "FA_1.fits")


def test_an_ancillary_of_many_idps_is_stored_once(tmp_path, idps):
    one, two = take(tmp_path, idps), take(tmp_path, idps, "FA_2.fits")
    archive = tmp_path / "archive"
    assert (archive / one.files[0].path).samefile(archive / two.files[0].path)


def test_the_same_content_again_changes_nothing(tmp_path, idps):
    first = take(tmp_path, idps)
    again = take(tmp_path, idps, current=first)
    assert not again.is_new
    assert again.version == 1
    assert not (tmp_path / "archive" / NIGHT / "FA_1" / "v2").exists()


def test_other_content_becomes_the_next_version_and_the_old_one_stays(tmp_path, idps, fits_bytes):
    first = take(tmp_path, idps)
    write_idp(idps / "FA_1.fits", fits_bytes, 7)
    second = take(tmp_path, idps, current=first)
    assert (second.version, second.supersedes, second.is_new) == (2, 1, True)
    archive = tmp_path / "archive"
    assert md5((archive / first.idp.path).read_bytes()) == first.idp.md5
    assert md5((archive / second.idp.path).read_bytes()) == second.idp.md5


def test_another_preview_makes_a_new_version_too(tmp_path, idps, fits_bytes):
    first = take(tmp_path, idps)
    (idps / "r.png").write_bytes(b"better")
    write_idp(idps / "FA_1.fits", fits_bytes, 1, md5(b"better"))
    assert take(tmp_path, idps, current=first).version == 2


def test_nothing_in_the_archive_is_overwritten_whatever_the_database_says(tmp_path, idps):
    left = tmp_path / "archive" / NIGHT / "FA_1" / "v1"
    left.mkdir(parents=True)
    (left / "half.fits").write_bytes(b"x")
    assert take(tmp_path, idps).version == 2
    assert [path.name for path in left.iterdir()] == ["half.fits"]


def test_the_archive_knows_its_versions_without_a_database(tmp_path, idps, fits_bytes):
    first = take(tmp_path, idps)
    write_idp(idps / "FA_1.fits", fits_bytes, 7)
    second = take(tmp_path, idps, current=first)
    archive = tmp_path / "archive"
    assert archived_versions(archive, NIGHT, "FA_1.fits") == tuple(
        evolve(row, is_new=True) for row in (first, second)
    )
    assert archived_versions(archive, NIGHT, "FA_2.fits") == ()


def test_stored_content_that_has_rotted_is_not_used_again(tmp_path, idps):
    first = take(tmp_path, idps)
    stored = tmp_path / "archive" / "content" / first.files[0].md5[:2] / first.files[0].md5
    size = stored.stat().st_size
    stored.chmod(0o644)
    stored.write_bytes(b"y" * size)
    second = take(tmp_path, idps, "FA_2.fits")
    content = (tmp_path / "archive" / second.files[0].path).read_bytes()
    assert md5(content) == second.files[0].md5


@pytest.mark.parametrize("name", ["FA_1.fits", "sky.fits"])
def test_a_file_that_changes_while_it_is_copied_is_refused(tmp_path, idps, monkeypatch, name):
    def grow(source, target, algorithm):
        if source.name == name:
            source.write_bytes(source.read_bytes() + bytes(2880))
        return copy_with_digest(source, target, algorithm)

    monkeypatch.setattr("phoenix.archive.phase3.copy_with_digest", grow)
    with pytest.raises(ArchiveError, match=f"{name}: found other content after copying"):
        take(tmp_path, idps)
    assert not (tmp_path / "archive" / NIGHT / "FA_1" / "v1").exists()
    assert not list((tmp_path / "archive").rglob("*.part"))


def test_what_the_archive_never_had_is_read_once(tmp_path, idps, monkeypatch):
    read = []

    def tell(path, algorithm):
        read.append(path.name)
        return file_digest(path, algorithm)

    monkeypatch.setattr("phoenix.archive.phase3.file_digest", tell)
    held = take(tmp_path, idps)
    assert held.idp.name not in read
    assert held.idp.md5 not in read


def test_an_idp_of_the_same_bytes_as_another_is_stored_once(tmp_path, idps):
    (idps / "FA_3.fits").write_bytes((idps / "FA_1.fits").read_bytes())
    one, three = take(tmp_path, idps), take(tmp_path, idps, "FA_3.fits")
    archive = tmp_path / "archive"
    assert (archive / one.idp.path).samefile(archive / three.idp.path)


def test_archived_files_cannot_be_written(tmp_path, idps):
    held = take(tmp_path, idps)
    mode = (tmp_path / "archive" / held.idp.path).stat().st_mode
    assert mode & 0o222 == 0


# ---- versions that a person took back ----------------------------------------------------------

SAID = Deprecation("wrong field", "me", dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC), deleted=True)


def take_back(tmp_path, held):
    folder = (tmp_path / "archive" / held.idp.path).parent
    write_note(folder, Note(SAID, (held.idp, *held.files)))
    return folder


def test_the_archive_itself_says_what_was_taken_back(tmp_path, idps):
    held = take(tmp_path, idps)
    take_back(tmp_path, held)
    (version,) = archived_versions(tmp_path / "archive", NIGHT, held.idp.name)
    assert version == evolve(held, deprecation=SAID)


def test_a_deleted_version_is_remembered_and_its_number_is_not_given_again(tmp_path, idps):
    held = take(tmp_path, idps)
    folder = take_back(tmp_path, held)
    delete_version(tmp_path / "archive", folder, (held.idp, *held.files))
    assert not folder.exists()
    second = take(tmp_path, idps)
    assert second.version == 2
    versions = archived_versions(tmp_path / "archive", NIGHT, held.idp.name)
    assert [(row.version, row.deprecation) for row in versions] == [(1, SAID), (2, None)]


def test_deleting_leaves_what_another_idp_has_too(tmp_path, idps):
    held, other = take(tmp_path, idps), take(tmp_path, idps, "FA_2.fits")
    delete_version(tmp_path / "archive", take_back(tmp_path, held), (held.idp, *held.files))
    assert all((tmp_path / "archive" / row.path).is_file() for row in (other.idp, *other.files))
    content = {path.name for path in (tmp_path / "archive/content").glob("*/*")}
    assert content == {row.md5 for row in (other.idp, *other.files)}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deprecation": {"at": 5}, "files": []}'])
def test_a_note_that_cannot_be_read_is_an_error_that_names_it(tmp_path, idps, text):
    held = take(tmp_path, idps)
    note_place(take_back(tmp_path, held)).write_text(text)
    with pytest.raises(ArchiveError, match=r"v1\.deprecated\.json: found .*, expected a note"):
        archived_versions(tmp_path / "archive", NIGHT, held.idp.name)
