"""What we remember: runs, ABs, jobs, products, QC1, verdicts and the Phase 3 archive.

Importing this package is cheap; SQLAlchemy is loaded with the first use of :class:`Store`, alembic
only when the schema of the database differs from ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.store import rows
from phoenix.store.rows import *  # noqa: F403 - rows are asked for here, too; they stand there

if TYPE_CHECKING:
    from phoenix.store.store import Store

__all__ = ["Store", *rows.__all__]  # noqa: PLE0604 - texts, all of them


def __getattr__(name: str) -> object:
    if name == "Store":
        from phoenix.store.store import Store  # noqa: PLC0415 - loads SQLAlchemy, only when wanted

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
