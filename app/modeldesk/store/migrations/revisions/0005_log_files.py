"""Predictions in files, for questions about many of them; which are not in one yet; outcomes in the
order that samples are taken in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from modeldesk.store.analytics.sampling import sample_order

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_ROWS = 1_000


def upgrade() -> None:
    """Create ``unsettled_predictions``, with all that were made so far, and ``log_files``; add
    ``sample_order`` to ``outcomes``."""
    op.create_table(
        "unsettled_predictions",
        sa.Column("prediction_id", NAME, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("prediction_id", name="pk_unsettled_predictions"),
    )
    op.create_index("ix_unsettled_predictions_model", "unsettled_predictions", ["model", "version", "created_at"])
    op.execute(
        "INSERT INTO unsettled_predictions (prediction_id, model, version, created_at) "
        "SELECT id, model, version, created_at FROM predictions"
    )
    op.create_table(
        "log_files",
        sa.Column("name", NAME, nullable=False),
        sa.Column("model", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("retired_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_log_files"),
    )
    op.create_index("ix_log_files_model", "log_files", ["model", "version"])
    op.add_column("outcomes", sa.Column("sample_order", sa.BigInteger, nullable=False, server_default="0"))
    _order_outcomes()
    with op.batch_alter_table("outcomes") as outcomes:
        outcomes.alter_column("sample_order", server_default=None)
    op.create_index("ix_outcomes_sample", "outcomes", ["model", "kind", "sample_order"])


def _order_outcomes() -> None:
    connection = op.get_bind()
    ids = connection.execute(sa.text("SELECT DISTINCT prediction_id FROM outcomes")).scalars().all()
    statement = sa.text("UPDATE outcomes SET sample_order = :place WHERE prediction_id = :id")
    for start in range(0, len(ids), _ROWS):
        part = ids[start : start + _ROWS]
        connection.execute(statement, [{"place": sample_order(item), "id": item} for item in part])
