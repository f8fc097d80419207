"""A shell offers nights, months and ABs for half a word; help is a verb, too."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from phoenix.cli import run
from phoenix.line.workspace import create_workspace


@pytest.fixture
def work(tmp_path):
    for night, names in {"2020-01-01": ("A_tpl.ab", "B.ab"), "2020-02-03": ("C.ab",)}.items():
        folder = tmp_path / "ab" / night
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text("")
    (tmp_path / "ab" / "2020-01-01..2020-01-02.json").write_text("{}")
    return tmp_path


def offered(*words):
    environment = {
        **os.environ,
        "_PHOENIX_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["phoenix", *map(str, words)]),
        "COMP_CWORD": str(len(words)),
    }
    command = [sys.executable, "-m", "phoenix"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "Traceback" not in done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("status", "-w", "WORK", "-d", "2020-0"), ["2020-01-01", "2020-02-03"]),
        (("status", "-w", "WORK", "-m", "2020-02"), ["2020-02"]),
        (("ab", "show", "-w", "WORK", ""), ["A_tpl.ab", "B.ab", "C.ab"]),
        (("run", "-w", "WORK", "-d", "2020-01-01", "-a", ""), ["A_tpl.ab", "B.ab"]),
        (("status", "-w", "/nowhere", "-d", "2"), []),
        (("conv",), ["convert"]),
    ],
)
def test_half_a_word_is_completed_by_what_the_workspace_has(words, expected, work):
    assert offered(*(work if word == "WORK" else word for word in words)) == expected


@pytest.fixture
def fresh(tmp_path):
    """A workspace in which nothing was run, of a repository with raw files."""
    (tmp_path / "night" / "raw" / "2020-03-04").mkdir(parents=True)
    create_workspace(tmp_path / "fresh", "GIRAFFE_MOS", (tmp_path / "night",))
    return tmp_path / "fresh"


def test_nights_of_the_repository_are_offered_before_anything_was_run(fresh):
    assert offered("run", "-w", fresh, "-d", "2020") == ["2020-03-04"]
    assert offered("run", "-w", fresh, "-m", "") == ["2020-03"]


def test_parameters_of_the_process_are_offered(fresh):
    assert offered("qc", "show", "-w", fresh, "-p", "SN") == ["SNR", "SNR_MAX"]
    assert "SNR" in offered("qc", "browse", "-w", fresh, "-p", "")
    assert offered("qc", "show", "-w", "/nowhere", "-p", "") == []


def test_a_script_for_the_shell_can_be_had(capsys, monkeypatch):
    # Which shell is asked of the processes above: those of a test are anything, `sh` under make.
    monkeypatch.setattr("shellingham.detect_shell", lambda *_: ("bash", "/bin/bash"))
    assert run(["--show-completion"]) == 0
    assert "_PHOENIX_COMPLETE=complete_bash" in capsys.readouterr().out


def test_help_is_a_verb_too(capsys):
    assert run(["help", "ab", "show"]) == 0
    by_verb = capsys.readouterr().out
    assert run(["ab", "show", "--help"]) == 0
    assert by_verb == capsys.readouterr().out
    assert run(["help"]) == 0
    assert "convert" in capsys.readouterr().out
    assert run(["help", "fly"]) == 2
