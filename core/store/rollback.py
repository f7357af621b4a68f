"""Which tables keep a change although the transaction is rolled back. Only MariaDB/MySQL have such tables.

What fails half-way through a resolution is undone by ROLLBACK and by nothing else: with a table of MyISAM, Aria or MEMORY
among those that change, "nothing was changed" would be untrue. So such tables are named before anything is done.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, text

from core.store.tables import PREFIX

QUERY = (
    "SELECT t.TABLE_NAME FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE "
    "WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' AND COALESCE(e.TRANSACTIONS, 'NO') <> 'YES'"
)


def without_rollback(conn: Connection, mapped: Collection[str]) -> tuple[str, ...]:
    """Those of the mapped tables and of ours that ignore ROLLBACK, in alphabetical order."""
    if conn.dialect.name not in ("mysql", "mariadb"):
        return ()
    found = (str(name) for name in conn.execute(text(QUERY)).scalars())
    return tuple(sorted(name for name in found if name in mapped or name.startswith(PREFIX)))
