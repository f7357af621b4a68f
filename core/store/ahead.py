"""The rows of many customers, read with one statement a table instead of one a customer: what a page of a run decides on.

Read ahead is only what is one customer's alone: rows that hang on the key by links upwards. Rows that several may share, or that
are found by value, are read when their turn comes. Inside a write transaction of a server the rows are locked, so that they
stand as they were read until they are changed. What was read is given out once. Whoever then changes rows of other customers
(a value blanked in somebody else's text) says so, and the rest is read anew; where triggers may change rows behind our back,
nothing is read ahead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.model.datamap import LinkKind
from core.model.records import CustomerRow
from core.model.rowset import Found
from core.store.customers import of_keys, rows_for
from core.store.forget import written
from core.store.paths import Joined, bind, key_text
from core.store.sql import flatten, stream
from core.store.subjects import asked, key_parts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.schema import TableShape
    from core.store.atlas import Atlas
    from core.store.forget import Words
    from core.store.prove import Proof

MOST = 20_000
"""Rows of one table; a page of customers with more of them is read customer by customer, which bounds the memory."""
MOST_TEXT = 32 << 20
"""Characters and bytes in the long cells of one table, for the same reason."""
LONG = 1000
"""A column that is declared no longer than this is not weighed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read ahead of one customer."""

    master: Mapping[str, Any]
    """Columns of the customer's own row."""
    known: CustomerRow | None
    tables: Mapping[str, Found]
    """Only the tables that could be read ahead."""
    proof: Proof | None = None
    """The map proven in the same transaction."""
    words: Sequence[Words] = ()
    """What staff wrote about them."""


class Ahead:
    """Rows of the customers of one page."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._alone = tuple(name for name in atlas.map.owned() if _alone(atlas, name))  # in one order, as they are locked
        self._waiting: dict[str, Taken] = {}

    def read(self, conn: Connection, keys: Iterable[str], *, lock: bool = False) -> None:
        """Read these customers; `lock` in a write transaction. Raises Unavailable, Drift, MapError."""
        self.forget()
        atlas = self._atlas
        wanted = {key: parts for key in dict.fromkeys(keys) if (parts := key_parts(atlas, conn, key)) is not None}
        proof = atlas.proof(conn)
        if len(wanted) < 2 or proof.triggers:
            return
        tables = {name: found for name in self._alone if (found := _by_customer(conn, atlas, name, wanted, lock=lock)) is not None}
        width, columns = len(atlas.map.customer.key), asked(atlas)  # once their rows are locked: both tell the same values
        masters = {key_text(row[:width]): dict(zip(columns, row[width:], strict=True)) for row in of_keys(conn, atlas, wanted, columns)}
        wanted = {key: parts for key, parts in wanted.items() if key in masters}
        known, words = rows_for(conn, atlas, tuple(wanted)), written(conn, tuple(wanted)) if lock else {}
        for key in wanted:
            own = {name: found[key] for name, found in tables.items()}
            self._waiting[key] = Taken(masters[key], known.get(key), own, proof, words.get(key, ()))

    def take(self, key: str) -> Taken | None:
        """What was read of a customer, once: a second request of the same customer reads what the first has left."""
        return self._waiting.pop(key, None)

    def forget(self) -> None:
        self._waiting.clear()

    def changed(self, tables: Iterable[str]) -> None:
        """Rows of other customers change in these tables."""
        if not set(self._alone).isdisjoint(tables):
            self.forget()


def _alone(atlas: Atlas, table: str) -> bool:
    links = [atlas.map.tables[step].link for step in atlas.map.path(table)]
    return all(link.kind in (LinkKind.UP, LinkKind.ROOT) and not link.pack for link in links)


def _by_customer(conn: Connection, atlas: Atlas, table: str, wanted: Mapping[str, Sequence[Any]], *, lock: bool) -> dict[str, Found] | None:
    """The rows of one table, customer by customer; None where they are too many, or not clearly anybody's."""
    from core.store.rows import mapped

    sql, shape = atlas.sql, atlas.shape(conn, table)
    address, columns = sql.address(shape), mapped(atlas, shape)
    joined = Joined(atlas, conn, atlas.map.path(table))
    end = atlas.shape(conn, joined.end)
    keys = [tuple(bind(part, end.column(name)) for name, part in zip(joined.columns, parts, strict=True)) for parts in wanted.values()]
    if not joined.ends or any(None in key for key in keys):
        return None
    one = "(" + " AND ".join(f"{name} = {sql.mark}" for name in joined.ends) + ")"
    within = f"{joined.ends[0]} IN {sql.marks(len(keys))}" if len(joined.ends) == 1 else "(" + " OR ".join([one] * len(keys)) + ")"
    head = ", ".join([*(f"t0.{sql.quote(c)}" for c in (*address, *columns)), *joined.ends])
    text = f"SELECT {head} FROM {sql.quote(table)} t0{joined.joins} WHERE {' AND '.join([*joined.conditions, within])}"
    locked = {"postgresql": " FOR UPDATE OF t0", "mariadb": " FOR UPDATE"}.get(sql.engine, "") if lock else ""
    rows = bounded(stream(conn, text + locked, (*joined.values, *flatten(keys))), MOST, long_cells(shape, (*address, *columns)))
    if rows is None:
        return None
    owned: dict[str, dict[Any, tuple[Any, ...]]] = defaultdict(dict)
    whose: dict[Any, str] = {}
    told_apart = bool(shape.key) or sql.engine == "sqlite"
    for place, row in enumerate(rows):
        cut = len(row) - len(joined.ends)
        key, at = key_text(row[cut:]), row[: len(address)]
        if whose.setdefault(at, key) != key:  # a parent that is not unique: two have the row
            return None
        owned[key][at if told_apart else place] = row[:cut]
    if not owned.keys() <= wanted.keys():
        return None
    return {key: Found(table, address, columns, tuple(owned[key].values()) if key in owned else ()) for key in wanted}


def bounded(rows: Iterable[tuple[Any, ...]], most: int, long: Sequence[int]) -> list[tuple[Any, ...]] | None:
    """The rows, None where they are more than may be held at once. `long`: places of cells that are weighed."""
    held, weight = list[tuple[Any, ...]](), 0
    for row in rows:
        held.append(row)
        weight += sum(len(row[place]) for place in long if isinstance(row[place], str | bytes))
        if len(held) > most or weight > MOST_TEXT:
            return None
    return held


def long_cells(shape: TableShape, columns: Sequence[str]) -> tuple[int, ...]:
    """Places of the columns that may hold long cells."""
    found = ((place, shape.column(name)) for place, name in enumerate(columns))
    return tuple(place for place, one in found if one and not one.family.is_number and (one.length is None or one.length > LONG))
