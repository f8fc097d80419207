"""The API pages show every module that the author of a plugin may import."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
API = ROOT / "docs/reference/api"
SHOWN = re.compile(r"^\.\. automodule:: (\S+)$", re.MULTILINE)
FIXTURES = "phoenix.testing.pytest_plugin"


def _modules(package):
    names = {path.stem for path in (ROOT / "phoenix" / package.replace(".", "/")).glob("*.py")} - {
        "__init__"
    }
    return {f"phoenix.{package}.{name}" for name in names}


@pytest.mark.parametrize("package", ["model", "toolkit", "toolkit.cubes", "simulate", "testing"])
def test_every_module_of_a_package_for_plugins_is_on_its_page(package):
    page = (API / f"{package.rpartition('.')[2]}.md").read_text("utf-8")
    assert set(SHOWN.findall(page)) == _modules(package)


@pytest.mark.parametrize("page", sorted(API.glob("*.md")), ids=lambda page: page.stem)
def test_every_module_of_an_api_page_says_what_it_offers(page):
    modules = [import_module(name) for name in SHOWN.findall(page.read_text("utf-8"))]
    assert [module.__name__ for module in modules if not _offers(module)] == []


def _offers(module):
    return module.__name__ == FIXTURES or hasattr(module, "__all__")


def test_every_api_page_is_in_the_index():
    index = (API / "index.md").read_text("utf-8")
    pages = {path.name for path in API.glob("*.md")} - {"index.md"}
    assert {page for page in pages if f"({page})" not in index} == set()


@pytest.mark.parametrize("page", ["index.md", "reference/index.md", "how-to/write-a-plugin.md"])
def test_the_api_is_linked_from_where_authors_of_plugins_look(page):
    assert "api/index.md)" in (ROOT / "docs" / page).read_text("utf-8")
