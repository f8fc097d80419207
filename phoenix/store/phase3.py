"""The embedded Phase 3 archive: which IDPs it holds, in which version, and which it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import asdict, evolve

from phoenix.model.archived import ArchivedFile, Deprecation
from phoenix.store.noun import Noun, rows_in_nights
from phoenix.store.rows import IDPRow, IDPStatus
from phoenix.store.schema import ab, idp, idp_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

__all__ = ["Phase3"]


class Phase3(Noun):
    """IDPs of the process. Versions are kept; the newest is the current one."""

    def ingest(self, new: IDPRow) -> IDPRow:
        """Take up an IDP; return it with its version.

        The same content (IDP and ancillaries, by MD5) as the current version changes nothing and
        returns that version; another content becomes the next version and supersedes it.
        """
        with self.transactions.writing() as connection:
            versions = self.rows(name=new.name)
            old = versions[-1] if versions else None
            if old is not None and old.status is IDPStatus.CURRENT and _same(old, new):
                return old
            self.withdraw(new.name)
            stored = evolve(
                new,
                version=old.version + 1 if old else 1,
                supersedes=old.version if old else None,
                status=IDPStatus.CURRENT,
                deprecation=None,
            )
            self._insert(connection, stored)
            return stored

    def withdraw(self, name: str) -> None:
        """Make an IDP obsolete without a successor; its versions stay on record."""
        with self.transactions.writing() as connection:
            connection.execute(
                sa.update(idp)
                .where(
                    idp.c.process == self.process,
                    idp.c.name == name,
                    # What a person took back stays taken back.
                    idp.c.status != IDPStatus.DEPRECATED.value,
                )
                .values(status=IDPStatus.OBSOLETE.value)
            )

    def deprecate(self, name: str, version: int, said: Deprecation) -> None:
        """Take a version of an IDP out of what is offered; it stays on record, with the reason."""
        with self.transactions.writing() as connection:
            connection.execute(
                sa.update(idp)
                .where(
                    idp.c.process == self.process,
                    idp.c.name == name,
                    idp.c.version == version,
                )
                .values(
                    status=IDPStatus.DEPRECATED.value,
                    deprecated_why=said.why,
                    deprecated_by=said.by,
                    deprecated_at=said.at,
                    deleted=said.deleted,
                )
            )

    def rows(
        self,
        *,
        since: object = None,
        until: object = None,
        name: str | None = None,
        ab_name: str | None = None,
        status: IDPStatus | None = None,
    ) -> tuple[IDPRow, ...]:
        """Return IDPs in order of observation, name and version.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            First and last night of their ABs.
        name, ab_name : str, optional
            Versions of this IDP only, IDPs of this AB only.
        status : IDPStatus, optional
            CURRENT, OBSOLETE or DEPRECATED ones only.
        """
        conditions = [
            *rows_in_nights(since, until),
            *([idp.c.name == name] if name is not None else []),
            *([ab.c.name == ab_name] if ab_name is not None else []),
            *([idp.c.status == status.value] if status is not None else []),
        ]
        found = self.of_blocks(*(column for column in idp.c)).where(*conditions)
        order = (ab.c.mjd_obs, idp.c.name, idp.c.version)
        with self.transactions.reading() as connection:
            files = _files(connection, found.with_only_columns(idp.c.id))
            rows = connection.execute(found.add_columns(idp.c.name.label("idp")).order_by(*order))
            return tuple(_idp(row, files.get(row.id, ())) for row in rows)

    def _insert(self, connection: Connection, stored: IDPRow) -> None:
        columns = asdict(stored, recurse=False) | {
            "ab_id": self.ids(connection, [stored.ab_name])[stored.ab_name],
            "process": self.process,
            "status": stored.status.value,
        }
        del columns["ab_name"], columns["files"], columns["deprecation"]
        statement = sa.insert(idp).values(**columns).returning(idp.c.id)
        idp_id = connection.execute(statement).scalar_one()
        if stored.files:
            connection.execute(
                sa.insert(idp_file),
                [asdict(file) | {"idp_id": idp_id} for file in stored.files],
            )


def _same(old: IDPRow, new: IDPRow) -> bool:
    return old.md5 == new.md5 and _sums(old.files) == _sums(new.files)


def _sums(files: Iterable[ArchivedFile]) -> set[tuple[str, str]]:
    return {(file.name, file.md5) for file in files}


def _files(connection: Connection, ids: sa.Select[Any]) -> dict[int, tuple[ArchivedFile, ...]]:
    query = sa.select(idp_file).where(idp_file.c.idp_id.in_(ids)).order_by(idp_file.c.name)
    files: dict[int, tuple[ArchivedFile, ...]] = {}
    for row in connection.execute(query):
        file = ArchivedFile(row.name, row.path, row.category, row.size, row.md5)
        files[row.idp_id] = (*files.get(row.idp_id, ()), file)
    return files


def _idp(row: Row[Any], files: tuple[ArchivedFile, ...]) -> IDPRow:
    return IDPRow(
        name=row.idp,
        ab_name=row.ab_name,
        path=row.path,
        size=row.size,
        md5=row.md5,
        prodcatg=row.prodcatg,
        ingested=row.ingested,
        files=files,
        version=row.version,
        supersedes=row.supersedes,
        status=IDPStatus(row.status),
        deprecation=_deprecation(row),
    )


def _deprecation(row: Row[Any]) -> Deprecation | None:
    if row.deprecated_at is None:
        return None
    return Deprecation(
        row.deprecated_why or "", row.deprecated_by or "", row.deprecated_at, bool(row.deleted)
    )
