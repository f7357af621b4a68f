"""`kvkk run` and `kvkk due`."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core import N_, timed
from kvkk_cli import failures, forms, views
from kvkk_cli.requests import Limit
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Due

app = typer.Typer()

Units = Literal["service", "timer", "cron"]


@app.command(
    "run",
    help=N_(
        "Do what nobody waits for: finish holds whose day has come, send messages, remind of deadlines, tidy up. For cron or a "
        "systemd timer. Silent when all is well; 7 when a part failed, 9 when the database or the mail server is away."
    ),
)
def run(
    units: Annotated[
        Units | None,
        typer.Option("--units", metavar="WHAT", help=N_("Print the file that starts it on time: service, timer or cron; nothing is run.")),
    ] = None,
) -> None:
    session = here()
    if units is not None:
        text = timed(units, _command())
        session.out.show({"text": text}, lambda: session.out.document(text))
        return
    with session.desk() as desk:
        report = desk.automation.run(desk.actor)
        zone = session.zone(desk)
    if report.busy:
        since, until = (forms.moment(at, zone) for at in (report.busy.since, report.busy.until or report.busy.since))
        told = _("Another run is going on, by {who} since {since}. Nothing was done. If it died, its place is free again at {until}.")
        session.out.say(told.format(who=report.busy.who, since=since, until=until))
    for failure in report.failed:
        failures.part(session.out, failure)
    session.out.show(report, lambda: None)
    session.status = report.exit_code


@app.command(
    "due",
    help=N_(
        "List open requests whose deadline is near or over, most urgent first. Ends with 10 when one is near, with 11 when one is "
        "overdue or an answer was not delivered."
    ),
)
def due(
    days: Annotated[
        int | None, typer.Option("--days", min=0, max=365, metavar="N", help=N_("Near means so many days; else the setting near-days."))
    ] = None,
    limit: Limit = 50,
) -> None:
    session = here()
    with session.desk() as desk:
        found = desk.deadlines.due(desk.actor, days=days, limit=limit)
    session.out.show(found, lambda: _due(found))
    session.status = found.exit_code


def _command() -> str:
    """The program as a timer has to call it: by its whole path."""
    found = shutil.which(os.path.abspath(sys.argv[0])) or shutil.which("kvkk")
    return found or "/usr/local/bin/kvkk"


def _due(found: Due) -> None:
    out = here().out
    if found.rows:
        views.queue(out, found.rows, near=found.days)
    told = _("{overdue} overdue, {near} to be answered within {days} days.")
    if found.overdue or found.near:
        out.say(told.format(overdue=found.overdue, near=found.near, days=found.days))
    else:
        out.say(_("Nothing has to be answered within {days} days.").format(days=found.days))
    if len(found.rows) < found.overdue + found.near:
        out.say(_("{shown} are shown; --limit shows more.").format(shown=len(found.rows)))
    if found.next_due_on:
        coming = _("After that: request {number}, by {day}.")
        out.say(coming.format(number=found.next_number, day=forms.day(found.next_due_on)))
    if found.undelivered:
        late = _("The answer to these requests has not been delivered for a week: {numbers}. `kvkk outbox list` shows why.")
        out.warn(late.format(numbers=forms.listed(str(number) for number in found.undelivered)))
