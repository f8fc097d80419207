"""The grades of a pool as a table: one row an OB and night, with the ABs it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.line.answers.lists import limits_of
from phoenix.line.table import Table
from phoenix.model.counted import counted
from phoenix.model.dates import nights_of
from phoenix.model.grade import contradictions, newest
from phoenix.steps.shelf.grades import read_grades

if TYPE_CHECKING:
    from phoenix.line.context import LineContext
    from phoenix.line.table import Cell
    from phoenix.model.grade import Graded
    from phoenix.store.rows import BlockRow

__all__ = ["GradeReport", "grade_report"]

_COLUMNS = ("OB", "night", "run", "target", "grade", "mode", "status", "comment", "source", "ABs")


@frozen
class GradeReport:
    """The grades of a pool.

    Attributes
    ----------
    table : Table
        One row an OB and night; the grade and all that counts with it.
    told : tuple of str
        OBs whose sources contradict each other, and what was wrong with the sources.
    """

    table: Table
    told: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def grade_report(line: LineContext, pool: str) -> GradeReport:
    """Return what is known of the OBs of a pool: of those that have a grade there, or an AB."""
    since, until = limits_of(pool)
    nights = [str(night) for night in nights_of(pool)]
    blocks: dict[tuple[int, str], list[BlockRow]] = {}
    for block in line.store.blocks.rows(since=since, until=until):
        if block.obs_id:
            blocks.setdefault((block.obs_id, block.date), []).append(block)
    graded = line.store.grades.rows(nights=nights)
    obs = {ob_id for ob_id, _ in blocks} | {row.grade.ob_id for row in graded}
    of_ob: dict[int, list[Graded]] = {}
    for row in line.store.grades.rows(nights=[*nights, ""], obs=obs):
        of_ob.setdefault(row.grade.ob_id, []).append(row)
    keys = {(row.grade.ob_id, row.grade.night) for row in graded}
    keys |= {key for key in blocks if key[0] in of_ob}
    rows: list[tuple[Cell, ...]] = []
    told: list[str] = []
    for ob_id, night in sorted(keys, key=lambda key: (key[1], key[0])):
        mine = [row for row in of_ob[ob_id] if row.grade.night in {night, ""}]
        found = newest(mine, ob_id, night)
        if found is None:
            continue
        one = found.grade
        number = len(blocks.get((ob_id, night), ()))
        cells = (one.run, one.target, one.grade, one.mode, one.status, one.comment, one.source)
        rows.append((ob_id, night, *cells, number))
        told += [f"{night}: {text}" for text in contradictions(mine)]
    for night in nights:
        told += [f"{night}: {text}" for text in read_grades(line.workspace, night).told]
    return GradeReport(
        Table(f"{pool}: {counted(len(rows), 'OB')}", _COLUMNS, tuple(rows)), tuple(told)
    )
