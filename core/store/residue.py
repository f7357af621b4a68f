"""Where values of a person stand in a database: every column of every table, mapped or not, numbers, documents, bytes included.

Promises: every cell in which `Needle.found_in` is true is told (binary cells read as UTF-8); nothing is changed; memory does
not grow with the table, only with the hits. Few needles are looked for by SQL and verified here; for many the tables are read
once through `Matcher`, which costs the same for one customer and for a thousand. Shares no code with masking and erasing: it is
what they are checked by.

Raises Unavailable `residue-unreadable` (table) where a table cannot be read as text: what was not searched is not clean.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core.errors import Unavailable
from core.model.identity import Matcher, Needle
from core.model.schema import Column, Schema, TableShape
from core.model.spellings import views
from core.store.faults import reason
from core.store.prefilter import Prefilter, Values, Wanted, like_pattern
from core.store.sizes import about
from core.store.sql import CHUNK, Sql, chunks, run, stream

__all__ = ["Hit", "foresee", "like_pattern", "read_again", "search"]

FEW = 20
"""Values up to which SQL is faster than reading every cell (15 to 30, by engine)."""
TRIAL = 2000
"""Rows of a table that are searched to tell how long the whole will take."""
BLOCK = 32
"""Rows that are looked at as one text first: most hold nothing, and a text of a thousand letters costs little more than a short one."""
MAX_VALUES = 20_000
"""Bound values in one statement; PostgreSQL takes 65,535."""
_ENGINE_AWAY = frozenset({"database-gone", "database-locked", "database-contention", "database-damaged", "database-io"})
_VIRTUAL = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
_ENCODING = "kvkk server_encoding"
_CONTENTLESS = re.compile(r"""content\s*=\s*(''|"")""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A value in a cell. `address`: values of the columns that `Sql.address(shape)` names."""

    table: str
    address: tuple[Any, ...]
    column: str
    needle: Needle
    whole: bool
    """The cell is the value and nothing else."""


def search(
    conn: Connection,
    schema: Schema,
    needles: Iterable[Needle],
    only: Collection[str] | None = None,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> Iterator[Hit]:
    """Every cell that holds one of the values, table by table; `only`: these tables. `told` hears how many tables are read.

    The hits of a table come when it has been read, so that the connection is free for other statements in between.
    """
    hunt = _Hunt(conn, tuple(needles))
    if not hunt.needles:
        return
    for done, (name, shape) in enumerate(schema.tables.items(), 1):
        if only is None or name in only:
            with _Readable(name):
                hits = list(hunt.table(shape))
            yield from hits
        told(done, len(schema.tables))


def foresee(conn: Connection, schema: Schema, needles: Iterable[Needle]) -> float:
    """Seconds that `search` will take: the first rows of each large table are searched in the same way, and the rest is reckoned."""
    hunt, total = _Hunt(conn, tuple(needles)), 0.0
    for name, rows in about(conn, list(schema.tables)).items() if hunt.needles else ():
        if rows > TRIAL:
            with _Readable(name):
                total += hunt.trial(schema.tables[name]) * rows / TRIAL
    return total


def read_again(conn: Connection, schema: Schema, hits: Iterable[Hit]) -> Iterator[Hit]:
    """Those of the hits that still stand where they stood, `whole` told anew."""
    by_table: dict[str, list[Hit]] = {}
    for hit in hits:
        by_table.setdefault(hit.table, []).append(hit)
    for name, known in by_table.items():
        shape = schema.tables.get(name)
        if shape is not None:
            with _Readable(name):
                found = list(_Hunt(conn, ()).again(shape, known))
            yield from found


class _Readable:
    """Turns a failure to read one table into one that names it."""

    def __init__(self, table: str) -> None:
        self._table = table

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, (DBAPIError, sqlite3.Error)) and reason(error) not in _ENGINE_AWAY:
            raise Unavailable("residue-unreadable", table=self._table) from None


class _Hunt:
    """One search over one connection."""

    def __init__(self, conn: Connection, needles: tuple[Needle, ...]) -> None:
        self.conn = conn
        self.needles = needles
        self.sql = Sql("mariadb" if conn.dialect.name in ("mysql", "mariadb") else conn.dialect.name)
        self.prefilter = Prefilter(self.sql, _is_utf8(conn))
        self.few = len(needles) <= FEW
        self.wanted = Wanted.of(needles, patterns=self.few)
        self._matcher = Matcher(needles)
        self._blind = _contentless(conn) if needles and self.sql.engine == "sqlite" else frozenset()

    def table(self, shape: TableShape) -> Iterator[Hit]:
        if shape.name in self._blind:
            raise Unavailable("residue-unreadable", table=shape.name)
        columns = [column for column in shape.columns if self.prefilter.searched(column, self.wanted)]
        if not columns:
            return
        statement, values = self._statement(shape, columns)
        width = len(self.sql.address(shape))
        big: list[tuple[tuple[Any, ...], Column]] = []
        for block in _blocks(stream(self.conn, statement, values)):
            for row in block:
                if "" in row or b"" in row:
                    big += [(row[:width], column) for column, cell in zip(columns, row[width:], strict=True) if cell in ("", b"")]
            yield from self._block(shape.name, width, columns, block)
        for address, column in big:
            yield from self._big(shape, address, column)

    def trial(self, shape: TableShape) -> float:
        """Seconds for the first rows of a table."""
        columns = [column for column in shape.columns if self.prefilter.searched(column, self.wanted)]
        if not columns or shape.name in self._blind:
            return 0.0
        source = self.sql.quote(shape.name)
        statement, values = self._statement(shape, columns, f"(SELECT * FROM {source} LIMIT {TRIAL}) {source}", addressed=False)
        begun = time.perf_counter()
        for block in _blocks(stream(self.conn, statement, values)):
            for _ in self._block(shape.name, 0, columns, block):
                pass
        return time.perf_counter() - begun

    def again(self, shape: TableShape, known: Sequence[Hit]) -> Iterator[Hit]:
        names = {hit.column for hit in known}
        columns = [column for column in shape.columns if column.name in names]
        wanted: dict[str, dict[str, list[Needle]]] = {}
        addresses: dict[str, tuple[Any, ...]] = {}
        for hit in known:
            addresses[repr(hit.address)] = hit.address
            wanted.setdefault(repr(hit.address), {}).setdefault(hit.column, []).append(hit.needle)
        for some in chunks(list(addresses.values()), max(1, CHUNK // len(self.sql.address(shape)))):
            for address, cells in self._cells(shape, some, columns):
                sought = wanted.get(repr(address), {})
                for column, cell in zip(columns, cells, strict=True):
                    yield from _verified(shape.name, address, column.name, cell, sought.get(column.name, ()))

    def _block(self, table: str, width: int, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> Iterator[Hit]:
        """The rows, each an address of `width` columns and its cells: first as one text, and one by one where that may hold something."""
        texts = [_texts(row[width:]) for row in rows]
        if self._possible(itertools.chain.from_iterable(texts)):
            for row, cells in zip(rows, texts, strict=True):
                yield from self._row(table, row[:width], columns, cells)

    def _possible(self, texts: Iterable[str]) -> set[int]:
        return self._matcher.possible(views("\0".join(texts)))

    def _row(self, table: str, address: tuple[Any, ...], columns: Sequence[Column], texts: Sequence[str]) -> Iterator[Hit]:
        possible = self._possible(texts)
        if possible:
            needles = [self.needles[place] for place in sorted(possible)]
            for column, text in zip(columns, texts, strict=True):
                yield from _verified(table, address, column.name, text, needles)

    def _big(self, shape: TableShape, address: tuple[Any, ...], column: Column) -> Iterator[Hit]:
        for _, cells in self._cells(shape, [address], [column]):
            yield from self._row(shape.name, address, [column], _texts(cells))

    def _cells(
        self, shape: TableShape, addresses: Sequence[tuple[Any, ...]], columns: Sequence[Column]
    ) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        names = self.sql.address(shape)
        chosen = [*(self.sql.quote(name) for name in names), *(self.prefilter.whole(column) for column in columns)]
        where, values = self.sql.where_rows(shape, addresses)
        statement = f"SELECT {', '.join(chosen)} FROM {self.sql.quote(shape.name)} WHERE {where}"
        for row in run(self.conn, statement, values):
            yield tuple(row[: len(names)]), tuple(row[len(names) :])

    def _statement(
        self, shape: TableShape, columns: Sequence[Column], source: str = "", *, addressed: bool = True
    ) -> tuple[str, tuple[Any, ...]]:
        names = [self.sql.quote(name) for name in self.sql.address(shape)] if addressed else []
        source = source or self.sql.quote(shape.name)
        values = Values(self.sql)
        if self.few:
            cells = [f"CASE WHEN {self._holds(column, values)} THEN {self.prefilter.read(column)} END" for column in columns]
            where = " OR ".join(self._holds(column, values) for column in columns)
            if len(values.bound) <= MAX_VALUES:
                return f"SELECT {', '.join([*names, *cells])} FROM {source} WHERE {where}", values.bound
        cells = [self.prefilter.read(column) for column in columns]
        return f"SELECT {', '.join([*names, *cells])} FROM {source}", ()

    def _holds(self, column: Column, values: Values) -> str:
        return self.prefilter.condition(column, self.wanted, values)


def _verified(table: str, address: tuple[Any, ...], column: str, cell: Any, needles: Sequence[Needle]) -> Iterator[Hit]:
    text = _text(cell)
    if not text or not needles:
        return
    folded = views(text)
    for needle in needles:
        whole = needle.whole(text)
        if whole or (not needle.common and needle.in_views(folded)):
            yield Hit(table, address, column, needle, whole)


def _blocks(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    left = iter(rows)
    while block := list(itertools.islice(left, BLOCK)):
        yield block


def _texts(cells: Iterable[Any]) -> list[str]:
    return [cell if type(cell) is str else _text(cell) for cell in cells]


def _text(cell: Any) -> str:
    """A cell as the needle reads it; bytes that are no UTF-8 stay apart from every letter."""
    if cell is None:
        return ""
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return bytes(cell).decode("utf-8", "surrogateescape")
    return cell if isinstance(cell, str) else str(cell)


def _is_utf8(conn: Connection) -> bool:
    if conn.dialect.name != "postgresql":
        return True
    if _ENCODING not in conn.info:  # a database keeps its encoding for life
        conn.info[_ENCODING] = str(conn.exec_driver_sql("SHOW server_encoding").scalar_one()).upper()
    return bool(conn.info[_ENCODING] == "UTF8")


def _contentless(conn: Connection) -> frozenset[str]:
    """Full-text indexes that keep words but no text: reading them gives NULL, which would look clean."""
    return frozenset(str(name) for name, text in conn.exec_driver_sql(_VIRTUAL) if _CONTENTLESS.search(text))
