"""The first tables: everything in core/store/tables.py, created where it is not there yet.

MariaDB commits each statement by itself, so a broken first try leaves some of them: creating them is repeatable.
"""

from __future__ import annotations

from alembic import op

from core.store.migrate import create

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(op.get_bind())
