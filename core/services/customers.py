"""Looking customers up: by a piece of their name, e-mail, phone or id, or one of them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.model.records import Actor, CustomerDetail, CustomerPart, CustomerRow, Role
from core.services.gate import needs
from core.store import consents, customers, downloads, lookup, owned, requests, tables

if TYPE_CHECKING:
    from core.services.context import Context

FIND_MOST = 500


class Customers:
    """The verbs of `kvkk customers`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def find(self, actor: Actor, text: str, limit: int = 50) -> tuple[CustomerRow, ...]:
        """Customers that the text fits, Turkish letters and case apart. Raises UsageError `customer-malformed`, `bad-limit`."""
        if not 1 <= limit <= FIND_MOST:
            raise UsageError("bad-limit", allowed=f"1–{FIND_MOST}")
        with self._context.reading() as conn:
            return lookup.find(conn, self._context.atlas, text, limit)

    @needs(Role.VIEWER)
    def search(self, actor: Actor, text: str, after: tuple[Any, ...] | None = None, limit: int = 50) -> CustomerPart:
        """The same by parts, for whoever shows them as they come: each looks at so many customers at most, and may find none.

        `after`: where the part before said to go on. Raises as `find`.
        """
        if not 1 <= limit <= FIND_MOST:
            raise UsageError("bad-limit", allowed=f"1–{FIND_MOST}")
        with self._context.reading() as conn:
            keys, onward = lookup.part(conn, self._context.atlas, text, after, limit)
            rows = customers.rows_for(conn, self._context.atlas, keys)
            return CustomerPart(tuple(rows[key] for key in keys if key in rows), onward)

    @needs(Role.VIEWER)
    def show(self, actor: Actor, wanted: str) -> CustomerDetail:
        """One customer: status, rows per table, consent, requests. Raises NotFound, UsageError `customer-ambiguous`."""
        context = self._context
        with context.reading() as conn:
            key = customers.locate(conn, context.atlas, wanted)
            row = customers.rows_for(conn, context.atlas, [key])[key]
            whose = owned.of(tables.requests, key, owned.subjects(context.keyring, key))
            today = context.today(conn)
            return CustomerDetail(
                row=row,
                tables=customers.counts(conn, context.atlas, key),
                consent=consents.status(conn, key),
                last_download=downloads.last(conn, key, owned.subjects(context.keyring, key)),
                requests=tuple(requests.record(r, today, row) for r in requests.of(conn, whose)),
            )
