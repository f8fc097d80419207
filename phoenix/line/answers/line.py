"""An open workspace, and what is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.answers import lists
from phoenix.line.answers.openab import ab_of, abs_of
from phoenix.line.answers.stats import stats_table
from phoenix.line.nights import nights_table
from phoenix.line.open_line import OpenLine
from phoenix.model.dates import as_pool

if TYPE_CHECKING:
    from phoenix.line.answers.openab import OpenAB
    from phoenix.line.table import Table
    from phoenix.model.dates import CivilDate, Pool

__all__ = ["AnswersLine"]


class AnswersLine(OpenLine):
    """An open workspace, looked at; see ``ProductionLine`` for the rest."""

    def ab(self, name: str) -> OpenAB:
        """Return one AB: its QC report, spectra, measurements and scores.

        Raises
        ------
        DataError
            If the line knows no such AB.
        """
        return ab_of(self._context, name)

    def abs(self, pool: Pool) -> tuple[OpenAB, ...]:
        """Return the ABs of a pool that the line knows, in order of observation."""
        return tuple(abs_of(self._context, as_pool(pool)))

    def status(self, pool: Pool, *, review: bool = False) -> Table:
        """Return where every AB of a pool stands; with `review` those that wait for a person."""
        pool = as_pool(pool)
        return lists.status_table(self._context, pool, review=review)

    def nights(self) -> Table:
        """Return which nights there are, in the repositories and here."""
        return nights_table(self._context)

    def stats(self, pool: Pool, by: str = "") -> Table:
        """Return the workflow metrics of a pool: numbers, volumes, times, delays, who certified.

        Parameters
        ----------
        pool : str
            A night, nights, a month or a year.
        by : str, optional
            What a row is: ``night``, ``month``, ``recipe`` or ``person``; if not given a night, or
            a month of a year.

        Raises
        ------
        DataError
            If a row cannot be that.
        """
        pool = as_pool(pool)
        return stats_table(self._context, pool, by)

    def limits(self, pool: Pool) -> tuple[CivilDate, CivilDate]:
        """Return the first and the last night of a pool."""
        pool = as_pool(pool)
        return lists.limits_of(pool)
