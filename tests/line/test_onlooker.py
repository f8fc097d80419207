"""Who has no right to write a workspace can look at all of it, and leaves no trace."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from nightwork import DATE, snapshot

from onlooker import look, only_to_read
from phoenix.line.production import ProductionLine

pytestmark = pytest.mark.recipes

SCIENCE = "GIRAF.2020-01-02T01:12:20.596.ab"
LOOKS = (
    ("status", "-d", DATE),
    ("status",),
    ("status", "-d", DATE, "--review"),
    ("nights",),
    ("qc", "list"),
    ("qc", "show", "-d", DATE, "-p", "SNR"),
    ("qc", "scores", "-d", DATE),
    ("qc", "browse", "SNR>0"),
    ("qc", "flags"),
    ("qc", "significance"),
    ("pool", "list"),
    ("ab", "list", "-d", DATE),
    ("ab", "show", SCIENCE),
    ("ab", "diff", SCIENCE),
    ("explain", SCIENCE),
    ("verify-ab", "-d", DATE),
    ("certify", "--list"),
    ("comment", "--list", "-d", DATE),
    ("hidden",),
    ("stats", "-d", DATE),
    ("run", "-n", "-d", DATE),
    ("create-ab", "-n", "-d", DATE),
    ("rerun", "--failed", "-n", "-d", DATE),
)
# All verbs in one process: each would take a second to start.
ALL = """
import contextlib, io, json, sys
from phoenix.cli import run
told = {}
for words in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*words, "-w", sys.argv[2]])
    told[" ".join(words)] = code, out.getvalue(), err.getvalue()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def theirs(processed):
    """Somebody's workspace with created ABs, that may only be read."""
    folder = Path(shutil.copytree(processed, processed.parent / "theirs"))
    with ProductionLine(folder) as line:
        line.create(DATE)
    with only_to_read(folder):
        yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def seen(theirs):
    """What an onlooker is told by each verb, and that nothing was touched."""
    before = snapshot(theirs)
    done = look("-c", ALL, json.dumps(LOOKS), str(theirs))
    assert snapshot(theirs) == before
    return json.loads(done.stdout)


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_an_onlooker_sees_what_there_is(words, seen):
    code, out, err = seen[" ".join(words)]
    # verify-ab leaves with 1 where something differs.
    assert code in {0, 1}, err
    assert out
    assert not err


def test_an_onlooker_sees_the_numbers_that_the_owner_sees(theirs, seen):
    with ProductionLine(theirs) as line:
        assert seen[f"qc scores -d {DATE}"][1].rstrip() == str(line.score_table(DATE))


def test_an_onlooker_has_the_line_in_a_notebook(theirs):
    code = (
        "import sys; from phoenix import ProductionLine; line = ProductionLine(sys.argv[1]);"
        f"print(len(line.status({DATE!r})), len(line.prepare({DATE!r}, dry=True).blocks))"
    )
    assert look("-c", code, str(theirs)).stdout == "7 7\n"


@pytest.mark.parametrize(
    "words", [("run", "-d", DATE), ("certify", SCIENCE, "--by", "x")], ids=" ".join
)
def test_what_would_change_the_workspace_is_refused_with_whom_to_ask(words, theirs):
    done = look("-m", "phoenix", *words, "-w", str(theirs))
    assert done.returncode == 2
    assert f"is for {theirs.owner()}" in done.stderr
