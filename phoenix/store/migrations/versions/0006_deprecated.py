"""IDPs that a person took out of what the archive offers: who, when and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add to the IDPs what is said of deprecated ones."""
    op.add_column("idp", sa.Column("deprecated_why", sa.Text(), nullable=True))
    op.add_column("idp", sa.Column("deprecated_by", sa.String(length=64), nullable=True))
    op.add_column("idp", sa.Column("deprecated_at", sa.DateTime(), nullable=True))
    op.add_column("idp", sa.Column("deleted", sa.Boolean(), nullable=True))
