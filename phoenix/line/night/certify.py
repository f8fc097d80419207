"""Verdicts of a night: by rule, of masters after a look at their history, and by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import DataError, PhoenixError
from phoenix.line.night.hold import hold_night
from phoenix.line.night.policy import policy_of
from phoenix.line.night.standing import limits_of_night, report_of
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.model.ab import ABName
from phoenix.model.dates import CivilDate
from phoenix.model.plain import bounded, one_line, plain_log, signed
from phoenix.model.report import JobState
from phoenix.model.score import BY_PERSON, Verdict, VerdictKind
from phoenix.steps.quality.certify import certify as certify_by_rule
from phoenix.steps.quality.history import PastValue, check_history
from phoenix.steps.quality.score import write_qc
from phoenix.steps.quality.tasks import ReportTask, draw_quality
from phoenix.steps.quality.verdicts import Said, write_verdict
from phoenix.steps.shelf.lineage import made_with
from phoenix.steps.shelf.manifest import manifest_of, successful_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.rows import IDPStatus, JobRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.report import NightReport, PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.store.rows import VerdictRow

__all__ = [
    "certify",
    "dependents",
    "give_verdicts",
    "made_with_rejected",
    "night_of",
    "withdraw_verdict",
]

_log = plain_log(__name__)


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
    for name, culprit in made_with_rejected(line, night.cascade).items():
        if name in verdicts:
            why = f"made with {culprit}, which was rejected"
            verdicts[name] = Verdict(VerdictKind.REVIEW, why)
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
            _draw_again(line, blocks[name])
    with line.store.transaction():
        for name, result in quality.items():
            line.store.qc1.replace_scores(name, result.scores)
    return evolve(report, quality=quality)


def _draw_again(line: LineContext, ab: AssociationBlock) -> None:
    """Draw the QC report with the scores by history, so that picture and page agree."""
    if not Places.of(line.workspace, ab).published.exists():
        return
    task = ReportTask(ab, line.instrument.name, line.process_row.name, line.workspace)
    try:
        draw_quality(task)
    except PhoenixError as error:
        _log.warning("%s: the QC report is not drawn again: %s", ab.name, error)


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


def made_with_rejected(line: LineContext, blocks: Iterable[AssociationBlock]) -> dict[str, str]:
    """Return the ABs that were made with products of a rejected one, and which.

    They wait for a person: one whom a person has certified since is not among them.
    """
    every = tuple(blocks)
    dates = sorted(ab.date for ab in every if ab.date)
    if not dates:
        return {}
    days = line.settings.calibrations.window_days
    current = line.store.verdicts.current(since=dates[0].plus(-days), until=dates[-1].plus(days))
    rejected = {
        name: row for name, row in current.items() if row.verdict.kind is VerdictKind.REJECTED
    }
    if not rejected:
        return {}
    masters = [_places(line, name) for name in rejected]
    places = [Places.of(line.workspace, ab) for ab in every]
    manifests = (manifest_of(place) for place in (*masters, *places))
    found = made_with((one for one in manifests if one is not None), set(rejected))
    return {
        name: culprit
        for name, culprit in found.items()
        if not _is_certified_since(current.get(name), rejected[culprit])
    }


def _is_certified_since(row: VerdictRow | None, rejection: VerdictRow) -> bool:
    return row is not None and row.verdict.kind is VerdictKind.OK and row.at >= rejection.at


# ---- by a person --------------------------------------------------------------------------------


def give_verdicts(
    line: LineContext, names: Sequence[str], *, reject: bool, comment: str, by: str
) -> dict[str, Verdict]:
    """Certify or reject the products of ABs, and say so on their pages.

    All are looked at before the first is judged.

    Raises
    ------
    DataError
        If the store knows no such AB, it has no products, or a rejection has no comment.
    OSError
        If a verdict cannot be written beside the manifest.
    """
    dates = {CivilDate.parse(night_of(line, name)) for name in names}
    kind = VerdictKind.REJECTED if reject else VerdictKind.OK
    verdict = Verdict(kind, one_line(bounded(comment)), signed(by))
    for name in names:
        if successful_manifest(_places(line, name)) is None:
            raise DataError(
                f"{name}: found no products, expected some to give a verdict on; run the AB first"
            )
    # First, so that a call that is killed leaves pages that the next one writes.
    for date in sorted(dates):
        pages_are_due(line.workspace, date)
    for name in names:
        _say(line, name, verdict)
    write_due_pages(line, sorted(dates))
    return dict.fromkeys(names, verdict)


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
    verdict = Verdict(VerdictKind.WITHDRAWN, one_line(bounded(comment)), signed(by))
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


def dependents(line: LineContext, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the ABs that were made with products of this one, and their IDPs in the archive.

    Looked for in the nights of the window in which masters serve.

    Raises
    ------
    DataError
        If the store knows no such AB.
    """
    date = CivilDate.parse(night_of(line, name))
    days = line.settings.calibrations.window_days
    rows = line.store.blocks.rows(since=date.plus(-days), until=date.plus(days))
    places = (Places(line.workspace, row.date, ABName(row.name).root) for row in rows)
    manifests = (manifest_of(place) for place in places)
    found = made_with((one for one in manifests if one is not None), {name})
    return tuple((child, _archived(line, child)) for child in sorted(found))


def _archived(line: LineContext, name: str) -> tuple[str, ...]:
    rows = line.store.phase3.rows(status=IDPStatus.CURRENT, ab_name=name)
    return tuple(row.name for row in rows)


def _say(line: LineContext, name: str, verdict: Verdict) -> None:
    """Write a verdict down twice: for queries, and where it outlives the database."""
    at = line.clock()
    _tell_overturned(line, name, verdict)
    with line.store.transaction():
        line.store.verdicts.give(name, verdict, at)
        write_verdict(_places(line, name), Said(verdict, at))


def _tell_overturned(line: LineContext, name: str, verdict: Verdict) -> None:
    """Tell that another person said otherwise last: they may not know of each other."""
    for last in line.store.verdicts.history(name)[-1:]:
        said = last.verdict
        if said.kind in BY_PERSON and said.kind is not verdict.kind and said.by != verdict.by:
            _log.warning(
                "%s: %s said %s at %s%s; now %s says %s",
                *(name, said.by, said.kind.value, f"{last.at:%Y-%m-%dT%H:%M:%SZ}"),
                f" ({said.comment})" if said.comment else "",
                *(verdict.by, verdict.kind.value),
            )


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
