"""Alembic's entry: runs the migrations on the connection, and in the transaction, it is given."""

from __future__ import annotations

from alembic import context

from modeldesk.store.sql.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
