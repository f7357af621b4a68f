"""Alembic's environment: the open connection comes from core/store/migrate.py; only our own tables are looked at."""

from __future__ import annotations

from alembic import context

from core.store.migrate import options

context.configure(connection=context.config.attributes["connection"], **options())
with context.begin_transaction():
    context.run_migrations()
