"""Closed segments of the audit chain: archived to a file, then removed from the table, never edited.

A segment is closed in one transaction with the entry that names it, and its rows go in later ones: from then on they count no
more, so that a run may be killed anywhere. The chain goes on from its last hash; the entry, signed like any other, is what
proves that the closed part is the one that was archived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from core.store import meta, tables
from core.store.audit import GENESIS, canonical
from core.store.chain import ARCHIVE, heir_of

if TYPE_CHECKING:
    from core.store.engine import Unit

FORMAT = 1
CHUNK = 1000
REMOVE = 10_000
"""Rows removed in one transaction."""
_LOG, _BOOK = tables.audit, tables.segments


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the chain that is to be closed."""

    origin: str
    first: int
    last: int
    before: str
    """Hash on which it begins."""
    hash: str
    """Hash on which it ends."""
    key_id: str | None
    """Key that signs what follows."""

    @property
    def file(self) -> str:
        """Name of the archive: its end is part of it, so that another chain's never stands under it."""
        return f"kvkk-audit-{self.origin[:16]}-{self.first}-{self.last}-{self.hash[:12]}.jsonl"


def last_closed(conn: Connection) -> Row[Any] | None:
    """The segment that was closed last."""
    return conn.execute(select(_BOOK).order_by(_BOOK.c.last_seq.desc()).limit(1)).one_or_none()


def every(conn: Connection) -> list[Row[Any]]:
    """All of them, in their order."""
    return list(conn.execute(select(_BOOK).order_by(_BOOK.c.last_seq)))


def due(conn: Connection, before: datetime) -> Segment | None:
    """What is to be closed: everything up to the first entry that is not older. By place and not by clock: clocks jump."""
    closed = last_closed(conn)
    start = closed.last_seq if closed else 0
    young = conn.execute(select(func.min(_LOG.c.seq)).where(_LOG.c.seq > start, _LOG.c.at >= before)).scalar_one()
    end = select(func.max(_LOG.c.seq)).where(_LOG.c.seq > start)
    last = conn.execute(end if young is None else end.where(_LOG.c.seq < young)).scalar_one()
    origin = meta.read(conn, "origin")
    if last is None or origin is None:
        return None
    row = conn.execute(select(_LOG).where(_LOG.c.seq == last)).one()
    signer = heir_of(row) or row.key_id
    return Segment(origin, start + 1, last, closed.last_hash if closed else GENESIS, row.hash, signer)


def lines(conn: Connection, segment: Segment) -> Iterator[bytes]:
    """The archive: a head, and every entry as it stands in the table, one canonical JSON object a line."""
    head = {"format": FORMAT, "origin": segment.origin, "first": segment.first, "last": segment.last, "before": segment.before}
    yield canonical(head).encode("ascii") + b"\n"
    query = select(_LOG).where(_LOG.c.seq >= segment.first, _LOG.c.seq <= segment.last).order_by(_LOG.c.seq)
    for row in conn.execution_options(yield_per=CHUNK).execute(query):
        entry = dict(row._mapping) | {"at": row.at.isoformat()}
        yield canonical(entry).encode("ascii") + b"\n"


def close(unit: Unit, segment: Segment, sha256: str) -> None:
    """Close it. Whoever comes second is refused by the database (Conflict `constraint`)."""
    row = {"last_seq": segment.last, "first_seq": segment.first, "last_hash": segment.hash, "file": segment.file, "sha256": sha256}
    unit.conn.execute(insert(_BOOK).values(**row, closed_at=unit.at, closed_by=str(unit.actor), key_id=segment.key_id))
    unit.record(ARCHIVE, None, first=segment.first, last=segment.last, hash=segment.hash, sha256=sha256, file=segment.file)


def remove(unit: Unit, segment: Row[Any]) -> int:
    """Take some rows of a closed segment out of the table; returns how many."""
    first = unit.conn.execute(select(func.min(_LOG.c.seq)).where(_LOG.c.seq <= segment.last_seq)).scalar_one()
    if first is None:
        return 0
    upto = min(first + REMOVE, segment.last_seq + 1)
    return unit.conn.execute(delete(_LOG).where(_LOG.c.seq < upto)).rowcount
