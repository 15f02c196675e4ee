"""Run by Alembic: upgrades over the connection, and so in the transaction, it was handed."""

from __future__ import annotations

from alembic import context

from tradepulse.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    # SQLite cannot alter a column in place; a batch copies the table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
