"""The documents hang together: links lead somewhere, and the verbs they name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from phoenix.cli.reference import verbs

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
PAGES = [page for page in PAGES if "_build" not in page.parts]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
CALL = re.compile(r"^(?:\$ )?(?:python -m )?phoenix ((?:[a-z][a-z-]+ ?)+)", re.MULTILINE)


def _name(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_between_documents_lead_to_a_file(page):
    links = ["".join(found) for found in LINK.findall(page.read_text("utf-8"))]
    places = [link.partition("#")[0] for link in links if "://" not in link]
    assert [place for place in places if place and not (page.parent / place).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_verbs_of_a_document_exist(page):
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    called = {words.split()[0] for block in blocks for words in CALL.findall(block)}
    assert called <= {name.split()[0] for name in verbs()}


def test_no_picture_is_heavy():
    heavy = [path.name for path in (ROOT / "docs/images").iterdir() if path.stat().st_size > 4e5]
    assert heavy == []
