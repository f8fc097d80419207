"""Tables: how what the line returns shows itself, in a terminal and in a notebook."""

from __future__ import annotations

from html import escape
from typing import Any

from attrs import field, frozen

from phoenix.model.counted import counted

__all__ = ["Table"]

Cell = str | int | float | bool | None


@frozen
class Table:
    """Named columns and rows of plain values.

    Attributes
    ----------
    title : str
        What the table is about.
    columns : tuple of str
        Names, with units where there are some.
    rows : tuple of tuple
        One value a column.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=lambda rows: f"<{counted(len(rows), 'row')}>")

    def __len__(self) -> int:
        return len(self.rows)

    def records(self) -> list[dict[str, Cell]]:
        """Return the rows as dictionaries, the form for JSON."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def texts(self) -> list[tuple[str, ...]]:
        """Return the rows as texts."""
        return [tuple(map(as_text, row)) for row in self.rows]

    def __str__(self) -> str:
        lines = [self.columns, *self.texts()]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        body = (
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )
        return "\n".join([self.title, *body])

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: ANN401, FBT001 - IPython's
        printer.text(str(self))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(column)}</th>" for column in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.texts()
        )
        return (
            f"<table><caption>{escape(self.title)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def as_text(cell: Cell) -> str:
    """Return a cell as text: floats to four digits, None as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.4g}"
    return str(cell)
