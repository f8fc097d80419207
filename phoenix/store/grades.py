"""Grades of OBs: nothing is ever overwritten, the newest counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import asdict

from phoenix.model.grade import Graded, OBGrade, newest
from phoenix.store.noun import Noun, in_batches, rows_in_nights, rows_of_names
from phoenix.store.schema import ab, ob_grade

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Row

__all__ = ["Grades"]


class Grades(Noun):
    """What the observatory says of the OBs of the process."""

    def add(self, rows: Iterable[Graded]) -> tuple[Graded, ...]:
        """Keep grades and return those that are new: what a source has said last says nothing new.

        A source that says something else than before is kept, and counts.
        """
        new = []
        with self.transactions.writing() as connection:
            wanted = tuple(rows)
            last = self._last(row.grade.ob_id for row in wanted)
            for row in wanted:
                grade = row.grade
                key = grade.ob_id, grade.night, grade.source
                if last.get(key) != grade:
                    last[key] = grade
                    new.append(row)
            if new:
                connection.execute(
                    sa.insert(ob_grade),
                    [asdict(row.grade) | {"process": self.process, "at": row.at} for row in new],
                )
        return tuple(new)

    def rows(
        self,
        *,
        nights: Collection[str] | None = None,
        obs: Iterable[int] | None = None,
    ) -> tuple[Graded, ...]:
        """Return grades in the order in which they were read.

        Parameters
        ----------
        nights : collection of str, optional
            Only of these; the empty one is that of grades of any night.
        obs : iterable of int, optional
            Only of these OBs.
        """
        query = sa.select(ob_grade).where(ob_grade.c.process == self.process)
        if nights is not None:
            query = query.where(ob_grade.c.night.in_(list(nights)))
        wanted = None if obs is None else dict.fromkeys(obs)
        with self.transactions.reading() as connection:
            if wanted is None:
                found = list(connection.execute(query))
            else:
                found = [
                    row
                    for batch in in_batches(wanted)
                    for row in connection.execute(query.where(ob_grade.c.ob_id.in_(batch)))
                ]
        # A database that was lost has them in another order again than they were read in.
        return tuple(_graded(row) for row in sorted(found, key=lambda row: (row.at, row.id)))

    def of(
        self,
        names: Collection[str] | None = None,
        *,
        since: object = None,
        until: object = None,
    ) -> dict[str, Graded]:
        """Return the grade that counts for each AB that has one, by AB name.

        That of its OB in its night, or else of its OB in any night.

        Parameters
        ----------
        names : collection of str, optional
            Only these ABs.
        since, until : CivilDate or str, optional
            First and last night.
        """
        query = sa.select(ab.c.name, ab.c.date, ab.c.obs_id).where(
            ab.c.process == self.process,
            ab.c.obs_id != 0,
            *rows_in_nights(since, until),
            *rows_of_names(names),
        )
        with self.transactions.reading() as connection:
            if not connection.scalar(sa.select(sa.exists().select_from(ob_grade))):
                return {}
            blocks = [row for row in connection.execute(query) if names is None or row[0] in names]
        of_ob: dict[int, list[Graded]] = {}
        for row in self.rows(obs={block.obs_id for block in blocks}):
            of_ob.setdefault(row.grade.ob_id, []).append(row)
        found = {
            block.name: newest(of_ob.get(block.obs_id, ()), block.obs_id, block.date)
            for block in blocks
        }
        return {name: row for name, row in found.items() if row is not None}

    def nights_of(self, obs: Iterable[int]) -> tuple[str, ...]:
        """Return the nights that have ABs of these OBs, in order."""
        nights: set[str] = set()
        with self.transactions.reading() as connection:
            for batch in in_batches(dict.fromkeys(obs)):
                query = sa.select(ab.c.date).where(
                    ab.c.process == self.process, ab.c.obs_id.in_(batch)
                )
                nights.update(row.date for row in connection.execute(query))
        return tuple(sorted(nights))

    def _last(self, obs: Iterable[int]) -> dict[tuple[int, str, str], OBGrade]:
        """Return what each source has said last."""
        grades = (row.grade for row in self.rows(obs=obs))
        return {(one.ob_id, one.night, one.source): one for one in grades}


def _graded(row: Row[Any]) -> Graded:
    fields = row._asdict()
    at = fields.pop("at")
    return Graded(OBGrade(**{name: fields[name] for name in _FIELDS}), at)


_FIELDS = tuple(one.name for one in OBGrade.__attrs_attrs__)
