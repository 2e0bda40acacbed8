"""The prediction log and its idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create ``predictions`` and ``idempotency_claims``."""
    op.create_table(
        "predictions",
        sa.Column("id", NAME, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("version_digest", sa.Text, nullable=False),
        sa.Column("settings_digest", sa.Text, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("output", sa.Text, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("key", NAME, nullable=True),
        sa.Column("latency_ms", sa.Float(53), nullable=False),
        sa.Column("request_id", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_predictions"),
    )
    op.create_index("ix_predictions_created_at", "predictions", ["created_at", "id"])
    op.create_index("ix_predictions_owner", "predictions", ["owner", "created_at", "id"])
    op.create_index("ix_predictions_model", "predictions", ["model", "created_at", "id"])
    op.create_index(
        "ix_predictions_key",
        "predictions",
        ["key", "created_at", "id"],
        sqlite_where=sa.text("key IS NOT NULL"),
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_table(
        "idempotency_claims",
        sa.Column("owner", NAME, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("body_digest", sa.Text, nullable=False),
        sa.Column("prediction_ids", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner", "model", "key", name="pk_idempotency_claims"),
    )
