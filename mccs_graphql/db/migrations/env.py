"""How Alembic reaches the database: over the connection that ``migrate`` hands it."""

from alembic import context

from mccs_graphql.db.models import Record

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Record.metadata
)
with context.begin_transaction():
    context.run_migrations()
