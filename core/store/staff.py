"""Members of staff and their roles, by operating-system account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from core.model.records import Role
from core.store import tables

if TYPE_CHECKING:
    from core.model.records import Actor


def role_of(conn: Connection, actor: Actor) -> Role | None:
    """The actor's role, None for an account without one. A database without staff is open: everybody is admin."""
    book = tables.staff
    found = conn.execute(select(book.c.role).where(book.c.account == actor.account)).scalar_one_or_none()
    if found is not None:
        return Role(found)
    return None if conn.execute(select(func.count()).select_from(book)).scalar_one() else Role.ADMIN
