"""`kvkk access`: may this account be used?"""

from __future__ import annotations

import typer

from core import N_, Exit
from kvkk_cli import values
from kvkk_cli.forms import named
from kvkk_cli.session import here
from kvkk_cli.values import Customer

app = typer.Typer()


@app.callback()
def access() -> None:
    """Keeps `check` a sub-command; a single command would take the group's place."""


@app.command(
    "check",
    help=N_(
        "May this account be used? Prints allowed, blocked, consent-required or unknown; ends with 0 when it may, else with 3. "
        "Says nothing of the person."
    ),
)
def check(customer: Customer) -> None:
    session = here()
    wanted = values.customer(customer)
    with session.desk() as desk:
        answer = desk.access.check(desk.actor, wanted)
    word = answer.reason or "allowed"
    session.out.show(answer, lambda: session.out.sentence(named("gate", word) if session.out.on_terminal else word))
    if not answer.allowed:
        session.status = Exit.NOT_ALLOWED
