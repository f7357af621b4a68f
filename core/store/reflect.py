"""Reads the live schema. Tables are reflected one by one on demand, all of them only where a verb needs all."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, inspect, types
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import SAWarning

from core.model.schema import Column, Family, ForeignKey, Schema, TableShape
from core.store.constraints import names_column, read_checks
from core.store.tables import PREFIX

FAMILIES: tuple[tuple[type[Any], Family], ...] = (
    (types.Enum, Family.ENUM),
    (types.Uuid, Family.UUID),
    (types.JSON, Family.JSON),
    (types.ARRAY, Family.ARRAY),
    (types.Boolean, Family.BOOLEAN),
    (types.Integer, Family.INTEGER),
    (types.Float, Family.FLOAT),
    (types.Numeric, Family.DECIMAL),
    (types.DateTime, Family.DATETIME),
    (types.Date, Family.DATE),
    (types.Time, Family.TIME),
    (types.LargeBinary, Family.BINARY),
    (types._Binary, Family.BINARY),
    (types.String, Family.TEXT),
)
TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT DISTINCT trigger_name, event_object_table FROM information_schema.triggers "
    "WHERE trigger_schema = current_schema()",
    "mariadb": "SELECT trigger_name, event_object_table FROM information_schema.triggers WHERE trigger_schema = database()",
}


class LiveSchema:
    """The schema of one open connection, remembered once read."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._inspector: Inspector = inspect(conn)
        self._shapes: dict[str, TableShape] = {}

    def names(self) -> tuple[str, ...]:
        """Every table but ours, in alphabetical order."""
        found = self._inspector.get_table_names()
        hidden = _shadow_tables(self._conn) if self._conn.dialect.name == "sqlite" else frozenset()
        return tuple(sorted(n for n in found if not n.startswith(PREFIX) and n not in hidden))

    def table(self, name: str) -> TableShape | None:
        """One table, None when it does not exist."""
        if name not in self._shapes:
            if not self._inspector.has_table(name):
                return None
            self._shapes[name] = _shape(self._inspector, name)
        return self._shapes[name]

    def whole(self) -> Schema:
        """All tables and triggers."""
        checks = read_checks(self._conn, _engine(self._conn))
        shapes = {name: replace(shape, checks=checks.get(name, ())) for name in self.names() if (shape := self.table(name)) is not None}
        rows = self._conn.exec_driver_sql(TRIGGERS[_engine(self._conn)]).all()
        return Schema(shapes, tuple((str(row[0]), str(row[1])) for row in rows))


def _engine(conn: Connection) -> str:
    return "mariadb" if conn.dialect.name in ("mysql", "mariadb") else conn.dialect.name


def _shadow_tables(conn: Connection) -> frozenset[str]:
    """Tables that an FTS index keeps its copy in: reached through the index, not by themselves."""
    virtual = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'").all()
    parts = ("data", "idx", "content", "docsize", "config", "segments", "segdir", "stat", "node", "parent", "rowid")
    return frozenset(f"{row[0]}_{part}" for row in virtual for part in parts)


def _shape(inspector: Inspector, name: str) -> TableShape:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # indexes on expressions that it skips; they are read here
        return _reflected(inspector, name)


def _reflected(inspector: Inspector, name: str) -> TableShape:
    unique = [tuple(u["column_names"]) for u in inspector.get_unique_constraints(name)]
    columns = tuple(_column(info, inspector.dialect.name) for info in inspector.get_columns(name))
    unique += [_indexed(index, columns) for index in inspector.get_indexes(name) if index.get("unique")]
    unique += _unique_expressions(inspector, name, columns)
    unique += _unique_indexes(inspector, name)
    return TableShape(
        name=name,
        columns=columns,
        key=tuple(inspector.get_pk_constraint(name).get("constrained_columns") or ()),
        unique=tuple(dict.fromkeys(u for u in unique if u)),
        foreign_keys=tuple(_foreign_key(info) for info in inspector.get_foreign_keys(name)),
    )


