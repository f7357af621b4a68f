"""The data map laid over the live schema: what every statement on the company's tables is built from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import Drift, MapError, Unavailable
from core.model.datamap import DataMap
from core.model.schema import Column, Schema, TableShape
from core.store.prefilter import Values
from core.store.reflect import LiveSchema
from core.store.sql import Sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.prove import Proof

SCHEMA_SECONDS = 60
"""How long a reflected schema is believed on a server; SQLite tells by itself when it has changed."""


class Atlas:
    """Map, engine and shapes of the tables. Shapes are read on first use and remembered."""

    def __init__(self, mapping: DataMap, engine: str) -> None:
        self.map = mapping
        self.sql = Sql(engine)
        self._shapes: dict[str, TableShape] = {}
        self._proof: Proof | None = None
        self._read_at = 0.0
        self._stamp: Any = None

    def shape(self, conn: Connection, table: str) -> TableShape:
        """A mapped table as it is now. Raises Unavailable `table-missing`."""
        if table not in self._shapes:
            shape = LiveSchema(conn).table(table)
            if shape is None:
                raise Unavailable("table-missing", table=table)
            self._shapes[table] = shape
        return self._shapes[table]

    def proof(self, conn: Connection) -> Proof:
        """The map proven against the whole live schema: masks, order of deletion. Raises MapError, Drift."""
        from core.store.checks import prove_checks
        from core.store.prove import prove

        stamp = self._schema_stamp(conn)
        fresh = time.monotonic() - self._read_at < SCHEMA_SECONDS if stamp is None else stamp == self._stamp
        if self._proof is None or not fresh:
            schema = LiveSchema(conn).whole()
            self._shapes = dict(schema.tables)
            proof = prove(self.map, schema)
            problems = proof.problems or prove_checks(conn, self.sql, self.map, proof)
            self._proof = replace(proof, problems=problems)
            self._read_at, self._stamp = time.monotonic(), stamp
        if problems := self._proof.problems:
            if all(code.startswith("drift-") for _, code, _ in problems):
                raise Drift("drift", problems, file=self.map.name)
            raise MapError("map-unproven", problems, file=self.map.name)
        return self._proof

    def schema(self, conn: Connection) -> Schema:
        """The whole live schema, proven."""
        return self.proof(conn).schema

    def _schema_stamp(self, conn: Connection) -> Any:
        if self.sql.engine != "sqlite":
            return None
        return conn.exec_driver_sql("PRAGMA schema_version").scalar()

    def spelled(self, alias: str, column: Column, kind: str, spellings: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
        """A condition that every spelling of the values fulfils, and more: what it finds is compared again in Python.

        The same prefilter as the residue search, so that a row found by value and a value found in a row agree.
        """
        from core.model.identity import Identifier, needles
        from core.store.prefilter import Prefilter, Wanted

        wanted = Wanted.of(needles(Identifier(kind, spelling) for spelling in spellings))
        values = _InOrder(self.sql)
        prefilter = Prefilter(_Aliased(self.sql.engine, alias))
        if not prefilter.searched(column, wanted) or not (wanted.patterns or wanted.short_patterns):
            return "1 = 0", ()
        return values.in_order(prefilter.condition(column, wanted, values))


class _Aliased(Sql):
    """Names every column with its table's alias."""

    def __init__(self, engine: str, alias: str) -> None:
        super().__init__(engine)
        self._alias = f"{alias}." if alias else ""

    def quote(self, name: str) -> str:
        return self._alias + super().quote(name)


class _InOrder(Values):
    """Values of a part of a statement, bound by the place where each stands in the text and never by number."""

    def bind(self, value: Any) -> str:
        self._bound.append(value)
        return f"\0{len(self._bound) - 1}\0"

    def in_order(self, text: str) -> tuple[str, tuple[Any, ...]]:
        """The text with the driver's placeholders, and its values in their order."""
        parts = text.split("\0")
        values = tuple(self._bound[int(place)] for place in parts[1::2])
        parts[1::2] = [self._sql.mark] * len(values)
        return "".join(parts), values
