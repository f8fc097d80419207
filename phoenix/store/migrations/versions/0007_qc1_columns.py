"""QC1: what was observed, with which versions; QCFLAG with the meaning it had when it was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add columns to ``ab``; make the tables of QCFLAG."""
    for name in ("obs_prog_id", "target", "ob_name", "versions"):
        op.add_column("ab", sa.Column(name, sa.Text(), nullable=True))
    _bits()
    _qcflags()


def _bits() -> None:
    """Make the tables of bits that were ever in force."""
    op.create_table(
        "bit_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bit_table")),
        sa.UniqueConstraint("checksum", name=op.f("uq_bit_table_checksum")),
    )
    op.create_table(
        "bit",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parameter", sa.String(length=64), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["table_id"], ["bit_table.id"], name=op.f("fk_bit_table_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("table_id", "place", name=op.f("pk_bit")),
    )


def _qcflags() -> None:
    """Make the flags of ABs and of their elements."""
    op.create_table(
        "qcflag",
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_qcflag_ab_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["table_id"], ["bit_table.id"], name=op.f("fk_qcflag_table_id")),
        sa.PrimaryKeyConstraint("ab_id", "element", name=op.f("pk_qcflag")),
    )
