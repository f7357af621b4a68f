"""`kvkk downloads`: who downloaded whose data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import forms, values
from kvkk_cli.requests import Limit
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Download, DownloadPage

app = typer.Typer()


@app.callback()
def downloads() -> None:
    """Keeps `list` a sub-command; a single command would take the group's place."""


@app.command("list", help=N_("List exports, newest first: when, whose, by whom, how much."))
def list_(
    customer: Annotated[str | None, typer.Option("--customer", metavar="CUSTOMER", help=N_("Only this customer's data."))] = None,
    limit: Limit = 50,
    after: Annotated[
        int | None, typer.Option("--after", metavar="CURSOR", help=N_("Go on after the page that ended with this cursor."))
    ] = None,
) -> None:
    session = here()
    whose = values.customer(customer) if customer else None
    with session.desk() as desk:
        page = desk.downloads.list(desk.actor, customer=whose, after=after, limit=limit)
        session.out.show(page, lambda: _page(page, session.zone(desk)))


def _page(page: DownloadPage, zone: str) -> None:
    here().out.table(
        (_("No"), _("When"), _("Customer"), _("By"), _("State"), _("Rows"), _("Size"), _("How asked"), _("Reason")),
        [
            (
                str(row.id),
                forms.moment(row.started_at, zone),
                row.customer or forms.NONE,
                row.by,
                forms.named("download", row.state),
                forms.NONE if row.rows is None else str(row.rows),
                forms.size(row.bytes),
                _asked(row),
                row.reason or "",
            )
            for row in page.rows
        ],
        [_plain(row) for row in page.rows],
    )
    if page.cursor:
        here().out.say(_("More: add --after {cursor}").format(cursor=page.cursor))


def _plain(row: Download) -> tuple[str, ...]:
    """A download for scripts."""
    counts = ("" if number is None else str(number) for number in (row.rows, row.bytes))
    asked = (row.channel or "", row.received_on.isoformat() if row.received_on else "", row.verified_by or "")
    return (str(row.id), row.started_at.isoformat(), row.customer or "", row.by, row.state, *counts, row.reason or "", *asked)


def _asked(row: Download) -> str:
    """Channel, day of receipt and how the identity was verified; empty when staff acted of their own accord."""
    if row.channel is None:
        return ""
    parts = (forms.named("channel", row.channel), forms.day(row.received_on), row.verified_by)
    return ", ".join(part for part in parts if part)
