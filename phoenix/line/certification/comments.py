"""What persons say about ABs, beside the verdicts: kept, and shown on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import DataError
from phoenix.line.night.certify import night_of
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.line.table import Table
from phoenix.model.dates import CivilDate
from phoenix.model.plain import bounded, one_line
from phoenix.store.rows import CommentRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phoenix.line.context import LineContext

__all__ = ["add_comment", "comment_table"]


def add_comment(line: LineContext, names: Sequence[str], text: str, by: str) -> None:
    """Keep a comment on ABs, and show it on their pages.

    Raises
    ------
    DataError
        If the store knows one of the ABs not, or the comment is empty or too long; none is kept.
    """
    written = one_line(bounded(text))
    if not written:
        raise DataError("comment: found nothing, expected a text")
    dates = sorted({CivilDate.parse(night_of(line, name)) for name in names})
    with line.store.transaction():
        for name in names:
            line.store.verdicts.add_comment(
                CommentRow(name, written, one_line(bounded(by)), line.clock())
            )
        for date in dates:
            pages_are_due(line.workspace, date)
    write_due_pages(line, dates)


def comment_table(line: LineContext, names: Sequence[str]) -> Table:
    """Return the comments on ABs, the newest last.

    Raises
    ------
    DataError
        If the store knows one of the ABs not.
    """
    for name in names:
        night_of(line, name)
    rows = tuple(
        (row.ab_name, f"{row.at:%Y-%m-%dT%H:%M:%S}", row.by, row.text)
        for name in names
        for row in line.store.verdicts.comments(ab_name=name)
    )
    return Table(f"{len(rows)} comments", ("AB", "at (UTC)", "by", "comment"), rows)
