"""Presets and sets of scenarios."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create ``presets``; a name is somebody's own once a model."""
    op.create_table(
        "presets",
        sa.Column("id", NAME, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("records", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("shared", sa.Integer, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_by", sa.Text, nullable=True),
        sa.Column("deleted_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_presets"),
    )
    op.create_index("ix_presets_model", "presets", ["model", "created_at"])
    present = sa.text("deleted_at IS NULL")
    op.create_index(
        "ix_presets_name",
        "presets",
        ["owner", "model", "name"],
        unique=True,
        sqlite_where=present,
        postgresql_where=present,
    )
