"""A request filed on the customer's behalf."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, NONE, Channel, CustomerRow, Kind, NewRequest, RequestRow
from kvkk_tui.asked import AskedPage, on
from kvkk_tui.lines import Lines
from kvkk_tui.widgets.form import Choice, Form, Row
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms


class FileScreen(AskedPage):
    """Kind, channel, day of receipt, how the identity was verified, a note."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "file", N_("File the request"), id="file.go"),
        Binding("1", "kind('anonymise')", N_("Anonymise the data"), show=False, id="file.anonymise"),
        Binding("2", "kind('erase')", N_("Erase the data"), show=False, id="file.erase"),
        Binding("n", "note", N_("Note"), id="file.note"),
        Binding("escape,q", "leave", N_("Back"), id="file.leave"),
    ]

    def __init__(self, customer: CustomerRow) -> None:
        super().__init__()
        self._customer = customer
        self._kind: Kind | None = None
        self._note = ""

    def body(self) -> Iterable[Widget]:
        yield Form(self._rows)
        yield Sheet(self._draw)

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()

    def _rows(self) -> list[Row]:
        say = forms()
        kinds = [(str(i), kind, say.named("kind", kind), self._kind is kind) for i, kind in enumerate((Kind.ANONYMISE, Kind.ERASE), 1)]
        rows: list[Row] = [(_("Customer"), (Choice("", "", f"{self._customer.name} ({self._customer.key})", style="near"),))]
        rows += [
            (_("Request type") if key == "1" else "", (Choice(key, f"kind('{kind}')", name, "(●) " if here else "( ) ", on(here)),))
            for key, kind, name, here in kinds
        ]
        return [*rows, *self.asked(), (_("Note"), (Choice("n", "note", self._note or NONE, style=on(bool(self._note))),))]

    def _draw(self, lines: Lines) -> None:
        lines.text(_("The customer is told that the request was received, and the deadline runs from the day of receipt."), "dim")
        if self.channel is Channel.PHONE:
            lines.text(_("A phone call is no valid channel under KVKK: ask the customer for a written confirmation."), "bad")

    def why_not(self, action: str) -> str | None:
        return _("Choose first what the customer asks for (1 or 2).") if action == "file" and self._kind is None else None

    def action_kind(self, name: str) -> None:
        self._kind = Kind(name)
        self.again()

    @work(group="ask")
    async def action_note(self) -> None:
        text = await self.ask(_("Note"), _("For colleagues; it is cleared when the request is resolved."), self._note, needed=False)
        if text is not None:
            self._note = text
            self.again()

    @work(exclusive=True, group="file")
    async def action_file(self) -> None:
        if self._kind is None:
            return
        new = NewRequest(
            customer=self._customer.key,
            kind=self._kind,
            channel=self.channel or Channel.OTHER,
            received_on=self.received,
            verified_by=self.verified or None,
            note=self._note or None,
        )
        if await self.carry_out(lambda desk: desk.requests.add(desk.actor, new), self._filed) is not None:
            self.dismiss()  # last: it ends this worker too

    def _filed(self, row: RequestRow) -> str:
        self.console.news.own(row.number)
        said = _("Request {number} is filed; it must be answered by {day}.")
        return said.format(number=row.number, day=forms().day(row.due_on))

    def action_leave(self) -> None:
        self.dismiss()
