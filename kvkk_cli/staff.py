"""`kvkk staff`: list, add, remove, recover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core import N_, UsageError
from kvkk_cli.forms import moment, named
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, StaffBook, StaffChange

app = typer.Typer()

Roles = Literal["viewer", "operator", "admin"]
ROLES = ("viewer", "operator", "admin")
Account = Annotated[
    str, typer.Argument(metavar="ACCOUNT", show_default=False, help=N_("Name of an operating-system account, such as ayse."))
]


@app.command("list", help=N_("List the accounts that have a role, and as whom you count yourself."))
def list_() -> None:
    with here().desk() as desk:
        book = desk.staff.list(desk.actor)
        here().out.show(book, lambda: _book(book, here().zone(desk)) if book.members else None)
        if book.open:
            here().out.warn(_("No staff are registered: whoever can open {database} acts as admin.").format(database=desk.label))
        else:
            here().out.say(_("You are {account}: {role}.").format(account=book.account, role=named("role", book.role)))


def _book(book: StaffBook, zone: str) -> None:
    here().out.table(
        (_("Account"), _("Role"), _("Since"), _("Added by")),
        [(one.account, named("role", one.role), moment(one.added_at, zone), one.added_by) for one in book.members],
        [(one.account, str(one.role), one.added_at.isoformat(), one.added_by) for one in book.members],
    )


@app.command(
    "add",
    help=N_(
        "Give an account a role, or another one: viewer (reads), operator (works on requests), admin (also settings and staff). "
        "The first call closes a database that was open to everybody, and makes you an admin."
    ),
)
def add(
    account: Account,
    role: Annotated[Roles | None, typer.Argument(metavar="ROLE", show_default=False, help=N_("viewer, operator or admin."))] = None,
    role_option: Annotated[Roles | None, typer.Option("--role", hidden=True)] = None,
) -> None:
    from core import Role

    chosen = role or role_option
    if chosen is None:
        raise UsageError("role-missing", allowed=ROLES)
    with here().desk() as desk:
        _changed(desk, desk.staff.add(desk.actor, account, Role(chosen)))


@app.command("remove", help=N_("Take the role of an account away: it can do nothing here any more."))
def remove(account: Account) -> None:
    with here().desk() as desk:
        _changed(desk, desk.staff.remove(desk.actor, account))


@app.command("recover", help=N_("As root of this machine, make an account admin when no admin can be asked; it is recorded."))
def recover(
    account: Annotated[
        str | None,
        typer.Argument(metavar="[ACCOUNT]", show_default=False, help=N_("The new admin; the account that called sudo when left out.")),
    ] = None,
) -> None:
    with here().desk() as desk:
        _changed(desk, desk.staff.recover(desk.actor, account))


def _changed(desk: Desk, change: StaffChange) -> None:
    out = here().out
    told = named("role", change.now) if change.now else _("no role any more")
    out.show(change, lambda: out.sentence(f"{change.account}: {told}"))
    if change.before and change.now:
        out.say(_("It was: {value}").format(value=named("role", change.before)))
    if change.now and not change.known_here:
        out.warn(_("This machine knows no account {account}: is the name right?").format(account=change.account))
    if change.first_admin:
        _closed(desk, change)


def _closed(desk: Desk, change: StaffChange) -> None:
    out = here().out
    told = _("{database} was open to whoever can open the file or log in. From now on a role is needed; {account} is the first admin.")
    out.warn(told.format(database=desk.label, account=change.first_admin))
    if change.shut_out:
        lost = _("These accounts could work here until now and have no role: {accounts}.")
        out.warn(lost.format(accounts=", ".join(change.shut_out)))
    out.warn(
        _("Give a role to each account that needs one, the one that cron or a timer runs kvkk with too: `kvkk staff add ACCOUNT ROLE`.")
    )
