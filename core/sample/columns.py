"""The MetaData of the sample company and the sorts of columns that its tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Integer, MetaData, Numeric, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

company = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any) -> Table:
    """A table of the company; on MariaDB of an engine that knows ROLLBACK and of a charset that has ş."""
    options: Any = {
        f"{engine}_{key}": value for engine in ("mysql", "mariadb") for key, value in (("engine", "InnoDB"), ("charset", "utf8mb4"))
    }
    made: Table = Table(name, company, *parts, **options)
    return made


def number() -> Column[int]:
    """A running number as primary key."""
    return Column("id", Integer, primary_key=True)


def moment() -> TypeEngine[datetime]:
    """Local time without fractions, as such systems keep it."""
    return DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def money(name: str) -> Column[Any]:
    """An amount in the row's currency."""
    return Column(name, Numeric(10, 2), nullable=False)


def to(column: str, target: str, *, nullable: bool = False, key: bool = False) -> Column[Any]:
    """A declared reference with the index that PostgreSQL and SQLite do not make by themselves."""
    return Column(column, ForeignKey(target), nullable=nullable, primary_key=key, index=not key)
