"""`kvkk reports`: periodic destruction reports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import forms, words
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import ReportRow

app = typer.Typer()


@app.command("list", help=N_("List the periodic destruction reports that `kvkk run` has made, newest first."))
def list_() -> None:
    session = here()
    with session.desk() as desk:
        found = desk.reports.list(desk.actor)
        session.out.show(found, lambda: _list(found, session.zone(desk)))


def _list(found: tuple[ReportRow, ...], zone: str) -> None:
    if not found:
        here().out.say(_("There is no report yet: `kvkk run` makes one when its period is over."))
        return
    here().out.table(
        (_("No"), _("First day"), _("Last day"), _("Made")),
        [
            (str(row.number), forms.day(row.since), forms.day(row.until - timedelta(days=1)), forms.moment(row.made_at, zone))
            for row in found
        ],
        [(str(row.number), row.since.isoformat(), row.until.isoformat(), row.made_at.isoformat()) for row in found],
    )


@app.command("show", help=N_("Print one report: what was destroyed in its period, table by table, without personal data."))
def show(number: Annotated[int, typer.Argument(metavar="NO", min=1, help=N_("Number of the report."))]) -> None:
    out = here().out
    with here().desk() as desk:
        view = desk.reports.show(desk.actor, number, words.language())
    out.show(view, lambda: out.document(view.text))
