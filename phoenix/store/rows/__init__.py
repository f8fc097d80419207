"""Rows as they come out of the store: frozen values, free of SQL."""

from __future__ import annotations

from phoenix.store.rows.block import BlockRow, JobRow, ProductRow
from phoenix.store.rows.frame import FrameRow
from phoenix.store.rows.hidden import HiddenRow
from phoenix.store.rows.idp import IDPRow, IDPStatus
from phoenix.store.rows.metrics import MetricsRow, SpentRow, WorkloadRow, added_up
from phoenix.store.rows.night import NightRow, by_month, by_year
from phoenix.store.rows.qc1 import QC1Row, ScoreRow
from phoenix.store.rows.run import RunRow, RunState
from phoenix.store.rows.verdict import CommentRow, NotedRow, RawCommentRow, VerdictRow

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
    "VerdictRow",
    "WorkloadRow",
    "added_up",
    "by_month",
    "by_year",
]
