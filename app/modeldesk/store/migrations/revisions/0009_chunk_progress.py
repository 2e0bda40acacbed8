"""How far a chunk under way is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add ``progress`` to ``batch_chunks``."""
    op.add_column("batch_chunks", sa.Column("progress", sa.BigInteger, nullable=True))
