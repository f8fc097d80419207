"""A person's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.line.night.hold import hold_night
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.model.dates import CivilDate
from phoenix.model.report import JobState
from phoenix.model.score import Verdict, VerdictKind
from phoenix.store.rows import JobRow

if TYPE_CHECKING:
    from phoenix.line.context import LineContext

__all__ = ["BY_PERSON", "give_verdict", "night_of", "withdraw_verdict"]

BY_PERSON = {VerdictKind.OK, VerdictKind.REJECTED}
"""What only a person says."""


def give_verdict(line: LineContext, name: str, *, reject: bool, comment: str, by: str) -> Verdict:
    """Certify or reject the products of an AB, and say so on its pages.

    Raises
    ------
    DataError
        If the store knows no such AB, or a rejection has no comment.
    """
    date = CivilDate.parse(night_of(line, name))
    kind = VerdictKind.REJECTED if reject else VerdictKind.OK
    verdict = Verdict(kind, comment, by)
    line.store.verdicts.give(name, verdict, line.clock())
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
        line.store.verdicts.give(name, verdict, line.clock())
        if not line.store.products.rows(ab_name=name):
            line.store.jobs.record(
                JobRow(name, row.step, JobState.WAITING)
                for row in line.store.jobs.rows(names=[name])
            )
        pages_are_due(line.workspace, date)
    write_due_pages(line, [date])
    return verdict


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
