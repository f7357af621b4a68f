"""What this database is to kvkk: `origin` (names the audit chain) and `map` (which data map describes it)."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from core.store.tables import meta


def read(conn: Connection, name: str) -> str | None:
    """The remembered value, None when there is none."""
    return conn.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()


def write(conn: Connection, name: str, value: str) -> None:
    """Remember `value`, in place of what was there."""
    if not conn.execute(update(meta).where(meta.c.name == name).values(value=value)).rowcount:
        conn.execute(insert(meta).values(name=name, value=value))
