"""An open workspace with its QC1 database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.line.answers import lists
from phoenix.line.open_line import OpenLine
from phoenix.line.qc1.browse import answer
from phoenix.line.qc1.flags import flag_table
from phoenix.line.qc1.query import Query, Question
from phoenix.line.qc1.rescore import rescore
from phoenix.line.qc1.significance import significance_table
from phoenix.line.table import Table
from phoenix.model.dates import as_pool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from astropy.table import QTable

    from phoenix.line.qc1.picture import Fit
    from phoenix.line.qc1.plot import Look
    from phoenix.line.qc1.rescore import Rescored
    from phoenix.model.dates import Pool

__all__ = ["QCLine"]


class QCLine(OpenLine):
    """An open workspace, and what was measured and scored; see ``ProductionLine`` for the rest."""

    def qc_parameters(self) -> Table:
        """Return the declared QC parameters."""
        return lists.parameter_table(self._context)

    def qc_table(
        self, pool: Pool, parameters: tuple[str, ...] = (), *, elements: bool = False
    ) -> Table:
        """Return what was measured of a pool, from the database."""
        pool = as_pool(pool)
        return lists.measurement_table(self._context, pool, parameters, elements=elements)

    def qc(
        self,
        *parameters: str,
        where: str | Sequence[str] = (),
        pool: Pool = "",
        since: Pool = "",
        until: Pool = "",
        elements: bool = False,
        by: str = "",
        statistic: str = "",
    ) -> QTable:
        """Return what was measured in any nights, from the database.

        Parameters
        ----------
        *parameters : str
            QC parameters; all that were measured if none is named.
        where : str or sequence of str, optional
            Conditions, all to be fulfilled: ``SNR>50``, ``SETUP~H525``, ``NIGHT>=2020-01-01``,
            ``QCFLAG:2``.
        pool : str, optional
            A night, nights or a month; all nights if empty.
        since, until : str, date or Time, optional
            First and last night.
        elements : bool, optional
            One row a fibre, order or IFU in place of one an AB.
        by, statistic : str, optional
            Mean, median, sigma, number or sum for each value of a column; see
            :class:`~phoenix.line.qc1.query.Query`.

        Returns
        -------
        QTable
            Columns AB, NIGHT, MJD_OBS (days, UTC), PROCESS, RAW_TYPE, RECIPE, SETUP, one a setup
            key, OBS_PROG_ID, OBS_ID, OBS_NAME, TARGET, MODE, VERSIONS, ELEMENT, QCFLAG, then the
            parameters with their units, masked where nothing was measured; in order of
            observation. ``to_pandas`` wants the extra ``pandas``.

        Raises
        ------
        DataError
            For an unknown column, whose nearest is named, or a condition that cannot be read.
        """
        from phoenix.line.qc1.export import as_qtable  # noqa: PLC0415 - loads astropy

        pool = as_pool(pool)
        conditions = [where] if isinstance(where, str) else list(where)
        limits = ((">=", since), ("<=", until))
        conditions += [f"NIGHT{sign}{as_pool(night)}" for sign, night in limits if night]
        query = Query(
            parameters,
            tuple(conditions),
            pool,
            elements,
            by=by,
            statistic=statistic,
            wide=True,
        )
        asked = Question.of(self._context, query)
        return as_qtable(self._context, asked, *answer(self._context, asked))

    def browse(self, query: Query) -> Table:
        """Return what answers a query of the QC1 table.

        What a terminal has no room for is left out unless it was asked for, or `wide` was.

        Raises
        ------
        DataError
            For an unknown column, whose nearest is named, or a condition that cannot be read.
        """
        asked = Question.of(self._context, query)
        columns, rows = answer(self._context, asked)
        if not asked.statistic:
            # What was asked for stays where a terminal is narrow.
            columns = tuple(sorted(columns, key=asked.has_place_behind))
        cells = tuple(tuple(row.get(name) for name in columns) for row in rows)
        return Table(f"QC1 of {query.pool or 'all nights'}", columns, cells)

    def qc_flags(self, query: Query | None = None) -> Table:
        """Return how often each bit of QCFLAG is set, and what it meant when it was made.

        Parameters
        ----------
        query : Query, optional
            Its nights, conditions on columns of ABs, `elements` and `by`; of all ABs by SETUP if
            not given.

        Raises
        ------
        DataError
            For an unknown column, whose nearest is named, one that is none of ABs, or a condition
            that cannot be read.
        """
        asked = query or Query()
        return flag_table(self._context, asked if asked.by else evolve(asked, by="SETUP"))

    def export(self, query: Query, path: Path) -> int:
        """Write what answers a query to a file, and return its number of rows.

        Parameters
        ----------
        path : Path
            ``.csv``, ``.ecsv``, ``.fits``, ``.vot`` or ``.parquet``; what was there is replaced.

        Raises
        ------
        DataError
            As :meth:`browse`; and for another kind of file.
        SettingsError
            For ``.parquet`` without the extra ``parquet``.
        OSError
            If it cannot be written.
        """
        from phoenix.line.qc1.export import as_qtable, check_end, write  # noqa: PLC0415 - astropy

        check_end(path)
        asked = Question.of(self._context, evolve(query, wide=True))
        return write(as_qtable(self._context, asked, *answer(self._context, asked)), path)

    def plot(
        self, x: str, y: str, query: Query, path: Path, look: Look | None = None
    ) -> Fit | None:
        """Draw a QC parameter against another, or against MJD_OBS, into a ``.png`` or ``.html``.

        Returns
        -------
        Fit or None
            The straight line, if `look` asks for one and there are points enough.

        Raises
        ------
        DataError
            As :meth:`browse`; for another kind of file; and if there is nothing to draw.
        SettingsError
            For ``.html`` without the extra ``plot``.
        OSError
            If it cannot be written.
        """
        from phoenix.line.qc1.plot import Look, draw  # noqa: PLC0415 - loads matplotlib

        return draw(self._context, (x, y), query, path, look or Look())

    def score_table(self, pool: Pool, *, every: bool = False) -> Table:
        """Return the scores of a pool, from the database; every one, or those that count."""
        pool = as_pool(pool)
        return lists.score_table(self._context, pool, every=every)

    def rescore(
        self, pool: Pool = "", rules: Path | None = None, *, dry: bool = False
    ) -> Rescored:
        """Judge again what was measured, by the thresholds of now, without touching a product.

        Verdicts by rule follow their scores; what a person said stands.

        Parameters
        ----------
        pool : str, optional
            A night, nights, a month or a year; all nights if empty.
        rules : Path, optional
            A TOML file with tables ``[scores.PARAMETER]``, which win over phoenix.toml.
        dry : bool, optional
            Only tell what would change.

        Raises
        ------
        SettingsError
            If the file cannot be read, or speaks of what there is none of.
        """
        pool = as_pool(pool)
        if dry:
            return rescore(self._context, pool, rules, dry=True)
        with self.recorded("rescore", pool):
            return rescore(self._context, pool, rules)

    def significance(self, pool: Pool = "") -> Table:
        """Return how often each rule was red, and how often a person agreed."""
        pool = as_pool(pool)
        return significance_table(self._context, pool)