def _indexed(index: Any, columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Columns of an index, those inside an expression (`lower(email)`) too."""
    said = " ".join(str(part) for part in index.get("expressions") or () if part)
    return tuple(c.name for c in columns if c.name in index["column_names"] or c.name in said)


def _unique_expressions(inspector: Inspector, name: str, columns: tuple[Column, ...]) -> list[tuple[str, ...]]:
    """Columns named in SQLite's UNIQUE indexes, which SQLAlchemy skips where they hold an expression."""
    if inspector.dialect.name != "sqlite":
        return []
    bind: Any = inspector.bind
    query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql LIKE 'CREATE UNIQUE%'"
    texts = [str(row[0]).partition("(")[2] for row in bind.exec_driver_sql(query, (name,)).all()]
    return [tuple(c.name for c in columns if names_column(text, c.name)) for text in texts]


def _unique_indexes(inspector: Inspector, name: str) -> list[tuple[str, ...]]:
    """What SQLite keeps for UNIQUE: SQLAlchemy reads the text of CREATE TABLE, and not `VARCHAR(40) NOT NULL UNIQUE` in it."""
    if inspector.dialect.name != "sqlite":
        return []
    bind: Any = inspector.bind
    query = (
        "SELECT il.name, ii.name FROM pragma_index_list(?) il JOIN pragma_index_info(il.name) ii "
        "WHERE il.origin = 'u' AND ii.name IS NOT NULL ORDER BY il.seq, ii.seqno"
    )
    found: dict[str, list[str]] = {}
    for index, column in bind.exec_driver_sql(query, (name,)).all():
        found.setdefault(str(index), []).append(str(column))
    return [tuple(columns) for columns in found.values()]


def _column(info: Any, dialect: str) -> Column:
    kind = _plain(info["type"], dialect)
    family = Family.ENUM if _is_set(kind, dialect) else next((f for cls, f in FAMILIES if isinstance(kind, cls)), Family.OTHER)
    if family is Family.OTHER and isinstance(kind, types.NullType) and dialect == "sqlite":
        family = Family.TEXT  # no declared type: anything, as text
    return Column(
        name=info["name"],
        family=family,
        type=_type_text(kind),
        length=getattr(kind, "length", None) if family in (Family.TEXT, Family.BINARY) else None,
        nullable=bool(info.get("nullable", True)),
        generated=bool(info.get("computed")) or bool((info.get("identity") or {}).get("always")),
        choices=tuple(getattr(kind, "enums", None) or getattr(kind, "values", None) or ()) if family is Family.ENUM else (),
        filled=info.get("default") is not None or bool(info.get("identity")) or info.get("autoincrement") is True,
    )


def _plain(kind: Any, dialect: str) -> Any:
    """The type that a DOMAIN of PostgreSQL stands for. A dialect is imported where it is spoken: 60 ms of every other command."""
    if dialect != "postgresql":
        return kind
    from sqlalchemy.dialects.postgresql import DOMAIN

    return kind.data_type if isinstance(kind, DOMAIN) else kind


def _is_set(kind: Any, dialect: str) -> bool:
    """A SET of MySQL: several of its choices in one cell."""
    if dialect not in ("mysql", "mariadb"):
        return False
    from sqlalchemy.dialects.mysql import SET

    return isinstance(kind, SET)


def _type_text(kind: Any) -> str:
    name: str = type(kind).__name__.upper()
    length = getattr(kind, "length", None)
    return f"{name}({length})" if length else name


def _foreign_key(info: Any) -> ForeignKey:
    return ForeignKey(
        columns=tuple(info["constrained_columns"]),
        parent=info["referred_table"],
        parent_columns=tuple(info["referred_columns"]),
        on_delete=str((info.get("options") or {}).get("ondelete") or "").upper(),
    )
