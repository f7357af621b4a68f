"""`auto-resolve`: requests past their grace are resolved by `kvkk run`, by the kind that was asked for, when the account is closed.

An anonymisation is masked: access alone would leave everything in place. Left to staff: whoever has an active service or an unpaid
invoice, a phone call (no request under KVKK), an erase while `second-person` is on. What fails is reported, noted at the request,
and tried again a day later: nobody is told the same every quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.errors import KvkkError
from core.model.records import Actor, Failure, JobDone, Kind, Resolution, Resolved, ResolveOptions, Role
from core.services.gate import needs
from core.store import customers, requests, ripe
from core.store.faults import MACHINE

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection, Row

    from core.model.records import CustomerRow
    from core.services.context import Context

Resolve = Callable[[Actor, int, Resolution, ResolveOptions], Resolved]
AS_ASKED = {Kind.ANONYMISE: Resolution(mask=True), Kind.ERASE: Resolution(erase=True)}
OPTIONS = ResolveOptions(automatic=True)
ELSEWHERE = frozenset({"already-decided", "request-changed", "request-not-found", "customer-gone", "open-account"})
"""Somebody was quicker, or the account is open again: nothing that failed."""
AGAIN_AFTER = timedelta(days=1)


class AutoResolve:
    """A job of `kvkk run`."""

    def __init__(self, context: Context, resolve: Resolve) -> None:
        self._context = context
        self._resolve = resolve

    @needs(Role.OPERATOR)
    def resolve_ripe(self, actor: Actor) -> JobDone:
        """Resolve what is ripe. Raises MapError, Drift: then no request is to blame."""
        done = skipped = after = 0
        failed: list[Failure] = []
        while page := self._page(after):
            for number, kind in page:
                after = number
                if kind is None:
                    skipped += 1
                    continue
                self._context.between()
                try:
                    self._resolve(actor, number, AS_ASKED[kind], OPTIONS)
                    done += 1
                except KvkkError as error:
                    if error.code in MACHINE:
                        raise
                    skipped += error.code in ELSEWHERE
                    failed += [] if error.code in ELSEWHERE else [Failure.of(error, number)]
        return JobDone(done, skipped, tuple(failed))

    def _page(self, after: int) -> Sequence[tuple[int, Kind | None]]:
        """(number, kind) of the next requests past their grace; None for one that is left to staff."""
        context = self._context
        with context.reading() as conn:
            setting = context.settings.reader(conn)
            if setting("auto-resolve") != "as-requested":
                return ()
            kinds = [kind for kind in Kind if kind is Kind.ANONYMISE or not setting("second-person")]
            rows = ripe.page(conn, kinds, self._received_by(conn, setting("grace-days")), after)
            if rows and not after:
                context.atlas.proof(conn)
            known = customers.rows_for(conn, context.atlas, requests.keys(rows)) if rows else {}
            return [(row.number, self._kind(conn, row, known.get(row.customer))) for row in rows]

    def _received_by(self, conn: Connection, grace: int) -> date:
        return self._context.today(conn) - timedelta(days=grace)

    def _kind(self, conn: Connection, row: Row[Any], customer: CustomerRow | None) -> Kind | None:
        if customer is None or _is_open(customer) or (row.last_error and self._just_failed(conn, row.number)):
            return None
        return Kind(row.kind)

    def _just_failed(self, conn: Connection, number: int) -> bool:
        at = ripe.failed_at(conn, number)
        return at is not None and abs(self._context.clock() - at) < AGAIN_AFTER


def _is_open(customer: CustomerRow) -> bool:
    """Whether a service is active or an invoice unpaid."""
    return bool((customer.services and customer.services.active) or (customer.invoices and customer.invoices.unpaid))
