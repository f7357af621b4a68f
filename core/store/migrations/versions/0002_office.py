"""The rest of the office: staff, consent texts, blocks, tokens, templates, leases, and columns of the tables of 0001.

`create` makes what is missing, marks the words on consent that count, and leaves what is there: repeatable after a broken first try.
What was resolved before is blocked from now on.
"""

from __future__ import annotations

from alembic import op

from core.store import blocks
from core.store.migrate import create

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(op.get_bind())
    blocks.mark_old(op.get_bind())
