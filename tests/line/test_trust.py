"""Nothing wrong passes in silence: damaged files, power cuts, lost databases, rejected masters."""

from __future__ import annotations

import os

import pytest
from nightwork import BIAS, DATE, FIRST, FLAT, SECOND, THIRD, runs

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.production import ProductionLine
from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.steps.quality.verdicts import read_verdicts
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record

pytestmark = pytest.mark.recipes


@pytest.fixture
def line(processed, copy_of):
    with ProductionLine(copy_of(processed)) as line:
        yield line


def places(line, name):
    return Places(line.workspace, DATE, name.removesuffix(".ab"))


def manifest_of(line, name):
    return read_manifest(places(line, name).now(Record.MANIFEST))


def product(line, name, role="science"):
    manifest = manifest_of(line, name)
    row = next(row for row in manifest.products if row.role.value == role)
    return places(line, name).product(row.name, row.final)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.unlink()
    path.write_bytes(content)


def empty(path):
    path.unlink()
    path.write_bytes(b"")


# ---- what was published is what is delivered ----------------------------------------------------


def test_a_damaged_product_ends_its_ab_with_a_reason_and_is_made_again(line):
    flip(product(line, FIRST))
    (report,) = line.run(DATE, resume=True)
    assert report.results[FIRST].state is JobState.FAILED
    assert "as it was published" in report.results[FIRST].reason
    assert FIRST in line.to_redo(DATE)
    (report,) = line.rerun(DATE)
    assert report.wrong == 0
    assert product(line, FIRST).parts[-3:-1] == ("reduced", DATE)


def test_a_finished_product_that_was_damaged_is_not_converted(line):
    line.run(DATE, resume=True)
    flip(product(line, FIRST))
    told = {row[0]: row[4] for row in line.convert(DATE).rows}
    assert "as it was published" in told[FIRST]
    assert not told[SECOND]
    assert FIRST in line.to_redo(DATE)


@pytest.mark.parametrize("choose", [min, max], ids=["ancillary", "IDP"])
def test_a_file_that_was_changed_after_its_conversion_is_not_ingested(line, choose):
    line.run(DATE, resume=True)
    line.convert(DATE)
    path = choose(places(line, FIRST).idps.glob("*.fits"))
    flip(path)
    told = [row for row in line.ingest(DATE).rows if row[0] == FIRST]
    assert [(row[1], row[2]) for row in told] == [(path.name, "refused")]
    line.convert(DATE)
    assert {row[2] for row in line.ingest(DATE).rows} == {"ingested", "was there"}


# ---- power cuts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("record", [Record.QC, Record.REPORT, Record.MANIFEST, Record.LOG])
@pytest.mark.parametrize("finished", [False, True])
def test_the_same_command_heals_a_record_that_a_power_cut_emptied(line, record, finished):
    if finished:
        line.run(DATE, resume=True)
    empty(places(line, FIRST).now(record))
    (report,) = line.run(DATE)
    assert report.wrong == 0
    assert places(line, FIRST).now(record).stat().st_size > 0
    assert read_manifest(places(line, FIRST).now(Record.MANIFEST)) is not None


@pytest.mark.parametrize("harm", [empty, lambda path: os.truncate(path, 100)])
@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("name", [BIAS, FIRST])
def test_the_same_command_makes_a_product_again_that_a_power_cut_emptied_or_cut(
    line, name, finished, harm
):
    if finished:
        line.run(DATE, resume=True)
    role = "calibration" if name == BIAS else "science"
    before = product(line, name, role)
    harm(before)
    (report,) = line.run(DATE)
    assert report.wrong == 0
    (row,) = [one for one in manifest_of(line, name).products if one.name == before.name] or [
        one for one in manifest_of(line, name).products if one.final.endswith(before.name)
    ]
    assert product(line, name, role).stat().st_size == row.size


