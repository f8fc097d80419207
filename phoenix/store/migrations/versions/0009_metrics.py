"""Metrics of the workflow, a row a night and category; counted when they are asked for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_INTEGERS = (
    *("raw_files", "raw_unused", "blocks", "processed", "wrong", "certified_auto", "certified"),
    *("rejected", "waiting", "products", "delays", "idps", "idps_obsolete", "idps_deprecated"),
)
_BYTES = ("raw_bytes", "product_bytes", "idp_bytes")
_SECONDS = ("recipe_s", "qc_s", "report_s", "delay_s", "delay_max_s")


def upgrade() -> None:
    """Make the table."""
    kinds: dict[str, Any] = dict.fromkeys(_INTEGERS, sa.Integer())
    kinds |= dict.fromkeys(_BYTES, sa.BigInteger()) | dict.fromkeys(_SECONDS, sa.Float())
    op.create_table(
        "metrics",
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("date", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in kinds.items()),
        sa.PrimaryKeyConstraint("process", "date", "category", name=op.f("pk_metrics")),
    )
