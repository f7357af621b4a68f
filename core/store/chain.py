"""Reading the audit chain: pages, export, anchor, and the proof that it is unbroken.

`verify` names the first entry that does not fit, and why:

    gap        an entry is missing                       edited   an entry does not give its hash, or a column differs from it
    mac        a MAC is not ours, or its key was not     no-mac   an entry after the first keyed one carries none
               handed the chain by the key before
    head       the end was cut, or something was added   cut      a checkpoint knows more entries than there are
    rewritten  a checkpoint knows another hash for this place
    segment    no entry vouches for the closed part before it
    archive    the file of a closed part is not the one that was written

What is past its retention is archived (core/store/segments.py): the walk begins on the hash of the last closed segment, or with
the archives at the first entry of all.

Without a checkpoint an unbroken chain may still have lost its tail together with the head row: then nobody can vouch for
the end, and `Verified.vouched` is False.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from core.errors import ChainBroken, KvkkError, UsageError
from core.model.records import AuditEntry, Checkpoint, Verified
from core.store import keybook, meta, tables
from core.store.audit import GENESIS, HANDOVER, Mac, canonical, chain

if TYPE_CHECKING:
    from core.store.stonewatch import Watch

CHUNK = 1000
ARCHIVE = "audit.archive"
"""Verb of the entry that closes a segment."""
Archives = Callable[["Row[Any]"], "Iterator[Any]"]
"""The entries of a closed segment, from its file. Raises ChainBroken when the file is another, NotFound when it is not here."""
_HEAD = select(tables.audit_head).where(tables.audit_head.c.id == 1)
_CHECKPOINT = re.compile(r"kvkk:([0-9a-f]{1,64}):([0-9]{1,18}):([0-9a-f]{64})")


@dataclass(slots=True)
class _Walk:
    """Where the walk stands."""

    known: Mapping[str, str]
    """States of the keys that the database knows, by id."""
    held: Mapping[str, Mac]
    """Keys at hand, by id."""
    seq: int = 0
    hash: str = GENESIS
    signer: str | None = None
    """Id of the key of the last MAC; None before the first one."""
    heir: str | None = None
    """Id of the key that an entry of the chain has named as the next."""
    seen: set[str] = field(default_factory=set)
    """Ids of keys that have signed, or were named as the next."""
    unchecked: int = 0
    """Entries whose key is not at hand."""


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
    head = conn.execute(_HEAD).one_or_none()
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


def verify(
    conn: Connection,
    keys: Iterable[Mac],
    checkpoint: str | None,
    at: datetime,
    watch: Watch | None = None,
    archives: Archives | None = None,
) -> Verified:
    """Walk the whole chain in the open snapshot. Raises ChainBroken `audit-broken`, UsageError `bad-checkpoint`,
    `other-checkpoint`, `checkpoint-archived`. MACs are checked with the `keys` at hand; entries of a key that is not, by their
    hash alone. `watch` holds what the tombstone file knows against it; `archives` gives the entries of closed segments."""
    end = anchor(conn, at)
    wanted = parse_checkpoint(checkpoint) if checkpoint else None
    if wanted and wanted[0] != end.origin:
        raise UsageError("other-checkpoint")
    if watch is not None:
        watch.begin(end.origin)
    walk = _Walk(keybook.states(conn), {key.id: key for key in keys})
    closed = list(conn.execute(select(tables.segments).order_by(tables.segments.c.last_seq)))
    if archives is None and closed:
        _go_on(walk, closed[-1], wanted)
    begun, claims = walk.seq, set[tuple[int, str, str]]()
    for row in chain_rows(conn, walk.seq, closed, archives):
        _step(walk, row)
        if row.verb == ARCHIVE:
            claims.add(_claim(row))
        if watch is not None:
            watch.see(row)
        if wanted and wanted[1] == row.seq and wanted[2] != row.hash:
            _broken(row.seq, "rewritten")
    for segment in closed if archives else closed[-1:]:
        if (segment.last_seq, segment.last_hash, segment.sha256) not in claims:
            _broken(segment.last_seq, "segment")
    _ends(walk, end, wanted)
    if watch is not None:
        watch.judge(end)
    filed = watch.confirmed() if watch else None
    unsigned = bool(walk.held) and walk.seq > 0 and walk.signer is None
    return Verified(
        walk.seq - begun, end, vouched=wanted is not None, unsigned=unsigned, unchecked=walk.unchecked, filed=filed, archived=begun
    )


def _ends(walk: _Walk, end: Checkpoint, wanted: tuple[str, int, str] | None) -> None:
    """Whether the walk came to the end that the head and a checkpoint name, signed. Raises ChainBroken."""
    if (walk.seq, walk.hash) != (end.seq, end.hash):
        _broken(walk.seq + 1, "head")
    if wanted and wanted[1] > walk.seq:
        _broken(walk.seq + 1, "cut")
    if walk.seq and any(walk.known.get(one) == "current" and one not in walk.seen for one in walk.held):
        _broken(1, "no-mac")  # a key is registered in the transaction that first uses it, or named by the key before


def _go_on(walk: _Walk, closed: Row[Any], wanted: tuple[str, int, str] | None) -> None:
    """Begin on the end of the last closed segment. Raises UsageError `checkpoint-archived`, ChainBroken `audit-broken`."""
    walk.seq, walk.hash, walk.signer = closed.last_seq, closed.last_hash, closed.key_id
    walk.seen = {closed.key_id} if closed.key_id else set()
    if wanted and wanted[1] < closed.last_seq:
        raise UsageError("checkpoint-archived", seq=wanted[1])
    if wanted and wanted[1] == closed.last_seq and wanted[2] != closed.last_hash:
        _broken(closed.last_seq, "rewritten")


def chain_rows(conn: Connection, after: int, closed: Sequence[Row[Any]], archives: Archives | None) -> Iterator[Any]:
    """Entries above `after`: those of the archives first, where these are walked too, then those of the table that still count."""
    if archives is not None:
        for segment in closed:
            yield from archives(segment)
        after = closed[-1].last_seq if closed else after
    yield from _stream(conn, after)


def next_hash(previous: str, entry: Any) -> str:
    """The hash of an entry that follows a hash, from its own words; of one that is not what it says it differs. Raises ChainBroken."""
    if not _whole(entry, previous):
        _broken(entry.seq, "archive")
    return chain(previous, entry.detail)


def _claim(row: Any) -> tuple[int, str, str]:
    """What an entry says of the segment that it closes."""
    told = json.loads(row.detail).get("detail")
    told = told if isinstance(told, dict) else {}
    return int(told.get("last") or 0), str(told.get("hash")), str(told.get("sha256"))


def _step(walk: _Walk, row: Row[Any]) -> None:
    if row.seq != walk.seq + 1:
        _broken(walk.seq + 1, "gap")
    if not _whole(row, walk.hash):
        _broken(row.seq, "edited")
    if row.mac is None and walk.signer is not None:
        _broken(row.seq, "no-mac")
    if row.mac is not None:
        if not _ours(walk, row):
            _broken(row.seq, "mac")
        walk.signer = row.key_id
        walk.seen.add(row.key_id)
        walk.unchecked += row.key_id not in walk.held
        if row.verb == HANDOVER:
            walk.heir = _heir(row)
            walk.seen.add(walk.heir or "")
    walk.seq, walk.hash = row.seq, row.hash


def _ours(walk: _Walk, row: Row[Any]) -> bool:
    """Whether the MAC is right, as far as its key is at hand, and its key was to sign this entry.

    A key takes over where the one before has named it: so an old key, leaked or not, signs nothing after its time. Where the
    one before is not at hand (it leaked and was dropped), a key at hand vouches for all that it signs, the hashes before too.
    """
    key = walk.held.get(row.key_id)
    if key is None and row.key_id not in walk.known:
        return False
    if key is not None and row.mac != key.mac(row.hash):
        return False
    if walk.signer in (None, row.key_id) or row.key_id == walk.heir:
        return True
    return key is not None and walk.signer not in walk.held


def heir_of(row: Any) -> str | None:
    """The key that an entry of the chain has named as the next; None for any other entry."""
    return _heir(row) if row.verb == HANDOVER else None


def _heir(row: Row[Any]) -> str | None:
    told = json.loads(row.detail).get("detail")
    heir = told.get("to") if isinstance(told, dict) else None
    return heir if isinstance(heir, str) else None


def _whole(row: Row[Any], previous: str) -> bool:
    """Whether the entry gives its hash, and its columns give its text; a MAC names its key, and no MAC none."""
    if (row.mac is None) is not (row.key_id is None):
        return False
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
