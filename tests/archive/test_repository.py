from __future__ import annotations

import pytest

from phoenix.archive.repository import ABRepository
from phoenix.errors import ArchiveError
from phoenix.formats.abfile import write_ab
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame

DATE = CivilDate(2020, 1, 1)
RAW = (RawFrame("${DFO_RAW_DIR}/2020-01-01/GIRAF.2020-01-02T00:00:00.000.fits", "BIAS"),)


@pytest.fixture
def repository(tmp_path):
    found = ABRepository(tmp_path, "giraffe")
    found.folder(DATE).mkdir(parents=True)
    return found


def add(repository, second):
    ab = AssociationBlock(f"GIRAF.2020-01-02T00:00:0{second}.000.ab", "gimasterbias", RAW)
    write_ab(ab, repository.folder(DATE))
    return ab


def test_a_night_gives_its_abs_in_order_of_name(repository):
    later, sooner = add(repository, 5), add(repository, 2)
    blocks, refused = repository.fetch(DATE)
    assert blocks == (sooner, later)
    assert refused == ()


def test_the_folders_are_those_of_the_original(repository):
    assert repository.folder(DATE) == repository.root / "giraffe" / "logs" / "2020-01-01"


def test_an_unreadable_ab_is_a_value(repository):
    good = add(repository, 1)
    (repository.folder(DATE) / "GIRAF.2020-01-02T00:00:09.000.ab").write_text("RECIPE\n")
    blocks, refused = repository.fetch(DATE)
    assert blocks == (good,)
    assert [row.name for row in refused] == ["GIRAF.2020-01-02T00:00:09.000.ab"]
    assert "RECIPE" in refused[0].reason


def test_an_ab_with_a_path_escape_is_refused(repository):
    text = "AB_NAME X.1.ab\nRECIPE gimasterbias\nRAWFILE ../../etc/passwd BIAS\n"
    (repository.folder(DATE) / "X.1.ab").write_text(text)
    _, refused = repository.fetch(DATE)
    assert "../../etc/passwd" in refused[0].reason


def test_a_binary_ab_is_refused(repository):
    (repository.folder(DATE) / "X.1.ab").write_bytes(b"\xff\xfe\x00")
    _, refused = repository.fetch(DATE)
    assert "UTF-8" in refused[0].reason


def test_a_night_without_folder_has_no_abs(repository):
    assert repository.list(DATE.plus(1)) == ()
    assert repository.fetch(DATE.plus(1)) == ((), ())


def test_the_nights_are_listed_in_order(repository):
    repository.folder(DATE.plus(-3)).mkdir()
    (repository.folder(DATE).parent / "notes").mkdir()
    assert repository.nights() == (DATE.plus(-3), DATE)


def test_a_missing_repository_says_what_to_do(tmp_path):
    with pytest.raises(ArchiveError, match=r"phoenix\.toml"):
        ABRepository(tmp_path, "giraffe").nights()
