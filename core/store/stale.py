"""What `kvkk run` removes of our tables that has had its time: tokens that ended, attempts that nobody repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.store import attempts, tokens

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def purge(conn: Connection, now: datetime) -> int:
    """Remove them; returns how many rows that were."""
    return tokens.purge(conn, now) + attempts.purge(conn, now)
