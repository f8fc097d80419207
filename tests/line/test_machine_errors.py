"""What the machine does not allow is told in a sentence, with what and where, at every verb.

No right to read or to write, no room, and files that are none: never a traceback, never without
end, and never the data's fault.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import pytest
from nightwork import DATE, FIRST

from onlooker import look, only_to_read
from phoenix.line.production import ProductionLine

pytestmark = pytest.mark.recipes

ROOT = FIRST.removesuffix(".ab")
ME = ("--by", "me")
WRITES = (
    ("run", "-d", DATE),
    ("rerun", "-d", DATE, "--failed"),
    ("create-ab", "-d", DATE),
    ("ab", "forget", "-d", DATE),
    ("certify", FIRST, *ME, "--comment", "x"),
    ("certify", FIRST, "--reject", *ME, "--comment", "x"),
    ("comment", FIRST, "a word", *ME),
    ("hide", ROOT, *ME, "--why", "x"),
    ("unhide", ROOT, *ME, "--why", "x"),
    ("convert", "-d", DATE),
    ("ingest", "-d", DATE),
    ("deprecate", FIRST, "--why", "x", *ME),
    ("monitor",),
    ("pool", "index"),
    ("qc", "rescore", "-d", DATE),
)
"""Verbs that write into the workspace."""
NO_WORKSPACE = (
    ("init", "{elsewhere}/new", "--process", "GIRAFFE_MOS"),
    ("plugins", "new", "spec", "--instrument", "SPEC", "--out", "{elsewhere}/plugin"),
)
"""Verbs that write somewhere else."""
DELIVERS = tuple((verb, "-d", DATE) for verb in ("run", "convert", "ingest"))

# All verbs in one process: each would take a second to start. A limit to the size of files is a
# full disk that every user can have.
ALL = """
import contextlib, io, json, resource, sys
from phoenix.cli import run
if sys.argv[2] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
told = {}
for words in json.loads(sys.argv[1]):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = run(words)
    told[" ".join(words)] = code, out.getvalue()
print(json.dumps(told))
"""


def told(calls, disk="room"):
    """Return exit code and text of each call, made without root's rights."""
    done = look("-c", ALL, json.dumps(calls), disk)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    for text in (done.stderr, *(text for _, text in answers.values())):
        assert "Traceback" not in text
        assert "data standard" not in text.lower()
    return list(answers.values())


def within(folder, verbs):
    return [[*words, "-w", str(folder)] for words in verbs]


def elsewhere(folder):
    return [[word.format(elsewhere=folder) for word in words] for words in NO_WORKSPACE]


@pytest.fixture(scope="module")
def delivered(processed):
    """A night that was finished, converted and ingested; copy it, nobody may touch it."""
    folder = Path(shutil.copytree(processed, processed.parent / "delivered"))
    with ProductionLine(folder) as line:
        line.run(DATE, resume=True)
        line.convert(DATE)
        line.ingest(DATE)
        line.give_verdict(FIRST, reject=False, comment="looked at", by="me")
        line.comment(FIRST, text="a word", by="me")
        line.write_pages(DATE)
    return folder


@pytest.fixture
def workspace(delivered, copy_of):
    return copy_of(delivered)


# ---- no right to write, no room -----------------------------------------------------------------


def test_who_may_not_write_is_told_by_every_verb_whom_to_ask(delivered):
    with only_to_read(delivered):
        answers = told(within(delivered, WRITES))
    assert {code for code, _ in answers} == {2}
    assert all(f"is for {delivered.owner()}" in text for _, text in answers)


def test_a_full_disk_is_told_by_every_verb(workspace):
    answers = told(within(workspace, WRITES), "full")
    assert {code for code, _ in answers} == {2}
    assert all("database" in text or "File too large" in text for _, text in answers)


def test_no_room_for_what_is_new_is_told(tmp_path):
    answers = told(elsewhere(tmp_path), "full")
    assert {code for code, _ in answers} == {2}
    assert all("File too large" in text for _, text in answers)


def test_no_right_where_something_new_would_be_is_told(tmp_path):
    with only_to_read(tmp_path):
        answers = told(elsewhere(tmp_path))
    assert {code for code, _ in answers} == {2}
    assert all("Permission denied" in text for _, text in answers)


