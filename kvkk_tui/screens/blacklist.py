"""Kara liste: which kinds of details must not open an account again, until when and why; never a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core import DETAIL_KINDS, N_, NONE, BlacklistRow, Checked, Desk, Details, Listing, Removal
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column
from kvkk_tui.words import _, forms, zone

NAME = 8
"""Digits by which an entry is called."""
HOW = {
    "added": N_("The {kind} is on the blacklist until {day}."),
    "extended": N_("The {kind} was on the blacklist already; it stays there until {day}."),
    "there": N_("The {kind} was on the blacklist already, until {day}; nothing was changed."),
    "shared": N_("The {kind} was left out: another customer has it too."),
    "nobody": N_("The {kind} was left out: it identifies nobody."),
}


class BlacklistScreen(ListPage[BlacklistRow]):
    """Entries, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", N_("Add"), id="blacklist.add", tooltip=N_("An e-mail address, a phone number or an id, by hand.")),
        Binding("d", "remove", N_("Take off"), id="blacklist.remove", tooltip=N_("Take the entry off the blacklist, with a reason.")),
        Binding("c", "check", N_("Check"), id="blacklist.check", tooltip=N_("May an account with these details be opened?")),
        Binding("v", "removals", N_("Taken off"), id="blacklist.removals", tooltip=N_("What was taken off by hand, and why.")),
    ]
    ROLES: ClassVar[dict[str, str]] = {"add": "operator", "remove": "operator"}
    TELLS = True
    NOTHING = N_("The blacklist is empty.")

    def key_of(self, row: BlacklistRow) -> Any:
        return row.entry

    def page(self, desk: Desk, after: str | None, limit: int) -> tuple[Sequence[BlacklistRow], str | None]:
        found = desk.blacklist.list(desk.actor, after=after, limit=limit)
        return found.rows, found.cursor

    def columns(self, width: int) -> Sequence[Column[BlacklistRow]]:
        return [
            Column[BlacklistRow](N_("Entry"), NAME, lambda row: piece(row.entry[:NAME], "key")),
            Column[BlacklistRow](N_("Kind"), 18, lambda row: Piece(forms().named("detail", row.kind))),
            Column[BlacklistRow](N_("Counts until"), 18, _until),
            Column[BlacklistRow](N_("Request"), 8, lambda row: Piece(str(row.request or NONE)), right=True),
            Column[BlacklistRow](N_("Reason"), 0, lambda row: piece(row.reason or NONE)),
        ]

    def about(self, lines: Lines, row: BlacklistRow) -> None:
        added = f"{forms().moment(row.added_at, zone())}, {row.added_by}"
        lines.fields(((_("Entry"), row.entry, "dim"), (_("Added"), added), (_("Reason"), row.reason or NONE)))
        if row.key_state != "current":
            lines.text(_("Made with an older key, {key}.").format(key=row.key_id), "near")

    def why_not(self, action: str) -> str | None:
        return _("There is no entry here.") if action == "remove" and self.grid.row is None else None

    @work(group="verb")
    async def action_add(self) -> None:
        details = await self._details(_("Add to the blacklist"))
        if details is None:
            return
        reason = await self.ask(
            _("Reason"), _("Why it is listed; recorded, without the details. Empty: the setting blacklist-reason."), needed=False
        )
        if reason is not None:
            await self.carry_out(lambda desk: desk.blacklist.add(desk.actor, details, reason=reason or None), _listed)

    @work(group="verb")
    async def action_remove(self) -> None:
        row = self.grid.row
        if row is None:
            return
        title = f"{_('Take off')} · {forms().named('detail', row.kind)} {row.entry[:NAME]} · {self.console.standing.database}"
        reason = await self.ask(title, _("Why it is taken off; recorded."))
        if reason is not None:
            await self.carry_out(lambda desk: desk.blacklist.remove(desk.actor, row.entry, reason), _taken_off)

    @work(group="verb")
    async def action_check(self) -> None:
        details = await self._details(_("May an account with these details be opened?"))
        if details is not None:
            await self.carry_out(lambda desk: desk.blacklist.check(desk.actor, details), _checked)

    async def _details(self, title: str) -> Details | None:
        """One detail of a person: its kind, then its value."""
        kind = await self.choose(title, [(kind, forms().named("detail", kind)) for kind in DETAIL_KINDS])
        value = await self.ask(title, forms().named("detail", kind)) if kind else None
        return Details(((kind, value),)) if kind and value else None

    def action_removals(self) -> None:
        self.app.push_screen(RemovalsScreen())


class RemovalsScreen(ListPage[Removal]):
    """Entries that were taken off by hand, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", N_("Back"), id="removals.leave")]
    TELLS = True
    NOTHING = N_("Nothing was taken off.")

    def key_of(self, row: Removal) -> Any:
        return row.id

    def page(self, desk: Desk, after: int | None, limit: int) -> tuple[Sequence[Removal], int | None]:
        found = desk.blacklist.removals(desk.actor, after=after, limit=limit)
        return found.rows, found.cursor

    def columns(self, width: int) -> Sequence[Column[Removal]]:
        return [
            Column[Removal](N_("Taken off"), 16, lambda row: Piece(forms().moment(row.removed_at, zone()))),
            Column[Removal](N_("Kind"), 18, lambda row: Piece(forms().named("detail", row.kind))),
            Column[Removal](N_("By"), 20, lambda row: piece(row.removed_by)),
            Column[Removal](N_("Reason"), 0, lambda row: piece(row.reason)),
        ]

    def about(self, lines: Lines, row: Removal) -> None:
        added = f"{forms().moment(row.added_at, zone())}, {row.added_by}"
        lines.fields(((_("Added"), added), (_("Request"), str(row.request or NONE)), (_("Reason"), row.reason)))

    def action_leave(self) -> None:
        self.dismiss()


def _until(row: BlacklistRow) -> Piece:
    day = forms().day(row.expires_on)
    return Piece(_("ended {day}").format(day=day), "dim") if row.ended else Piece(day)


def _listed(done: tuple[Listing, ...]) -> str:
    told = [_(HOW[one.how]).format(kind=forms().named("value", one.kind), day=forms().day(one.expires_on)) for one in done]
    kept = _("The {kind} belongs to customers who keep their accounts: {keys}.")
    told += [kept.format(kind=forms().named("value", one.kind), keys=", ".join(one.customers)) for one in done if one.customers]
    return " ".join(told)


def _taken_off(done: Removal) -> str:
    return _("The {kind} was taken off the blacklist.").format(kind=forms().named("value", done.kind))


def _checked(found: Checked) -> str:
    if not found.listed:
        return _("Not on the blacklist.")
    return _("On the blacklist: {kinds}.").format(kinds=forms().listed(forms().named("value", kind) for kind in found.kinds))
