"""Batches, their chunks, and the signs of life of the workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create ``batches``, ``batch_chunks`` and ``workers``."""
    op.create_table(
        "batches",
        sa.Column("id", NAME, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("version_digest", sa.Text, nullable=False),
        sa.Column("settings_digest", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=True),
        sa.Column("summary", sa.Text, nullable=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=True),
        sa.Column("finished_at", sa.BigInteger, nullable=True),
        sa.Column("deleted_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_owner", "batches", ["owner", "created_at", "id"])
    op.create_index("ix_batches_state", "batches", ["state", "created_at"])
    op.create_table(
        "batch_chunks",
        sa.Column("batch_id", NAME, nullable=False),
        sa.Column("chunk", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("first_row", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=True),
        sa.Column("failed", sa.BigInteger, nullable=True),
        sa.Column("summary", sa.Text, nullable=True),
        sa.Column("recorded_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "chunk", name="pk_batch_chunks"),
    )
    op.create_table(
        "workers",
        sa.Column("executor", NAME, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("executor", name="pk_workers"),
    )
