"""The header pool: files with the keywords that the association rules read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of frames."""
    op.create_table(
        "frame",
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("arcfile", sa.String(length=255), nullable=False),
        sa.Column("date", sa.String(length=16), nullable=False),
        sa.Column("mjd_obs", sa.Float(), nullable=True),
        sa.Column("exptime", sa.Float(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("keys", sa.String(length=16), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("process", "path", name=op.f("pk_frame")),
    )
    op.create_index(op.f("ix_frame_process_date"), "frame", ["process", "date"], unique=False)
