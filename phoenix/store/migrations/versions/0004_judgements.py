"""Scores with a memory: each judgement is kept, with its rule; those of before are its first."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_BEFORE = "score_before"
# Of an AB that nobody knows when it was measured.
_LONG_AGO = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - the tables have UTC without a zone


def upgrade() -> None:
    """Keep the scores aside, make the new tables, fill them."""
    op.execute("CREATE TABLE score_before AS SELECT * FROM score")
    op.drop_table("score")
    _new_tables()
    _fill()
    op.drop_table(_BEFORE)


def _new_tables() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ab_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ab_id"], ["ab.id"], name=op.f("fk_judgement_ab_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    op.create_index(op.f("ix_judgement_ab_id"), "judgement", ["ab_id"], unique=False)
    op.create_table(
        "score",
        sa.Column("judgement_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parameter", sa.String(length=64), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["judgement_id"],
            ["judgement.id"],
            name=op.f("fk_score_judgement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("judgement_id", "place", "part", name=op.f("pk_score")),
    )


def _fill() -> None:
    names = ("ab_id", "place", "parameter", "number", "whole", "text", "low", "high", "outcome")
    before = sa.table(_BEFORE, *map(sa.column, (*names, "comment")))
    job = sa.table("job", *map(sa.column, ("ab_id", "step")), sa.column("ended", sa.DateTime()))
    judged = sa.table("judgement", sa.column("id"), sa.column("ab_id"), sa.column("at"))
    measured = (
        sa.select(sa.func.max(job.c.ended))
        .where(job.c.ab_id == before.c.ab_id, job.c.step == "qc")
        .scalar_subquery()
    )
    when = sa.func.coalesce(measured, sa.literal(_LONG_AGO, sa.DateTime()))
    op.execute(
        sa.insert(judged).from_select(
            ["ab_id", "at"], sa.select(before.c.ab_id, when).group_by(before.c.ab_id)
        )
    )
    follows = before.c.comment.like("%(median of %")
    kept = [before.c[name] for name in (*names[1:], "comment")]
    told = {
        "judgement_id": judged.c.id,
        "part": sa.literal(0),
        "element": sa.literal(0),
        "kind": sa.case((follows, "dynamic"), else_="static"),
        "rule": sa.literal(""),
        "source": sa.literal(""),
    }
    score = sa.table("score", *map(sa.column, (*told, *names[1:], "comment")))
    op.execute(
        sa.insert(score).from_select(
            [*told, *names[1:], "comment"],
            sa.select(*told.values(), *kept).join_from(
                before, judged, judged.c.ab_id == before.c.ab_id
            ),
        )
    )
