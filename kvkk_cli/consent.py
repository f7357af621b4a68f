"""`kvkk consent`: give, withdraw, show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import values, views
from kvkk_cli.requests import Channels
from kvkk_cli.session import here
from kvkk_cli.values import Customer

if TYPE_CHECKING:
    from core import ConsentStatus, Desk

app = typer.Typer()

How = Annotated[
    Channels,
    typer.Option(
        "--channel",
        metavar="CHANNEL",
        help=N_("How it was told: panel, registered-email, letter, in-person, kep, e-signature, phone, other."),
    ),
]


@app.command("give", help=N_("Record that the customer accepts the current consent text."))
def give(customer: Customer, channel: How = "other") -> None:
    from core import Channel

    wanted = values.customer(customer)
    with here().desk() as desk:
        _show(desk, desk.consent.give(desk.actor, wanted, Channel(channel)))


@app.command("withdraw", help=N_("Record that the customer withdraws the consent."))
def withdraw(customer: Customer, channel: How = "other") -> None:
    from core import Channel

    wanted = values.customer(customer)
    with here().desk() as desk:
        _show(desk, desk.consent.withdraw(desk.actor, wanted, Channel(channel)))


@app.command("show", help=N_("Show whether the customer has accepted, which version, when and how."))
def show(customer: Customer) -> None:
    wanted = values.customer(customer)
    with here().desk() as desk:
        _show(desk, desk.consent.show(desk.actor, wanted))


def _show(desk: Desk, status: ConsentStatus) -> None:
    session = here()
    session.out.show(status, lambda: session.out.sentence(views.consent(status, session.zone(desk))))
