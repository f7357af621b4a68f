"""New values of cells as SQL: constants and random tokens, derived from nothing. NULL and empty cells stay what they are."""

from __future__ import annotations

from typing import Any

from core.model.kinds import STARS, Mask
from core.model.masking import EMAIL_DOMAIN
from core.model.schema import Column, Family
from core.store.sql import Sql

Expression = tuple[str, tuple[Any, ...]]
"""SQL text and its bound values."""


def masked(sql: Sql, column: Column, mask: Mask, constant: str | None) -> Expression:
    """The new value of a cell, given the old one."""
    new, values = fresh(sql, column, mask, constant)
    if mask is Mask.NULL:
        return new, values
    quoted = sql.quote(column.name)
    empty = f" OR {quoted} = ''" if column.family is Family.TEXT and mask is not Mask.EMPTY else ""
    return f"CASE WHEN {quoted} IS NULL{empty} THEN {quoted} ELSE {new} END", values


def fresh(sql: Sql, column: Column, mask: Mask, constant: str | None) -> Expression:
    """The new value of a cell that held something."""
    length = column.length
    if mask is Mask.STARS:
        return sql.mark, (STARS[:length] if length else STARS,)
    if mask is Mask.CONSTANT:
        return sql.mark, (constant or "",)
    if mask is Mask.ZERO:
        return ("false" if column.family is Family.BOOLEAN else "0"), ()
    if mask is Mask.EMPTY:
        return sql.mark, (b"" if column.family is Family.BINARY else "",)
    if mask is Mask.TOKEN:
        return _random_hex(sql.engine, min(length or 32, 32)), ()
    if mask is Mask.EMAIL:
        room = min((length or 64) - len(EMAIL_DOMAIN), 24)
        return _joined(sql.engine, _random_hex(sql.engine, room), f"'{EMAIL_DOMAIN}'"), ()
    if mask is Mask.PHONE:
        return _joined(sql.engine, "'+00'", _random_digits(sql.engine, min((length or 13) - 3, 10))), ()
    return "NULL", ()


def _joined(engine: str, left: str, right: str) -> str:
    return f"CONCAT({left}, {right})" if engine == "mariadb" else f"({left} || {right})"


def _random_hex(engine: str, length: int) -> str:
    """Random hex of a new value for each row, derived from nothing."""
    source = {
        "sqlite": "lower(hex(randomblob(16)))",
        "postgresql": "replace(gen_random_uuid()::text, '-', '')",
        "mariadb": "lower(hex(random_bytes(16)))",
    }[engine]
    return f"substr({source}, 1, {length})"


def _random_digits(engine: str, length: int) -> str:
    source = {
        "sqlite": "substr('0000000000' || abs(random() % 10000000000), -10)",
        "postgresql": "lpad(floor(random() * 10000000000)::bigint::text, 10, '0')",
        "mariadb": "lpad(floor(rand() * 10000000000), 10, '0')",
    }[engine]
    return f"substr({source}, 1, {length})"
