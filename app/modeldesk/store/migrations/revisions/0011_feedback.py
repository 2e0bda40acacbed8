"""What people say of answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create ``feedback``; a person's statements about a prediction are numbered."""
    op.create_table(
        "feedback",
        sa.Column("prediction_id", NAME, nullable=False),
        sa.Column("who", NAME, nullable=False),
        sa.Column("sequence", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("verdict", sa.Text, nullable=True),
        sa.Column("comment", sa.Text, nullable=True),
        sa.Column("model", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("prediction_id", "who", "sequence", name="pk_feedback"),
    )
