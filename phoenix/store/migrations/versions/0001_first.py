"""The first schema: runs, ABs, jobs, products, QC1, review and the Phase 3 archive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _runs_and_blocks()
    _jobs()
    _products()
    _quality()
    _review()
    _archive()


def _runs_and_blocks() -> None:
    """Make what was called, and the ABs on which everything depends."""
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("pool", sa.String(length=16), nullable=False),
        sa.Column("date", sa.String(length=16), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_process_date"), "run", ["process", "date"], unique=False)
    op.create_table(
        "ab",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("date", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("raw_type", sa.String(length=64), nullable=False),
        sa.Column("setup", sa.Text(), nullable=False),
        sa.Column("obs_id", sa.BigInteger(), nullable=False),
        sa.Column("mjd_obs", sa.Float(), nullable=False),
        sa.Column("completeness", sa.String(length=16), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab")),
        sa.UniqueConstraint("process", "name", name=op.f("uq_ab_process_name")),
    )
    op.create_index(op.f("ix_ab_process_date"), "ab", ["process", "date"], unique=False)


def _jobs() -> None:
    """Make where each step of each AB stands."""
    op.create_table(
        "job",
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=255), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=True),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("wall_s", sa.Float(), nullable=False),
        sa.Column("cpu_s", sa.Float(), nullable=False),
        sa.Column("peak_memory_mb", sa.Float(), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("job_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_job_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ab_id", "step", name=op.f("pk_job")),
    )


def _products() -> None:
    """Make what the recipes made."""
    op.create_table(
        "product",
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("pro_catg", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("final_name", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_product_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ab_id", "name", name=op.f("pk_product")),
    )


def _quality() -> None:
    """Make measurements and scores."""
    op.create_table(
        "measurement",
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("parameter", sa.String(length=64), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_measurement_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ab_id", "parameter", "element", name=op.f("pk_measurement")),
    )
    op.create_index(op.f("ix_measurement_parameter"), "measurement", ["parameter"], unique=False)
    op.create_table(
        "score",
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("parameter", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_score_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ab_id", "place", name=op.f("pk_score")),
    )


def _review() -> None:
    """Make verdicts and comments of persons."""
    op.create_table(
        "verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_verdict_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
    op.create_index(op.f("ix_verdict_ab_id"), "verdict", ["ab_id"], unique=False)
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_comment_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index(op.f("ix_comment_ab_id"), "comment", ["ab_id"], unique=False)


def _archive() -> None:
    """Make the embedded Phase 3 archive."""
    op.create_table(
        "idp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("prodcatg", sa.String(length=64), nullable=False),
        sa.Column("ingested", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_idp_version")),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_idp_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idp")),
        sa.UniqueConstraint(
            "process", "name", "version", name=op.f("uq_idp_process_name_version")
        ),
    )
    op.create_index(op.f("ix_idp_ab_id"), "idp", ["ab_id"], unique=False)
    op.create_table(
        "idp_file",
        sa.Column("idp_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["idp_id"], ["idp.id"], name=op.f("fk_idp_file_idp_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("idp_id", "name", name=op.f("pk_idp_file")),
    )
