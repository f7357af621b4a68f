"""Periodic destruction reports: written by `kvkk run` when a period is over, listed and printed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.adapters.report_text import to_text
from core.model.certificate import Addendum, Certificate, Controller
from core.model.records import Actor, JobDone, ReportRow, Role
from core.model.report import Report, ReportView, Sums, first_day, next_period
from core.product import PRODUCT
from core.services.context import persistent
from core.services.gate import needs
from core.store import chain, reports

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.services.context import Context
    from core.store.engine import Unit


class Reports:
    """The verbs of `kvkk reports`, and a job of `kvkk run`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor) -> tuple[ReportRow, ...]:
        """All reports, the newest first."""
        with self._context.reading() as conn:
            return tuple(_row(row) for row in reports.every(conn))

    @needs(Role.VIEWER)
    def show(self, actor: Actor, number: int, language: str) -> ReportView:
        """One report for print. Raises NotFound `report-not-found`."""
        with self._context.reading() as conn:
            row = reports.one(conn, number)
            zone = ZoneInfo(self._context.settings.get(conn, "timezone"))
        report = Report.from_json(row.document)
        return ReportView(_row(row), report, to_text(number, report, language, zone))

    @needs(Role.OPERATOR)
    def make_due(self, actor: Actor) -> JobDone:
        """A report for each period that is over and has none. Nothing before the first certificate."""
        done = 0
        while self._make_next(actor):
            self._context.between()
            done += 1
        return JobDone(done=done)

    @persistent
    def _make_next(self, actor: Actor) -> bool:
        context = self._context
        with context.writing(actor) as unit:
            months = context.settings.get(unit.conn, "report-months")
            since = self._since(unit.conn, months)
            if since is None or context.today(unit.conn) < next_period(since, months):
                return False
            report = self._added_up(unit, since, next_period(since, months))
            number = reports.keep(unit, report)
            unit.record("report.make", None, report=number, since=report.since.isoformat(), until=report.until.isoformat())
        return True

    def _since(self, conn: Connection, months: int) -> date | None:
        last = reports.last_until(conn)
        if last is not None:
            return last
        first = reports.first_certificate(conn)
        return first_day(first.astimezone(self._zone(conn)).date(), months) if first else None

    def _added_up(self, unit: Unit, since: date, until: date) -> Report:
        conn, setting = unit.conn, self._context.settings.reader(unit.conn)
        sums = Sums()
        for part, document in reports.documents(conn, self._begin(conn, since), self._begin(conn, until)):
            if part:
                sums.addendum(Addendum.from_json(document))
            else:
                sums.certificate(Certificate.from_json(document))
        return Report(
            since=since,
            until=until,
            made_at=unit.at,
            by=str(unit.actor),
            product=PRODUCT,
            checkpoint=str(chain.anchor(conn, unit.at)),
            controller=Controller.read(setting),
            requests=tuple(sorted(sums.outcomes.items())),
            holds=sums.holds,
            tables=sums.tables(),
            waived=sums.waived,
        )

    def _zone(self, conn: Connection) -> ZoneInfo:
        return ZoneInfo(self._context.settings.get(conn, "timezone"))

    def _begin(self, conn: Connection, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone(conn)).astimezone(UTC)


def _row(row: Row[Any]) -> ReportRow:
    return ReportRow(row.number, row.since, row.until, row.made_at)
