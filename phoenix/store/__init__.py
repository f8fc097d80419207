"""What we remember: runs, ABs, jobs, products, QC1, verdicts and the Phase 3 archive.

Importing this package is cheap; SQLAlchemy is loaded with the first use of :class:`Store`, alembic
only when the schema of the database differs from ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.store.rows import (
    BlockRow,
    CommentRow,
    FrameRow,
    HiddenRow,
    IDPRow,
    IDPStatus,
    JobRow,
    MetricsRow,
    NightRow,
    NotedRow,
    ProductRow,
    QC1Row,
    RawCommentRow,
    RunRow,
    RunState,
    ScoreRow,
    SpentRow,
    VerdictRow,
    WorkloadRow,
    added_up,
    by_month,
    by_year,
)

if TYPE_CHECKING:
    from phoenix.store.store import Store

__all__ = [
    "BlockRow",
    "CommentRow",
    "FrameRow",
    "HiddenRow",
    "IDPRow",
    "IDPStatus",
    "JobRow",
    "MetricsRow",
    "NightRow",
    "NotedRow",
    "ProductRow",
    "QC1Row",
    "RawCommentRow",
    "RunRow",
    "RunState",
    "ScoreRow",
    "SpentRow",
    "Store",
    "VerdictRow",
    "WorkloadRow",
    "added_up",
    "by_month",
    "by_year",
]


def __getattr__(name: str) -> object:
    if name == "Store":
        from phoenix.store.store import Store  # noqa: PLC0415 - loads SQLAlchemy, only when wanted

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
