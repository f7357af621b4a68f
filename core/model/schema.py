"""The live schema as plain values: what masks are proven against and what the residue search walks over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Family(StrEnum):
    """What a column can hold, whatever the engine calls its type."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BINARY = "binary"
    JSON = "json"
    UUID = "uuid"
    ENUM = "enum"
    ARRAY = "array"
    OTHER = "other"

    @property
    def is_number(self) -> bool:
        return self in (Family.INTEGER, Family.DECIMAL, Family.FLOAT)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a live table."""

    name: str
    family: Family
    type: str
    """The type as the engine prints it."""
    length: int | None = None
    """Characters that fit; None: no limit."""
    nullable: bool = True
    generated: bool = False
    choices: tuple[str, ...] = ()
    """Members of an ENUM."""
    filled: bool = False
    """The database gives it a value where none is given."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A declared reference of one table to another."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str = ""
    """CASCADE, SET NULL, SET DEFAULT, or nothing (refused by the engine)."""


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint; `name` is empty when it has none."""

    name: str
    text: str
    """SQL of the condition, as the engine prints it."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """One live table."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    """Primary key columns; empty when there is none."""
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    """Known when the whole schema was read."""
    _by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def column(self, name: str) -> Column | None:
        return self._by_name.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True, slots=True)
class Schema:
    """Every table of the database except our own, by name."""

    tables: Mapping[str, TableShape]
    triggers: tuple[tuple[str, str], ...] = ()
    """(trigger, table)"""
