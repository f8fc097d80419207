"""A real MUSE reduction of 19 QC tables, loaded into QC1: queries say what SQL says of it."""

from __future__ import annotations

import sqlite3
import statistics
from pathlib import Path
from types import SimpleNamespace

import pytest

from phoenix.line.qc1.browse import browse
from phoenix.line.qc1.query import Query
from phoenix.model.dates import mjd_of
from phoenix.model.observation import Observation
from phoenix.model.qc import Measurement
from phoenix.store import BlockRow

MUSERED = Path(__file__).parents[3] / "shared/data/muse_qc_musered/musered.db"

if not MUSERED.is_file():
    pytest.skip("no ../shared/data: the real MUSE reduction is not here", allow_module_level=True)


def open_musered():
    connection = sqlite3.connect(f"file:{MUSERED}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def load(connection, store):
    """One AB a file of products; channels are its elements, and a primary header is the AB."""
    tables = [row["DPR_TYPE"] for row in connection.execute("SELECT DPR_TYPE FROM qc_info")]
    runs = {row["id"]: row for row in connection.execute("SELECT * FROM reduced_0_1")}
    raws = {row["name"]: row for row in connection.execute("SELECT * FROM raw")}
    with store.transaction():
        for table in tables:
            files = {}
            for row in connection.execute(f'SELECT * FROM "qc_{table}"'):  # noqa: S608 - a list of ours
                files.setdefault((row["reduced_id"], row["filename"]), []).append(row)
            for rows in files.values():
                _save(store, table, rows, runs, raws)


def _save(store, table, rows, runs, raws):
    first = rows[0]
    run, raw = runs[first["reduced_id"]], raws.get(first["name"])
    name = f"MUSE.{first['name']}_{first['reduced_id']}.{first['filename']}.ab"
    store.blocks.save(
        [
            BlockRow(
                name,
                run["night"] or "",
                recipe=first["recipe_name"],
                raw_type=table,
                setup=f"INS.MODE={first['INS_MODE']}" if first["INS_MODE"] else "",
                mjd_obs=mjd_of(first["DATE_OBS"]) if first["DATE_OBS"] else 0.0,
            )
        ]
    )
    told = Observation("", raw["OBS_TARG_NAME"] or "", raw["OBS_NAME"]) if raw else Observation()
    store.blocks.observed(name, told, [("muse", run["recipe_version"])])
    store.qc1.replace(
        name,
        (
            Measurement(key, row[key], 0 if row["hdu"] == "PRIMARY" else int(row["hdu"][-2:]))
            for row in rows
            for key in row.keys()  # noqa: SIM118 - a row of sqlite3 iterates over values
            if key.startswith("QC_") and row[key] is not None
        ),
    )


@pytest.fixture(scope="module")
def musered():
    connection = open_musered()
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def line(shared_store, musered):
    """What a query asks of a line: no plugin knows these parameters, the store does."""
    load(musered, shared_store)
    nothing = SimpleNamespace(qc_parameters=lambda _: (), score_bits=lambda _: ())
    return SimpleNamespace(
        store=shared_store, instrument=nothing, process_row=SimpleNamespace(name="MUSE_DEEP")
    )


def rows(line, *parameters, **asked):
    return browse(line, Query(parameters, **asked))[1]


def test_every_row_of_every_channel_is_a_row(line, musered):
    for row in musered.execute("SELECT * FROM qc_info"):
        whole, elements = (
            rows(line, where=(f"RAW_TYPE={row['DPR_TYPE']}",), elements=wanted)
            for wanted in (False, True)
        )
        assert len(whole) + len(elements) == row["nrows"]


def test_a_condition_on_a_number_chooses_what_sql_chooses(line, musered):
    sql = (
        'SELECT name, hdu, QC_BIAS_MASTER1_RON AS ron FROM "qc_MASTER_BIAS" '
        "WHERE QC_BIAS_MASTER1_RON > 2.7 AND QC_BIAS_MASTER1_MEDIAN < 1000"
    )
    wanted = {(row["name"], int(row["hdu"][-2:])): row["ron"] for row in musered.execute(sql)}
    found = rows(
        line,
        "QC_BIAS_MASTER1_RON",
        where=("QC_BIAS_MASTER1_RON>2.7", "qc_bias_master1_median<1000"),
        elements=True,
    )
    own = {(row["AB"][5:24], row["ELEMENT"]): row["QC_BIAS_MASTER1_RON"] for row in found}
    assert 0 < len(wanted) < 96
    assert own == wanted


@pytest.mark.parametrize("statistic", ["mean", "median", "sigma", "number", "sum"])
def test_a_statistic_by_instrument_mode_is_that_of_the_rows_of_sql(statistic, line, musered):
    sql = 'SELECT INS_MODE, QC_BIAS_MASTER1_RON FROM "qc_MASTER_BIAS"'
    groups = {}
    for mode, value in musered.execute(sql):
        groups.setdefault(mode, []).append(value)
    tell = {
        "mean": statistics.fmean,
        "median": statistics.median,
        "sigma": statistics.stdev,
        "number": len,
        "sum": sum,
    }[statistic]
    found = rows(
        line,
        "QC_BIAS_MASTER1_RON",
        where=("RAW_TYPE=MASTER_BIAS",),
        elements=True,
        by="INS_MODE",
        statistic=statistic,
    )
    own = {row["INS_MODE"]: row["QC_BIAS_MASTER1_RON"] for row in found}
    assert own == {mode: pytest.approx(tell(values)) for mode, values in groups.items()}
    assert {row["INS_MODE"]: row["NUMBER"] for row in found} == {
        mode: len(values) for mode, values in groups.items()
    }


def test_texts_are_found_too(line, musered):
    sql = 'SELECT QC_STANDARD_STARNAME, QC_STANDARD_THRU5000 FROM "qc_STD_RESPONSE"'
    (star, throughput) = musered.execute(sql).fetchone()
    (row,) = rows(line, "QC_STANDARD_THRU5000", where=(f"QC_STANDARD_STARNAME={star}",))
    assert row["QC_STANDARD_THRU5000"] == throughput


def test_science_is_found_by_its_target_and_by_the_version_of_the_pipeline(line, musered):
    sql = (
        'SELECT count(*) FROM "qc_PIXTABLE_OBJECT" JOIN raw USING (name) JOIN reduced_0_1 AS r '
        "ON r.id = reduced_id WHERE OBS_TARG_NAME = 'IC4406' AND recipe_version LIKE '%2.5.%'"
    )
    (number,) = musered.execute(sql).fetchone()
    where = ("RAW_TYPE=PIXTABLE_OBJECT", "TARGET=IC4406", "VERSIONS~muse/DRS-2.5.")
    assert len(rows(line, where=where, elements=True)) == number > 0


def test_a_night_is_that_of_the_reduction(line, musered):
    sql = (
        'SELECT count(*) FROM "qc_LSF_PROFILE" JOIN reduced_0_1 AS r ON r.id = reduced_id '
        "WHERE r.night >= '2017-06-17'"
    )
    (number,) = musered.execute(sql).fetchone()
    where = ("RAW_TYPE=LSF_PROFILE", "NIGHT>=2017-06-17")
    assert len(rows(line, "QC_LSF_SLICE1_FWHM_MEAN", where=where, elements=True)) == number > 0
