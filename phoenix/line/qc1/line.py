"""An open workspace with its QC1 database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line import lists
from phoenix.line.open_line import OpenLine
from phoenix.line.qc1.browse import MJD, Query, browse
from phoenix.line.qc1.rescore import rescore
from phoenix.line.qc1.significance import significance_table
from phoenix.line.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from astropy.table import QTable

    from phoenix.line.qc1.plot import Fit, Look
    from phoenix.line.qc1.rescore import Rescored

__all__ = ["QCLine"]

_LAST = {"NIGHT", "RAW_TYPE", "SETUP"}


class QCLine(OpenLine):
    """An open workspace, and what was measured and scored; see ``ProductionLine`` for the rest."""

    def qc_parameters(self) -> Table:
        """Return the declared QC parameters."""
        return lists.parameter_table(self._context)

    def qc_table(
        self, pool: str, parameters: tuple[str, ...] = (), *, elements: bool = False
    ) -> Table:
        """Return what was measured of a pool, from the database."""
        return lists.measurement_table(self._context, pool, parameters, elements=elements)

    def qc(
        self,
        *parameters: str,
        where: str | Sequence[str] = (),
        pool: str = "",
        elements: bool = False,
    ) -> QTable:
        """Return what was measured in any nights, from the database.

        Parameters
        ----------
        *parameters : str
            QC parameters; all that were measured if none is named.
        where : str or sequence of str, optional
            Conditions, all to be fulfilled: ``SNR>50``, ``SETUP~H525``, ``NIGHT>=2020-01-01``.
        pool : str, optional
            A night, nights or a month; all nights if empty.
        elements : bool, optional
            One row a fibre, order or IFU in place of one an AB.

        Returns
        -------
        QTable
            Columns AB, NIGHT, MJD_OBS (days, UTC), RAW_TYPE, SETUP, ELEMENT, then the parameters
            with their units, masked where nothing was measured; in order of observation.

        Raises
        ------
        DataError
            For an unknown column, whose nearest is named, or a condition that cannot be read.
        """
        from phoenix.line.qc1.export import as_qtable  # noqa: PLC0415 - loads astropy

        conditions = (where,) if isinstance(where, str) else tuple(where)
        query = Query(parameters, conditions, pool, elements)
        return as_qtable(self._context, *browse(self._context, query))

    def browse(self, query: Query) -> Table:
        """Return what answers a query of the QC1 table; MJD_OBS if asked for.

        Raises
        ------
        DataError
            For an unknown column, whose nearest is named, or a condition that cannot be read.
        """
        columns, rows = browse(self._context, query)
        asked = {name.upper() for name in (*query.parameters, query.by)}
        columns = tuple(name for name in columns if name != MJD or MJD in asked)
        if not query.by:
            # What was asked for stays where a terminal is narrow.
            columns = tuple(sorted(columns, key=lambda name: name in _LAST))
        cells = tuple(tuple(row.get(name) for name in columns) for row in rows)
        return Table(f"QC1 of {query.pool or 'all nights'}", columns, cells)

    def export(self, query: Query, path: Path) -> int:
        """Write what answers a query to a file, and return its number of rows.

        Parameters
        ----------
        path : Path
            ``.csv``, ``.ecsv``, ``.fits`` or ``.vot``; what was there is replaced.

        Raises
        ------
        DataError
            As :meth:`browse`; and for another kind of file.
        OSError
            If it cannot be written.
        """
        from phoenix.line.qc1.export import write  # noqa: PLC0415 - loads astropy

        return write(self._context, *browse(self._context, query), path)

    def plot(
        self, x: str, y: str, query: Query, path: Path, look: Look | None = None
    ) -> Fit | None:
        """Draw a QC parameter against another, or against MJD_OBS, into a ``.png``.

        Returns
        -------
        Fit or None
            The straight line, if `look` asks for one and there are points enough.

        Raises
        ------
        DataError
            As :meth:`browse`; for another kind of file; and if there is nothing to draw.
        OSError
            If it cannot be written.
        """
        from phoenix.line.qc1.plot import Look, draw  # noqa: PLC0415 - loads matplotlib

        return draw(self._context, (x, y), query, path, look or Look())

    def score_table(self, pool: str, *, every: bool = False) -> Table:
        """Return the scores of a pool, from the database; every one, or those that count."""
        return lists.score_table(self._context, pool, every=every)

    def rescore(self, pool: str = "", rules: Path | None = None, *, dry: bool = False) -> Rescored:
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
        if dry:
            return rescore(self._context, pool, rules, dry=True)
        with self.recorded("rescore", pool):
            return rescore(self._context, pool, rules)

    def significance(self, pool: str = "") -> Table:
        """Return how often each rule was red, and how often a person agreed."""
        return significance_table(self._context, pool)
