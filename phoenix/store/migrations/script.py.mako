"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from phoenix.store.schema import UTC, Prose

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Bring the schema here from the revision before."""
    ${upgrades if upgrades else "pass"}
