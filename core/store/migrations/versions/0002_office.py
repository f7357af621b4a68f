"""The rest of the office: staff, consent texts, blocks, tokens, templates, leases, and columns of the tables of 0001.

`create` makes what is missing and leaves what is there: repeatable after a broken first try.
"""

from __future__ import annotations

from alembic import op

from core.store.migrate import create

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(op.get_bind())
