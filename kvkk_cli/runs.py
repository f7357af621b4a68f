"""`kvkk runs`: list, show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import forms
from kvkk_cli.forms import named
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import RunDetail, RunRow

app = typer.Typer()

Run = Annotated[str, typer.Argument(metavar="RUN", show_default=False, help=N_("Id of the run."))]
TITLES = (N_("Run"), N_("Started"), N_("By"), N_("Resolution"), N_("State"), N_("Done"), N_("Failed"), N_("Skipped"), N_("Waiting"))


@app.command("list", help=N_("Runs over many requests, the newest first."))
def listed(limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=N_("How many."))] = 50) -> None:
    session = here()
    with session.desk() as desk:
        rows, zone = desk.bulk.list(desk.actor, limit), session.zone(desk)
    session.out.show(rows, lambda: _listed(rows, zone))
    for row in rows:
        _held(row, zone)


def _listed(rows: tuple[RunRow, ...], zone: str) -> None:
    if not rows:
        here().out.say(_("There was no run over many requests yet; `kvkk resolve --pending` makes one."))
        return
    drawn, plain = [_people(row, zone) for row in rows], [_scripts(row) for row in rows]
    here().out.table([_(title) for title in TITLES], drawn, plain)


@app.command("show", help=N_("One run: what was done, what failed and why, what still waits."))
def show(run: Run) -> None:
    session = here()
    with session.desk() as desk:
        found, zone = desk.bulk.show(desk.actor, run), session.zone(desk)
    session.out.show(found, lambda: _shown(found, zone))
    _held(found.row, zone)


def _shown(found: RunDetail, zone: str) -> None:
    out = here().out
    out.fields(zip([_(title) for title in TITLES], _people(found.row, zone), strict=True))
    if found.items:
        rows = [(str(item.number), named("item", item.state), item.code or "") for item in found.items]
        plain = [(str(item.number), item.state, item.code or "") for item in found.items]
        out.heading(_("Not done"))
        out.table((_("No"), _("State"), _("Reason")), rows, plain)


def _held(row: RunRow, zone: str) -> None:
    """Who works on it now, and until when nobody else can."""
    if row.held_by and row.held_until:
        told = _("Run {run} is under way, by {who}. If it died, its place is free again at {until}.")
        here().out.say(told.format(run=row.id, who=row.held_by, until=forms.moment(row.held_until, zone)))


def _people(row: RunRow, zone: str) -> tuple[str, ...]:
    what, state = named("plan", row.resolution.name), named("run", row.state)
    return (row.id, forms.moment(row.started_at, zone), row.started_by, what, state, *_figures(row))


def _scripts(row: RunRow) -> tuple[str, ...]:
    return (row.id, row.started_at.isoformat(), row.started_by, row.resolution.name, row.state, *_figures(row))


def _figures(row: RunRow) -> tuple[str, ...]:
    return tuple(str(count) for count in (row.done, row.failed, row.skipped, row.waiting))
