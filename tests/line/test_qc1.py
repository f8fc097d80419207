"""The QC1 table across nights: filters, order, statistics, files that other tools read."""

from __future__ import annotations

import contextlib
import statistics

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import QTable, Table
from hypothesis import given
from hypothesis import strategies as st
from nightwork import DATE

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.answers.known import known_column
from phoenix.line.production import ProductionLine
from phoenix.line.qc1.filters import Filter
from phoenix.line.qc1.query import Query

# ---- conditions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fulfilled"),
    [
        ("SNR>50", True),
        ("snr >= 60.0", True),
        ("SNR<60", False),
        ("SNR!=60", False),
        ("SNR=6e1", True),
        ("setup~h525", True),
        ("SETUP~L543", False),
        ("NIGHT>=2019-12-31", True),
        ("NIGHT<2020-01-01", False),
        ("SEEING>0", False),
        ("SEEING!=0", False),
    ],
)
def test_a_condition_is_fulfilled_or_not_and_never_by_what_was_not_measured(text, fulfilled):
    row = {"SNR": 60.0, "SETUP": "INS.EXP.MODE=H525.8B", "NIGHT": "2020-01-01", "SEEING": None}
    assert Filter.parse(text).keeps(row) is fulfilled


def test_columns_may_be_named_as_in_a_header():
    assert Filter.parse("MJD-OBS>58850").keeps({"MJD_OBS": 58851.0})
    assert Filter.parse("ins.exp.mode~h525").keeps({"INS_EXP_MODE": "H525.8"})
    assert known_column("ins.exp.mode", {"INS_EXP_MODE"}) == "INS_EXP_MODE"


@pytest.mark.parametrize("text", ["", "SNR", "SNR>", ">5", "SNR=>", "a b>5", "SNR;5", "SNR>\n"])
def test_what_is_no_condition_is_an_error_that_shows_one(text):
    with pytest.raises(DataError, match="expected one like SNR>50"):
        Filter.parse(text)


@pytest.mark.parametrize("word", ["high", "nan", "inf"])
def test_a_number_is_not_held_against_a_word(word):
    with pytest.raises(DataError, match=f"found '{word}', expected a number"):
        Filter.parse(f"SNR>{word}").keeps({"SNR": 5})


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_plain_error(text):
    with contextlib.suppress(DataError):
        Filter.parse(text)


def test_the_nearest_column_is_named():
    assert known_column("snr", {"SNR"}) == "SNR"
    with pytest.raises(DataError, match="did you mean NUM_SAT"):
        known_column("NUMSAT", {"NUM_SAT", "SNR"})


# ---- a night in the database ----------------------------------------------------------------


@pytest.fixture(scope="module")
def line(processed):
    with ProductionLine(processed) as line:
        yield line


def stored(line, parameter):
    """Values as the store has them, AB to value."""
    rows = line.store.qc1.measurements(parameters=[parameter], whole_ab=True)
    return {row.ab_name: row.value for row in rows}


@pytest.mark.recipes
def test_a_row_is_an_ab_and_has_what_was_measured_with_its_unit(line):
    table = line.qc("SNR", "MEAN_COUNTS")
    assert dict(zip(table["AB"], np.asarray(table["SNR"]), strict=True)) == stored(line, "SNR")
    assert table["MJD_OBS"].unit == u.d
    assert list(np.diff(table["MJD_OBS"].value) >= 0) == [True] * (len(table) - 1)


@pytest.mark.recipes
def test_conditions_choose_rows_also_by_columns_that_are_not_shown(line):
    values = stored(line, "SNR")
    middle = statistics.median(values.values())
    rows = line.browse(Query(("MEAN_COUNTS",), (f"SNR>{middle}",))).records()
    assert {row["AB"] for row in rows} == {name for name, snr in values.items() if snr > middle}


@pytest.mark.recipes
def test_one_row_a_fibre_if_wanted(line):
    table = line.qc(pool=DATE, elements=True)
    assert min(table["ELEMENT"]) >= 1
    assert len(table) == len({(row["AB"], row["ELEMENT"]) for row in table})


@pytest.mark.recipes
def test_the_largest_comes_first_and_the_rest_is_cut(line):
    rows = line.browse(Query(("SNR",), sort="-snr", limit=2)).records()
    assert [row["SNR"] for row in rows] == sorted(stored(line, "SNR").values(), reverse=True)[:2]


