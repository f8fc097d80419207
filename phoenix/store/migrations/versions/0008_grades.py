"""Comments on raw files, and grades of OBs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "raw_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("night", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_comment")),
    )
    op.create_table(
        "ob_grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("ob_id", sa.BigInteger(), nullable=False),
        sa.Column("night", sa.String(length=16), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ob_grade")),
    )
    for table, columns in (
        ("raw_comment", ("file", "night")),
        ("ob_grade", ("ob_id", "night")),
    ):
        for column in columns:
            name = f"ix_{table}_process_{column}"
            op.create_index(op.f(name), table, ["process", column], unique=False)
