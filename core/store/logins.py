"""Who signs in by a name: rows of the customers' table whose login is that name, and the hash that a password is compared with.

SQL proposes rows, our fold decides. Two rows with one name are nobody: whose password would it be? The statements are the same
whether somebody is found or not. A name that nobody has is compared with a stored hash all the same, chosen by the name and
always the same one, so that its time tells neither that there is no such account nor which old hashes are in use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import Refused, UsageError
from core.model.canonical import DIGIT_KINDS, fold_id, fold_phone, fold_user_name
from core.model.datamap import holds_condition
from core.model.passwords import BCRYPT_MOST, BCRYPT_ROOM, BEST, LEAST, MOST, Stored, Unfit, nobodys, read, scheme_for, unfit
from core.model.schema import Column, Family
from core.store.paths import bind, key_text
from core.store.sql import run
from core.store.subjects import condition_sql, key_parts, master_row, spellings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.engine import Unit

NAME_MOST = 254
PEERS = 16
"""So many of the oldest and of the newest accounts stand in for names that nobody has."""
SEARCHED = frozenset({"email", "user_name", "phone", "national_id", "tax_id"})
"""Kinds whose spellings the prefilter knows."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer who may sign in as far as the company's own columns say."""

    customer: str
    cell: Any = field(repr=False)
    """The password column as it stands."""


def require(atlas: Atlas) -> None:
    """Raises UsageError `map-no-sign-in` where the map does not say by which columns customers sign in."""
    if not atlas.map.access.login:
        raise UsageError("map-no-sign-in", map=atlas.map.name)


def folded(atlas: Atlas, name: str) -> str:
    """The name as it is compared and counted by: however it is typed, it is the same account."""
    kind = _kind(atlas)
    if "@" in name or kind not in DIGIT_KINDS:
        return fold_user_name(name[: NAME_MOST + 1])
    return fold_phone(name[: NAME_MOST + 1]) if kind == "phone" else fold_id(name[: NAME_MOST + 1])


def find(conn: Connection, atlas: Atlas, name: str) -> Account | None:
    """The account of that name; None for none, for more than one, and for one that may not sign in (`sign_in.when`)."""
    found = [row for row in _rows(conn, atlas, name) if holds_condition(row[2], atlas.map.access.when)]
    return Account(found[0][0], found[0][1]) if len(found) == 1 else None


def is_taken(conn: Connection, atlas: Atlas, name: str) -> bool:
    """Whether a row has that name, whatever its state: nobody else may open an account by it."""
    return bool(_rows(conn, atlas, name))


def name_of(conn: Connection, atlas: Atlas, customer: str) -> str:
    """The login of a customer; empty when there is none."""
    row = master_row(atlas, conn, customer, (atlas.map.access.login,))
    return str(row[atlas.map.access.login] or "") if row is not None else ""


def may_enter(conn: Connection, atlas: Atlas, customer: str) -> Account | None:
    """The account with that key, read again; None when it is gone, or may not sign in any more."""
    access = atlas.map.access
    columns = (access.password, *(column for column, _ in access.when))
    row = master_row(atlas, conn, customer, columns)
    return Account(customer, row[access.password]) if row is not None and holds_condition(row, access.when) else None


def comparable(conn: Connection, atlas: Atlas, choice: int, account: Account | None) -> tuple[Stored, bool]:
    """The hash that is compared with, and whether it is the account's own. `choice` is that of the name's bucket."""
    peers = [stored for _, cell in _peers(conn, atlas) if (stored := read(cell)) is not None]
    own = read(account.cell) if account is not None else None
    if own is not None:
        return own, True
    return (peers[choice % len(peers)] if peers else nobodys()), False


def stand_in(conn: Connection, atlas: Atlas, choice: int) -> str | None:
    """A customer for whom the same statements are carried out, and undone, when nobody has the name. None: there are no customers."""
    peers = [customer for customer, _ in _peers(conn, atlas)]
    return peers[choice % len(peers)] if peers else None


def scheme(conn: Connection, atlas: Atlas, password: str) -> str:
    """How a new password is hashed.

    Raises UsageError `password-short`, `password-long`, `password-unreadable`; Refused `password-column-short`.
    """
    found = scheme_for(room(conn, atlas))
    if found is None:
        raise Refused("password-column-short", table=atlas.map.customer.table, column=atlas.map.access.password, least=BCRYPT_ROOM)
    most = MOST if found == BEST else BCRYPT_MOST
    why = unfit(password, most)
    if why is Unfit.SHORT:
        raise UsageError("password-short", least=LEAST)
    if why is Unfit.LONG:
        raise UsageError("password-long", most=most)
    if why is Unfit.UNREADABLE:
        raise UsageError("password-unreadable")
    return found


