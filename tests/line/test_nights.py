"""Which nights there are, and what is said where there is nothing."""

from __future__ import annotations

import shutil

import pytest
from nightwork import DATE, make_workspace

from phoenix.cli import run as phoenix
from phoenix.errors import DataError, EmptyError
from phoenix.line.production import ProductionLine

NEVER = "2020-02-02"


@pytest.fixture
def folder(raw_night, tmp_path):
    return make_workspace(tmp_path / "work", raw_night)


def test_nights_of_the_repository_are_listed_before_anything_was_run(folder):
    with ProductionLine(folder) as line:
        (row,) = line.nights().records()
    assert row["night"] == DATE
    assert row["raw files"] > 0
    assert row["ABs in repository"] > 0
    assert (row["ABs here"], row["states"], row["IDPs"]) == (0, "", 0)
    assert not (folder / "phoenix.db").exists()


@pytest.mark.parametrize("verb", [["run"], ["convert"], ["ingest"], ["rerun", "--failed", "-n"]])
def test_a_night_without_abs_says_which_nights_have_some_and_leaves_with_one(verb, folder, capsys):
    assert phoenix([*verb, "-d", NEVER, "-w", str(folder)]) == 1
    told = capsys.readouterr()
    assert f"{DATE} has some" in told.err + told.out


@pytest.mark.parametrize("verb", [["convert"], ["ingest"], ["ingest", "--check"]])
def test_a_night_that_was_never_run_says_so(verb, folder, capsys):
    assert phoenix([*verb, "-d", DATE, "-w", str(folder)]) == 1
    assert "found no AB that was run; run it first" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [["status"], ["qc", "show"], ["qc", "scores"]])
def test_what_only_shows_says_that_there_is_nothing_and_leaves_with_none(verb, folder, capsys):
    assert phoenix([*verb, "-d", NEVER, "-w", str(folder)]) == 0
    assert "nothing was found" in " ".join(capsys.readouterr().out.split())


def test_a_repository_that_is_not_there_is_a_fault_of_the_settings(folder, raw_night, tmp_path):
    moved = shutil.copytree(raw_night, tmp_path / "night")
    work = make_workspace(tmp_path / "other", moved)
    shutil.rmtree(moved)
    with (
        ProductionLine(work) as line,
        pytest.raises(DataError, match="which is not there") as told,
    ):
        line.prepare(DATE)
    assert not isinstance(told.value, EmptyError)


def test_an_unknown_parameter_gets_the_nearest(folder):
    with ProductionLine(folder) as line, pytest.raises(DataError, match="did you mean SNR"):
        line.qc_table(DATE, ("SNRR",))
