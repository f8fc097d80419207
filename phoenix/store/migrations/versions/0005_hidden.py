"""Hidden files; the header pool keeps what was overlaid, and of what a product was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table of hidden files, and that of frames again: the next call indexes them."""
    op.create_table(
        "hidden",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("hides", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hidden")),
    )
    op.create_index(op.f("ix_hidden_process_name"), "hidden", ["process", "name"], unique=False)
    op.drop_index(op.f("ix_frame_process_date"), table_name="frame")
    op.drop_table("frame")
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
        sa.Column("overlaid", sa.Text(), nullable=False),
        sa.Column("made_of", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("process", "path", name=op.f("pk_frame")),
    )
    op.create_index(op.f("ix_frame_process_date"), "frame", ["process", "date"], unique=False)
