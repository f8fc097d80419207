"""The pages of docs/reference say what the code says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from phoenix.formats import abfile

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def _maker():
    spec = importlib.util.spec_from_file_location(
        "make_reference", ROOT / "tools/make_reference.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _maker()


@pytest.mark.parametrize("name", MAKER.PAGES)
def test_a_generated_page_is_what_the_code_says(name):
    written = (REFERENCE / name).read_text("utf-8")
    assert written == MAKER.PAGES[name](), "run python tools/make_reference.py"


def test_every_qualifier_of_an_ab_is_explained():
    page = (REFERENCE / "ab-format.md").read_text("utf-8")
    qualifiers = {*abfile._READERS, abfile._VERSION_LINE}
    assert {name for name in qualifiers if f"`{name}`" not in page} == set()


def test_the_example_of_the_ab_page_is_an_ab_and_written_as_phoenix_writes_it():
    page = (REFERENCE / "ab-format.md").read_text("utf-8")
    (example,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert abfile.format_ab(abfile.parse_ab(example)) == example


@pytest.mark.parametrize("room", ["tutorial", "how-to", "reference", "explanation"])
def test_every_page_is_in_the_index_of_its_room(room):
    index = (ROOT / "docs" / room / "index.md").read_text("utf-8")
    pages = {path.name for path in (ROOT / "docs" / room).glob("*.md")} - {"index.md"}
    assert {page for page in pages if f"({page})" not in index} == set()
