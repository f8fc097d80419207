"""Modules, files and settings that documents name exist."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from phoenix.formats.settings import parse_settings
from phoenix.model.settings import Settings, leaves

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
# What happened is told with the names of its time.
PAGES = [page for page in PAGES if "_build" not in page.parts and page.name != "CHANGELOG.md"]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
FILE = re.compile(r"\b(?:phoenix(?:_\w+)?|tests|benchmarks|tools)/[\w./-]*\w(?:\.\w+)?")
DOTTED = re.compile(r"\bphoenix(?:_(?:giraffe|uves))?(?:\.[A-Za-z_]\w*)+")
SETTING = re.compile(r"`\[?([a-z]+(?:\.[a-z_]+)+)\]?`")
CLUSTER = "docs/how-to/cluster.md"
# Files that are no modules, entry points, and the plugin that the how-to writes.
NO_MODULES = {"phoenix.toml", "phoenix.db", "phoenix.instruments"}
TABLES = {".".join(place[:-1]) for place, _ in leaves(Settings)} - {""}
# The reader of the how-to writes these, or is told not to.
TO_BE_WRITTEN = {"phoenix_toy/__init__.py", "phoenix_toy/process.py", "tests/test_contract.py"}
TO_BE_WRITTEN |= {"gates.py", "simulate.py"}


def _name(page):
    return str(page.relative_to(ROOT))


def _exists(dotted):
    """Whether a dotted name is a module, or something in one, or in a class of one."""
    module, _, rest = dotted, "", ""
    while not _is_module(module):
        module, _, last = module.rpartition(".")
        rest = f"{last}.{rest}".rstrip(".")
    found = import_module(module)
    for part in filter(None, rest.split(".")):
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


def _is_module(dotted):
    try:
        return find_spec(dotted) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_of_the_repository_that_a_document_names_exists(page):
    named = set(FILE.findall(page.read_text("utf-8"))) - TO_BE_WRITTEN
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_dotted_name_of_the_code_that_a_document_names_exists(page):
    named = set(DOTTED.findall(page.read_text("utf-8"))) - NO_MODULES
    assert {name for name in named if not _exists(name)} == set()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_script_that_a_document_calls_exists(page):
    called = re.findall(r"\b([a-z_]+\.py)\b", page.read_text("utf-8"))
    known = {path.name for path in ROOT.glob("*/**/*.py")}
    known |= {path.rpartition("/")[2] for path in TO_BE_WRITTEN}
    assert {name for name in called if name not in known} == set()


def test_the_layers_of_contributing_are_those_that_import_linter_holds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (held,) = (row["layers"] for row in contracts if row["name"] == "imports go down")
    rows = re.findall(r"^\| \d+ \| (.*) \|$", CONTRIBUTING, re.MULTILINE)
    told = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    assert told == [set(re.findall(r"phoenix\.(\w+)", layer)) for layer in held]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_setting_that_a_document_names_exists(page):
    tops = {place[0] for place, _ in leaves(Settings) if len(place) > 1}
    known = {".".join(place) for place, _ in leaves(Settings)} | TABLES
    named = {
        name for name in SETTING.findall(page.read_text("utf-8")) if name.split(".")[0] in tops
    }
    assert {name for name in named if name not in known} == set()


def _shown(page):
    """Return what a document shows of phoenix.toml, with what every one has."""
    blocks = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    return [f'process = "GIRAFFE_MOS"\n{_whole(block)}' for block in blocks]


def _whole(block):
    """Return a block, that which goes on with a batch system with what it began with."""
    goes_on = "[engine.jobqueue]" in block and "class = " not in block
    begun = '[engine.jobqueue]\nclass = "SLURM"'
    return block.replace("[engine.jobqueue]", begun) if goes_on else block


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_what_a_document_shows_of_phoenix_toml_is_taken(page):
    for text in _shown(page):
        parse_settings(text)


def test_examples_of_batch_systems_ask_for_enough_time_and_say_where():
    tables = [parse_settings(text).engine.jobqueue for text in _shown(ROOT / CLUSTER)]
    slurm, htcondor = (table for table in tables if table.get("cores"))
    assert {"queue", "walltime", "memory"} <= slurm.keys()
    # Which has no queues, and limits by an attribute of its own.
    wanted = htcondor["job_extra_directives"]
    assert {"accounting_group", "allowed_job_duration"} <= wanted.keys()
