"""An open workspace with the grades of its OBs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.line.grades.table import grade_report
from phoenix.line.night.ob_grades import import_grades, take_up_grades
from phoenix.line.open_line import OpenLine
from phoenix.line.pages import write_due_pages
from phoenix.model.dates import as_pool, nights_of

if TYPE_CHECKING:
    from phoenix.line.grades.table import GradeReport
    from phoenix.model.dates import Pool

__all__ = ["GradesLine"]


class GradesLine(OpenLine):
    """An open workspace and its OBs; see ``ProductionLine`` for the rest."""

    def grades(self, pool: Pool) -> GradeReport:
        """Return the grades, observers' comments and modes of the OBs of a pool."""
        pool = as_pool(pool)
        return grade_report(self._context, pool)

    def read_grades(self, pool: Pool) -> GradeReport:
        """Read the night logs of a pool again, as a run does, and return the grades.

        Raises
        ------
        OSError
            If they cannot be kept beside the logs.
        """
        pool = as_pool(pool)
        nights = nights_of(pool)
        with self.recorded("grades", pool):
            take_up_grades(self._context, nights)
            write_due_pages(self._context, nights)
        return self.grades(pool)

    def import_grades(self, path: Path | str) -> int:
        """Take the grades of a table (CSV) and return how many are new.

        Parameters
        ----------
        path : Path or str
            Columns OB and any of night, run, target, grade, comment, mode (service or visitor)
            and status, named in the first line. Without a night a row counts for every night.

        Raises
        ------
        DataError
            If a line of it cannot be read; nothing is taken then.
        OSError
            If there is no such file.
        """
        with self.recorded("grades"):
            return import_grades(self._context, Path(path))
