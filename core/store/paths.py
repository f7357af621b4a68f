"""From a mapped table to a SELECT of one customer's rows: joins up the links, the customer's key or values at the end.

Only SELECTs are built here; every change is made by row address (core/store/mutate.py), never by a path, because MariaDB scans
and locks whole tables for an UPDATE or DELETE with a subquery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.model.datamap import IS_NULL, NOT_NULL, Condition, Link, LinkKind
from core.model.schema import Column, Family

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.sql import Sql

KEY_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Subject:
    """One customer: the key as text, as the driver gave it, and the values that identify (kind → spellings)."""

    key: str
    parts: tuple[Any, ...]
    values: Mapping[str, tuple[str, ...]]
    own: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Columns of the customer's own row (`subjects.asked`)."""


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT whose last `witnesses` columns prove that a row really belongs to the customer."""

    text: str
    values: tuple[Any, ...]
    witnesses: int
    end: str
    """Table whose link the witnesses are."""


def key_text(parts: Sequence[Any]) -> str:
    """The key of a customer as the text that requests and `--json` carry."""
    return KEY_SEPARATOR.join(str(part) for part in parts)


def bind(value: Any, column: Column | None) -> Any:
    """A key in the type of the column that it is compared with; a text key never equals a number column's row by cast."""
    if column is None or value is None:
        return value
    if column.family is Family.INTEGER:
        text = str(value).strip()
        digits = text.removeprefix("-")
        number = int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 2**63
        return number if abs(number) < 2**63 else None  # more than a driver can carry
    if column.family in (Family.TEXT, Family.ENUM) and not isinstance(value, bytes):
        return str(value)
    return value


def condition_text(sql: Sql, alias: str, condition: Condition) -> tuple[list[str], tuple[Any, ...]]:
    """The parts of a map's condition, to be joined by AND, and their values."""
    parts: list[str] = []
    values: list[Any] = []
    for column, allowed in condition:
        name = f"{alias}.{sql.quote(column)}" if alias else sql.quote(column)
        if allowed == (IS_NULL,):
            parts.append(f"{name} IS NULL")
        elif allowed == (NOT_NULL,):
            parts.append(f"{name} IS NOT NULL")
        else:
            parts.append(f"{name} IN {sql.marks(len(allowed))}")
            values.extend(allowed)
    return parts, tuple(values)


def select_rows(
    atlas: Atlas, conn: Connection, table: str, columns: Sequence[str], subject: Subject, *, distinct: bool = False
) -> Query | None:
    """Rows of `table` that belong to the subject; None when the subject has no value that the link asks for."""
    path = atlas.map.path(table)
    joined = Joined(atlas, conn, path)
    if not joined.ends:
        return None
    end = _end_of_path(atlas, conn, joined, subject)
    if end is None:
        return None
    sql = atlas.sql
    head = ", ".join([*(f"t0.{sql.quote(c)}" for c in columns), *joined.ends])
    where = " AND ".join([*joined.conditions, *end[0]])
    text = f"SELECT {'DISTINCT ' if distinct else ''}{head} FROM {sql.quote(table)} t0{joined.joins} WHERE {where}"
    return Query(text, (*joined.values, *end[1]), len(joined.ends), joined.end)


class Joined:
    """The joins up a path. `ends` are the columns at its end: the customer's key, or the value of a by-value link."""

    def __init__(self, atlas: Atlas, conn: Connection, path: Sequence[str]) -> None:
        self.atlas, self.conn, self.sql = atlas, conn, atlas.sql
        self.joins = ""
        self.conditions: list[str] = []
        self.values: tuple[Any, ...] = ()
        self.end = ""
        """Table at the end."""
        self.columns: tuple[str, ...] = ()
        self.ends: tuple[str, ...] = ()
        for i, name in enumerate(path):
            if self._climb(i, name):
                break

    def _climb(self, i: int, name: str) -> bool:
        """Add one table; True when it is the last one that has to be read."""
        table, customer = self.atlas.map.tables[name], self.atlas.map.customer
        parts, values = condition_text(self.sql, f"t{i}", table.where)
        self.conditions += parts
        self.values += values
        link = table.link
        if link.kind is LinkKind.ROOT:
            return self._finish(i, name, customer.key)
        if link.kind is LinkKind.MATCH or (
            link.kind is LinkKind.UP and link.parent == customer.table and link.parent_columns == customer.key
        ):
            return self._finish(i, name, link.columns)
        if link.kind is not LinkKind.NONE:
            self._join(i, name, link)
        return False

    def _finish(self, i: int, name: str, columns: tuple[str, ...]) -> bool:
        self.end, self.columns = name, columns
        self.ends = tuple(f"t{i}.{self.sql.quote(c)}" for c in columns)
        return True

    def _join(self, i: int, name: str, link: Link) -> None:
        pairs = zip(link.columns, link.parent_columns, strict=True)
        on = " AND ".join(self._equal(f"t{i}", name, a, f"t{i + 1}", link.parent, b) for a, b in pairs)
        self.joins += f" JOIN {self.sql.quote(link.parent)} t{i + 1} ON {on}"

    def _equal(self, alias: str, table: str, column: str, above: str, parent: str, parent_column: str) -> str:
        left, right = f"{alias}.{self.sql.quote(column)}", f"{above}.{self.sql.quote(parent_column)}"
        one = self.atlas.shape(self.conn, table).column(column)
        two = self.atlas.shape(self.conn, parent).column(parent_column)
        if one and two and (one.family is Family.TEXT) != (two.family is Family.TEXT):
            # the number side is cast: a text that is no number would otherwise equal 0 or stop the statement
            left = left if one.family is Family.TEXT else self.sql.text(left)
            right = right if two.family is Family.TEXT else self.sql.text(right)
        return f"{left} = {right}"


def _end_of_path(atlas: Atlas, conn: Connection, joined: Joined, subject: Subject) -> tuple[list[str], tuple[Any, ...]] | None:
    """Conditions and values that bind the end of a path to the subject."""
    link = atlas.map.tables[joined.end].link
    shape = atlas.shape(conn, joined.end)
    if link.kind is LinkKind.MATCH:
        column = shape.column(joined.columns[0])
        return _by_value(atlas, joined.ends[0], column, link, subject) if column else None
    values = []
    for name, part in zip(joined.columns, subject.parts, strict=True):
        values.append(link.pack.replace("{key}", str(part)) if link.pack else bind(part, shape.column(name)))
    if any(value is None for value in values):
        return None
    return [f"{end} = {atlas.sql.mark}" for end in joined.ends], tuple(values)


def _by_value(atlas: Atlas, name: str, column: Column, link: Link, subject: Subject) -> tuple[list[str], tuple[Any, ...]] | None:
    spellings = subject.values.get(link.to, ())
    if not spellings:
        return None
    if not link.exact:
        condition, values = atlas.spelled(name.partition(".")[0], column, link.to, spellings)
        return [condition], values
    bound = [value for value in (bind(s, column) for s in spellings) if value is not None]
    return ([f"{name} IN {atlas.sql.marks(len(bound))}"], tuple(bound)) if bound else None
