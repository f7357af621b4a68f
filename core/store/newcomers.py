"""The row of a customer who opens an account: what is asked for, checked before anything is written, and the INSERT itself."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core.errors import Refused, UsageError
from core.model.datamap import Register
from core.model.kinds import KINDS
from core.model.mapaccess import TOKEN_LEAST
from core.model.records import FieldAsked
from core.model.schema import Column, Family
from core.store import logins
from core.store.sql import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.engine import Unit

TOKEN_MOST = 32
TEXT_MOST = 500
"""Characters of an answer where the column has no limit of its own."""


def register_of(atlas: Atlas) -> Register:
    """How rows of new customers are made. Raises UsageError `map-registers-nobody`."""
    found = atlas.map.access.register
    if found is None:
        raise UsageError("map-registers-nobody", map=atlas.map.name)
    return found


def asked(conn: Connection, atlas: Atlas) -> tuple[FieldAsked, ...]:
    """What the visitor fills in, beside e-mail address, login and password."""
    return tuple(_field(atlas, _column(conn, atlas, name)) for name in register_of(atlas).ask)


def address(text: str) -> str:
    """One e-mail address, as it is kept. Raises UsageError `email-invalid`."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text.strip()[: logins.NAME_MOST + 1], check_deliverability=False, test_environment=True).normalized
    except (EmailNotValidError, UnicodeError):
        raise UsageError("email-invalid") from None


def checked(conn: Connection, atlas: Atlas, details: Mapping[str, str]) -> dict[str, str]:
    """Column → answer, empty ones left out. Raises UsageError `field-…`, which names the column and never the answer."""
    fields = {field.name: field for field in asked(conn, atlas)}
    for name in details:
        if name not in fields:
            raise UsageError("field-unknown", field=name[:64], allowed=tuple(fields))
    answers = {name: _answer(_column(conn, atlas, name), field, details.get(name, "")) for name, field in fields.items()}
    return {name: answer for name, answer in answers.items() if answer}


def values(atlas: Atlas, email: str, answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """(kind, value) of everything by which somebody may be on the blacklist."""
    own = {**answers, atlas.map.customer.email: email}
    return [(kind, own[column]) for kind, column in atlas.map.customer.roles() if column in own]


def insert(unit: Unit, atlas: Atlas, row: Mapping[str, Any], language: str, at: datetime) -> str:
    """Keep the row; returns the new customer's key. `at` is local time, as the company's own system writes it."""
    register, table = register_of(atlas), atlas.map.customer.table
    cells: dict[str, Any] = {**row, **dict(register.set)}
    if (column := atlas.map.customer.language) and column not in cells:
        cells[column] = language
    cells |= {name: _token(_column(unit.conn, atlas, name)) for name in register.token}
    cells |= {name: _moment(_column(unit.conn, atlas, name), at) for name in register.now}
    names = ", ".join(atlas.sql.quote(name) for name in cells)
    marks = ", ".join(atlas.sql.cast_mark(_column(unit.conn, atlas, name)) for name in cells)
    run(unit.conn, f"INSERT INTO {atlas.sql.quote(table)} ({names}) VALUES ({marks})", tuple(cells.values()))
    made = logins.find(unit.conn, atlas, str(row[atlas.map.access.login]))
    if made is None:
        raise Refused("map-registers-nobody-who-may-sign-in", map=atlas.map.name)
    return made.customer


def _column(conn: Connection, atlas: Atlas, name: str) -> Column:
    found = atlas.shape(conn, atlas.map.customer.table).column(name)
    if found is None:
        raise UsageError("map-registers-nobody", map=atlas.map.name)
    return found


def _field(atlas: Atlas, column: Column) -> FieldAsked:
    kind = atlas.map.tables[atlas.map.customer.table].columns[column.name].kind
    return FieldAsked(
        name=column.name,
        kind=kind,
        label=KINDS[kind].label if kind else "",
        needed=not (column.nullable or column.filled),
        most=column.length,
        choices=column.choices,
    )


def _answer(column: Column, field: FieldAsked, text: str) -> str:
    told = text.strip()
    if not told:
        if field.needed:
            raise UsageError("field-needed", field=field.name)
        return ""
    most = min(field.most or TEXT_MOST, TEXT_MOST)
    if len(told) > most:
        raise UsageError("field-long", field=field.name, most=most)
    if not told.isprintable():  # also half of a character: nothing of it may reach a letter or a list
        raise UsageError("field-unreadable", field=field.name)
    if column.family is Family.ENUM and told not in column.choices:
        raise UsageError("field-choice", field=field.name, allowed=column.choices)
    return _day(field.name, told) if column.family is Family.DATE else told


def _day(name: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError("field-date", field=name) from None


def _token(column: Column) -> str:
    if column.family is Family.UUID:
        return str(uuid.uuid4())
    return secrets.token_hex(TOKEN_MOST // 2)[: max(TOKEN_LEAST, column.length or TOKEN_MOST)]


def _moment(column: Column, at: datetime) -> str:
    return at.date().isoformat() if column.family is Family.DATE else at.isoformat(" ", "seconds")
