"""Certify a night: verdicts by rule; of master calibrations, after a look at their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.line.night.policy import policy_of
from phoenix.line.night.standing import limits_of_night, report_of
from phoenix.line.night.verdict import BY_PERSON
from phoenix.model.score import VerdictKind
from phoenix.steps.quality.certify import certify as certify_by_rule
from phoenix.steps.quality.history import PastValue, check_history
from phoenix.steps.quality.score import write_qc
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.report import NightReport, PreparedNight

__all__ = ["certify"]


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
