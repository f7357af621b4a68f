"""`kvkk customers`: find, show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import forms, values, views
from kvkk_cli.session import here
from kvkk_cli.values import Customer
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import CustomerRow

app = typer.Typer()


@app.command("find", help=N_("Find customers by a part of the name, e-mail address or phone number."))
def find(
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False, help=N_("What to look for; - reads it from standard input."))],
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="N", help=N_("At most so many."))] = 50,
) -> None:
    wanted = values.customer(text)
    with here().desk() as desk:
        rows = desk.customers.find(desk.actor, wanted, limit)
    here().out.show(rows, lambda: _table(rows))


def _table(rows: tuple[CustomerRow, ...]) -> None:
    here().out.table(
        (_("Key"), _("Name"), _("E-mail"), _("Phone"), _("Services"), _("Invoices")),
        [
            (
                row.key,
                row.name,
                row.email or forms.NONE,
                row.phone or forms.NONE,
                forms.services(row.services),
                forms.invoices(row.invoices),
            )
            for row in rows
        ],
        [(row.key, row.name, row.email or "", row.phone or "", *views.plain_status(row)) for row in rows],
    )
    if not rows:
        here().out.say(_("No customer was found."))


@app.command("show", help=N_("Show one customer: services, invoices, consent, requests, and how many rows are stored."))
def show(customer: Customer) -> None:
    session = here()
    wanted = values.customer(customer)
    with session.desk() as desk:
        detail = desk.customers.show(desk.actor, wanted)
        session.out.show(detail, lambda: views.customer(session.out, detail, session.zone(desk)))
