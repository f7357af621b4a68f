"""Personel: who may do what. The first change closes a database that was open to everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from core import N_, Desk, Role, StaffBook, StaffChange, StaffMember
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, zone

MEANS = {
    "viewer": N_("Sees requests, lists and settings; changes nothing."),
    "operator": N_("Works on requests, consent, exports, blacklist and messages."),
    "admin": N_("Also settings, templates and staff."),
}


class StaffScreen(ListPage[StaffMember]):
    """Accounts with a role."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "role", N_("Change the role"), id="staff.role"),
        Binding("a", "add", N_("Add"), id="staff.add", tooltip=N_("Give an account of the operating system a role.")),
        Binding("d", "remove", N_("Take the role away"), id="staff.remove"),
    ]
    ROLES: ClassVar[dict[str, str]] = dict.fromkeys(("role", "add", "remove"), "admin")
    TELLS = True

    def __init__(self) -> None:
        super().__init__()
        self._book: StaffBook | None = None

    def key_of(self, row: StaffMember) -> Any:
        return row.account

    def page(self, desk: Desk, after: None, limit: int) -> tuple[Sequence[StaffMember], None]:
        self._book = desk.staff.list(desk.actor)
        return self._book.members, None

    def columns(self, width: int) -> Sequence[Column[StaffMember]]:
        return [
            Column[StaffMember](N_("Account"), 24, lambda row: piece(row.account, "key")),
            Column[StaffMember](N_("Role"), 12, lambda row: Piece(forms().named("role", row.role))),
            Column[StaffMember](N_("Since"), 16, lambda row: Piece(forms().moment(row.added_at, zone()))),
            Column[StaffMember](N_("Added by"), 0, lambda row: piece(row.added_by)),
        ]

    def empty(self) -> Sequence[str]:
        if self._book is None:
            return [_("Reading…")]
        database = self.console.standing.database
        return [
            _("No staff are registered: whoever can open {database} acts as admin.").format(database=database),
            _("The first account that gets a role closes it; you become an admin then."),
        ]

    def about(self, lines: Lines, row: StaffMember) -> None:
        lines.text(_(MEANS[row.role.value]))
        if self._book is not None and row.account == self._book.account:
            lines.text(_("This is you."), "near")

    def why_not(self, action: str) -> str | None:
        return _("There is no account here.") if action in ("role", "remove") and self.grid.row is None else None

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_role()

    @work(group="verb")
    async def action_add(self) -> None:
        question = _("Name of an account of the operating system, such as ayse.")
        account = await self.ask(f"{_('Add')} · {self.console.standing.database}", question)
        if account:
            await self._give(account, "operator")

    @work(group="verb")
    async def action_role(self) -> None:
        row = self.grid.row
        if row is not None:
            await self._give(row.account, row.role.value)

    async def _give(self, account: str, now: str) -> None:
        options = [(role.value, f"{forms().named('role', role)} – {_(MEANS[role.value])}") for role in Role]
        chosen = await self.choose(f"{_('Role')} · {account} · {self.console.standing.database}", options, now)
        if chosen is not None:
            await self._changed(lambda desk: desk.staff.add(desk.actor, account, Role(chosen)))

    @work(group="verb")
    async def action_remove(self) -> None:
        row = self.grid.row
        if row is None:
            return
        title = f"{_('Take the role away')} · {row.account} · {self.console.standing.database}"
        if await self.confirm(title, _("The account can do nothing here any more.")):
            await self._changed(lambda desk: desk.staff.remove(desk.actor, row.account))

    async def _changed(self, verb: Callable[[Desk], StaffChange]) -> None:
        done = await self.carry_out(verb, _told)
        if done is not None and done.first_admin:
            lost = _("These accounts could work here until now and have no role: {accounts}.")
            said = lost.format(accounts=", ".join(done.shut_out)) if done.shut_out else ""
            closed = _("From now on a role is needed; {account} is the first admin.").format(account=done.first_admin)
            self.console.tell(f"{closed} {said}".strip(), severity="warning", timeout=30)
        await self.console.moved()


def _told(done: StaffChange) -> str:
    said = f"{done.account}: {forms().named('role', done.now) if done.now else _('no role any more')}"
    if done.now and not done.known_here:
        said += " " + _("This machine knows no account {account}: is the name right?").format(account=done.account)
    return said
