"""Who downloaded whose data: the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import NotFound, UsageError
from core.model.records import Actor, DownloadPage, Role
from core.services.gate import needs
from core.store import customers, downloads, owned, tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from core.services.context import Context

PAGE_MOST = 1000


class DownloadsService:
    """The verbs of `kvkk downloads`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor, *, customer: str | None = None, after: int | None = None, limit: int = 50) -> DownloadPage:
        """Newest first. `after` is the cursor of the page before. Raises UsageError, NotFound."""
        if not 1 <= limit <= PAGE_MOST:
            raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
        with self._context.reading() as conn:
            whose = None if customer is None else self._whose(conn, customer)
            rows = downloads.page(conn, whose, after, limit + 1)
        return DownloadPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    def _whose(self, conn: Connection, wanted: str) -> ColumnElement[bool]:
        """Downloads of a customer, also of one who was erased."""
        try:
            key = customers.locate(conn, self._context.atlas, wanted)
        except NotFound:
            whose = owned.of(tables.downloads, wanted, owned.subjects(self._context.keyring, wanted))
            if not downloads.page(conn, whose, None, 1):
                self._context.keyring.whole(conn)  # with a key away nobody can say "no such customer"
                raise
            return whose
        return owned.of(tables.downloads, key, owned.subjects(self._context.keyring, key))
