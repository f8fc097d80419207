"""Verdicts of a night: by rule, of masters after a look at their history, and by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import DataError
from phoenix.formats.abfile import read_ab
from phoenix.line.jobs.raw_bad import tell_raw_files
from phoenix.line.jobs.work import PROCESS
from phoenix.line.night.hold import hold_night
from phoenix.line.night.standing import job_rows, judged_since, limits_of_night
from phoenix.line.nights import no_such_ab
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.model.ab import ABName
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Role
from phoenix.model.parts import parts_of
from phoenix.model.plain import bounded, one_line, plain_log, signed
from phoenix.model.process import Look
from phoenix.model.report import JobState
from phoenix.model.score import BY_PERSON, Verdict, VerdictKind
from phoenix.steps.quality.certify import NEVER_REVIEWED, RULE
from phoenix.steps.quality.certify import certify as certify_by_rule
from phoenix.steps.quality.verdicts import Said, write_verdict
from phoenix.steps.shelf.lineage import made_with
from phoenix.steps.shelf.manifest import manifest_of, successful_manifest
from phoenix.steps.shelf.places import Places
from phoenix.store.rows import IDPStatus, JobRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from phoenix.line.context import LineContext
    from phoenix.line.report import NightReport, PreparedNight
    from phoenix.model.ab import AssociationBlock
    from phoenix.store.rows import VerdictRow

__all__ = [
    "archived",
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
    by_person = {name for name, row in report.verdicts.items() if row.kind in BY_PERSON}
    looks = {str(ab.name): line.review.look_at(ab.raw_type, ab.name.tag) for ab in night.cascade}
    scores = {
        name: quality.scores for name, quality in report.quality.items() if name not in by_person
    }
    verdicts = certify_by_rule(scores, looks, f"{line.process_row.name} {night.date}")
    for name in _delivered_unseen(line, night, report, looks) & verdicts.keys():
        verdicts[name] = _told_that_unseen(verdicts[name])
    for name, culprit in made_with_rejected(line, night.cascade).items():
        if name in verdicts:
            verdicts[name] = _to_review(culprit)
    # Pages show what was said; a night of which nothing was run may have to be looked at now.
    turned = {name for name, now in verdicts.items() if report.verdicts.get(name) != now}
    for date in {ab.date for ab in night.cascade if ab.date and str(ab.name) in turned}:
        pages_are_due(line.workspace, date)
    processed = job_rows(line, night, PROCESS)
    with line.store.transaction():
        said = _said_meanwhile(line, night, processed)
        rest = {name: verdict for name, verdict in verdicts.items() if name not in said}
        line.store.verdicts.give_all(rest, line.clock())
    return judged_since(line, night, report, processed)


def _delivered_unseen(
    line: LineContext,
    night: PreparedNight,
    report: NightReport,
    looks: Mapping[str, Look | float],
) -> set[str]:
    """Return the ABs that are delivered although no person looks at their kind.

    So an exposure that is no part of anything that a person sees, or of nothing that came about.
    """
    first, last = limits_of_night(night)
    rows = line.store.products.rows(since=first, until=last, role=Role.SCIENCE)
    science = {(row.ab_name, row.pro_catg) for row in rows}
    good = {name for name, end in report.results.items() if end.state is JobState.SUCCESSFUL}
    parts = parts_of(night.cascade, science)
    taken = {part for name, its in parts.items() if name in good for part in its}
    unseen = {name for name, look in looks.items() if look is Look.NEVER}
    return ({name for name, _ in science} & unseen) - taken


def _told_that_unseen(verdict: Verdict) -> Verdict:
    red = verdict.comment.removeprefix(NEVER_REVIEWED)
    return evolve(verdict, comment="delivered, though no person looks at it" + red)


def _to_review(culprit: str) -> Verdict:
    return Verdict(VerdictKind.REVIEW, f"made with {culprit}, which was rejected", RULE)


def _said_meanwhile(
    line: LineContext, night: PreparedNight, processed: Iterable[JobRow]
) -> set[str]:
    """Return the ABs of which a person has said something since they were processed.

    Asked once more where verdicts are written: a person may judge while a run goes on.
    """
    first, last = limits_of_night(night)
    ended = {row.ab_name: row.ended for row in processed}
    return {
        name
        for name, row in line.store.verdicts.current(since=first, until=last).items()
        if row.verdict.kind in BY_PERSON and row.at >= (ended.get(name) or row.at)
    }


def made_with_rejected(line: LineContext, blocks: Iterable[AssociationBlock]) -> dict[str, str]:
    """Return the ABs that were made with products of a rejected one, and which.

    They wait for a person: one whom a person has certified since is not among them.
    """
    every = tuple(blocks)
    dates = sorted(ab.date for ab in every if ab.date)
    if not dates:
        return {}
    days = line.settings.calibrations.window_days
    window = {"since": dates[0].plus(-days), "until": dates[-1].plus(days)}
    # Asked for every night of a run: the verdicts of two months are many to read for none.
    if not line.store.verdicts.any_rejected(**window):
        return {}
    current = line.store.verdicts.current(**window)
    rejected = {name: row for name, row in current.items() if row.verdict.rejects}
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


def give_verdicts(line: LineContext, names: Sequence[str], verdict: Verdict) -> dict[str, Verdict]:
    """Certify or reject the products of ABs, and say so on their pages.

    All are looked at before the first is judged. What was made with rejected ones waits for a
    person, or is made with others by the next association; where raw data are bad, these serve no
    rule any more.

    Parameters
    ----------
    line : LineContext
        Workspace, store, clock.
    names : sequence of str
        ABs.
    verdict : Verdict
        What a person says of each: OK, REJECTED or RAW_BAD.

    Raises
    ------
    DataError
        If the store knows no such AB, or it has no products.
    OSError
        If a verdict cannot be written beside the manifest.
    """
    dates = {CivilDate.parse(night_of(line, name)) for name in names}
    said = evolve(verdict, comment=one_line(bounded(verdict.comment)), by=signed(verdict.by))
    for name in names:
        if successful_manifest(_places(line, name)) is None:
            raise DataError(
                f"{name}: found no products, expected some to give a verdict on; run the AB first"
            )
    children = _made_with(line, names) if said.rejects and names else {}
    dates |= {CivilDate.parse(night_of(line, child)) for child in children}
    # First, so that a call that is killed leaves pages that the next one writes.
    for date in sorted(dates):
        pages_are_due(line.workspace, date)
    for name in names:
        _say(line, name, said)
    _have_looked_at(line, children)
    write_due_pages(line, sorted(dates))
    return dict.fromkeys(names, said)


def _have_looked_at(line: LineContext, children: Mapping[str, str]) -> None:
    """Have what rules had certified wait for a person, as the next run would: child to culprit."""
    for name, culprit in children.items():
        last = line.store.verdicts.history(name)[-1:]
        if any(row.verdict.kind is VerdictKind.AUTO for row in last):
            line.store.verdicts.give(name, _to_review(culprit), line.clock())


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
    with hold_night(line, date), line.store.transaction():
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
    return tuple((child, archived(line, child)) for child in sorted(_made_with(line, [name])))


def _made_with(line: LineContext, names: Sequence[str]) -> dict[str, str]:
    """Return the ABs that were made with products of these, and of which."""
    dates = [CivilDate.parse(night_of(line, name)) for name in names]
    days = line.settings.calibrations.window_days
    rows = line.store.blocks.rows(since=min(dates).plus(-days), until=max(dates).plus(days))
    places = (Places(line.workspace, row.date, ABName(row.name).root) for row in rows)
    manifests = (manifest_of(place) for place in places)
    return dict(made_with((one for one in manifests if one is not None), set(names)))


def archived(line: LineContext, name: str) -> tuple[str, ...]:
    """Return the IDPs of an AB that the archive offers."""
    rows = line.store.phase3.rows(status=IDPStatus.CURRENT, ab_name=name)
    return tuple(row.name for row in rows)


def _say(line: LineContext, name: str, verdict: Verdict) -> None:
    """Write a verdict down twice: for queries, and where it outlives the database."""
    at, places = line.clock(), _places(line, name)
    history = line.store.verdicts.history(name)
    before = history[-1].verdict if history else None
    _tell_overturned(line, name, verdict)
    ended = [row.ended for row in line.store.jobs.rows(names=[name], step=PROCESS)]
    with line.store.transaction():
        line.store.verdicts.give(name, verdict, at, *ended)
        if VerdictKind.RAW_BAD in {verdict.kind, before.kind if before else None}:
            tell_raw_files(line, read_ab(places.edited), before, verdict, at)
        write_verdict(places, Said(verdict, at))


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
        raise DataError(no_such_ab(line, name))
    return known[0].date
