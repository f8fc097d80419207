"""Finish a night (breakpoint M): what may move gets its final name, raw frames leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.errors import PhoenixError
from phoenix.line.jobs.remember import record_damaged, record_finished
from phoenix.line.night.certify import made_with_rejected
from phoenix.line.night.policy import nights_made, policy_of
from phoenix.line.night.process import has_only_some, sources_of, tell_pages
from phoenix.line.night.standing import report_of
from phoenix.model.process import Look
from phoenix.model.report import JobState
from phoenix.model.score import REJECTIONS, VerdictKind
from phoenix.steps.finish import finish_blocks, purge_block
from phoenix.steps.release_raw import release_raw
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.report import NightReport, PreparedNight
    from phoenix.model.ab import AssociationBlock

__all__ = ["finish"]

_STAYING = {VerdictKind.WITHDRAWN} | REJECTIONS
_CERTIFIED = {VerdictKind.AUTO, VerdictKind.OK}


def finish(line: LineContext, night: PreparedNight, report: NightReport) -> NightReport:
    """Move what may move; the night must be held."""
    strict = policy_of(night).only_certified
    if strict:
        _remove_rejected(line, night, report)
    report = _move(line, night, report)
    if strict:
        _update_blocks(line, night, report)
        report = evolve(report, notes=(*report.notes, *_to_do(night, report)))
    return report


def _move(line: LineContext, night: PreparedNight, report: NightReport) -> NightReport:
    waiting = made_with_rejected(line, night.cascade)
    blocks = tuple(
        ab
        for ab in night.cascade
        if str(ab.name) not in waiting and _may_move(line, night, report, ab)
    )
    if any(Places.of(line.workspace, ab).published.exists() for ab in blocks):
        tell_pages(line, night)
    waited_for = _waited_for(night, report)
    done = finish_blocks(line.instrument, line.process_row, line.workspace, blocks, waited_for)
    record_finished(line.store, line.workspace, done)
    record_damaged(line.store, done.damaged, line.clock())
    notes = [f"{name}: {why}" for name, why in (*done.refused, *done.damaged)]
    notes += [
        f"{name} waits for a person: made with {culprit}, which was rejected"
        for name, culprit in waiting.items()
    ]
    if not waited_for and report.is_complete and not (done.refused or done.damaged):
        notes += _release_raw(line, night)
    if done.damaged:
        # These have failed; of nothing else it is told otherwise because it was moved.
        report = report_of(line, night)
    report = evolve(report, moved=sum(done.products.values()))
    unmoved = frozenset(name for name, _ in done.refused)
    return evolve(report, unmoved=unmoved, notes=(*report.notes, *notes))


def _waited_for(night: PreparedNight, report: NightReport) -> set[str]:
    """Return the ABs whose intermediate products may still be needed."""
    if has_only_some(night):
        return {str(ab.name) for ab in night.cascade}
    return {
        parent
        for ab in night.cascade
        if not report.is_done(str(ab.name))
        for parent in ab.waits_for
    }


def _release_raw(line: LineContext, night: PreparedNight) -> list[str]:
    notes = []
    for date in nights_made(night):
        try:
            release_raw(line.workspace, date, sources_of(line, night))
        except (PhoenixError, OSError) as error:
            notes.append(f"raw frames of {date} stay: {error}")
    return notes


# ---- what may move -----------------------------------------------------------------------------


def _may_move(
    line: LineContext, night: PreparedNight, report: NightReport, ab: AssociationBlock
) -> bool:
    if policy_of(night).only_certified:
        return _is_certified_line(night, report, ab)
    return _is_not_refused(line, report, ab)


def _is_not_refused(line: LineContext, report: NightReport, ab: AssociationBlock) -> bool:
    """Whether products have a verdict that lets them go.

    What was not measured or drawn, or was measured without its parents, goes only by a person's.
    """
    name = str(ab.name)
    result, verdict = report.results.get(name), report.verdicts.get(name)
    if result is None or result.state is not JobState.SUCCESSFUL or verdict is None:
        return False
    unsure = report.unmeasured.intersection((name, *ab.waits_for))
    look = line.review.look_at(ab.raw_type, ab.name.tag)
    if look is Look.MANDATORY or unsure:
        return verdict.kind is VerdictKind.OK
    return verdict.kind not in _STAYING


def _is_certified_line(night: PreparedNight, report: NightReport, ab: AssociationBlock) -> bool:
    """Whether an AB and all that it was made with are certified."""
    return _is_certified(report, ab) and all(
        _is_certified_line(night, report, night.cascade.block(parent))
        for parent in ab.waits_for
        if not _has_nothing(report, parent)
    )


def _is_certified(report: NightReport, ab: AssociationBlock) -> bool:
    name = str(ab.name)
    result, verdict = report.results.get(name), report.verdicts.get(name)
    done = result is not None and result.state is JobState.SUCCESSFUL
    return done and verdict is not None and verdict.kind in _CERTIFIED


def _has_nothing(report: NightReport, name: str) -> bool:
    """Whether an AB ended without products: what is successful was made without them."""
    result = report.results.get(name)
    return result is not None and result.state is not JobState.SUCCESSFUL


# ---- master calibrations -----------------------------------------------------------------------


def _remove_rejected(line: LineContext, night: PreparedNight, report: NightReport) -> None:
    for ab in night.cascade:
        verdict = report.verdicts.get(str(ab.name))
        if verdict is not None and verdict.rejects:
            purge_block(line.workspace, ab)
            line.store.products.replace(str(ab.name), ())


def _update_blocks(line: LineContext, night: PreparedNight, report: NightReport) -> None:
    """Give finished ABs the final names of their calibrations (the old updateAB)."""
    from phoenix.steps.update_ab import update_block  # noqa: PLC0415 - loads the rule language

    finished = [ab for ab in night.cascade if _is_certified_line(night, report, ab)]
    names: dict[str, str] = {}
    for ab in finished:
        manifest = read_manifest(Places.of(line.workspace, ab).finished(Record.MANIFEST))
        for row in manifest.products if manifest else ():
            if row.final.startswith("calib/"):
                names[row.name] = "${DFO_CAL_DIR}/" + row.final.removeprefix("calib/")
    for ab in finished:
        update_block(line.workspace, ab, names)


def _to_do(night: PreparedNight, report: NightReport) -> list[str]:
    """Return what a person has to look at."""
    names = {str(ab.name) for ab in night.cascade}
    waiting = [
        f"{name} waits for a person: {verdict.comment}"
        for name, verdict in sorted(report.verdicts.items())
        if verdict.kind is VerdictKind.REVIEW and name in names
    ]
    if waiting:
        waiting.append(
            "decide with `phoenix certify AB [--reject] --comment WHY`, then run it again"
        )
    return waiting
