"""What the line tells of conversion, ingestion and what came of them: one row a file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.line.table import Table
from phoenix.model.counted import counted

if TYPE_CHECKING:
    from phoenix.line.table import Cell

__all__ = ["DeliveryReport"]


@frozen
class DeliveryReport:
    """What conversion, ingestion or deprecation did: one row a file.

    Attributes
    ----------
    title : str
        What was done.
    columns : tuple of str
        Names; the first is the AB, the last says what is wrong, empty where nothing is.
    rows : tuple of tuple
        One a file.
    skipped : tuple of str
        Nights that another run held, and who.
    left_out : tuple of str
        Targets that cannot have an IDP, or ABs that are not delivered, and why.
    nothing : str
        Why there was nothing to be done; empty where there was.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=lambda rows: f"<{counted(len(rows), 'row')}>")
    skipped: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    nothing: str = ""

    @property
    def wrong(self) -> int:
        """Number of rows with something wrong."""
        return sum(bool(row[-1]) for row in self.rows)

    def table(self) -> Table:
        """Return it as a table."""
        return Table(self.title, self.columns, self.rows)

    def summary(self) -> Table:
        """Return one row for each AB: how many files, and how many with something wrong."""
        total: Counter[str] = Counter()
        wrong: Counter[str] = Counter()
        for row in self.rows:
            total[str(row[0])] += 1
            wrong[str(row[0])] += bool(row[-1])
        rows = tuple((name, number, wrong[name]) for name, number in total.items())
        return Table(self.title, ("AB", "files", "wrong"), rows)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()
