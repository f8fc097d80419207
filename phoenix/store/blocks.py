"""ABs: the rows on which everything else depends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import asdict, fields

from phoenix.model.ab import Completeness, Mode
from phoenix.store.noun import Noun, in_batches, rows_in_nights, rows_of_names
from phoenix.store.rows import BlockRow
from phoenix.store.schema import ab

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

    from phoenix.model.observation import Observation

__all__ = ["Blocks"]

_COLUMNS = tuple(ab.c[field.name] for field in fields(BlockRow))
# Put together once: to build a statement takes longer than to execute it.
_OBSERVED = (
    sa.update(ab)
    .where(ab.c.process == sa.bindparam("of_process"), ab.c.name == sa.bindparam("of_name"))
    .values(
        {name: sa.bindparam(name) for name in ("obs_prog_id", "target", "ob_name", "versions")}
    )
)
_BESIDE = tuple(
    sa.select(nearest(ab.c.date)).where(ab.c.process == sa.bindparam("process"), is_there)
    for nearest, is_there in (
        (sa.func.max, ab.c.date < sa.bindparam("date")),
        (sa.func.min, ab.c.date > sa.bindparam("date")),
    )
)


class Blocks(Noun):
    """ABs of the process."""

    def save(self, blocks: Iterable[BlockRow]) -> None:
        """Insert ABs, or bring those that are known up to date."""
        wanted = {block.name: _columns(block) | {"process": self.process} for block in blocks}
        with self.transactions.writing() as connection:
            known = self._known(wanted)
            new = [row for name, row in wanted.items() if name not in known]
            changed = [row for name, row in wanted.items() if known.get(name, row) != row]
            if new:
                connection.execute(sa.insert(ab), new)
            if changed:
                connection.execute(
                    sa.update(ab).where(
                        ab.c.process == self.process, ab.c.name == sa.bindparam("known_name")
                    ),
                    [row | {"known_name": row["name"]} for row in changed],
                )

    def observed(
        self, name: str, observation: Observation, versions: Iterable[tuple[str, str]]
    ) -> None:
        """Remember of an AB what was observed, and by what its products were made.

        Parameters
        ----------
        versions : iterable of tuple of (str, str)
            Programs and their versions.
        """
        told = {
            "obs_prog_id": observation.prog_id or None,
            "target": observation.target or None,
            "ob_name": observation.ob_name or None,
            "versions": " ".join(map("/".join, versions)) or None,
        }
        with self.transactions.writing() as connection:
            connection.execute(_OBSERVED, told | {"of_process": self.process, "of_name": name})

    def rows(
        self,
        *,
        since: object = None,
        until: object = None,
        names: Iterable[str] | None = None,
    ) -> tuple[BlockRow, ...]:
        """Return ABs in order of their observation.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            First and last night.
        names : iterable of str, optional
            These only.
        """
        wanted = None if names is None else set(names)
        query = (
            sa.select(*_COLUMNS)
            .where(ab.c.process == self.process)
            .where(*rows_in_nights(since, until), *rows_of_names(wanted))
            .order_by(ab.c.mjd_obs, ab.c.name)
        )
        with self.transactions.reading() as connection:
            return tuple(
                _block(row)
                for row in connection.execute(query)
                if wanted is None or row.name in wanted
            )

    def beside(self, date: object) -> tuple[str, str]:
        """Return the last night before a night, and the first after it, that have ABs."""
        given = {"process": self.process, "date": str(date)}
        with self.transactions.reading() as connection:
            earlier, later = (connection.scalar(query, given) for query in _BESIDE)
        return earlier or "", later or ""

    def _known(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        known = {}
        with self.transactions.reading() as connection:
            for batch in in_batches(names):
                query = sa.select(*_COLUMNS).where(
                    ab.c.process == self.process, ab.c.name.in_(batch)
                )
                for row in connection.execute(query):
                    known[row.name] = _columns(_block(row)) | {"process": self.process}
        return known


def _columns(block: BlockRow) -> dict[str, Any]:
    return asdict(block) | {"mode": block.mode.value, "completeness": block.completeness.value}


def _block(row: Row[Any]) -> BlockRow:
    columns = row._asdict()
    return BlockRow(
        **columns | {"mode": Mode(row.mode), "completeness": Completeness(row.completeness)},
    )
