"""A product is taken back after its ingestion: not offered any more, and not forgotten."""

from __future__ import annotations

import pytest
from nightwork import DATE, FIRST, FLAT, SECOND

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.production import ProductionLine
from phoenix.store.rows import IDPStatus

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


@pytest.fixture
def line(undisturbed, copy_of):
    """A night in the archive, of which one AB is rejected after that."""
    with ProductionLine(copy_of(undisturbed.folder)) as line:
        line.give_verdict(FIRST, reject=True, comment="wrong field", by="me")
        yield line


def take_back(line, *names, why="wrong <field>", delete=False):
    return line.deprecate(*(names or (FIRST,)), why=why, by="me", delete=delete)


def idps(line, *status):
    rows = line.store.phase3.rows(ab_name=FIRST)
    return [row for row in rows if not status or row.status in status]


def files(line):
    archive = line.workspace.folder("archive")
    return {row.path: (archive / row.path).is_file() for row in idps(line)}


def test_what_was_taken_back_is_not_offered_and_stays_in_the_archive(line):
    before = idps(line)
    assert {row[2] for row in take_back(line).rows} == {"deprecated"}
    assert {row.status for row in idps(line)} == {IDPStatus.DEPRECATED}
    assert len(idps(line)) == len(before)
    assert set(files(line).values()) == {True}
    said = idps(line)[0].deprecation
    assert (said.why, said.by, said.deleted) == ("wrong <field>", "me", False)


def test_the_page_of_the_night_and_the_list_of_runs_say_so(line):
    number = len(idps(line))
    take_back(line)
    page = (line.workspace.root / "monitor/nights" / DATE / "index.html").read_text("utf-8")
    assert f"{number} IDPs deprecated" in page
    assert "wrong &lt;field&gt; (me)" in page
    *_, run = line.store.runs.rows()
    assert (run.verb, run.pool, run.counts) == ("deprecate", DATE, {"deprecated": number})


def test_a_rejected_ab_is_not_ingested_again_and_that_is_told(line, capsys):
    take_back(line)
    assert phoenix(["ingest", "-w", str(line.workspace.root), "-d", DATE]) == 0
    told = capsys.readouterr().err
    assert f"not ingested: {FIRST}: rejected by me: wrong field" in told
    assert not idps(line, IDPStatus.CURRENT)


def test_a_second_time_changes_nothing(line):
    take_back(line)
    before = idps(line)
    assert {row[2] for row in take_back(line, why="another").rows} == {"was deprecated"}
    assert idps(line) == before


def test_what_was_deleted_is_gone_and_its_version_is_never_given_again(line):
    number = len(idps(line))
    take_back(line)
    assert {row[2] for row in take_back(line, delete=True).rows} == {"deleted"}
    assert set(files(line).values()) == {False}
    content = {path.name for path in line.workspace.folder("archive").glob("content/*/*")}
    assert content.isdisjoint(row.md5 for row in idps(line))
    line.give_verdict(FIRST, reject=False, comment="the right field", by="you")
    line.ingest(DATE)
    current = idps(line, IDPStatus.CURRENT)
    assert {(row.version, row.supersedes) for row in current} == {(2, 1)}
    assert all("/v2/" in row.path for row in current)
    assert len(current) == len(idps(line, IDPStatus.DEPRECATED)) == number


def test_the_archive_remembers_it_if_the_database_is_lost(line):
    take_back(line)
    root = line.workspace.root
    line.close()
    (root / "phoenix.db").unlink()
    with ProductionLine(root) as again:
        again.run(DATE)
        again.give_verdict(FIRST, reject=False, comment="fine", by="you")
        again.ingest(DATE)
        versions = {(row.version, row.status) for row in idps(again)}
        whys = {row.deprecation.why for row in idps(again, IDPStatus.DEPRECATED)}
    assert versions == {(1, IDPStatus.DEPRECATED), (2, IDPStatus.CURRENT)}
    assert whys == {"wrong <field>"}


def test_all_are_looked_at_before_the_first_is_touched(line):
    with pytest.raises(DataError, match=f"{SECOND}: found verdict .*, expected a rejection"):
        take_back(line, FIRST, SECOND)
    assert {row.status for row in idps(line)} == {IDPStatus.CURRENT}


@pytest.mark.parametrize(("why", "by"), [(" ", "me"), ("bad", ""), ("x" * 100_000, "me")])
def test_who_and_why_are_needed(line, why, by):
    with pytest.raises(DataError):
        line.deprecate(FIRST, why=why, by=by)
    assert {row.status for row in idps(line)} == {IDPStatus.CURRENT}


def test_what_was_made_with_a_rejected_master_can_be_taken_back(undisturbed, copy_of):

    with ProductionLine(copy_of(undisturbed.folder)) as line:
        line.give_verdict(FLAT, reject=True, comment="lamp was off", by="me")
        take_back(line)
        assert not idps(line, IDPStatus.CURRENT)
        # All of it waits for a person now.
        assert phoenix(["ingest", "-w", str(line.workspace.root), "-d", DATE]) == 1
        assert not idps(line, IDPStatus.CURRENT)


def test_the_verb_needs_a_reason_and_somebody_who_gives_it(line, capsys, monkeypatch):
    words = ["deprecate", "-w", str(line.workspace.root), FIRST.removesuffix(".ab")]
    assert phoenix([*words, "--by", "me"]) == 2
    monkeypatch.delenv("USER", raising=False)
    assert phoenix([*words, "--why", "bad"]) == 2
    assert phoenix([*words, "--why", "bad", "--by", "me"]) == 0
    assert "deprecated" in capsys.readouterr().out


def test_the_archive_is_told_of_where_it_is_rejected(undisturbed, copy_of, capsys):
    folder = copy_of(undisturbed.folder)
    words = ["certify", "-w", str(folder), FIRST, "--reject", "--comment", "no", "--by", "me"]
    assert phoenix(words) == 0
    assert f"phoenix deprecate {FIRST} --why" in capsys.readouterr().out
