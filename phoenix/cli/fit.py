"""Which columns of a table a terminal has room for: names and states are never cut.

Texts are folded first; then columns leave, the least asked for first, and it is said which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from phoenix.line.table import Table

__all__ = ["FittedTable", "fit", "told_below"]

WHOLE = frozenset({"AB", "IDP", "file", "state", "pipeline", "instrument", "parameter", "began"})
"""Columns that are known by what stands in them: a part of it is no use to anybody."""

LEAVE_FIRST = (
    "waits for", "memory MB", "md5", "sha256", "bytes", "versions", "step", "wall s", "s",
    "recipe", "raw type", "edits", "calib", "raw", "setup", "pool", "command", "verb",
    "distribution", "hooks", "esorex",
)  # fmt: skip
"""In this order; after them the others from the right (ours)."""

# Letters of a text in a line, below which it is hard to read; room of a column around its cell.
_REASON = "reason"
_LEAST = 16
_AROUND = 3
# The longest name of an AB; what is longer without a blank is a path, and may be folded.
_LONGEST_NAME = 40


@frozen
class FittedTable:
    """A table as it is drawn.

    Attributes
    ----------
    columns : tuple of str
        Names.
    widths : tuple of int
        Letters of each; what is longer is folded.
    rows : tuple of tuple of str
        Cells.
    left_out : tuple of str
        Columns that there was no room for.
    """

    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...] = ()


def fit(table: Table, width: int) -> FittedTable:
    """Fit a table into so many letters.

    Columns with nothing in them are not shown, and are not told of either.
    """
    rows = table.texts()
    cells = {name: [row[i] for row in rows] for i, name in enumerate(table.columns)}
    shown = [name for name in table.columns if any(cells[name]) or not rows]
    left_out: list[str] = []
    while (widths := _widths(shown, cells, width)) is None:
        leaves = _next_to_leave(shown, cells, table.title)
        if leaves is None:
            # Names alone are wider than that: better folded than cut.
            widths = [max(1, (width - 1) // len(shown) - _AROUND)] * len(shown)
            break
        shown.remove(leaves)
        left_out.append(leaves)
    kept = tuple(tuple(cells[name][i] for name in shown) for i in range(len(rows)))
    return FittedTable(tuple(shown), tuple(widths), kept, tuple(left_out))


def told_below(table: Table, left_out: Sequence[str]) -> tuple[str, ...]:
    """Return the reasons that a table had no room for, a line for each AB that has one.

    Who was blocked by another AB is told by whom; that one's own reason stands there already.
    """
    if _REASON not in left_out:
        return ()
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.texts())
    return tuple(
        " ".join(filter(None, (row.get("AB", ""), _with_state(row))))
        for row in rows
        if row[_REASON]
    )


def _with_state(row: Mapping[str, str]) -> str:
    """Return the state and the reason, or what says both: ``blocked by ...``."""
    state, reason = row.get("state", ""), row[_REASON]
    told = reason.partition(" (")[0] if state == "blocked" else shortened(reason)
    return told if state and told.startswith(state) else f"{state}: {told}"


def _widths(shown: list[str], cells: dict[str, list[str]], width: int) -> list[int] | None:
    """Return the widths of columns, texts folded as far as needed; None where that is too far."""
    widths = {name: max(map(len, (name, *cells[name]))) for name in shown}
    room = width - 1 - _AROUND * len(shown)
    for name in sorted(set(shown) - WHOLE, key=lambda name: -widths[name]):
        excess = sum(widths.values()) - room
        if excess > 0 and widths[name] > _LEAST:
            widths[name] = max(_LEAST, len(name), _longest(cells[name]), widths[name] - excess)
    return list(widths.values()) if sum(widths.values()) <= room else None


def _longest(texts: list[str]) -> int:
    """Return the length of the longest name within texts, which is not to be folded."""
    words = (len(word) for text in texts for word in text.split())
    return max((length for length in words if length <= _LONGEST_NAME), default=0)


def _next_to_leave(shown: list[str], cells: dict[str, list[str]], title: str) -> str | None:
    """Return the column that is missed least; None where only names and states are left."""
    known = [name for name in shown if len(set(cells[name])) == 1 and cells[name][0] in title]
    order = [*known, *LEAVE_FIRST, *reversed(shown)]
    return next((name for name in order if name in shown and name not in WHOLE), None)
