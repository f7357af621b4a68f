"""`kvkk access`: may this account be used, may one be opened, and what staff do at that door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core import N_, Exit
from kvkk_cli import details, values
from kvkk_cli.forms import named
from kvkk_cli.session import here
from kvkk_cli.values import Customer
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Admission, Restored

app = typer.Typer()


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


@app.command(
    "register",
    help=N_(
        "May an account with these details be opened? Reads them as JSON from standard input, or asks for them on a terminal; "
        "ends with 0 when it may, with 3 when one of them is on the blacklist."
    ),
)
def register() -> None:
    given = details.read()
    with here().desk() as desk:
        answer = desk.admission.register(desk.actor, given)
    here().out.show(answer, lambda: _answer(answer))
    if not answer.allowed:
        here().status = Exit.NOT_ALLOWED


def _answer(answer: Admission) -> None:
    out = here().out
    if not out.on_terminal:
        out.line("\t".join(("allowed",) if answer.allowed else ("blacklisted", *answer.blacklisted)))
    elif answer.allowed:
        out.sentence(_("An account with these details may be opened."))
    else:
        kinds = ", ".join(named("value", kind) for kind in answer.blacklisted)
        out.sentence(_("An account with these details may not be opened. On the blacklist: {kinds}.").format(kinds=kinds))


@app.command(
    "restore",
    help=N_(
        "Undo a block of access that was a mistake. The old password stays dead: the customer needs a new one. "
        "After a mask or an erase nothing can be given back."
    ),
)
def restore(
    customer: Customer,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help=N_("Why; kept with the request, not told to the customer."), show_default=False)
    ] = "",
) -> None:
    wanted = values.customer(customer)
    with here().desk() as desk:
        done = desk.admission.restore(desk.actor, wanted, reason)
    here().out.show(done, lambda: _restored(done))
    if done.left:
        told = _("These columns were changed since and stay as they are: {columns}.")
        here().out.warn(told.format(columns=", ".join(done.left)))
    if done.blacklisted:
        told = _("Entries on the blacklist that stay: {count}. `kvkk blacklist list --request {number}` shows them.")
        here().out.warn(told.format(count=done.blacklisted, number=done.request))


def _restored(done: Restored) -> None:
    out = here().out
    out.sentence(_("Customer {key} may use the account again. The old password stays dead.").format(key=done.customer))
    out.say(_("The customer chooses a new one: `kvkk access reset {key}` sends a link.").format(key=done.customer))


@app.command("reset", help=N_("Send the customer, who asked for it, a link to a new password; it goes to the address that is stored."))
def reset(customer: Customer) -> None:
    wanted = values.customer(customer)
    with here().desk() as desk:
        done = desk.admission.send_reset(desk.actor, wanted)
    told = _("A link to a new password waits to be sent to customer {key}. It can be used for {minutes} minutes, once.")
    here().out.show(done, lambda: here().out.sentence(told.format(key=done.customer, minutes=done.minutes)))
