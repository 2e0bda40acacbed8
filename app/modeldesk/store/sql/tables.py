"""The tables, as the newest migration leaves them.

Times are whole microseconds since 1970 in UTC: exact, ordered and alike in both databases.
Identifiers compare byte by byte (PostgreSQL's ``C`` collation is SQLite's order), and values
of a prediction are JSON text, which keeps numbers to the last digit.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

METADATA = MetaData()

NAME = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that identifies something."""

predictions = Table(
    "predictions",
    METADATA,
    Column("id", NAME, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("model", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_digest", Text, nullable=False),
    Column("settings_digest", Text, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("source", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("key", NAME, nullable=True),
    Column("latency_ms", Float(53), nullable=False),
    Column("request_id", Text, nullable=True),
    PrimaryKeyConstraint("id", name="pk_predictions"),
    Index("ix_predictions_created_at", "created_at", "id"),
    Index("ix_predictions_owner", "owner", "created_at", "id"),
    Index("ix_predictions_model", "model", "created_at", "id"),
    Index(
        "ix_predictions_key",
        "key",
        "created_at",
        "id",
        sqlite_where=text("key IS NOT NULL"),
        postgresql_where=text("key IS NOT NULL"),
    ),
)

idempotency_claims = Table(
    "idempotency_claims",
    METADATA,
    Column("owner", NAME, nullable=False),
    Column("model", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("prediction_ids", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "model", "key", name="pk_idempotency_claims"),
)

served_changes = Table(
    "served_changes",
    METADATA,
    Column("model", NAME, nullable=False),
    Column("sequence", Integer, autoincrement=False, nullable=False),
    Column("version", Integer, nullable=False),
    Column("previous", Integer, nullable=True),
    Column("action", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("model", "sequence", name="pk_served_changes"),
)

batches = Table(
    "batches",
    METADATA,
    Column("id", NAME, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("model", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_digest", Text, nullable=False),
    Column("settings_digest", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("options", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("message", Text, nullable=True),
    Column("summary", Text, nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=True),
    Column("finished_at", BigInteger, nullable=True),
    Column("deleted_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("id", name="pk_batches"),
    Index("ix_batches_owner", "owner", "created_at", "id"),
    Index("ix_batches_state", "state", "created_at"),
)

batch_chunks = Table(
    "batch_chunks",
    METADATA,
    Column("batch_id", NAME, nullable=False),
    Column("chunk", Integer, autoincrement=False, nullable=False),
    Column("first_row", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempt", Integer, nullable=True),
    Column("failed", BigInteger, nullable=True),
    Column("summary", Text, nullable=True),
    Column("recorded_at", BigInteger, nullable=True),
    Column("progress", BigInteger, nullable=True),
    PrimaryKeyConstraint("batch_id", "chunk", name="pk_batch_chunks"),
)
"""``attempts`` counts those that were begun; ``attempt`` is the one whose results count. ``progress`` is how
many rows the one under way has dealt with, and ``recorded_at`` then when that was noted."""

workers = Table(
    "workers",
    METADATA,
    Column("executor", NAME, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("executor", name="pk_workers"),
)

outcomes = Table(
    "outcomes",
    METADATA,
    Column("prediction_id", NAME, nullable=False),
    Column("kind", NAME, nullable=False),
    Column("sequence", Integer, autoincrement=False, nullable=False),
    Column("value", Text, nullable=False),
    Column("predicted", Text, nullable=False),
    Column("model", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", Text, nullable=True),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sample_order", BigInteger, nullable=False),
    PrimaryKeyConstraint("prediction_id", "kind", "sequence", name="pk_outcomes"),
    Index("ix_outcomes_sample", "model", "kind", "sample_order"),
)
"""Not bound to ``predictions``: rows of batches are predictions too, and predictions may be removed."""

unsettled_predictions = Table(
    "unsettled_predictions",
    METADATA,
    Column("prediction_id", NAME, nullable=False),
    Column("model", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("prediction_id", name="pk_unsettled_predictions"),
    Index("ix_unsettled_predictions_model", "model", "version", "created_at"),
)
"""The tail: predictions that are in no file of ``log_files`` yet."""

log_files = Table(
    "log_files",
    METADATA,
    Column("name", NAME, nullable=False),
    Column("model", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("columns", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("retired_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("name", name="pk_log_files"),
    Index("ix_log_files_model", "model", "version"),
)
"""Files of settled predictions; ``retired_at`` is when others took a file's place."""

threshold_changes = Table(
    "threshold_changes",
    METADATA,
    Column("model", NAME, nullable=False),
    Column("revision", Integer, autoincrement=False, nullable=False),
    Column("threshold", Float(53), nullable=True),
    Column("positive", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("previous", Float(53), nullable=True),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("model", "revision", name="pk_threshold_changes"),
)

version_labels = Table(
    "version_labels",
    METADATA,
    Column("model", NAME, nullable=False),
    Column("revision", Integer, autoincrement=False, nullable=False),
    Column("kind", Text, nullable=False),
    Column("label", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("model", "revision", name="pk_version_labels"),
)

saved_views = Table(
    "saved_views",
    METADATA,
    Column("id", NAME, nullable=False),
    Column("model", NAME, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("deleted_by", Text, nullable=True),
    Column("deleted_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("id", name="pk_saved_views"),
    Index("ix_saved_views_owner", "owner", "model", "at"),
)

presets = Table(
    "presets",
    METADATA,
    Column("id", NAME, nullable=False),
    Column("model", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", NAME, nullable=False),
    Column("records", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("shared", Integer, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("deleted_by", Text, nullable=True),
    Column("deleted_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("id", name="pk_presets"),
    Index("ix_presets_model", "model", "created_at"),
    Index(
        "ix_presets_name",
        "owner",
        "model",
        "name",
        unique=True,
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
)

feedback = Table(
    "feedback",
    METADATA,
    Column("prediction_id", NAME, nullable=False),
    Column("who", NAME, nullable=False),
    Column("sequence", Integer, autoincrement=False, nullable=False),
    Column("verdict", Text, nullable=True),
    Column("comment", Text, nullable=True),
    Column("model", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("prediction_id", "who", "sequence", name="pk_feedback"),
)
"""Not bound to ``predictions``, as ``outcomes`` are not. A row without a verdict withdraws the author's last."""