@pytest.mark.parametrize("place", ["reduced", f"reduced/{DATE}/idp", "archive", "monitor"])
def test_a_folder_that_may_not_be_written_is_named_and_nothing_is_delivered(
    processed, copy_of, place
):
    folder = copy_of(processed)
    (folder / place).mkdir(parents=True, exist_ok=True)
    with only_to_read(folder / place):
        answers = told(within(folder, DELIVERS))
    # What comes first and needs no such folder is done.
    code, text = next(answer for answer in answers if answer[0])
    assert code in {1, 2}
    assert f"{folder / place}" in text
    assert "Permission denied" in text


# ---- no right to read, and files that are none --------------------------------------------------


def fifo(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def a_socket(path):
    # The name of a socket may have 100 bytes.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def forbidden(path):
    path.write_bytes(b"x")
    path.chmod(0)


NAMED = {
    "phoenix.toml": "phoenix.toml",
    "lock": f"scratch/{DATE}.lock",
    "what was said": f"logs/{DATE}/{ROOT}.verdict.json",
    "comments": f"listings/comments/{DATE}.json",
}
"""What cannot be made again is told by name."""
MADE_AGAIN = {
    "manifest": f"logs/{DATE}/{ROOT}.json",
    "measurements": f"logs/{DATE}/{ROOT}.qc.json",
    "log": f"logs/{DATE}/{ROOT}.log",
    "record of a conversion": f"reduced/{DATE}/idp/{ROOT}/conversion.json",
    "page": f"monitor/nights/{DATE}/{ROOT}.html",
}
"""What is made again by the same commands."""


def instead(path, harm):
    path.unlink(missing_ok=True)
    harm(path)


@pytest.mark.parametrize("harm", [fifo, forbidden])
@pytest.mark.parametrize("what", NAMED)
def test_what_is_no_plain_file_or_may_not_be_read_is_named(workspace, what, harm):
    instead(workspace / NAMED[what], harm)
    ((code, text),) = told(within(workspace, DELIVERS[:1]))
    assert code == 2
    assert str(workspace / NAMED[what]) in text


@pytest.mark.parametrize("what", MADE_AGAIN)
def test_a_record_that_is_no_plain_file_is_made_again(workspace, what):
    path = workspace / MADE_AGAIN[what]
    instead(path, fifo)
    verbs = (*DELIVERS, ("monitor", "-d", DATE))
    assert {code for code, _ in told(within(workspace, verbs))} == {0}
    assert path.is_file()
    assert not path.is_symlink()


@pytest.mark.parametrize("harm", [a_socket, forbidden])
def test_an_idp_that_is_no_plain_file_is_converted_again(workspace, harm):
    path = min((workspace / f"reduced/{DATE}/idp/{ROOT}").glob("GI_SRBS*.fits"))
    size = path.stat().st_size
    instead(path, harm)
    assert {code for code, _ in told(within(workspace, DELIVERS))} == {0}
    assert path.stat().st_size == size


def test_an_idp_that_is_no_plain_file_is_not_ingested_and_the_others_are(workspace):
    path = min((workspace / f"reduced/{DATE}/idp/{ROOT}").glob("GI_SRBS*.fits"))
    instead(path, fifo)
    ((code, text),) = told(within(workspace, DELIVERS[-1:]))
    assert code == 1
    assert path.name in text
    assert "was there" in text


def test_a_version_in_the_archive_that_is_no_plain_file_is_named(workspace):
    path = min(workspace.glob(f"archive/{DATE}/*/v1/GI_SRBS*.fits"))
    instead(path, device)
    ((code, text),) = told(within(workspace, DELIVERS[-1:]))
    assert code == 1
    assert str(path) in text
    assert "bring it back from a backup" in text


@pytest.mark.parametrize("harm", [fifo, device])
def test_a_rule_file_that_is_no_plain_file_is_named(workspace, harm):
    rules = workspace / "own.oca"
    harm(rules)
    toml = workspace / "phoenix.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[rules.files]\n"own.oca" = "2000-01-01 to"\n')
    ((code, text),) = told(within(workspace, (("create-ab", "-d", DATE),)))
    assert code == 2
    assert str(rules) in text
