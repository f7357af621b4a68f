"""What this database is to kvkk: `origin` (names the audit chain) and `map` (which data map describes it)."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from core.store.tables import meta
from core.store.upsert import keep

_READ = select(meta.c.value).where(meta.c.name == bindparam("wanted"))


def read(conn: Connection, name: str) -> str | None:
    """The remembered value, None when there is none."""
    return conn.execute(_READ, {"wanted": name}).scalar_one_or_none()


def write(conn: Connection, name: str, value: str) -> None:
    """Remember `value`, in place of what was there."""
    keep(conn, meta, {"name": name}, {"value": value})
