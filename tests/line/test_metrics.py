"""Workflow metrics: what is counted of a night, when it is counted, and what is shown."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from attrs import evolve
from nightwork import DATE, THIRD

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.metrics import NightFacts, count
from phoenix.line.pages import pages_are_due
from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.model.ab import Mode
from phoenix.model.archived import ArchivedFile
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Role
from phoenix.model.report import JobState
from phoenix.model.score import Verdict, VerdictKind
from phoenix.steps.shelf.manifest import InputFile, Manifest, write_manifest
from phoenix.store import (
    BlockRow,
    FrameRow,
    IDPRow,
    IDPStatus,
    JobRow,
    ProductRow,
    VerdictRow,
)

NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
FLAT, STAR = "GIRAF.2020-01-01T01:00:00.000.ab", "GIRAF.2020-01-01T02:00:00.000.ab"
BLOCKS = (BlockRow(FLAT, DATE), BlockRow(STAR, DATE, Mode.SCIENCE))
FACTS = NightFacts(DATE, BLOCKS)


def after(seconds):
    return NOON + dt.timedelta(seconds=seconds)


def raw(name, size=10, came=NOON):
    path = f"raw/{DATE}/{name}.fits"
    return InputFile(path, "FLAT", size, int(came.timestamp() * 1e9), "", "")


def manifest(ab_name, *inputs):
    return Manifest(ab_name, "", "", "giraffe", "P", "gi", JobState.SUCCESSFUL, inputs=inputs)


def frame(name, category, **changes):
    row = FrameRow(f"/pool/{name}.fits", "raw", f"{name}.fits", DATE, size=7)
    return evolve(row, header={"ESO DPR CATG": category}, **changes)


def counted(facts, category="CALIB"):
    (row,) = (row for row in count(facts) if row.category == category)
    return row


# ---- raw files ---------------------------------------------------------------------------------


def test_a_night_without_anything_has_empty_rows_for_calib_and_science():
    rows = count(NightFacts(DATE))
    assert [row.category for row in rows] == ["CALIB", "SCIENCE"]
    assert all(row.is_empty for row in rows)


def test_raw_files_are_counted_once_however_many_abs_read_them():
    facts = evolve(
        FACTS,
        manifests={
            FLAT: manifest(FLAT, raw("a"), raw("b", size=30)),
            STAR: manifest(STAR, raw("c"), evolve(raw("m"), path="calib/gen/m.fits")),
        },
    )
    assert (counted(facts).raw_files, counted(facts).raw_bytes) == (2, 40)
    assert counted(facts, "SCIENCE").raw_files == 1
    again = evolve(facts, blocks=(*BLOCKS, BlockRow("X.ab", DATE)))
    both = evolve(again, manifests={**facts.manifests, "X.ab": manifest("X.ab", raw("a"))})
    assert counted(both).raw_files == 2


def test_raw_files_of_the_pool_count_by_their_dpr_catg_and_are_unused_until_a_recipe_read_them():
    facts = evolve(
        FACTS,
        frames=(frame("a", "CALIB"), frame("b", "SCIENCE"), frame("t", "ACQUISITION")),
        manifests={FLAT: manifest(FLAT, raw("a", size=10))},
    )
    assert [(row.category, row.raw_files, row.raw_unused) for row in count(facts)] == [
        ("CALIB", 1, 0),
        ("OTHER", 1, 1),
        ("SCIENCE", 1, 1),
    ]
    # As large as the recipe read it: the pool may have it packed.
    assert counted(facts).raw_bytes == 10


def test_copies_of_a_raw_file_are_one():
    header = frame("a", "CALIB", path="/work/headers/a.hdr", size=1)
    assert counted(evolve(FACTS, frames=(frame("a", "CALIB"), header))).raw_bytes == 7


# ---- ABs ---------------------------------------------------------------------------------------


def test_abs_are_counted_by_what_became_of_them():
    blocks = tuple(BlockRow(f"{state.value}.ab", DATE) for state in JobState)
    jobs = tuple(JobRow(f"{state.value}.ab", "process", state) for state in JobState)
    row = counted(NightFacts(DATE, blocks, jobs))
    assert (row.blocks, row.processed, row.wrong) == (len(JobState), 3, 3)


def test_verdicts_are_counted_by_who_gave_them():
    kinds = {kind: f"{kind.value}.ab" for kind in VerdictKind}
    facts = NightFacts(
        DATE,
        tuple(BlockRow(name, DATE) for name in kinds.values()),
        verdicts={
            name: VerdictRow(name, Verdict(kind, "why"), NOON) for kind, name in kinds.items()
        },
    )
    row = counted(facts)
    assert (row.certified_auto, row.certified, row.rejected, row.waiting) == (1, 1, 2, 1)


def test_times_are_those_of_recipe_measurement_and_report():
    done = JobRow(FLAT, "process", JobState.SUCCESSFUL, started=NOON, ended=after(60), wall_s=50.0)
    jobs = (done, evolve(done, step="qc", wall_s=0.0), evolve(done, step="report", started=None))
    row = counted(evolve(FACTS, jobs=jobs))
    assert (row.recipe_s, row.qc_s, row.report_s) == (50.0, 60.0, 0.0)


def test_products_and_idps_are_counted_with_their_sizes():
    product = ProductRow(STAR, "r.fits", "SCI", Role.SCIENCE, "", size=5)
    idp = IDPRow("i.fits", STAR, "", 3, "", "SCIENCE.SPECTRUM", NOON)
    idp = evolve(idp, files=(ArchivedFile("a.fits", "", "ANCILLARY", 4, ""),))
    old = [evolve(idp, status=status) for status in (IDPStatus.OBSOLETE, IDPStatus.DEPRECATED)]
    row = counted(evolve(FACTS, products=(product,), idps=(idp, *old)), "SCIENCE")
    assert (row.products, row.product_bytes) == (1, 5)
    assert (row.idps, row.idp_bytes, row.idps_obsolete, row.idps_deprecated) == (1, 7, 1, 1)


# ---- delays ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("judged", "delay_s"),
    [
        ((100.0,), 90.0),
        # By other thresholds, later: no delay of the workflow.
        ((100.0, 9000.0), 90.0),
        # Before the last raw file was there, or nobody knows when.
        ((5.0, 100.0), 90.0),
        ((5.0,), None),
        ((), None),
    ],
)
def test_the_delay_is_from_the_last_raw_file_to_the_first_judgement_after_it(judged, delay_s):
    facts = evolve(
        FACTS,
        manifests={FLAT: manifest(FLAT, raw("a"), raw("b", came=after(10)))},
        judged={FLAT: tuple(map(after, judged))},
    )
    row = counted(facts)
    assert (row.delay_mean_s, row.delays) == (delay_s, int(delay_s is not None))


# ---- when it is counted ------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path):
    folder = tmp_path / "work"
    create_workspace(folder, "GIRAFFE_MOS", ())
    with ProductionLine(folder) as line:
        yield line


def only(table):
    return {row["of"]: row for row in table.records() if row[table.columns[0]] != "total"}


def test_what_was_never_counted_is_counted_when_it_is_asked_for(empty):
    empty.store.blocks.save(BLOCKS)
    assert only(empty.stats(DATE))["CALIB"]["ABs"] == 1
    assert [row.blocks for row in empty.store.metrics.rows()] == [1, 1]


def test_a_night_that_is_worked_on_is_shown_as_it_stands(empty):
    store = empty.store
    store.blocks.save(BLOCKS)
    empty.stats(DATE)
    pages_are_due(empty.workspace, CivilDate.parse(DATE))
    store.blocks.save([BlockRow("GIRAF.2020-01-01T05:00:00.000.ab", DATE)])
    assert only(empty.stats(DATE))["CALIB"]["ABs"] == 2
    assert [row.blocks for row in store.metrics.rows()] == [1, 1]
    empty.write_pages(DATE)
    assert [row.blocks for row in store.metrics.rows()] == [2, 1]


def test_numbers_of_raw_files_outlive_the_raw_files(empty):
    empty.store.blocks.save(BLOCKS)
    path = empty.workspace.folder("logs", DATE) / f"{FLAT.removesuffix('.ab')}.json"
    path.parent.mkdir(parents=True)
    write_manifest(manifest(FLAT, raw("a", size=2_000_000)), path)
    row = only(empty.stats(DATE))["CALIB"]
    assert (row["raw"], row["raw MB"]) == (1, 2.0)


def test_a_year_is_shown_by_month_and_nights_where_nothing_was_are_left_out(empty):
    store = empty.store
    dates = ("2020-01-01", "2020-01-02", "2020-03-01")
    store.blocks.save(BlockRow(f"GIRAF.{date}T01:00:00.000.ab", date) for date in dates)
    store.frames.replace([FrameRow("/m.fits", "certified", date="2020-07-01")])
    table = empty.stats("2020")
    assert [(row["month"], row["of"], row["ABs"]) for row in table.records()] == [
        ("2020-01", "CALIB", 2),
        ("2020-03", "CALIB", 1),
        ("total", "CALIB", 3),
        ("total", "all", 3),
    ]
    nights = {row["night"] for row in empty.stats("2020", "night").records()}
    assert nights == {*dates, "total"}


def test_an_unknown_row_is_refused(empty):
    with pytest.raises(DataError, match="--by: found 'moon', expected one of night, month"):
        empty.stats("2020", "moon")


def test_to_look_makes_no_database(empty):
    assert len(empty.stats("2020")) == 0
    assert not (empty.workspace.root / "phoenix.db").exists()


# ---- a true night ------------------------------------------------------------------------------


@pytest.fixture
def line(processed, copy_of):
    with ProductionLine(copy_of(processed)) as line:
        yield line


@pytest.mark.recipes
def test_a_night_is_counted_when_its_pages_are_written(line, capsys):
    line.run(DATE, resume=True)
    assert phoenix(["stats", "-w", str(line.workspace.root), "-d", DATE, "--json"]) == 0
    calib, science, total = json.loads(capsys.readouterr().out)
    assert (calib["ABs"], calib["processed"], calib["wrong"]) == (4, 4, 0)
    assert (science["raw"], total["raw"]) == (3, calib["raw"] + 3)
    assert science["recipes s"] > 0
    assert science["delay h"] >= 0
    page = line.workspace.root / "monitor" / "metrics" / "2020-01.json"
    assert json.loads(page.read_text())["sum"]["blocks"] == 7


@pytest.mark.recipes
def test_who_certified_is_told_and_counted_at_once(line):
    before = only(line.stats(DATE))["SCIENCE"]
    line.give_verdict(THIRD, reject=False, comment="", by="Ann <b>")
    after_all = only(line.stats(DATE))["SCIENCE"]
    assert (after_all["certified"], before["certified"]) == (1, 0)
    persons = {row["by"]: row for row in line.stats(DATE, "person").records()}
    assert persons["Ann <b>"]["certified"] == 1
    page = line.workspace.root / "monitor" / "metrics" / "2020-01.html"
    assert "Ann &lt;b&gt;" in page.read_text()


@pytest.mark.recipes
def test_what_recipes_took_is_told_by_step(line):
    rows = line.stats(DATE, "recipe").records()
    assert {row["step"] for row in rows} == {"process", "qc", "report"}
    assert sum(row["jobs"] for row in rows if row["step"] == "process") == 7
