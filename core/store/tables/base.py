"""What our tables are made of: names, types that mean the same on every engine, and columns that say what they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

PREFIX = "kvkk_"
VERSION_TABLE = "kvkk_alembic_version"
MYSQL = ("mysql", "mariadb")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC with microseconds on every engine; naive values are refused, aware ones come back."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in MYSQL:
            from sqlalchemy.dialects import mysql

            factory: Any = mysql.DATETIME
            return dialect.type_descriptor(factory(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[str]):
    """Text that compares byte by byte on every engine: MariaDB's `_bin` pads blanks, so its no-pad sister is named."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name not in MYSQL:
            return dialect.type_descriptor(String(self.length))
        from sqlalchemy.dialects import mysql  # 20 ms that a command on SQLite need not wait for

        collation = "utf8mb4_nopad_bin" if dialect.name == "mariadb" else "utf8mb4_0900_bin"
        return dialect.type_descriptor(mysql.VARCHAR(self.length, charset="utf8mb4", collation=collation))


class Long(TypeDecorator[str]):
    """Text without a practical limit on every engine."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name not in MYSQL:
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects import mysql

        return dialect.type_descriptor(mysql.LONGTEXT(charset="utf8mb4"))


def serial() -> Any:
    """An ever-growing number; SQLite grows only INTEGER by itself."""
    return BigInteger().with_variant(Integer(), "sqlite")


def column(name: str, type_: Any, about: str, data: str, **more: Any) -> Column[Any]:
    """`about`: what it is; `data`: what it holds of a person."""
    return Column(name, type_, comment=about, info={"data": data}, **more)
