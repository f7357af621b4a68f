"""SQL text for the company's tables: quoting, placeholders, row addresses, per engine.

Our own tables go through SQLAlchemy's expressions. The company's go through driver-level SQL with values bound as they
are: declared types lie (SQLite keeps anything anywhere, MariaDB has `0000-00-00`), and a decoder that fails on one bad date
would stop an export. Names are always quoted; no value is ever part of the text.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import CursorResult

from core.model.schema import Column, Family, TableShape
from core.store.engine import STREAMS

CHUNK = 1000
"""Keys in one IN list; SQLite takes 32,766 variables, the servers more."""
FETCH = 500
ROWIDS = ("rowid", "_rowid_", "oid")
"""SQLite's names of a row's place; a column of that name hides one."""
PLACE = ("tableoid", "ctid")
"""Where PostgreSQL keeps a row; an UPDATE moves it, and partitions count each for themselves."""


class Sql:
    """How one engine writes things. `engine`: sqlite, postgresql, mariadb."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    @cached_property
    def mark(self) -> str:
        """The driver's placeholder."""
        return "?" if self.engine == "sqlite" else "%s"

    def quote(self, name: str) -> str:
        """A name, quoted for the engine and for the driver (whose `%` must be doubled)."""
        sign = "`" if self.engine == "mariadb" else '"'
        quoted = sign + name.replace(sign, sign * 2) + sign
        return quoted if self.engine == "sqlite" else quoted.replace("%", "%%")

    def marks(self, count: int) -> str:
        return "(" + ", ".join([self.mark] * count) + ")"

    def cast_mark(self, column: Column | None) -> str:
        """A placeholder for a new value of the column; PostgreSQL is told the type of documents and addresses."""
        if self.engine == "postgresql" and column is not None and column.family in (Family.JSON, Family.OTHER):
            return f"%s::{column.type.lower()}"
        return self.mark

    def storable(self, value: Any) -> Any:
        """A new value as the driver takes it: on SQLite a text with bytes that are no UTF-8 goes back as those bytes."""
        if self.engine == "sqlite" and isinstance(value, str) and not value.isascii():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                return value.encode("utf-8", "surrogateescape")
        return value

    def text(self, expression: str) -> str:
        """The expression as text, compared by code point."""
        if self.engine == "sqlite":
            return f"CAST({expression} AS TEXT)"
        if self.engine == "postgresql":
            return f'({expression})::text COLLATE "C"'
        return f"CONVERT({expression} USING utf8mb4) COLLATE utf8mb4_bin"

    def address(self, shape: TableShape) -> tuple[str, ...]:
        """Columns that address one row: the primary key, else SQLite's rowid, PostgreSQL's place, on MariaDB a UNIQUE key
        without NULL or the whole row.

        Without a primary key an address is good until the row is changed; equal rows of MariaDB have one address together.
        """
        if shape.key:
            return shape.key
        if self.engine == "sqlite":
            taken = {name.lower() for name in shape.names}
            return (next(name for name in ROWIDS if name not in taken),)
        if self.engine == "postgresql":
            return PLACE
        return _unique_key(shape) or tuple(c.name for c in shape.columns if c.family is not Family.FLOAT)

    def same(self, shape: TableShape, name: str, alias: str = "") -> str:
        """A null-safe comparison of one address column with a placeholder."""
        column = shape.column(name)
        quoted = alias + self.quote(name)
        if self.engine == "mariadb" and not shape.key and column is not None and column.family is Family.TEXT:
            # letter by letter and blank by blank: the column's collation may take another row for this one
            return f"CONVERT({quoted} USING utf8mb4) COLLATE utf8mb4_nopad_bin <=> {self.mark}"
        if self.engine == "postgresql" or (column is not None and not column.nullable):
            return f"{quoted} = {self.mark}"
        return f"{quoted} <=> {self.mark}" if self.engine == "mariadb" else f"{quoted} IS {self.mark}"

    def where_rows(self, shape: TableShape, rows: Sequence[tuple[Any, ...]], alias: str = "") -> tuple[str, tuple[Any, ...]]:
        """A condition that selects exactly these addresses, and its values. `alias` stands before each column: `t0.`"""
        columns = self.address(shape)
        if len(columns) == 1 and (shape.key or self.engine == "sqlite"):
            return f"{alias}{self.quote(columns[0])} IN {self.marks(len(rows))}", tuple(row[0] for row in rows)
        one = "(" + " AND ".join(self.same(shape, name, alias) for name in columns) + ")"
        return "(" + " OR ".join([one] * len(rows)) + ")", tuple(value for row in rows for value in row)


def _unique_key(shape: TableShape) -> tuple[str, ...]:
    nullable = {column.name for column in shape.columns if column.nullable}
    return next((key for key in shape.unique if not nullable & set(key)), ())


def run(conn: Connection, statement: str, values: Sequence[Any] = ()) -> CursorResult[Any]:
    """Execute driver-level SQL."""
    return conn.exec_driver_sql(statement, tuple(values))


def stream(conn: Connection, statement: str, values: Sequence[Any] = ()) -> Generator[tuple[Any, ...]]:
    """Rows of driver-level SQL as tuples, fetched a few hundred at a time (server-side cursor on servers)."""
    # options of the statement, not of the connection: those would stay and give every later statement a cursor
    options = {"stream_results": True, "max_row_buffer": FETCH}
    result = conn.exec_driver_sql(statement, tuple(values), execution_options=options)
    opened: list[Any] = conn.info.setdefault(STREAMS, [])
    opened.append(result)
    try:
        cursor: Any = result
        while rows := cursor.fetchmany(FETCH):
            yield from (tuple(row) for row in rows)
    finally:
        result.close()
        if result in opened:
            opened.remove(result)


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def flatten(rows: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    return tuple(value for row in rows for value in row)