def test_a_cut_table_of_the_workspace_is_fetched_again(line):
    table = min(line.workspace.folder("calib").glob("gen/*.fits"))
    content = table.read_bytes()
    table.unlink()
    table.write_bytes(content[: len(content) // 2])
    for name in (BIAS, FLAT, FIRST):
        empty(places(line, name).now(Record.LOG))
    (report,) = line.run(DATE)
    assert report.wrong == 0
    assert table.read_bytes() == content


def test_what_the_archive_has_lost_is_told_and_never_written_again(line):
    line.run(DATE, resume=True)
    line.convert(DATE)
    line.ingest(DATE)
    path = min(line.workspace.folder("archive").glob(f"{DATE}/*/v1/GI_SRBS*.fits"))
    path.chmod(0o644)
    os.truncate(path, 0)
    (row,) = [row for row in line.ingest(DATE).rows if row[2] == "refused"]
    assert row[1] == path.name
    assert "bring it back from a backup" in row[4]
    assert path.stat().st_size == 0


def test_an_emptied_list_of_idps_is_made_again(line):
    line.run(DATE, resume=True)
    line.convert(DATE)
    empty(places(line, FIRST).idps / "conversion.json")
    (row,) = [row for row in line.ingest(DATE).rows if row[0] == FIRST]
    assert "found" in row[4]
    assert not any(row[4] for row in line.convert(DATE).rows)
    assert {row[2] for row in line.ingest(DATE).rows} <= {"ingested", "was there"}


# ---- a lost database ----------------------------------------------------------------------------


def lose_database(line):
    folder = line.workspace.root
    line.close()
    for path in folder.glob("phoenix.db*"):
        path.unlink()
    return ProductionLine(folder)


def test_a_rejected_ab_is_still_rejected_without_the_database(line):
    line.give_verdict(FIRST, reject=True, comment="wrong field", by="me")
    with lose_database(line) as again:
        (report,) = again.run(DATE)
        assert report.verdicts[FIRST].kind is VerdictKind.REJECTED
        assert report.verdicts[FIRST].comment == "wrong field"
        assert FIRST not in {row[0] for row in again.convert(DATE).rows}


def test_the_archive_tells_a_new_database_its_versions_and_loses_none(line):
    line.run(DATE, resume=True)
    line.convert(DATE)
    line.ingest(DATE)
    archive = line.workspace.folder("archive")
    before = {path: path.read_bytes() for path in archive.rglob("*.fits")}
    with lose_database(line) as again:
        again.run(DATE)
        again.convert(DATE)
        told = again.ingest(DATE).rows
        assert {row[2] for row in told} == {"was there"}
        assert {row.version for row in again.store.phase3.rows()} == {1}
    assert {path: path.read_bytes() for path in archive.rglob("*.fits")} == before


# ---- a rejected master --------------------------------------------------------------------------


def test_what_was_made_with_a_rejected_master_waits_for_a_person(line, capsys):
    words = ["certify", BIAS, "-w", str(line.workspace.root), "--comment", "hit", "--by", "me"]
    assert phoenix([*words, "--reject"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in (FIRST, SECOND, THIRD))
    (report,) = line.run(DATE, resume=True)
    assert report.verdicts[FIRST].kind is VerdictKind.REVIEW
    assert "which was rejected" in report.verdicts[FIRST].comment
    assert places(line, FIRST).published.exists()
    assert line.convert(DATE).rows == ()
    line.give_verdict(FIRST, reject=False, comment="no harm done", by="me")
    line.run(DATE, resume=True)
    assert {row[0] for row in line.convert(DATE).rows} == {FIRST}


def test_an_ab_without_products_cannot_be_certified(line):
    record = places(line, FIRST).published / "manifest.json"
    record.unlink()
    with pytest.raises(DataError, match="found no products"):
        line.give_verdict(FIRST, reject=False, comment="", by="me")
    assert read_verdicts(places(line, FIRST)) == ()


def test_a_trusted_night_runs_no_recipe_twice(line):
    before = runs(line.workspace.root)
    line.run(DATE)
    line.run(DATE)
    assert runs(line.workspace.root) == before


# ---- what conversions take ----------------------------------------------------------------------


def test_what_a_conversion_took_is_known_to_the_next_and_is_no_state_of_the_night(line):
    line.run(DATE, resume=True)
    before = line.status(DATE).rows
    line.convert(DATE)
    took = line.store.jobs.spent()["giscience", "convert"]
    assert {row.ab_name for row in took} == {FIRST, SECOND, THIRD}
    assert all(row.cpu_s > 0 and row.peak_memory_mb > 0 for row in took)
    assert line.status(DATE).rows == before
    line.convert(DATE)
    # Done before: nothing was spent.
    assert line.store.jobs.spent()["giscience", "convert"] == took
