"""Comments are kept twice: for queries, and where they outlive the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.steps.shelf.comments import Written, read_comments, write_comments
from phoenix.store.rows import CommentRow, RawCommentRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.line.context import LineContext

__all__ = ["keep_comments", "take_up_comments"]

_AB, _RAW = "ab", "raw"


def keep_comments(line: LineContext, nights: Iterable[object]) -> None:
    """Write the comments of nights beside their listings; within the transaction that adds some.

    What the file has and the database does not know stays.

    Raises
    ------
    OSError
        If they cannot be written; the transaction ends then, and nothing was said.
    """
    for night in map(str, nights):
        known = _stored(line, night)
        rest = [one for one in read_comments(line.workspace, night) if one not in known]
        every = sorted((*rest, *known), key=lambda one: one.at)
        write_comments(line.workspace, night, tuple(every))


def take_up_comments(line: LineContext, nights: Iterable[object]) -> None:
    """Store what persons wrote, where a database that was lost does not know it any more."""
    for night in map(str, nights):
        kept = read_comments(line.workspace, night)
        unknown = [one for one in kept if one not in _stored(line, night)] if kept else []
        if not unknown:
            continue
        blocks = {row.name for row in line.store.blocks.rows(since=night, until=night)}
        with line.store.transaction():
            for one in unknown:
                if one.on == _RAW:
                    row = RawCommentRow(one.name, night, one.text, one.by, one.at)
                    line.store.verdicts.add_raw_comment(row)
                elif one.name in blocks:
                    line.store.verdicts.add_comment(CommentRow(one.name, one.text, one.by, one.at))


def _stored(line: LineContext, night: str) -> tuple[Written, ...]:
    verdicts = line.store.verdicts
    return (
        *(
            Written(_AB, row.ab_name, row.text, row.by, row.at)
            for row in verdicts.comments(since=night, until=night)
        ),
        *(
            Written(_RAW, row.file, row.text, row.by, row.at)
            for row in verdicts.raw_comments(since=night, until=night)
        ),
    )
