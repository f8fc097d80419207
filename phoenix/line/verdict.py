"""A person's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.model.dates import CivilDate
from phoenix.model.score import Verdict, VerdictKind

if TYPE_CHECKING:
    from phoenix.line.context import LineContext

__all__ = ["give_verdict"]


def give_verdict(line: LineContext, name: str, *, reject: bool, comment: str, by: str) -> Verdict:
    """Certify or reject the products of an AB, and say so on its pages.

    Raises
    ------
    DataError
        If the store knows no such AB, or a rejection has no comment.
    """
    known = line.store.blocks.rows(names=[name])
    if not known:
        raise DataError(f"{name}: no such AB was run here; see `phoenix status`")
    kind = VerdictKind.REJECTED if reject else VerdictKind.OK
    verdict = Verdict(kind, comment, by)
    line.store.verdicts.give(name, verdict, line.clock())
    for row in known:
        date = CivilDate.parse(row.date)
        pages_are_due(line.workspace, date)
        write_due_pages(line, [date])
    return verdict
