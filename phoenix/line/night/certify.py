"""Verdicts of a night: by rule, of masters after a look at their history, and by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import DataError
from phoenix.line.night.hold import hold_night
from phoenix.line.night.policy import policy_of
from phoenix.line.night.standing import limits_of_night, report_of
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.model.ab import ABName
from phoenix.model.dates import CivilDate
from phoenix.model.report import JobState
from phoenix.model.score import BY_PERSON, Verdict, VerdictKind
from phoenix.steps.quality.certify import certify as certify_by_rule
from phoenix.steps.quality.history import PastValue, check_history
from phoenix.steps.quality.score import write_qc
from phoenix.steps.quality.verdicts import Said, write_verdict
from phoenix.steps.shelf.manifest import successful_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.rows import JobRow

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.report import NightReport, PreparedNight

__all__ = ["certify", "give_verdict", "night_of", "withdraw_verdict"]


def certify(line: LineContext, night: PreparedNight, report: NightReport) -> NightReport:
    """Give verdicts to what no person has judged; the night must be held."""
    if policy_of(night).judges_by_history:
        report = _judged_by_history(line, night, report)
    by_person = {name for name, row in report.verdicts.items() if row.kind in BY_PERSON}
    share = line.settings.review.random_green_percent
    policy = evolve(line.process_row.review, random_green_percent=share)
    scores = {
        name: quality.scores for name, quality in report.quality.items() if name not in by_person
    }
    verdicts = certify_by_rule(scores, policy, f"{line.process_row.name} {night.date}")
    with line.store.transaction():
        for name, verdict in verdicts.items():
            line.store.verdicts.give(name, verdict, line.clock())
    return report_of(line, night)


def _judged_by_history(
    line: LineContext, night: PreparedNight, report: NightReport
) -> NightReport:
    """Score by history too, and keep the scores (the qualityChecker)."""
    rules = line.instrument.statistical_rules(line.process_row)
    quality = check_history(
        report.quality, line.instrument.score_rules(line.process_row), rules, _history(line, night)
    )
    blocks = {str(ab.name): ab for ab in night.cascade}
    for name, result in quality.items():
        if result != report.quality[name]:
            write_qc(result, Places.of(line.workspace, blocks[name]).now(Record.QC))
    with line.store.transaction():
        for name, result in quality.items():
            line.store.qc1.replace_scores(name, result.scores)
    return evolve(report, quality=quality)


def _history(line: LineContext, night: PreparedNight) -> list[PastValue]:
    first, last = limits_of_night(night)
    since = first.plus(-line.settings.review.history_days)
    rules = line.instrument.statistical_rules(line.process_row)
    rows = line.store.qc1.measurements(
        parameters={rule.parameter for rule in rules}, since=since, until=last, whole_ab=True
    )
    verdicts = line.store.verdicts.current(since=since, until=last)
    rejected = {name for name, row in verdicts.items() if row.verdict.kind is VerdictKind.REJECTED}
    return [
        PastValue(
            row.ab_name,
            row.raw_type,
            row.setup,
            row.parameter,
            float(row.value),
            counts=row.ab_name not in rejected,
        )
        for row in rows
        if isinstance(row.value, int | float)
    ]


# ---- by a person --------------------------------------------------------------------------------


def give_verdict(line: LineContext, name: str, *, reject: bool, comment: str, by: str) -> Verdict:
    """Certify or reject the products of an AB, and say so on its pages.

    Raises
    ------
    DataError
        If the store knows no such AB, it has no products, or a rejection has no comment.
    OSError
        If the verdict cannot be written beside the manifest.
    """
    date = CivilDate.parse(night_of(line, name))
    kind = VerdictKind.REJECTED if reject else VerdictKind.OK
    verdict = Verdict(kind, comment, by)
    if successful_manifest(_places(line, name)) is None:
        raise DataError(
            f"{name}: found no products, expected some to give a verdict on; run the AB first"
        )
    _say(line, name, verdict)
    pages_are_due(line.workspace, date)
    write_due_pages(line, [date])
    return verdict


def withdraw_verdict(line: LineContext, name: str, *, comment: str, by: str) -> Verdict:
    """Take back what a person said; the AB is judged by the rules again at the next run.

    A master that was rejected had its products removed: it is processed again then.

    Raises
    ------
    DataError
        If the store knows no such AB, no person said anything, or there is no comment.
    BusyError
        If a run holds the night.
    """
    date = CivilDate.parse(night_of(line, name))
    verdict = Verdict(VerdictKind.WITHDRAWN, comment, by)
    last = [row.verdict.kind for row in line.store.verdicts.history(name)][-1:]
    if not BY_PERSON.intersection(last):
        found = last[0].value if last else "none"
        raise DataError(f"{name}: found verdict {found}, expected one of a person to take back")
    with hold_night(line.workspace, date, line.clock()), line.store.transaction():
        _say(line, name, verdict)
        if not line.store.products.rows(ab_name=name):
            line.store.jobs.record(
                JobRow(name, row.step, JobState.WAITING)
                for row in line.store.jobs.rows(names=[name])
            )
        pages_are_due(line.workspace, date)
    write_due_pages(line, [date])
    return verdict


def _say(line: LineContext, name: str, verdict: Verdict) -> None:
    """Write a verdict down twice: for queries, and where it outlives the database."""
    at = line.clock()
    with line.store.transaction():
        line.store.verdicts.give(name, verdict, at)
        write_verdict(_places(line, name), Said(verdict, at))


def _places(line: LineContext, name: str) -> Places:
    return Places(line.workspace, night_of(line, name), ABName(name).root)


def night_of(line: LineContext, name: str) -> str:
    """Return the night of an AB.

    Raises
    ------
    DataError
        If the store knows no such AB.
    """
    known = line.store.blocks.rows(names=[name])
    if not known:
        raise DataError(f"{name}: no such AB was run here; see `phoenix status`")
    return known[0].date