@pytest.mark.recipes
@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("mean", statistics.fmean),
        ("median", statistics.median),
        ("sigma", statistics.stdev),
        ("sum", sum),
    ],
)
def test_a_statistic_is_told_for_each_value_of_a_column(name, own, line):
    rows = line.browse(Query(("SNR",), ("RAW_TYPE=SCIENCE",), by="raw_type", statistic=name))
    (row,) = rows.records()
    values = stored(line, "SNR").values()
    assert row == {
        "RAW_TYPE": "SCIENCE",
        "NUMBER": len(values),
        "SNR": pytest.approx(own(list(values))),
    }


@pytest.mark.recipes
def test_groups_are_sorted_and_cut_too(line):
    query = Query(("NUM_RAW",), by="RAW_TYPE", statistic="sum", sort="-number", limit=2)
    rows = line.browse(query).records()
    assert len(rows) == 2
    assert rows[0]["NUMBER"] >= rows[1]["NUMBER"]


@pytest.mark.recipes
def test_a_single_row_has_no_sigma(line):
    rows = line.browse(Query(("SNR",), by="AB", statistic="sigma")).records()
    assert {row["SNR"] for row in rows} == {None}


@pytest.mark.recipes
def test_a_night_without_measurements_gives_no_rows(line):
    assert len(line.qc("SNR", pool="2019-05-05")) == 0


# ---- files ----------------------------------------------------------------------------------


def read(path):
    readers = {
        ".csv": lambda: Table.read(path, format="ascii.csv"),
        ".ecsv": lambda: QTable.read(path),
        ".fits": lambda: Table(fits.getdata(path)),
        ".vot": lambda: parse_single_table(path).to_table(),
    }
    return readers[path.suffix]()


@pytest.mark.recipes
@pytest.mark.parametrize("suffix", [".csv", ".ecsv", ".fits", ".vot"])
def test_a_file_has_all_rows_and_numbers(suffix, line, tmp_path):
    path = tmp_path / f"qc{suffix}"
    number = line.export(Query(), path)
    table = read(path)
    assert number == len(table) == len(line.qc())
    snr = stored(line, "SNR")
    found = {str(row["AB"]): float(row["SNR"]) for row in table if str(row["AB"]) in snr}
    assert found == pytest.approx(snr, rel=1e-6)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.recipes
def test_an_end_that_is_no_format_is_refused_and_nothing_written(line, tmp_path):
    with pytest.raises(DataError, match=r"expected one of \.csv"):
        line.export(Query(), tmp_path / "qc.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.recipes
@pytest.mark.parametrize("end", ["csv", "png", "html"])
def test_a_folder_that_is_not_there_is_told_by_the_file_that_was_asked_for(end, line, tmp_path):
    path = tmp_path / "missing" / f"qc.{end}"
    with pytest.raises(DataError) as error:
        line.export(Query(), path) if end == "csv" else line.plot("MJD_OBS", "SNR", Query(), path)
    assert (
        str(error.value) == f"{path}: found no folder {path.parent}, expected one; make it first"
    )


@pytest.mark.recipes
def test_a_file_that_cannot_be_written_is_told_by_its_own_name(line, tmp_path):
    path = tmp_path / "qc.csv"
    path.mkdir()
    with pytest.raises(OSError) as error:
        line.export(Query(), path)
    assert error.value.filename == str(path)


@pytest.mark.recipes
def test_the_verbs_print_and_write_the_same(line, tmp_path, capsys):
    words = ["-w", str(line.workspace.root), "RAW_TYPE=SCIENCE", "-p", "SNR"]
    assert phoenix(["qc", "browse", *words]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(stored(line, "SNR")) + 2
    assert phoenix(["qc", "export", *words, "-o", str(tmp_path / "x.csv")]) == 0
    assert f"{len(stored(line, 'SNR'))} rows" in capsys.readouterr().out


@pytest.mark.recipes
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["SNR>"], "expected one like"),
        (["SNRR>5"], "did you mean SNR"),
        (["--sort", "SNRR"], "did you mean SNR"),
        (["--statistic", "mode"], "expected one of mean"),
    ],
)
def test_a_wrong_question_leaves_with_two(words, told, line, capsys):
    assert phoenix(["qc", "browse", "-w", str(line.workspace.root), *words]) == 2
    assert told in " ".join(capsys.readouterr().err.split())
