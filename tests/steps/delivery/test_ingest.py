from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from attrs import evolve

from phoenix.formats.idpfile import write_idp
from phoenix.model.idp import Card
from phoenix.phase3.validate import validate
from phoenix.steps.delivery.ingest import ingest_idps, science_files

from ..conftest import fits_bytes

# The good products of the validator's own tests.
_spec = importlib.util.spec_from_file_location(
    "good_products", Path(__file__).parents[2] / "phase3" / "conftest.py"
)
good_products = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(good_products)

NIGHT = "2020-01-01"


def write(folder, fibre, *cards):
    plan = good_products.giraffe_idp(fibre)
    plan = evolve(plan, primary=(*plan.primary, *cards))
    write_idp(plan, folder / plan.name)
    return folder / plan.name


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "idp").mkdir()
    return tmp_path / "idp"


def ingest(tmp_path, folder, current=None):
    return ingest_idps(tmp_path / "archive", NIGHT, science_files(folder), current or {})


def test_valid_idps_are_taken(tmp_path, folder):
    path = write(folder, 1)
    assert validate(path).ok
    ingestion = ingest(tmp_path, folder)
    assert [row.idp.name for row in ingestion.taken] == [path.name]
    assert ingestion.refused == ()


def test_an_invalid_idp_is_refused_and_the_others_are_taken(tmp_path, folder):
    good, bad = write(folder, 1), write(folder, 2)
    content = bad.read_bytes().replace(b"SPECSYS = 'HELIOCEN'", b"SPECSYS = 'NOWHERE '")
    bad.write_bytes(content)
    ingestion = ingest(tmp_path, folder)
    assert [row.idp.name for row in ingestion.taken] == [good.name]
    assert [row.name for row in ingestion.refused] == [bad.name]
    assert "SPECSYS" in ingestion.refused[0].reason
    assert not list((tmp_path / "archive").rglob(bad.name))


def test_ingesting_twice_changes_nothing(tmp_path, folder):
    write(folder, 1)
    first = ingest(tmp_path, folder).taken
    again = ingest(tmp_path, folder, {row.idp.name: row for row in first})
    assert again.taken == ()
    assert [row.version for row in again.unchanged] == [1]


def test_a_new_version_supersedes_the_old_one(tmp_path, folder):
    write(folder, 1)
    first = ingest(tmp_path, folder).taken
    write(folder, 1, Card("QCFLAG", "000000001", "scores"))
    (second,) = ingest(tmp_path, folder, {row.idp.name: row for row in first}).taken
    assert (second.version, second.supersedes) == (2, 1)


def test_a_missing_ancillary_is_a_reason(tmp_path, folder):
    plan = good_products.giraffe_idp(1)
    preview = good_products.Ancillary("r.png", "ANCILLARY.PREVIEW", folder / "r.png")
    preview.path.write_bytes(b"\x89PNG")
    write_idp(evolve(plan, ancillaries=(preview,)), folder / plan.name)
    preview.path.unlink()
    ingestion = ingest(tmp_path, folder)
    assert "r.png" in ingestion.refused[0].reason


def test_a_cut_idp_is_refused(tmp_path, folder):
    path = write(folder, 1)
    path.write_bytes(path.read_bytes()[:-5000])
    assert [row.name for row in ingest(tmp_path, folder).refused] == [path.name]


def test_ancillaries_are_no_science_files(folder):
    path = write(folder, 1)
    (folder / "sky.fits").write_bytes(fits_bytes("PRODCATG= 'ANCILLARY.MOSSPECTRA.SKY'"))
    assert science_files(folder) == (path,)
