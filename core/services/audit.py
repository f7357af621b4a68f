"""The audit chain as people read it: list, verify, export, anchor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.adapters.archives import Entry, read
from core.errors import UsageError
from core.model.records import Actor, AuditPage, Checkpoint, Role, Verified
from core.services.gate import needs
from core.store import chain

if TYPE_CHECKING:
    from sqlalchemy import Row

    from core.services.context import Context

PAGE_MOST = 1000


class AuditService:
    """The verbs of `kvkk audit`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor, *, request: int | None = None, after: int | None = None, limit: int = 50) -> AuditPage:
        """Newest first. `after` is the cursor of the page before. Raises UsageError `bad-limit`."""
        if not 1 <= limit <= PAGE_MOST:
            raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
        with self._context.reading() as conn:
            rows = chain.page(conn, request, after, limit + 1)
        return AuditPage(rows[:limit], rows[limit - 1].seq if len(rows) > limit else None)

    @needs(Role.VIEWER)
    def verify(self, actor: Actor, checkpoint: str | None = None, *, archives: bool = False) -> Verified:
        """Walk the chain; with `archives` also the closed parts, whose files lie beside the key file. Raises ChainBroken
        `audit-broken` (first entry that does not fit, and why), `audit-restored`, UsageError, NotFound `archive-missing`."""
        if checkpoint is not None:
            chain.parse_checkpoint(checkpoint)
        watch = self._context.watch()
        with self._context.reading() as conn:
            keys, opened = self._context.keyring.held(), self._archive if archives else None
            return chain.verify(conn, keys, checkpoint, self._context.clock(), watch, opened)

    def _archive(self, segment: Row[Any]) -> Iterator[Entry]:
        return read(self._context.keyring.path.parent / segment.file, segment.first_seq, segment.sha256)

    @needs(Role.VIEWER)
    def export(self, actor: Actor) -> Iterator[str]:
        """Every entry from the first, one JSON object a line, streamed; `detail` is the text that was hashed."""
        with self._context.reading() as conn:
            for entry in chain.entries(conn):
                yield json.dumps({"seq": entry.seq, "hash": entry.hash, "detail": entry.detail}, ensure_ascii=True)

    @needs(Role.VIEWER)
    def anchor(self, actor: Actor) -> Checkpoint:
        """The end of the chain as a checkpoint, to be kept elsewhere."""
        with self._context.reading() as conn:
            return chain.anchor(conn, self._context.clock())
