"""The rows of a page of customers for their exports: a statement a table for all of them, where that is surely the same.

A table that hangs on the key is read for the whole page and told apart by the same witnesses as alone (`core.store.rows`); what is found
by value, and what may come by several paths, is streamed customer by customer out of the same snapshot. A page with more than `MOST` rows,
with more long text than may be held, with cells that may hold files, or with a row that is not clearly one customer's, is not read
together at all: memory is bounded, and what is wrong is said by the reading of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.model.datamap import LinkKind
from core.model.rowset import Found
from core.model.schema import Family
from core.store.ahead import Taken, bounded, long_cells
from core.store.customers import of_keys
from core.store.paths import Joined, bind, key_text
from core.store.rows import ExportColumn, TableRows, exported, walk, with_former_values
from core.store.sql import flatten, stream
from core.store.subjects import key_parts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas

MOST = 5_000
"""Rows of all tables of a page."""
LARGE = frozenset({Family.BINARY})
"""Columns whose cells may hold files."""
Parts = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Shared:
    """One table, read for all."""

    columns: tuple[ExportColumn, ...]
    address: tuple[str, ...]
    names: tuple[str, ...]
    """Exported columns, then those of which only values are looked for."""
    owned: Mapping[str, Sequence[tuple[Any, ...]]]
    """Key → rows: address, then the names."""

    def rows(self, key: str) -> Iterator[tuple[Any, ...]]:
        first = len(self.address)
        last = first + len(self.columns)
        return (row[first:last] for row in self.owned.get(key, ()))


class PageRows:
    """Customers who were read together. Whoever is not in `keys` is not there (any more)."""

    def __init__(self, conn: Connection, atlas: Atlas, masters: Mapping[str, Mapping[str, Any]], shared: Mapping[str, _Shared]) -> None:
        self._conn, self._atlas = conn, atlas
        self._masters, self._shared = masters, shared
        self._tables = _exported_tables(atlas)
        self._alone = len(self._tables) > len(shared)
        self.keys = masters.keys()

    def stream(self, key: str) -> Iterator[TableRows]:
        """As `rows.stream`. Raises Refused `ambiguous-key`."""
        who = with_former_values(self._conn, self._atlas, key, self._taken(key)) if self._alone else None
        for name in self._tables:
            if name in self._shared:
                one = self._shared[name]
                yield TableRows(name, one.columns, one.rows(key))
            elif who is not None:
                columns = exported(self._conn, self._atlas, name)
                yield TableRows(name, columns, walk(self._conn, self._atlas, name, [c.name for c in columns], who))

    def _taken(self, key: str) -> Taken:
        tables = {name: Found(name, one.address, one.names, tuple(one.owned.get(key, ()))) for name, one in self._shared.items()}
        return Taken(self._masters[key], None, tables)


def together(conn: Connection, atlas: Atlas, keys: Sequence[str]) -> PageRows | None:
    """The rows of these customers; None where they have to be read one by one. Raises Unavailable, MapError."""
    wanted = {key: parts for key in keys if (parts := key_parts(atlas, conn, key)) is not None}
    width = len(atlas.map.customer.key)
    roles = tuple(dict.fromkeys((*atlas.map.customer.key, *(column for _, column in atlas.map.customer.roles()))))
    masters = {key_text(row[:width]): dict(zip(roles, row[width:], strict=True)) for row in of_keys(conn, atlas, wanted, roles)}
    masters = {key: row for key, row in masters.items() if key in wanted}
    there = {key: parts for key, parts in wanted.items() if key in masters}
    shared: dict[str, _Shared] = {}
    room = MOST
    for name in _exported_tables(atlas) if there else ():
        if _may_share(conn, atlas, name):
            table = _read(conn, atlas, name, there, room)
            if table is None:
                return None
            shared[name] = table
            room -= sum(map(len, table.owned.values()))
    return PageRows(conn, atlas, masters, shared)


def _exported_tables(atlas: Atlas) -> list[str]:
    return [name for name in atlas.map.tables if atlas.map.tables[atlas.map.path(name)[-1]].link.kind is not LinkKind.NONE]


def _may_share(conn: Connection, atlas: Atlas, table: str) -> bool:
    """Whether the table hangs on the key by links upwards only, so that no row comes twice, and holds no files."""
    links = [atlas.map.tables[step].link for step in atlas.map.path(table)]
    upwards = all(link.kind in (LinkKind.UP, LinkKind.ROOT) and not link.pack for link in links)
    return upwards and not any(column.family in LARGE for column in atlas.shape(conn, table).columns)


def _read(conn: Connection, atlas: Atlas, table: str, wanted: Parts, room: int) -> _Shared | None:
    """The rows of one table, customer by customer; None where there are more than `room`, or they are not clearly anybody's."""
    sql, columns = atlas.sql, exported(conn, atlas, table)
    address, names = sql.address(atlas.shape(conn, table)), _names(atlas, table, columns)
    joined = Joined(atlas, conn, atlas.map.path(table))
    keys = _bound(conn, atlas, joined, wanted)
    if not joined.ends or any(None in key for key in keys):
        return None
    within, values = _within(atlas, joined, keys)
    head = ", ".join([*(f"t0.{sql.quote(c)}" for c in (*address, *names)), *joined.ends])
    text = f"SELECT {head} FROM {sql.quote(table)} t0{joined.joins} WHERE {' AND '.join([*joined.conditions, within])}"
    rows = bounded(stream(conn, text, (*joined.values, *values)), room, long_cells(atlas.shape(conn, table), (*address, *names)))
    if rows is None:
        return None
    cut = -len(joined.ends)
    owned: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        owned[key_text(row[cut:])].append(row[:cut])
    if not owned.keys() <= wanted.keys():
        return None
    return _Shared(columns, address, names, owned)


def _names(atlas: Atlas, table: str, columns: Sequence[ExportColumn]) -> tuple[str, ...]:
    """What is read: the exported columns, and those whose values tables are searched for."""
    sought = {one.link.to for one in atlas.map.tables.values() if one.link.kind is LinkKind.MATCH}
    shown = [column.name for column in columns]
    return (*shown, *(rule.name for rule in atlas.map.tables[table].personal if rule.kind in sought and rule.name not in shown))


def _bound(conn: Connection, atlas: Atlas, joined: Joined, wanted: Parts) -> list[tuple[Any, ...]]:
    """The keys in the types of the columns at the end of a path."""
    end = atlas.shape(conn, joined.end)
    return [tuple(bind(part, end.column(name)) for name, part in zip(joined.columns, parts, strict=True)) for parts in wanted.values()]


def _within(atlas: Atlas, joined: Joined, keys: Sequence[tuple[Any, ...]]) -> tuple[str, tuple[Any, ...]]:
    """The condition that the end of the path is one of the customers, and its values."""
    if len(joined.ends) == 1:
        return f"{joined.ends[0]} IN {atlas.sql.marks(len(keys))}", flatten(keys)
    one = "(" + " AND ".join(f"{name} = {atlas.sql.mark}" for name in joined.ends) + ")"
    return "(" + " OR ".join([one] * len(keys)) + ")", flatten(keys)