def room(conn: Connection, atlas: Atlas) -> int | None:
    """Characters that the password column holds; None: no limit."""
    column = atlas.shape(conn, atlas.map.customer.table).column(atlas.map.access.password)
    return column.length if column is not None else None


def set_password(unit: Unit, atlas: Atlas, customer: str, hashed: str) -> None:
    """Keep a new hash. The row was read in this transaction, behind whoever may be resolving a request of the customer."""
    sql, mapping = atlas.sql, atlas.map.customer
    where = " AND ".join(f"{sql.quote(name)} = {sql.mark}" for name in mapping.key)
    more, values = condition_sql(atlas)
    statement = f"UPDATE {sql.quote(mapping.table)} SET {sql.quote(atlas.map.access.password)} = {sql.mark} WHERE {where}{more}"
    run(unit.conn, statement, (hashed, *(key_parts(atlas, unit.conn, customer) or ()), *values))


def _kind(atlas: Atlas) -> str:
    return atlas.map.tables[atlas.map.customer.table].columns[atlas.map.access.login].kind


def _rows(conn: Connection, atlas: Atlas, name: str) -> list[tuple[str, Any, dict[str, Any]]]:
    """(key, password cell, columns of `when`) of every row whose login is that name by our fold."""
    customer, access, sql = atlas.map.customer, atlas.map.access, atlas.sql
    wanted = folded(atlas, name)
    condition, values = _candidates(conn, atlas, name)
    if not wanted or not condition:
        return []
    states = tuple(column for column, _ in access.when)
    columns = (*customer.key, access.login, access.password, *states)
    more, more_values = condition_sql(atlas)
    picked = ", ".join(sql.quote(column) for column in columns)
    rows = run(conn, f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE ({condition}){more}", (*values, *more_values)).all()
    wide = len(customer.key)
    return [
        (key_text(row[:wide]), row[wide + 1], dict(zip(states, row[wide + 2 :], strict=True)))
        for row in rows
        if row[wide] is not None and folded(atlas, str(row[wide])) == wanted
    ]


def _candidates(conn: Connection, atlas: Atlas, name: str) -> tuple[str, tuple[Any, ...]]:
    """A condition that the account's row fulfils; empty for a text that no column holds."""
    column = atlas.shape(conn, atlas.map.customer.table).column(atlas.map.access.login)
    if column is None or len(name) > NAME_MOST or not _storable(name):
        return "", ()
    kind = _kind(atlas)
    spelled = _spelled(atlas, column, kind or "user_name", name)
    if atlas.map.access.exact or kind not in SEARCHED:
        return spelled
    searched, values = atlas.spelled("", column, kind, (name,))
    return (f"{spelled[0]} OR {searched}", (*spelled[1], *values)) if spelled[0] else (searched, values)


def _spelled(atlas: Atlas, column: Column, kind: str, name: str) -> tuple[str, tuple[Any, ...]]:
    """The spellings that an index answers: as typed, trimmed, in small letters, folded."""
    texts = dict.fromkeys((*spellings(kind, name), folded(atlas, name)))
    bound = [value for value in (bind(text, column) for text in texts) if value is not None]
    if not bound or column.family not in (Family.TEXT, Family.ENUM, Family.INTEGER):
        return "", ()
    return f"{atlas.sql.quote(column.name)} IN {atlas.sql.marks(len(bound))}", tuple(bound)


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _peers(conn: Connection, atlas: Atlas) -> list[tuple[str, Any]]:
    """(key, password cell) of the oldest and the newest accounts that have one."""
    customer, sql = atlas.map.customer, atlas.sql
    password = sql.quote(atlas.map.access.password)
    more, values = condition_sql(atlas)
    picked = ", ".join((*(sql.quote(name) for name in customer.key), password))
    found: dict[str, Any] = {}
    for way in ("", " DESC"):
        order = ", ".join(sql.quote(name) + way for name in customer.key)
        statement = f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE {password} IS NOT NULL{more} ORDER BY {order} LIMIT {PEERS}"
        found.update({key_text(row[:-1]): row[-1] for row in run(conn, statement, values).all()})
    return list(found.items())
