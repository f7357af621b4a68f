"""Deadlines: what is near or overdue, for a clerk (`kvkk due`) and by mail to staff (`kvkk run`), each request told once a stage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.model.records import OPEN_STATES, Actor, Due, JobDone, RequestFilter, Role
from core.services.context import persistent
from core.services.gate import needs
from core.store import customers, outbox, queue, reminders, requests

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.services.context import Context

DAYS_MOST = 365


class Deadlines:
    """The verb `kvkk due`, and a job of `kvkk run`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def due(self, actor: Actor, days: int | None = None, limit: int = 50) -> Due:
        """Requests by deadline; `days` None: the setting `near-days`. Raises UsageError `bad-days`, `bad-limit`."""
        if days is not None and not 0 <= days <= DAYS_MOST:
            raise UsageError("bad-days", allowed=f"0–{DAYS_MOST}")
        context = self._context
        with context.reading() as conn:
            today = context.today(conn)
            span = days if days is not None else context.settings.get(conn, "near-days")
            near = queue.near_day(today, span)
            counted = queue.tally(conn, RequestFilter(), today, near, None)
            rows, _ = queue.page(conn, RequestFilter(due_before=near + timedelta(1), limit=limit), today, None)
            following = reminders.first_after(conn, near)
            return Due(
                rows=self._records(conn, rows, today),
                days=span,
                overdue=counted.overdue,
                near=counted.near,
                undelivered=outbox.undelivered(conn, context.clock()),
                next_number=following.number if following else None,
                next_due_on=following.due_on if following else None,
            )

    @needs(Role.OPERATOR)
    def remind(self, actor: Actor) -> JobDone:
        """Tell staff by mail what is near or overdue and has not been told; nothing happens while `staff-mail` is unset."""
        told = 0
        for number, stage in self._untold():
            self._context.between()
            told += self._tell(actor, number, stage)
        return JobDone(done=told)

    def _untold(self) -> Iterator[tuple[int, str]]:
        """(number, stage) page by page; a request that could not be told is not met again in this run."""
        context, after = self._context, 0
        while True:
            with context.reading() as conn:
                if context.settings.get(conn, "staff-mail") is None:
                    return
                today = context.today(conn)
                near = queue.near_day(today, context.settings.get(conn, "near-days"))
                page = reminders.untold(conn, today, near, after)
            yield from page
            if not page:
                return
            after = page[-1][0]

    @persistent
    def _tell(self, actor: Actor, number: int, stage: str) -> bool:
        context = self._context
        with context.writing(actor) as unit:
            row = requests.one(unit.conn, number)
            if row.state not in {state.value for state in OPEN_STATES} or not reminders.mark(unit, row, stage):
                return False
            setting = context.settings.reader(unit.conn)
            fields = outbox.for_staff(row.kind, row.received_on, row.due_on)
            outbox.queue_for_staff(unit, context.keyring, setting, stage, number, fields)
            unit.record("request.remind", number, stage=stage)
            return True

    def _records(self, conn: Connection, rows: list[Row[Any]], today: date) -> tuple[Any, ...]:
        known = customers.rows_for(conn, self._context.atlas, requests.keys(rows)) if rows else {}
        return tuple(requests.record(row, today, known.get(row.customer or "")) for row in rows)
