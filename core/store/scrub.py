"""Cleans the database's own files of what a mask or an erase has left in them, and says only what was measured (level B).

    sqlite      full-text indexes optimised, ANALYZE where there are statistics, VACUUM, WAL truncated; then the bytes of every
                file are searched for the values that went
    postgresql  VACUUM (FULL, ANALYZE) of the touched tables, not before older snapshots are gone; searched where the login may read
                the server's files
    mariadb     OPTIMIZE TABLE (a rebuild) and ANALYZE of the touched tables; searched where the server's files can be read here

Runs outside every transaction. A reader that is in the way stops it for a second at most: what was not cleaned stays pending,
and is told as such.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import KvkkError
from core.model.certificate import Level, LevelStatus
from core.store import filescan, scrub_servers, scrub_sqlite
from core.store.engine import Store
from core.store.sql import Sql, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.schema import Schema

WAIT_S = 1
"""How long to wait for whoever holds a table or the file; longer would make everybody behind us wait too."""
AGAIN = frozenset({"scrub-busy", "scrub-no-room", "scrub-failed", "scrub-old-snapshot"})
"""Reasons that may go away by themselves: it is tried again."""
RECIPES = {"sqlite": scrub_sqlite.clean, "postgresql": scrub_servers.postgresql, "mariadb": scrub_servers.mariadb}


@dataclass(frozen=True, slots=True)
class Order:
    """What one request leaves to be cleaned: the tables that changed, and the values that went, as they stood in the cells."""

    request: int
    tables: tuple[str, ...]
    values: tuple[str, ...]


Standing = Callable[[Sequence[str]], "set[str]"]
"""Values → those that still stand inside a live cell (`ali@x.example` in `veli.ali@x.example`): their bytes prove nothing."""


def clean(store: Store, orders: Sequence[Order], standing: Standing) -> dict[int, Level]:
    """Level B of each request after one attempt for all. Never raises for what the engine refuses: that is the answer."""
    tables = sorted({table for order in orders for table in order.tables})
    wanted = {value: filescan.patterns([value]) for order in orders for value in order.values}
    answer = _attempt(store, tables, tuple({pattern for some in wanted.values() for pattern in some}))
    if isinstance(answer, str):
        return {order.request: Level("B", LevelStatus.NOT_DONE, answer) for order in orders}
    hits = {value: sum(answer.hits.get(pattern, 0) for pattern in some) for value, some in wanted.items() if some}
    for value in standing([value for value, count in hits.items() if count]):
        del hits[value]
    return {order.request: _level(answer, [hits[value] for value in order.values if value in hits]) for order in orders}


def _level(answer: filescan.Scanned, hits: Sequence[int]) -> Level:
    if not hits:
        return Level("B", LevelStatus.NOT_DONE, "rebuilt-no-values")
    status = LevelStatus.FOUND if any(hits) else LevelStatus.DONE
    return Level("B", status, "files-searched", hits=sum(hits), files=answer.files, bytes=answer.size)


def _attempt(store: Store, tables: Sequence[str], wanted: Sequence[bytes]) -> filescan.Scanned | str:
    quick = Store(store.url, store.clock, WAIT_S)
    try:
        return RECIPES[store.name](quick, tables, wanted)
    except KvkkError as error:
        return "scrub-busy" if error.code in ("database-locked", "database-contention") else "scrub-failed"
    except OSError:
        return "scrub-failed"
    finally:
        quick.close()


def standing(conn: Connection, schema: Schema, values: Sequence[str]) -> set[str]:
    """See `Standing`: one look through every table a value, which only a hit costs."""
    sql = Sql("mariadb" if conn.dialect.name in ("mysql", "mariadb") else conn.dialect.name)
    inside = "strpos" if sql.engine == "postgresql" else "instr"
    found = set()
    for value in values:
        for shape in schema.tables.values():
            tests = [f"{inside}({sql.text(sql.quote(column.name))}, {sql.mark}) > 0" for column in shape.columns]
            query = f"SELECT 1 FROM {sql.quote(shape.name)} WHERE {' OR '.join(tests)} LIMIT 1"
            if run(conn, query, [value] * len(tests)).first():
                found.add(value)
                break
    return found
