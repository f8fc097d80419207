"""A night goes through the whole line: true recipes, from raw frames to archived IDPs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import astropy.units as u
import pytest
from astropy.table import QTable
from nightwork import (
    ALL,
    ARC,
    BIAS,
    DARK,
    DATE,
    FIRST,
    FLAT,
    SECOND,
    THIRD,
    file_names,
    half_written,
    make_workspace,
    manifests,
    products_in_store,
    runs,
    snapshot,
    states,
)

from phoenix.errors import BusyError, CascadeError, DataError
from phoenix.line.night.hold import hold_night
from phoenix.line.production import ProductionLine
from phoenix.model.dates import CivilDate
from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.steps.shelf.checksum import file_checksum
from phoenix.store.rows import IDPStatus, JobRow, RunState

pytestmark = pytest.mark.recipes


# ---- prepare --------------------------------------------------------------------------------


def test_a_dry_run_touches_nothing(undisturbed):
    assert undisturbed.after_dry == undisturbed.before


def test_a_dry_run_shows_what_would_be_done(undisturbed):
    table = undisturbed.dry.table()
    rows = {row["AB"]: row for row in table.records()}
    assert set(rows) == set(ALL)
    assert rows[BIAS]["recipe"] == "gimasterbias"
    assert rows[BIAS]["raw"] == 5
    assert ARC in rows[FIRST]["waits for"]
    assert rows[FLAT]["edits"] > 0


def test_breakpoint_c_writes_the_abs_and_nothing_else_but_that_it_was_called(undisturbed):
    new = set(undisturbed.prepared) - set(undisturbed.before)
    assert new == {*(f"ab/{DATE}/{name}" for name in (*ALL, "AB_list")), "phoenix.db"}


def test_an_ab_that_is_not_there_cannot_be_asked_for(undisturbed):
    with ProductionLine(undisturbed.folder) as line, pytest.raises(CascadeError, match="no such"):
        line.prepare(DATE, ("GIRAF.2020-01-02T00:00:00.000.ab",), dry=True)


def test_a_night_without_abs_is_told(undisturbed):
    with ProductionLine(undisturbed.folder) as line, pytest.raises(DataError, match="no ABs"):
        line.prepare("2020-01-02", dry=True)


def test_who_asks_for_one_ab_gets_it_and_its_parents(undisturbed):
    with ProductionLine(undisturbed.folder) as line:
        blocks = line.prepare(DATE, (ARC,), dry=True).blocks
    assert [str(ab.name) for ab in blocks] == [BIAS, FLAT, ARC]


# ---- process --------------------------------------------------------------------------------


def test_breakpoint_p_leaves_products_in_the_certification_area(undisturbed):
    folders = {name.split("/")[2] for name in undisturbed.processed if name.startswith("products")}
    assert folders == {name.removesuffix(".ab") for name in ALL}
    assert not [name for name in undisturbed.processed if name.startswith("reduced")]


def test_every_ab_of_a_good_night_is_successful(undisturbed):
    results = undisturbed.report.results
    assert set(results) == set(ALL)
    assert {row.state for row in results.values()} == {JobState.SUCCESSFUL}
    assert undisturbed.report.wrong == 0


def test_every_manifest_lists_its_products_with_the_right_checksums(undisturbed):
    assert set(runs(undisturbed.folder)) == set(ALL)


def test_the_store_knows_where_products_are_now(undisturbed):
    rows = products_in_store(undisturbed.folder)
    assert len(rows) == 21
    for path, checksum in rows:
        assert file_checksum(undisturbed.folder / path) == checksum


def test_a_night_shows_itself_as_a_table(undisturbed):
    html = undisturbed.report._repr_html_()
    assert html.startswith("<table>")
    for name in ALL:
        assert name in html


def test_measurements_are_a_table_with_units(undisturbed):
    table = undisturbed.report.measurements()
    assert isinstance(table, QTable)
    assert set(table["AB"]) == set(ALL)
    snr = undisturbed.report.measurements("SNR")
    fibres = snr[(snr["AB"] == FIRST) & (snr["ELEMENT"] > 0)]
    assert len(fibres) > 40
    declared = undisturbed.report.declared
    units = {n: declared[n].unit for n in table.colnames if n in declared and declared[n].unit}
    assert len(units) > 10
    for name, unit in units.items():
        assert table[name].unit == u.Unit(unit)


def test_every_ab_is_scored_and_has_a_verdict(undisturbed):
    report = undisturbed.report
    for name in ALL:
        assert report.quality[name].scores
        assert report.verdicts[name].kind in {VerdictKind.AUTO, VerdictKind.REVIEW}


# ---- finish ---------------------------------------------------------------------------------


def test_finished_products_are_in_their_final_folders(undisturbed):
    of = dict.fromkeys(("reduced", "calib", "plots", "headers"), 0)
    for name in undisturbed.finished:
        folder, _, below = name.partition("/")
        if folder in of and below.startswith(DATE):
            of[folder] += 1
    assert of == {"reduced": 6, "calib": 15, "plots": 7, "headers": 15}
    assert undisturbed.report.moved == 21


def test_nothing_is_left_where_it_was_made(undisturbed):
    left = {name.partition("/")[0] for name in undisturbed.finished}
    assert not left & {"products", "raw"}
    assert half_written(undisturbed.folder) == []


def test_each_ab_leaves_its_records_in_the_logs(undisturbed):
    for name in ALL:
        root = name.removesuffix(".ab")
        for suffix in (".ab", ".log", ".sof", ".json", ".qc.json"):
            assert f"logs/{DATE}/{root}{suffix}" in undisturbed.finished


def test_the_pages_of_the_night_are_written_with_their_twins(undisturbed):
    pages = {name for name in undisturbed.finished if name.startswith("monitor/")}
    assert f"monitor/nights/{DATE}/index.html" in pages
    for name in ALL:
        assert f"monitor/nights/{DATE}/{name.removesuffix('.ab')}.html" in pages
    for page in pages:
        if page.endswith(".html"):
            twin = page.removesuffix("html") + "json"
            assert json.loads((undisturbed.folder / twin).read_text("utf-8"))


# ---- convert and ingest ---------------------------------------------------------------------


def test_every_idp_is_valid(undisturbed):
    assert undisturbed.converted.wrong == 0
    assert len(undisturbed.converted.rows) == 135
    assert {row[0] for row in undisturbed.converted.rows} == {FIRST, SECOND, THIRD}


def test_every_idp_is_in_the_archive(undisturbed):
    assert [row[2:] for row in undisturbed.ingested.rows] == [("ingested", 1, "")] * 135


def test_converting_and_ingesting_again_changes_nothing(undisturbed, copy_of):
    folder = copy_of(undisturbed.folder)
    before = snapshot(folder)
    with ProductionLine(folder) as line:
        line.convert(DATE)
        again = line.ingest(DATE)
    assert {row[2:] for row in again.rows} == {("was there", 1, "")}
    assert snapshot(folder) == before


def test_a_check_hands_nothing_over(processed, copy_of):
    folder = copy_of(processed)
    with ProductionLine(folder) as line:
        line.run(DATE, resume=True)
        line.convert(DATE)
        line.close()
        before = snapshot(folder)
        report = line.ingest(DATE, only_check=True)
    assert report.wrong == 0
    assert len(report.rows) == 135
    assert snapshot(folder) == before


# ---- again ----------------------------------------------------------------------------------


def test_a_finished_night_run_again_does_nothing(undisturbed, copy_of):
    folder = copy_of(undisturbed.folder)
    before = snapshot(folder)
    with ProductionLine(folder) as line:
        (report,) = line.run(DATE)
    assert report.wrong == 0
    assert snapshot(folder) == before


def test_a_finished_night_loads_none_of_the_heavy_libraries(undisturbed, copy_of):
    folder = copy_of(undisturbed.folder)
    script = (
        "import sys; from phoenix.cli import run; "
        f"assert run(['run', '-w', {str(folder)!r}, '-d', {DATE!r}]) == 0; "
        "print(sorted({'astropy', 'distributed', 'matplotlib', 'jinja2', 'alembic'} "
        "& set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_nothing_is_to_be_done_again_in_a_good_night(undisturbed, copy_of):
    folder = copy_of(undisturbed.folder)
    before = snapshot(folder)
    with ProductionLine(folder) as line:
        assert line.to_redo(DATE) == ()
        line.rerun(DATE)
    assert snapshot(folder) == before


def test_a_lost_database_is_made_again_from_what_lies_on_disk(undisturbed, copy_of):
    folder = copy_of(undisturbed.folder)
    before = runs(folder)
    (folder / "phoenix.db").unlink()
    with ProductionLine(folder) as line:
        (report,) = line.run(DATE)
        assert report.wrong == 0
        assert report.notes == ()
        with ProductionLine(undisturbed.folder) as other:
            assert line.qc_table(DATE) == other.qc_table(DATE)
            assert line.score_table(DATE) == other.score_table(DATE)
    assert runs(folder) == before
    assert set(states(folder).values()) == {"successful"}
    assert len(products_in_store(folder)) == 21


def test_moving_without_processing_moves_nothing_and_says_so(raw_night, tmp_path):
    folder = make_workspace(tmp_path / "work", raw_night)
    with ProductionLine(folder) as line:
        (report,) = line.run(DATE, resume=True)
    assert report.wrong == len(ALL)
    assert "7 not run" in report.summary()
    assert not manifests(folder)


def test_every_call_that_changed_the_workspace_is_remembered(undisturbed):
    with ProductionLine(undisturbed.folder) as line:
        told = line.store.runs.rows(since=DATE, until=DATE)
    assert [row.verb for row in told] == ["prepare", "process", "run", "convert", "ingest"]
    assert {row.state for row in told} == {RunState.DONE}
    done = [{"ABs": 7}, {"successful": 7}, {"successful": 7}, {"IDPs": 135}, {"IDPs": 135}]
    assert [row.counts for row in told] == done


def test_the_pages_of_a_run_show_that_it_has_ended(undisturbed):
    front = json.loads((undisturbed.folder / "monitor/index.json").read_text("utf-8"))
    newest = front["runs"][0]
    assert (newest["verb"], newest["state"]) == ("ingest", "done")


# ---- certification --------------------------------------------------------------------------


def test_workers_convert_as_the_coordinator_does(undisturbed, copy_of, monkeypatch):
    """Small nights are converted by the coordinator; here nothing is small."""
    monkeypatch.setattr("phoenix.line.delivery.convert.SMALL", -1)
    folder = copy_of(undisturbed.folder)
    shutil.rmtree(folder / f"reduced/{DATE}/idp")
    told = []
    with ProductionLine(folder) as line:
        converted = line.convert(DATE, lambda done, total, _: told.append((done, total)))
    assert converted.rows == undisturbed.converted.rows
    total = len({row[0] for row in converted.rows})
    # Nothing is done yet where it begins.
    assert told == [(done, total) for done in range(total + 1)]
    assert list((folder / "scratch").rglob("*.idp*")) == []


def test_conversion_is_taken_up_where_it_was_left(undisturbed, copy_of, monkeypatch):
    """One AB is there; only the others go to workers."""
    monkeypatch.setattr("phoenix.line.delivery.convert.SMALL", -1)
    folder = copy_of(undisturbed.folder)
    kept, *gone = sorted((folder / f"reduced/{DATE}/idp").iterdir())
    for one in gone:
        shutil.rmtree(one)
    before = kept.stat().st_mtime_ns
    with ProductionLine(folder) as line:
        assert line.convert(DATE).rows == undisturbed.converted.rows
    assert kept.stat().st_mtime_ns == before
    assert all(one.is_dir() for one in gone)


def test_what_a_person_rejects_stays_and_is_not_converted(processed, copy_of):
    folder = copy_of(processed)
    with ProductionLine(folder) as line:
        line.give_verdict(FIRST, reject=True, comment="fibres crossed", by="me")
        line.run(DATE, resume=True)
        report = line.convert(DATE)
    assert (folder / "products" / DATE / FIRST.removesuffix(".ab")).is_dir()
    assert {row[0] for row in report.rows} == {SECOND, THIRD}


def test_a_rejection_needs_a_comment(processed, copy_of):
    with ProductionLine(copy_of(processed)) as line, pytest.raises(DataError, match="comment"):
        line.give_verdict(FIRST, reject=True, comment="", by="me")


# ---- two at once ----------------------------------------------------------------------------


def test_a_night_that_is_held_can_neither_be_run_nor_converted(processed, copy_of):
    folder = copy_of(processed)
    with ProductionLine(folder) as line:
        before = snapshot(folder)
        with hold_night(line, CivilDate.parse(DATE)):
            for call in (line.run, line.rerun, line.prepare, line.convert, line.ingest):
                with pytest.raises(BusyError, match="held by process"):
                    call(DATE)
    assert snapshot(folder) == before
    assert DARK in states(folder)


# ---- what is done again ---------------------------------------------------------------------


def set_parameter(folder, recipe, name, value):
    with (folder / "phoenix.toml").open("a", encoding="utf-8") as stream:
        stream.write(f'\n[pipeline.{recipe}]\n{name} = "{value}"\n')


def test_what_could_not_be_measured_stays_and_a_rerun_only_measures_it(processed, copy_of):
    folder = copy_of(processed)
    before = runs(folder)
    with ProductionLine(folder) as line:
        line.store.jobs.record([JobRow(FIRST, "qc", JobState.FAILED, "step qc broke")])
        (report,) = line.run(DATE, resume=True)
        assert report.wrong == 1
        assert report.notes == (f"{FIRST}, qc: step qc broke",)
        assert (folder / "products" / DATE / FIRST.removesuffix(".ab")).is_dir()
        assert line.to_redo(DATE) == (FIRST,)
        (report,) = line.rerun(DATE)
    assert report.wrong == 0
    assert runs(folder) == before
    assert not list((folder / "products").rglob("*.fits"))


def test_a_person_may_pass_what_could_not_be_measured(processed, copy_of):
    folder = copy_of(processed)
    with ProductionLine(folder) as line:
        line.store.jobs.record([JobRow(FIRST, "qc", JobState.FAILED, "step qc broke")])
        line.give_verdict(FIRST, reject=False, comment="looked at it", by="me")
        line.run(DATE, resume=True)
    assert not (folder / "products" / DATE / FIRST.removesuffix(".ab")).exists()


def fail_to_measure(line, name):
    line.store.jobs.record([JobRow(name, "qc", JobState.FAILED, "step qc broke")])


def measured(line):
    return {row.ab_name: row.ended for row in line.store.jobs.rows(step="qc")}


def test_what_hangs_on_an_ab_that_could_not_be_measured_is_measured_again(processed, copy_of):
    folder = copy_of(processed)
    before = runs(folder)
    with ProductionLine(folder) as line:
        first = measured(line)
        fail_to_measure(line, ARC)
        line.run(DATE, resume=True)
        # They were measured without it: nobody can tell yet.
        for name in (ARC, FIRST, SECOND, THIRD):
            assert (folder / "products" / DATE / name.removesuffix(".ab")).is_dir()
        assert line.to_redo(DATE) == (ARC, FIRST, SECOND, THIRD)
        (report,) = line.rerun(DATE)
        second = measured(line)
    assert {name for name in ALL if second[name] != first[name]} == {ARC, FIRST, SECOND, THIRD}
    assert all(second[name] >= second[ARC] for name in (FIRST, SECOND, THIRD))
    assert report.wrong == 0
    assert runs(folder) == before
    assert not list((folder / "products").rglob("*.fits"))


@pytest.mark.slow
def test_what_was_finished_before_its_parent_was_measured_is_done_again(undisturbed, copy_of):
    folder = copy_of(undisturbed.folder)
    before = runs(folder)
    with ProductionLine(folder) as line:
        # As if another run had measured the arc once more.
        line.store.jobs.record([JobRow(ARC, "qc", JobState.SUCCESSFUL, ended=line.clock())])
        (report,) = line.run(DATE)
        (again,) = line.run(DATE)
    after = runs(folder)
    assert report.wrong == 0
    assert {name for name in ALL if after[name] != before[name]} == {FIRST, SECOND, THIRD}
    assert file_names(folder) == undisturbed.files
    assert again.results == report.results


@pytest.mark.slow
def test_a_finished_arc_made_again_makes_its_science_again_and_no_more(undisturbed, copy_of):
    folder = copy_of(undisturbed.folder)
    before = runs(folder)
    with ProductionLine(folder) as line:
        line.give_verdict(FIRST, reject=True, comment="the arc is poor", by="me")
    set_parameter(folder, "giwavecalibration", "wcal-lfniter", "70")
    with ProductionLine(folder) as line:
        (report,) = line.run(DATE)
        converted, ingested = line.convert(DATE), line.ingest(DATE)
        versions = {row.version for row in line.store.phase3.rows(status=IDPStatus.CURRENT)}
    after = runs(folder)
    assert report.wrong == 0
    assert {name for name in ALL if after[name] != before[name]} == {ARC, FIRST, SECOND, THIRD}
    said = f"logs/{DATE}/{FIRST.removesuffix('.ab')}.verdict.json"
    files = {name for name in file_names(folder) if "/v2/" not in name}
    assert files == undisturbed.files | {said}
    # What a person said was of products that are no more.
    assert {row[0] for row in converted.rows} == {FIRST, SECOND, THIRD}
    assert {row[2:] for row in ingested.rows} == {("ingested", 2, "")}
    assert versions == {2}
