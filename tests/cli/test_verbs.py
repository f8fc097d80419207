"""The verbs keep what they promise: help with an example, exit codes, JSON, plain lines."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from phoenix.cli import run
from phoenix.cli.reference import reference, verbs
from phoenix.line.simulation import simulate_night
from phoenix.line.workspace import create_workspace
from phoenix.pipelines.find import rule_file
from phoenix.testing.night import has_esorex

DATE = "2020-01-01"
BIAS = "GIRAF.2020-01-02T10:06:20.003_tpl.ab"
SCIENCE = "GIRAF.2020-01-02T01:12:20.596.ab"
PAGE = Path(__file__).parents[2] / "docs/reference/commands.md"
VERBS = verbs()
GROUPS = sorted({name.split()[0] for name in VERBS if " " in name})


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    simulate_night("giraffe", "", DATE, folder, size="small")
    return folder


@pytest.fixture(scope="module")
def work(night, tmp_path_factory):
    """A workspace in which nothing was run."""
    folder = tmp_path_factory.mktemp("work") / "work"
    create_workspace(folder, "GIRAFFE_MOS", (night,))
    return folder


@pytest.fixture(scope="module")
def after_bias(night, tmp_path_factory):
    """A workspace in which one AB was run, and how that call ended."""
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp("work") / "after_bias"
    create_workspace(folder, "GIRAFFE_MOS", (night,))
    done = phoenix("run", "-w", str(folder), "-d", DATE, "-a", BIAS)
    assert done.returncode == 0, done.stderr
    return folder, done


def phoenix(*words, module=True):
    start = [sys.executable, "-m", "phoenix"] if module else ["phoenix"]
    return subprocess.run([*start, *words], check=False, capture_output=True, text=True)


# ---- help ------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb, capsys):
    assert run([*verb.split(), "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert f"Example: phoenix {verb}" in words


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_a_verb_says_what_it_does(verb):
    for given in VERBS[verb].params:
        assert given.help, f"{verb}: {given.name}"


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_its_verbs(group, capsys):
    assert run([group, "--help"]) == 0
    listed = capsys.readouterr().out
    for name in VERBS:
        if name.startswith(f"{group} "):
            assert name.removeprefix(f"{group} ") in listed


def test_no_verb_at_all_shows_the_help(capsys):
    assert run([]) in {0, 2}
    captured = capsys.readouterr()
    assert "simulate" in captured.out + captured.err


def test_help_loads_none_of_the_heavy_libraries():
    calls = [["--help"], *([*verb.split(), "--help"] for verb in VERBS)]
    script = (
        "import sys; from phoenix.cli import run\n"
        f"assert not any(run(words) for words in {calls!r})\n"
        "heavy = {'numpy', 'scipy', 'sqlalchemy', 'dask', 'distributed', 'astropy'}\n"
        "heavy.add('matplotlib')\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_the_version_is_told(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("phoenix ")


# ---- the reference page ----------------------------------------------------------------------


def test_the_page_of_commands_is_what_the_verbs_say():
    found = PAGE.read_text("utf-8")
    assert found.rstrip("\n") == reference().rstrip("\n"), (
        f"write it again: python -m phoenix.cli.reference > {PAGE.name}"
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_page_of_commands(verb):
    assert f"\n## phoenix {verb}\n" in PAGE.read_text("utf-8")


# ---- exit codes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fly"], "No such command 'fly'"),
        (["run", "--fast"], "--fast"),
        (["run", "-w", "WORK"], "-d 2020-01-01"),
        (["run", "-w", "WORK", "-d", DATE, "-m", "2020-01"], "-d 2020-01-01"),
        (["run", "-w", "WORK", "-d", "yesterday"], "yesterday"),
        (["run", "-w", "WORK", "-d", "2020-02-30"], "expected a date of the calendar"),
        (["run", "-w", "WORK", "-d", "2020-01"], "; give -m 2020-01"),
        (["run", "-w", "WORK", "-m", DATE], f"; give -d {DATE}"),
        (["run", "-w", "WORK", "-m", "2020-13"], "expected a month"),
        (["run", "-w", "WORK", "-d", f"{DATE}..2020-01-03"], "--until 2020-01-03"),
        (["run", "-w", "WORK", "-d", DATE, "--until", "2019-12-31"], "expected no night before"),
        (["run", "-w", "WORK", "-d", DATE, "--until", "2020-01"], "--until: found '2020-01'"),
        (["run", "-w", "WORK", "-d", DATE, "-C", "-P"], "-C, -P and -M"),
        (
            ["run", "-w", "WORK", "-d", DATE, "-a", "GIRAF.2020-01-02T00:00:00.000.ab"],
            "no such AB",
        ),
        (["run", "-w", "NOWHERE", "-d", DATE], "phoenix init"),
        (["-w", "NOWHERE", "-d", DATE], "phoenix init"),
        (["rerun", "-w", "WORK", "-d", DATE], "--failed"),
        (["rerun", "-w", "WORK", SCIENCE, "-d", DATE], "leave out -d and -m"),
        (["rerun", "-w", "WORK", SCIENCE, "--failed"], "either --failed, or AB names"),
        (["certify", "-w", "WORK", SCIENCE, "--by", "me"], "no such AB"),
        (["certify", "-w", "WORK", SCIENCE, "--by", ""], "expected who judges"),
        (["ab", "show", "-w", "WORK", "../../etc/passwd"], "../../etc/passwd"),
        (["ab", "show", "-w", "WORK", "GIRAF.2020-01-02T00:00:00.000.ab"], "no such AB"),
        (["init", "WORK", "--process", "GIRAFFE_MOS"], "is there already"),
        (["init", "NOWHERE", "--process", "HAWKI"], "GIRAFFE_MOS"),
        (["init", "NOWHERE BLANK", "--process", "GIRAFFE_MOS"], "found a blank in its name"),
        (["init", "NOWHERE", "--process", "GIRAFFE_MOS", "--repository", "NOWHERE"], "no folder"),
        (["simulate", "hawki", "-d", DATE, "-o", "NOWHERE"], "giraffe"),
        (
            ["simulate", "giraffe", "-d", DATE, "-o", "NOWHERE", "--size", "huge"],
            "'small', 'full'",
        ),
        (["simulate", "giraffe", "-d", DATE, "-o", "NOWHERE", "--fault", "rain"], "dark_flat"),
    ],
)
def test_a_wrong_call_leaves_with_two_and_says_what_to_do(words, told, work, tmp_path, capsys):
    nowhere = tmp_path / "nowhere"
    places = {"WORK": str(work), "NOWHERE": str(nowhere), "NOWHERE BLANK": str(nowhere / "a b")}
    assert run([places.get(word, word) for word in words]) == 2
    captured = capsys.readouterr()
    assert told in " ".join(captured.err.split())
    assert "Traceback" not in captured.err
    assert not (tmp_path / "nowhere").exists()


def test_a_disk_that_cannot_be_written_leaves_with_two(work, monkeypatch, capsys):
    def full(*_arguments, **_keywords):
        raise OSError(28, "No space left on device", "AB_list")

    monkeypatch.setattr("phoenix.line.night.process.write_blocks", full)
    assert run(["run", "-w", str(work), "-d", DATE]) == 2
    assert "No space left on device: 'AB_list'" in capsys.readouterr().err


def test_a_file_that_is_not_valid_leaves_with_one(tmp_path, capsys):
    path = tmp_path / "x.fits"
    path.write_bytes(b"SIMPLE  =                    T".ljust(2880))
    assert run(["validate", str(path)]) == 1
    assert "x.fits" in capsys.readouterr().out


def test_what_cannot_be_validated_is_told_and_the_others_are_looked_at(tmp_path, capsys):
    (tmp_path / "link.fits").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo.fits")
    (tmp_path / "x.fits").write_bytes(b"SIMPLE  =                    T".ljust(2880))
    for given in ([tmp_path], sorted(tmp_path.iterdir())):
        assert run(["validate", *map(str, given)]) == 1
        told = capsys.readouterr()
        assert "x.fits" in told.out
        assert "link.fits: found" in told.err
        assert "fifo.fits: found" in told.err
    (tmp_path / "x.fits").unlink()
    assert run(["validate", str(tmp_path)]) == 2


def test_a_file_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert run(["validate", str(tmp_path / "gone.fits")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"not looked at: {tmp_path}/gone.fits: found no file, expected one\n"


def test_a_folder_without_fits_files_is_told(tmp_path, capsys):
    assert run(["validate", str(tmp_path)]) == 2
    assert "found no files, expected FITS files" in capsys.readouterr().err


@pytest.fixture
def broken(tmp_path):
    """Five files that break the same rules."""
    for number in range(5):
        (tmp_path / f"{number}.fits").write_bytes(b"SIMPLE  =                    T".ljust(2880))
    return tmp_path


def test_what_many_files_have_in_common_is_one_line(broken, capsys):
    assert run(["validate", str(broken)]) == 1
    *lines, summary = capsys.readouterr().out.splitlines()
    assert all("5 files, first 0.fits" in line for line in lines)
    assert summary.startswith("5 files, 5 invalid")


def test_errors_name_every_file(broken, capsys):
    assert run(["validate", str(broken), "--errors"]) == 1
    lines = capsys.readouterr().out.splitlines()[:-1]
    assert {line.split()[0] for line in lines} == {"ERROR"}
    assert {line.split()[1][:6] for line in lines} == {f"{number}.fits" for number in range(5)}


def test_a_summary_counts_files_by_rule(broken, capsys):
    assert run(["validate", str(broken), "--summary", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {row["files"] for row in rows} == {5}
    assert len({(row["rule"], row["keyword"]) for row in rows}) == len(rows)


def test_a_stop_by_the_keyboard_is_no_traceback(work, monkeypatch, capsys):
    def stop(*_arguments, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("phoenix.line.night.process.write_blocks", stop)
    assert run(["run", "-w", str(work), "-d", DATE]) == 130
    assert "give the same command again" in capsys.readouterr().err


# ---- the old tool's call ---------------------------------------------------------------------


def test_a_call_without_a_verb_means_run(work):
    words = ("-w", str(work), "-d", DATE, "--dry-run", "--json")
    assert phoenix(*words).stdout == phoenix("run", *words).stdout
    assert len(json.loads(phoenix(*words).stdout)) == 7


def test_the_installed_command_is_the_module(capfd):
    program = Path(sys.executable).with_name("phoenix")
    if not program.exists():
        pytest.skip("phoenix is not installed as a command")
    done = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    assert done.stdout == phoenix("--version").stdout


# ---- JSON ------------------------------------------------------------------------------------

JSON_CALLS = {
    "pipelines list": (),
    "plugins": (),
    "doctor": (),
    "run": ("-w", "WORK", "-d", DATE, "-a", BIAS),
    "status": ("-w", "WORK", "-d", DATE),
    "rerun": ("-w", "WORK", "-d", DATE, "--failed"),
    "create-ab": ("-w", "WORK", "-d", DATE, "--dry-run"),
    "explain": ("-w", "WORK", SCIENCE),
    "verify-ab": ("-w", "WORK", "-d", DATE),
    "certify": ("-w", "WORK", "--list"),
    "comment": ("-w", "WORK", BIAS),
    "grades": ("-w", "WORK", "-d", DATE),
    "convert": ("-w", "WORK", "-d", DATE),
    "ingest": ("-w", "WORK", "-d", DATE),
    "validate": ("BIASFILE",),
    "ab list": ("-w", "WORK", "-d", DATE),
    "ab forget": ("-w", "WORK", "-d", DATE),
    "ab diff": ("-w", "WORK", SCIENCE),
    "hide": ("-w", "WORK", "GIRAF.1", "--in-advance", "--why", "w", "--by", "me"),
    "unhide": ("-w", "WORK", "GIRAF.1", "--why", "w", "--by", "me"),
    "hidden": ("-w", "WORK"),
    "pool index": ("-w", "WORK"),
    "pool list": ("-w", "WORK", "-d", DATE),
    "oca classify": ("-w", "WORK", "BIASFILE"),
    "oca map": ("-w", "WORK"),
    "oca check": ("RULES",),
    "qc list": ("-w", "WORK"),
    "qc show": ("-w", "WORK", "-d", DATE),
    "qc flags": ("-w", "WORK", "-d", DATE),
    "qc scores": ("-w", "WORK", "-d", DATE),
    "nights": ("-w", "WORK"),
    "qc rescore": ("-w", "WORK", "-d", DATE, "--dry-run"),
    "qc significance": ("-w", "WORK", "-d", DATE),
    "qc browse": ("-w", "WORK", "-d", DATE),
    "stats": ("-w", "WORK", "-d", DATE),
    # The last, for it needs something rejected.
    "deprecate": ("-w", "WORK", BIAS, "--why", "bad", "--by", "me"),
}


def test_every_verb_with_json_is_tried():
    having = {name for name, verb in VERBS.items() if any("--json" in p.opts for p in verb.params)}
    assert having == set(JSON_CALLS)


@pytest.mark.recipes
@pytest.mark.parametrize("verb", JSON_CALLS)
def test_json_can_be_read_and_nothing_else_is_printed(verb, after_bias, night, capsys):
    folder, _ = after_bias
    raw = night / "raw" / DATE / "GIRAF.2020-01-02T10:06:20.003.fits"
    rules = rule_file("giraf", "giraf.oca")
    places = {"WORK": str(folder), "BIASFILE": str(raw), "RULES": str(rules)}
    if verb == "explain":
        assert run(["create-ab", "-w", str(folder), "-d", DATE]) == 0
        capsys.readouterr()
    if verb == "deprecate":
        reject = ("--reject", "--comment", "bad", "--by", "me")
        assert run(["certify", "-w", str(folder), BIAS, *reject]) == 0
        capsys.readouterr()
    if verb == "unhide":
        assert run(["hide", *JSON_CALLS["hide"][2:], "-w", str(folder)]) == 0
        capsys.readouterr()
    words = [places.get(word, word) for word in JSON_CALLS[verb]]
    assert run([*verb.split(), *words, "--json"]) in {0, 1}
    assert isinstance(json.loads(capsys.readouterr().out), (list, dict))


# ---- on a terminal and in a log --------------------------------------------------------------


@pytest.mark.recipes
def test_a_log_has_one_plain_line_an_ab(after_bias):
    _, done = after_bias
    assert done.stderr.startswith(f"[1/1] {BIAS} successful in ")
    assert "\x1b" not in done.stdout + done.stderr
    assert BIAS in done.stdout


def test_a_terminal_has_colours(work):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "phoenix", "ab", "diff", "-w", str(work), SCIENCE]
    environment = os.environ | {"TERM": "xterm"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert process.returncode == 0
    assert b"\x1b[32m+" in shown


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:
        # The other end is closed.
        return b""


def test_a_dry_run_makes_not_even_a_database(night, tmp_path, capsys):
    folder = tmp_path / "work"
    create_workspace(folder, "GIRAFFE_MOS", (night,))
    before = sorted(folder.rglob("*"))
    assert run(["run", "-w", str(folder), "-d", DATE, "--dry-run"]) == 0
    assert BIAS in capsys.readouterr().out
    assert run(["rerun", "-w", str(folder), "-d", DATE, "--failed", "--dry-run"]) == 0
    assert "nothing to do again" in capsys.readouterr().out
    assert sorted(folder.rglob("*")) == before


def test_lists_of_verbs_say_a_whole_sentence_of_each(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for words in ([], ["qc"], ["ab"], ["pool"], ["pipelines"]):
        run([*words, "--help"])
        usage, _, told = capsys.readouterr().out.partition("\n")
        assert usage.startswith("Usage:")
        assert "..." not in told
