"""What `doctor` says of the key file: whether it and the database belong together, and how the blacklist stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from core.errors import KeyFileError
from core.model.records import Finding
from core.store import blacklist, keybook, tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.keyring import Keyring

SOON_DAYS = 30


def findings(conn: Connection, keyring: Keyring, today: date) -> Iterator[Finding]:
    """Raises KeyFileError when the file must not or cannot be used."""
    states, held = keybook.states(conn), {key.id for key in keyring.held()}
    yield _current(conn, keyring)
    if held & states.keys():
        yield from _older(conn, states, held, today)
        path = str(keyring.path)
        dropped = held & {one for one, state in states.items() if state == "dropped"}
        if dropped:
            yield Finding("key-file-holds-dropped", "warning", (("path", path), ("count", len(dropped))))
        strangers = held - states.keys()
        if strangers:
            yield Finding("key-file-holds-strangers", "note", (("path", path), ("count", len(strangers))))
    yield from _entries(conn, today)


def _current(conn: Connection, keyring: Keyring) -> Finding:
    known, path = keybook.current(conn), str(keyring.path)
    if known is None:
        return Finding("key-file-unused" if keyring.held() else "key-file-not-needed-yet", "ok", (("path", path),))
    try:
        keyring.holding(conn, known)
    except KeyFileError as error:
        return Finding(error.code, "error", tuple(error.facts.items()))
    return Finding("key-file-ok", "ok", (("key_id", known), ("path", path)))


def _older(conn: Connection, states: dict[str, str], held: set[str], today: date) -> Iterator[Finding]:
    """Keys that are not at hand though something still needs them: an error where the blacklist does, which then answers nothing."""
    in_use = blacklist.keys_in_use(conn, today)
    known = dict.fromkeys((*states, *in_use))
    for one in known:
        if one in held or states.get(one) in ("current", "dropped"):
            continue
        entries = blacklist.count(conn, blacklist.BOOK.c.key_id == one, blacklist.live(today)) if one in in_use else 0
        grade, messages = "error" if entries else "warning", _waiting(conn, one)
        yield Finding("key-older-missing", grade, (("key_id", one), ("entries", entries), ("messages", messages)))


def _waiting(conn: Connection, key_id: str) -> int:
    book = tables.outbox
    return conn.execute(select(func.count()).where(book.c.key_id == key_id, book.c.sealed.is_not(None))).scalar_one()


def _entries(conn: Connection, today: date) -> Iterator[Finding]:
    """How many entries end soon, and how many have ended and are still there."""
    until = blacklist.BOOK.c.expires_on
    soon = blacklist.count(conn, until >= today, until < today + timedelta(days=SOON_DAYS))
    if soon:
        yield Finding("blacklist-ends-soon", "note", (("count", soon), ("days", SOON_DAYS)))
    ended = blacklist.count(conn, until < today)
    if ended:
        yield Finding("blacklist-ended", "note", (("count", ended),))
