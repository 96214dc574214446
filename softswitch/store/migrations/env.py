"""Alembic's entry: runs the revisions on the connection that the store hands over."""

from alembic import context

from softswitch.store.schema import metadata

connection = context.config.attributes["connection"]
# `render_as_batch`: SQLite changes a table by copying it.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
