"""The audit chain: appended in the transaction of what it records, verified from the first entry.

`detail` is canonical ASCII JSON (sorted keys, no blanks) and holds everything else of the entry too, so that no column can be
edited unnoticed; `hash` = SHA-256(previous hash + detail). From the first use of the key file on every entry carries
`mac` = HMAC-SHA-256(key, hash): who can write the table but has no key cannot write a chain that verifies. So from then on
nobody can write without that key: one entry without it would break the chain for good. A new key takes over with an entry
that the key before has signed (`handed_over`): every later signature is vouched for by the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, bindparam, insert, select, update

from core.errors import Conflict, KeyFileError, KvkkError
from core.store import keybook, tables
from core.store.engine import FIRST, OBTAINED

if TYPE_CHECKING:
    from core.store.engine import Unit

GENESIS = "0" * 64
HEAD_TRIES = 50
FIRST_USE = "key.use"
"""Verb of the entry that the first use of a key leaves, where the verb that used it leaves none."""
HANDOVER = "key.rotate"
"""Verb of the entry by which one key hands over to the next; `to` of its detail names that one."""

_HEAD = tables.audit_head.c
_END = select(_HEAD.seq, _HEAD.hash).where(_HEAD.id == 1)
_MOVE = update(tables.audit_head).where(_HEAD.id == 1, _HEAD.seq == bindparam("old"))
"""Built once: every change goes through them."""


class Mac(Protocol):
    """What the chain needs of a key: its id, and an HMAC as 64 hex digits."""

    @property
    def id(self) -> str: ...

    def mac(self, text: str) -> str: ...


Find = Callable[["str | None"], "Mac | None"]
"""The key of that id (the newest for None), None when it is not at hand."""
Sign = Callable[[Connection], "Mac | None"]
Sealer = Callable[["Unit"], "tuple[int, str] | None"]


def canonical(value: object) -> str:
    """The one text of a value that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def chain(previous: str, detail: str) -> str:
    """Hash of an entry: 64 hex digits."""
    return hashlib.sha256((previous + detail).encode("ascii")).hexdigest()


def sealer(find: Find) -> Sealer:
    """A sealer that appends the entries of a unit, signed with the current key, and advances the head, for `Store.writing`.

    The first use of the key leaves an entry in any case: it moves the head, so that nobody who began before it appends an
    entry without a signature behind it.
    """

    def seal(unit: Unit) -> tuple[int, str] | None:
        first = unit.conn.info.get(FIRST)
        if first is not None and not unit.entries:
            unit.record(FIRST_USE, None, key=first)
        return append(unit, lambda conn: _keyed(conn, find)) if unit.entries else None

    return seal


def handing_over(key: Mac | None) -> Sealer:
    """A sealer for the unit in which the next key takes over: its entries are signed with the key that goes."""
    return lambda unit: append(unit, lambda _: key)


def hold(conn: Connection) -> None:
    """Take the head before anything else: whoever has appended has committed then, and whoever will appends after our COMMIT."""
    head = tables.audit_head
    conn.execute(update(head).where(head.c.id == 1).values(seq=head.c.seq))


def append(unit: Unit, sign: Sign) -> tuple[int, str]:
    """Append the unit's entries; returns (seq, hash) of the last one.

    The head is taken first, by compare-and-set: whoever wins holds its row lock until COMMIT, the next statement but one.
    Raises KeyFileError `audit-key-missing`, `audit-key-other` where the database's key was used and is not at hand, and
    Conflict `key-moved` where the unit has made something with a key that is not the current one any more.
    """
    for _ in range(HEAD_TRIES):
        seq, last = _head(unit.conn)
        mac = sign(unit.conn)  # after the head: whoever first used the key in between has moved the head too
        rows = []
        for verb, request, detail in unit.entries:
            seq += 1
            who = {"at": unit.at.isoformat(), "actor": str(unit.actor)}
            text = canonical({"seq": seq, "verb": verb, "request": request, "detail": detail} | who)
            last = chain(last, text)
            rows.append(
                {
                    "seq": seq,
                    "at": unit.at,
                    "actor": str(unit.actor),
                    "verb": verb,
                    "request": request,
                    "detail": text,
                    "hash": last,
                    "key_id": mac.id if mac else None,
                    "mac": mac.mac(last) if mac else None,
                }
            )
        if _advance(unit.conn, seq - len(rows), seq, last):
            unit.conn.execute(insert(tables.audit), rows)
            return seq, last
    raise KvkkError("audit-contention")


def _keyed(conn: Connection, find: Find) -> Mac | None:
    """The key that signs; None before its first use, when there may be a file that nothing was made with yet."""
    known = keybook.current(conn)
    if known is None:
        return None
    if conn.info.get(OBTAINED, known) != known:
        raise Conflict("key-moved")
    key = find(known)
    if key is not None and key.id == known:
        return key
    newest = find(None)
    if newest is None:
        raise KeyFileError("audit-key-missing", key_id=known)
    raise KeyFileError("audit-key-other", key_id=known, found=newest.id)


def _head(conn: Connection) -> tuple[int, str]:
    row = conn.execute(_END).one_or_none()
    if row is None:
        raise KvkkError("audit-head-missing")
    return row.seq, row.hash


def _advance(conn: Connection, old: int, new: int, last: str) -> bool:
    return conn.execute(_MOVE, {"old": old, "seq": new, "hash": last}).rowcount == 1
