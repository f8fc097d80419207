"""A person takes back a verdict: the rules judge again, and nothing of it is forgotten."""

from __future__ import annotations

import pytest
from nightwork import DATE, FIRST, SECOND, THIRD, runs

from phoenix.cli import run as phoenix
from phoenix.errors import BusyError, DataError
from phoenix.line.night.hold import hold_night
from phoenix.line.production import ProductionLine
from phoenix.model.dates import CivilDate
from phoenix.model.score import VerdictKind

pytestmark = pytest.mark.recipes


@pytest.fixture
def line(processed, copy_of):
    with ProductionLine(copy_of(processed)) as line:
        yield line


def reject(line):
    line.give_verdict(FIRST, reject=True, comment="wrong field", by="me")


def withdraw(line):
    return line.withdraw_verdict(FIRST, comment="it was the right one", by="you")


def published(line):
    return (line.workspace.folder("products", DATE) / FIRST.removesuffix(".ab")).is_dir()


def test_what_was_rejected_moves_on_by_rule_once_that_is_taken_back(line):
    before = runs(line.workspace.root)
    reject(line)
    line.run(DATE, resume=True)
    assert published(line)
    withdraw(line)
    (report,) = line.run(DATE, resume=True)
    assert report.verdicts[FIRST].kind in {VerdictKind.AUTO, VerdictKind.REVIEW}
    assert not published(line)
    assert {row[0] for row in line.convert(DATE).rows} == {FIRST, SECOND, THIRD}
    assert runs(line.workspace.root) == before


def test_nothing_moves_between_the_withdrawal_and_the_judgement_of_the_rules(line):
    reject(line)
    withdraw(line)
    line.finish(line.prepare(DATE, dry=True))
    assert published(line)


def test_who_said_what_and_why_is_kept(line):
    reject(line)
    withdraw(line)
    line.run(DATE, resume=True)
    *_, rejected, withdrawn, judged = line.store.verdicts.history(FIRST)
    assert (rejected.verdict.kind, rejected.verdict.by) == (VerdictKind.REJECTED, "me")
    assert withdrawn.verdict.kind is VerdictKind.WITHDRAWN
    assert (withdrawn.verdict.by, withdrawn.verdict.comment) == ("you", "it was the right one")
    assert judged.verdict.by == "rule"
    assert rejected.at <= withdrawn.at <= judged.at


def test_a_certification_is_taken_back_too(line):
    line.give_verdict(FIRST, reject=False, comment="fine", by="me")
    withdraw(line)
    (report,) = line.run(DATE, resume=True)
    assert report.verdicts[FIRST].by == "rule"


def test_only_what_a_person_said_can_be_taken_back(line):
    with pytest.raises(DataError, match="found verdict none, expected one of a person"):
        withdraw(line)
    reject(line)
    withdraw(line)
    with pytest.raises(DataError, match="found verdict withdrawn"):
        withdraw(line)


def test_a_withdrawal_needs_a_comment(line):
    reject(line)
    with pytest.raises(DataError, match="a withdrawal needs a comment"):
        line.withdraw_verdict(FIRST, comment=" ", by="me")


def test_nobody_takes_back_what_another_run_works_with(line):
    reject(line)
    night = CivilDate.parse(DATE)
    with hold_night(line, night), pytest.raises(BusyError):
        withdraw(line)
    assert line.store.verdicts.current()[FIRST].verdict.kind is VerdictKind.REJECTED


def test_the_verb_says_what_the_verdict_is_now(line, capsys):
    reject(line)
    words = ["certify", "-w", str(line.workspace.root), FIRST, "--withdraw", "--by", "me"]
    assert phoenix([*words, "--comment", "right after all"]) == 0
    assert capsys.readouterr().out == f"{FIRST}: withdrawn\n"
    assert phoenix([*words, "--reject", "--comment", "both"]) == 2
