"""Products: which files an AB made, and where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import asdict

from phoenix.model.frames import Role
from phoenix.store.noun import Noun, in_batches, rows_in_nights, rows_of_names
from phoenix.store.rows import ProductRow
from phoenix.store.schema import ab, product

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

__all__ = ["Products"]

# Put together once: to build a statement takes longer than to execute it.
_FORGET = sa.delete(product).where(product.c.ab_id == sa.bindparam("of_ab"))
_INSERT = sa.insert(product)
_MOVE = (
    sa.update(product)
    .where(product.c.ab_id == sa.bindparam("of_ab"), product.c.name == sa.bindparam("of_name"))
    .values(path=sa.bindparam("path"), final_name=sa.bindparam("final_name"))
)


class Products(Noun):
    """Product files of the process."""

    def replace(self, ab_name: str, products: Iterable[ProductRow]) -> None:
        """Remember the products of an AB instead of those it had."""
        with self.transactions.writing() as connection:
            of_ab = self.ids(connection, [ab_name])[ab_name]
            connection.execute(_FORGET, {"of_ab": of_ab})
            rows = [_columns(row) | {"ab_id": of_ab} for row in products]
            if rows:
                connection.execute(_INSERT, rows)

    def move(self, rows: Iterable[ProductRow]) -> None:
        """Remember under which names and where products are now; nothing else of the rows."""
        moved = list(rows)
        if not moved:
            return
        with self.transactions.writing() as connection:
            ids = self.ids(connection, (row.ab_name for row in moved))
            connection.execute(
                _MOVE,
                [
                    {
                        "of_ab": ids[row.ab_name],
                        "of_name": row.name,
                        "path": row.path,
                        "final_name": row.final_name,
                    }
                    for row in moved
                ],
            )

    def sums(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of those of these files that are products in their final folders.

        Parameters
        ----------
        paths : iterable of str
            Below the workspace.
        """
        found: dict[str, str] = {}
        with self.transactions.reading() as connection:
            for batch in in_batches(paths):
                query = self.of_blocks(product.c.path, product.c.sha256).where(
                    product.c.path.in_(batch), product.c.final_name != ""
                )
                found |= {row.path: row.sha256 for row in connection.execute(query)}
        return found

    def rows(
        self,
        *,
        since: object = None,
        until: object = None,
        ab_name: str | None = None,
        names: Iterable[str] | None = None,
        role: Role | None = None,
    ) -> tuple[ProductRow, ...]:
        """Return products in order of observation and name.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            First and last night.
        ab_name : str, optional
            Of this AB only.
        names : iterable of str, optional
            Of these ABs only.
        role : Role, optional
            Of this role only.
        """
        wanted = None if names is None else set(names)
        query = (
            self.of_blocks(*product.c)
            .where(*rows_in_nights(since, until), *rows_of_names(wanted))
            .order_by(ab.c.mjd_obs, ab.c.name, product.c.name)
        )
        if ab_name is not None:
            query = query.where(ab.c.name == ab_name)
        if role is not None:
            query = query.where(product.c.role == role.value)
        with self.transactions.reading() as connection:
            return tuple(
                _product(row)
                for row in connection.execute(query)
                if wanted is None or row.ab_name in wanted
            )


def _columns(row: ProductRow) -> dict[str, Any]:
    columns = asdict(row) | {"role": row.role.value}
    del columns["ab_name"]
    return columns


def _product(row: Row[Any]) -> ProductRow:
    columns = row._asdict()
    del columns["ab_id"]
    return ProductRow(**columns | {"role": Role(row.role)})
