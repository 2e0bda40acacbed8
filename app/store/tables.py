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
