"""What waits for a person and what was done stands on the pages at once."""

from __future__ import annotations

import json

import pytest
from nightwork import BIAS, DARK, DATE, FIRST

from phoenix.line.production import ProductionLine
from phoenix.model.score import Verdict, VerdictKind

pytestmark = pytest.mark.recipes


@pytest.fixture
def line(processed, copy_of):
    with ProductionLine(copy_of(processed)) as line:
        line.run(DATE, resume=True)
        yield line


def page(line, where):
    return json.loads((line.workspace.folder("monitor") / where).read_text("utf-8"))


def verdicts(line):
    return dict(page(line, f"nights/{DATE}/index.json")["verdicts"])


def test_what_was_made_with_a_rejected_ab_is_to_be_reviewed_as_soon_as_it_is_rejected(line):
    line.give_verdict(BIAS, reject=True, comment="bad bias", by="me")
    assert verdicts(line) == {"review": 6, "rejected": 1}
    assert page(line, "index.json")["total"]["review"] == 6
    kinds = {name: row.verdict.kind for name, row in line.store.verdicts.current().items()}
    assert {kinds[name] for name in (DARK, FIRST)} == {VerdictKind.REVIEW}


def test_a_run_that_only_judges_writes_the_pages(line):
    line.store.verdicts.give(BIAS, Verdict(VerdictKind.REJECTED, "bad bias", "me"), line.clock())
    line.run(DATE)
    assert verdicts(line) == {"review": 6, "rejected": 1}


def test_a_run_that_changes_nothing_writes_no_page_of_the_night(line):
    path = line.workspace.folder("monitor") / "nights" / DATE / "index.html"
    before = path.stat().st_mtime_ns
    line.run(DATE)
    assert path.stat().st_mtime_ns == before


def test_a_conversion_is_among_the_last_runs_as_soon_as_it_has_ended(line):
    line.convert(DATE)
    (last, *_) = page(line, "index.json")["runs"]
    assert (last["verb"], last["state"]) == ("convert", "done")
