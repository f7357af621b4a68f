"""The audit chain held against the checkpoints of the tombstone file: what a restore or a cut end cannot hide.

Every line of the file names the end of the chain at that time. While the chain is walked, each of those places is compared.
An entry `replay` names the last checkpoint that it accepted as lost: what the file said up to there counts no more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from core.errors import ChainBroken
from core.store import tables
from core.store.sql import chunks

if TYPE_CHECKING:
    from sqlalchemy import Row

    from core.model.records import Checkpoint
    from core.store.stonelines import Line

VERB = "replay"
"""The audit entry that accepts a restore."""
LOST = "lost"
"""Where it names the checkpoints that are lost: a list of hashes."""


class Watch:
    """What the walk over the chain tells, between `begin` and `judge`. `lines` are those of a file, in their order."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._wanted = set[int]()
        self._met: dict[int, str] = {0: "0" * 64}
        self._accepted = set[str]()
        self._first: int | None = None
        self._last: datetime | None = None

    def begin(self, origin: str) -> None:
        """The walk begins, over the chain of this database: lines of others do not count."""
        self._lines = [line for line in self._lines if line.origin == origin]
        self._wanted = {line.seq for line in self._lines}

    def see(self, row: Row[Any]) -> None:
        """One entry that is what it was when it was written."""
        self._first = self._first or row.seq
        self._last = row.at
        if row.seq in self._wanted:
            self._met[row.seq] = row.hash
        if row.verb == VERB:
            self._accepted.update(map(str, json.loads(row.detail)["detail"].get(LOST, ())))

    def look(self, conn: Connection) -> None:
        """See only the entries that matter, without a walk over the chain."""
        log = tables.audit
        places = sorted(self._wanted)
        tests = [log.c.seq.in_(some) for some in chunks(places)] + [log.c.verb == VERB]
        first = conn.execute(select(func.min(log.c.seq))).scalar_one()
        for row in (row for test in tests for row in conn.execute(select(log).where(test).order_by(log.c.seq))):
            self.see(row)
        self._first = first

    def lost(self) -> Line | None:
        """The last line whose checkpoint the chain does not have, unless a replay has accepted that."""
        accepted = max((i for i, line in enumerate(self._lines) if line.hash in self._accepted), default=-1)
        missing = [line for line in self._lines[accepted + 1 :] if not self._fits(line)]
        return missing[-1] if missing else None

    def confirmed(self) -> int | None:
        """The last entry that the file vouches for."""
        return max((line.seq for line in self._lines if self._met.get(line.seq) == line.hash), default=None)

    def judge(self, end: Checkpoint) -> None:
        """Raises ChainBroken `audit-restored`."""
        line = self.lost()
        if line is not None:
            day = (self._last or line.at).astimezone(UTC).date().isoformat()
            raise ChainBroken("audit-restored", seq=end.seq, known=line.seq, day=day)

    def _fits(self, line: Line) -> bool:
        archived = self._first is not None and line.seq < self._first
        return archived or self._met.get(line.seq) == line.hash
