"""Requests as they are read: by pages, by a search, one with everything about it. What changes them is `requests`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from core.errors import NotFound, UsageError
from core.model import lifecycle
from core.model.records import (
    OPEN_STATES,
    Actor,
    Channel,
    Found,
    Kind,
    Onward,
    Pulse,
    Regime,
    RequestDetail,
    RequestFilter,
    RequestPage,
    RequestRow,
    Role,
    State,
    Tally,
)
from core.services.gate import needs
from core.store import certificates, consents, customers, downloads, outbox, owned, queue, requests, seek, staff, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from core.services.context import Context

HITS_MOST = 1000
"""Requests of a search that are read at once."""


class Reading:
    """The verbs of `kvkk requests` that change nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor, wanted: RequestFilter) -> RequestPage:
        """A page of requests, by deadline unless told otherwise. Raises UsageError, NotFound (a customer nobody knows)."""
        with self._context.reading() as conn:
            found, more = self._page(conn, wanted)
            rows = self._records(conn, found)
            cursor = wanted.cursor(rows[0 if wanted.backwards else -1]) if more else None
            return RequestPage(rows, cursor, queue.total_open(conn) if wanted.counted else None)

    def _page(self, conn: Connection, wanted: RequestFilter) -> tuple[Sequence[Row[Any]], bool]:
        asked = self._asked(conn, wanted)
        if not asked.text:
            return queue.page(conn, wanted, asked.today, asked.whose)
        queue.check_limit(wanted)
        hits = seek.first(conn, self._context.atlas, asked, wanted.skip + wanted.limit + 1)[wanted.skip :]
        rows = queue.numbered(conn, [seek.number_of(hit) for hit in hits[: wanted.limit]])
        return (rows[::-1] if wanted.backwards else rows), len(hits) > wanted.limit

    @needs(Role.VIEWER)
    def tally(self, actor: Actor, wanted: RequestFilter) -> Tally:
        """How many requests the filter finds, and how the open ones stand. Raises as `list`."""
        context = self._context
        with context.reading() as conn:
            asked = self._asked(conn, wanted)
            near = queue.near_day(asked.today, context.settings.get(conn, "near-days"))
            tally = queue.tally(conn, wanted, asked.today, near, asked.whose)
            return replace(tally, matching=len(seek.first(conn, context.atlas, asked, None))) if asked.text else tally

    @needs(Role.VIEWER)
    def search(self, actor: Actor, wanted: RequestFilter, onward: Onward) -> Found:
        """What the next stretch of a search finds, for whoever shows it as it comes. Begins with `Onward()`. Raises as `list`."""
        with self._context.reading() as conn:
            return seek.stretch(conn, self._context.atlas, self._asked(conn, wanted), onward)

    @needs(Role.VIEWER)
    def hit_rows(self, actor: Actor, hits: Sequence[int]) -> tuple[RequestRow, ...]:
        """Requests that a search has found, as they are now, in this order; without those that are gone. Raises UsageError `bad-limit`."""
        if len(hits) > HITS_MOST:
            raise UsageError("bad-limit", allowed=f"0–{HITS_MOST}")
        with self._context.reading() as conn:
            return self._records(conn, queue.numbered(conn, [seek.number_of(hit) for hit in hits]))

    @needs(Role.VIEWER)
    def pulse(self, actor: Actor, since: int | None = None) -> Pulse:
        """Whether anything changed, and how many requests were filed after number `since`."""
        with self._context.reading() as conn:
            return queue.pulse(conn, since)

    @needs(Role.VIEWER)
    def show(self, actor: Actor, number: int) -> RequestDetail:
        """Everything about one request. Raises NotFound."""
        with self._context.reading() as conn:
            return self._detail(conn, requests.one(conn, number), staff.require(conn, actor, Role.VIEWER))

    def _asked(self, conn: Connection, wanted: RequestFilter) -> seek.Asked:
        """The filter, its customer and its search. Raises NotFound (a customer nobody knows)."""
        whose = None if wanted.customer is None else self._whose(conn, wanted.customer)
        return seek.Asked(wanted, (wanted.search or "").strip(), self._context.today(conn), whose)

    def _whose(self, conn: Connection, wanted: str) -> ColumnElement[bool]:
        """Requests of a customer, also of one who was erased: then only the keyed token still says whose they are."""
        try:
            key = customers.locate(conn, self._context.atlas, wanted)
        except NotFound:
            whose = owned.of(tables.requests, wanted, owned.subjects(self._context.keyring, wanted))
            if not requests.of(conn, whose):
                self._context.keyring.whole(conn)  # with a key away nobody can say "no such customer"
                raise
            return whose
        return owned.of(tables.requests, key, owned.subjects(self._context.keyring, key))

    def _records(self, conn: Connection, rows: Sequence[Row[Any]]) -> tuple[RequestRow, ...]:
        today = self._context.today(conn)
        known = customers.rows_for(conn, self._context.atlas, requests.keys(rows)) if rows else {}
        return tuple(requests.record(row, today, known.get(row.customer or "")) for row in rows)

    def _detail(self, conn: Connection, row: Row[Any], role: Role) -> RequestDetail:
        whose = owned.of(tables.requests, row.customer, owned.known(row.subject))
        there = row.customer is not None
        record, *earlier = self._records(conn, [row, *requests.of(conn, whose, before=row.number)])
        lines = customers.services(conn, self._context.atlas, row.customer) if record.customer_name is not None else ()
        return RequestDetail(
            row=record,
            note=row.note,
            verified_by=row.verified_by,
            needs_written_confirmation=record.channel is Channel.PHONE and record.state in OPEN_STATES,
            filed_by=row.filed_by,
            filed_at=row.filed_at,
            approved_by=row.approved_by,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            outcome=row.outcome,
            blacklisted=row.blacklisted,
            reason=row.reason,
            services=lines,
            consent=consents.status(conn, row.customer if there else None),
            last_download=downloads.last(conn, row.customer, owned.known(row.subject)),
            earlier=tuple(earlier),
            moves=lifecycle.moves(facts_of(row, self._context.today(conn)), role),
            certificate=certificates.exists(conn, row.number),
            undelivered_since=outbox.undelivered_since(conn, row.number, self._context.clock()),
        )


def facts_of(row: Row[Any], today: date) -> lifecycle.Facts:
    """What decides which verbs a request allows."""
    return lifecycle.Facts(
        kind=Kind(row.kind),
        state=State(row.state),
        regime=Regime(row.regime),
        received_on=row.received_on,
        extended_to=row.extended_to,
        today=today,
        approval_stale=row.approved_plan is None or row.last_error == "approval-moved",
    )
