"""Reading the audit chain: pages, export, anchor, and the proof that it is unbroken.

`verify` names the first entry that does not fit, and why:

    gap        an entry is missing                       edited   an entry does not give its hash, or a column differs from it
    mac        a MAC is not ours                         no-mac   an entry after the first keyed one carries none
    head       the end was cut, or something was added   cut      a checkpoint knows more entries than there are
    rewritten  a checkpoint knows another hash for this place

Without a checkpoint an unbroken chain may still have lost its tail together with the head row: then nobody can vouch for
the end, and `Verified.vouched` is False.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from core.errors import ChainBroken, KvkkError, UsageError
from core.model.records import AuditEntry, Checkpoint, Verified
from core.store import meta, tables
from core.store.audit import GENESIS, Mac, canonical, chain

CHUNK = 1000
_CHECKPOINT = re.compile(r"kvkk:([0-9a-f]{1,64}):([0-9]{1,18}):([0-9a-f]{64})")


@dataclass(slots=True)
class _Walk:
    """Where the walk stands."""

    known: frozenset[str]
    """Ids of the keys that the database knows."""
    seq: int = 0
    hash: str = GENESIS
    keyed: bool = False
    """An entry with a MAC was seen."""
    ours: bool = False
    """An entry with a MAC of the key at hand was seen: from there on every one has one."""


def page(conn: Connection, request: int | None, before: int | None, limit: int) -> tuple[AuditEntry, ...]:
    """Newest first; `before` is the place of the last entry of the page before."""
    log = tables.audit
    query = select(log).order_by(log.c.seq.desc()).limit(limit)
    if request is not None:
        query = query.where(log.c.request == request)
    if before is not None:
        query = query.where(log.c.seq < before)
    return tuple(_entry(row) for row in conn.execute(query))


def entries(conn: Connection, after: int = 0) -> Iterator[AuditEntry]:
    """Every entry from the first, streamed."""
    for row in _stream(conn, after):
        yield _entry(row)


def anchor(conn: Connection, at: datetime) -> Checkpoint:
    """The end of the chain, to be kept elsewhere."""
    head = conn.execute(select(tables.audit_head).where(tables.audit_head.c.id == 1)).one_or_none()
    origin = meta.read(conn, "origin")
    if head is None or origin is None:
        raise KvkkError("audit-head-missing")
    return Checkpoint(origin, head.seq, head.hash, at)


def parse_checkpoint(text: str) -> tuple[str, int, str]:
    """(origin, seq, hash) of `kvkk:ORIGIN:SEQ:HASH`. Raises UsageError `bad-checkpoint`."""
    found = _CHECKPOINT.fullmatch(text.strip())
    if found is None:
        raise UsageError("bad-checkpoint")
    return found[1], int(found[2]), found[3]


def verify(conn: Connection, key: Mac | None, checkpoint: str | None, at: datetime) -> Verified:
    """Walk the whole chain in the open snapshot. Raises ChainBroken `audit-broken`, UsageError `bad-checkpoint`,
    `other-checkpoint`. MACs are checked when `key` is there; entries of an older key by their hash alone."""
    end = anchor(conn, at)
    wanted = parse_checkpoint(checkpoint) if checkpoint else None
    if wanted and wanted[0] != end.origin:
        raise UsageError("other-checkpoint")
    walk = _Walk(frozenset(conn.execute(select(tables.keys.c.key_id)).scalars()))
    for row in _stream(conn, 0):
        _step(walk, row, key)
        if wanted and wanted[1] == row.seq and wanted[2] != row.hash:
            _broken(row.seq, "rewritten")
    if (walk.seq, walk.hash) != (end.seq, end.hash):
        _broken(walk.seq + 1, "head")
    if wanted and wanted[1] > walk.seq:
        _broken(walk.seq + 1, "cut")
    if key is not None and key.id in walk.known and walk.seq and not walk.ours:
        _broken(1, "no-mac")  # a key is registered in the transaction that first uses it, whose entries carry its MAC
    unsigned = key is not None and walk.seq > 0 and not walk.keyed
    return Verified(walk.seq, end, vouched=wanted is not None, unsigned=unsigned)


def _step(walk: _Walk, row: Row[Any], key: Mac | None) -> None:
    if row.seq != walk.seq + 1:
        _broken(walk.seq + 1, "gap")
    if not _whole(row, walk.hash):
        _broken(row.seq, "edited")
    if row.mac is None and walk.keyed:
        _broken(row.seq, "no-mac")
    mine = key is not None and row.key_id == key.id
    if row.mac is not None and not mine and (walk.ours or row.key_id not in walk.known):
        _broken(row.seq, "mac")
    if mine and key is not None and row.mac != key.mac(row.hash):
        _broken(row.seq, "mac")
    walk.seq, walk.hash = row.seq, row.hash
    walk.keyed, walk.ours = walk.keyed or row.mac is not None, walk.ours or mine


def _whole(row: Row[Any], previous: str) -> bool:
    """Whether the entry gives its hash, and its columns give its text."""
    if not row.detail.isascii() or row.hash != chain(previous, row.detail):
        return False
    try:
        said = json.loads(row.detail)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict):
        return False
    columns = {"seq": row.seq, "at": row.at.isoformat(), "actor": row.actor, "verb": row.verb, "request": row.request}
    text: str = row.detail
    return canonical(columns | {"detail": said.get("detail")}) == text


def _broken(seq: int, why: str) -> None:
    raise ChainBroken("audit-broken", seq=seq, why=why)


def _stream(conn: Connection, after: int) -> Iterator[Row[Any]]:
    log = tables.audit
    query = select(log).where(log.c.seq > after).order_by(log.c.seq)
    yield from conn.execution_options(yield_per=CHUNK).execute(query)


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(row.seq, row.at.astimezone(UTC), row.actor, row.verb, row.request, row.detail, row.hash)
