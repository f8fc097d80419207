"""Why an AB has its calibrations, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from attrs import frozen

from phoenix.line.table import Table
from phoenix.oca import Explanation

if TYPE_CHECKING:
    from phoenix.oca.explanation.explanation import CandidateReport

__all__ = ["ExplainedAB"]

_COLUMNS = ("calibration", "file", "kind", "days off", "rank", "taken", "made by", "why")


@frozen
class ExplainedAB(Explanation):
    """An explanation that shows itself as a table in a notebook."""

    @classmethod
    def of(cls, found: Explanation) -> ExplainedAB:
        """Take an explanation over."""
        names = (field.name for field in attrs.fields(Explanation))
        return cls(**{name: getattr(found, name) for name in names})

    def table(self, shown: int = 20) -> Table:
        """Return one row for each candidate of each calibration, at most so many for each.

        Columns: calibration, file, kind, days off (mid exposure minus that of the AB), rank among
        those that the rule lets pass, whether it was taken, the AB that makes it, and what
        rejected it; without candidates why there is none.
        """
        rows: list[tuple[str | float | bool | None, ...]] = []
        for rule in self.associations:
            rows += [(rule.name, *_cells(one)) for one in rule.candidates[:shown]]
            if not rule.candidates:
                rows.append((rule.name, "", "", None, None, False, "", rule.verdict))
        return Table(f"{self.ab}: {self.recipe} by {self.action}", _COLUMNS, tuple(rows))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _cells(one: CandidateReport) -> tuple[str | float | bool | None, ...]:
    days = None if one.distance is None else round(one.distance, 4)
    why = str(one.rejection) if one.rejection is not None else ""
    return one.name, one.kind, days, one.rank or None, one.chosen, one.parent, why
