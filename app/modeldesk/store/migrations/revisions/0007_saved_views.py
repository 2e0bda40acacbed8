"""Views of the Explore page that people keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create ``saved_views``."""
    op.create_table(
        "saved_views",
        sa.Column("id", NAME, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("deleted_by", sa.Text, nullable=True),
        sa.Column("deleted_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views_owner", "saved_views", ["owner", "model", "at"])
