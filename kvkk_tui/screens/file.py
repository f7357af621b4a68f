"""A request filed on the customer's behalf."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, Channel, CustomerRow, Kind, NewRequest, RequestRow
from kvkk_tui.lines import Lines
from kvkk_tui.page import Page
from kvkk_tui.widgets.form import Choice, Form, Row
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms


class FileScreen(Page):
    """Kind, channel, day of receipt, how the identity was verified, a note."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "file", N_("File the request"), id="file.go"),
        Binding("1", "kind('anonymise')", N_("Anonymise the data"), show=False, id="file.anonymise"),
        Binding("2", "kind('erase')", N_("Erase the data"), show=False, id="file.erase"),
        Binding("c", "channel", N_("Channel"), id="file.channel"),
        Binding("d", "received", N_("Day of receipt"), id="file.received"),
        Binding("v", "verified", N_("Identity"), id="file.verified", tooltip=N_("How the identity was verified.")),
        Binding("n", "note", N_("Note"), id="file.note"),
        Binding("escape,q", "leave", N_("Back"), id="file.leave"),
    ]

    def __init__(self, customer: CustomerRow) -> None:
        super().__init__()
        self._customer = customer
        self._kind: Kind | None = None
        self._channel = Channel.OTHER
        self._received: date | None = None
        self._verified = self._note = ""

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
            (_("Request type") if key == "1" else "", (Choice(key, f"kind('{kind}')", name, "(●) " if here else "( ) ", _on(here)),))
            for key, kind, name, here in kinds
        ]
        received = say.day(self._received) if self._received else _("today")
        rows += [
            (_("Channel"), (Choice("c", "channel", say.named("channel", self._channel)),)),
            (_("Day of receipt"), (Choice("d", "received", received, style=_on(self._received is not None)),)),
            (_("Identity verified"), (Choice("v", "verified", self._verified or "–", style=_on(bool(self._verified))),)),
            (_("Note"), (Choice("n", "note", self._note or "–", style=_on(bool(self._note))),)),
        ]
        return rows

    def _draw(self, lines: Lines) -> None:
        lines.text(_("The customer is told that the request was received, and the deadline runs from the day of receipt."), "dim")
        if self._channel is Channel.PHONE:
            lines.text(_("A phone call is no valid channel under KVKK: ask the customer for a written confirmation."), "bad")

    def _again(self) -> None:
        self.query_one(Form).refresh()
        self.query_one(Sheet).again()
        self.refresh_bindings()

    def why_not(self, action: str) -> str | None:
        return _("Choose first what the customer asks for (1 or 2).") if action == "file" and self._kind is None else None

    def action_kind(self, name: str) -> None:
        self._kind = Kind(name)
        self._again()

    @work(group="ask")
    async def action_channel(self) -> None:
        options = [(channel.value, forms().named("channel", channel)) for channel in Channel]
        chosen = await self.choose(_("Over which channel?"), options, self._channel.value)
        if chosen is not None:
            self._channel = Channel(chosen)
            self._again()

    @work(group="ask")
    async def action_received(self) -> None:
        question = _("As 23.11.2026 or 2026-11-23; empty means today.")
        value = forms().day(self._received) if self._received else ""
        while True:
            text = await self.ask(_("Day of receipt"), question, value, needed=False)
            if text is None:
                return
            try:
                self._received = read_day(text) if text else None
            except ValueError:
                question, value = _("That is no day. As 23.11.2026 or 2026-11-23; empty means today."), text
                continue
            self._again()
            return

    @work(group="ask")
    async def action_verified(self) -> None:
        text = await self.ask(_("Identity verified"), _("How was the identity of the customer verified?"), self._verified, needed=False)
        if text is not None:
            self._verified = text
            self._again()

    @work(group="ask")
    async def action_note(self) -> None:
        text = await self.ask(_("Note"), _("For colleagues; it is cleared when the request is resolved."), self._note, needed=False)
        if text is not None:
            self._note = text
            self._again()

    @work(exclusive=True, group="file")
    async def action_file(self) -> None:
        if self._kind is None:
            return
        new = NewRequest(
            customer=self._customer.key,
            kind=self._kind,
            channel=self._channel,
            received_on=self._received,
            verified_by=self._verified or None,
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


def read_day(text: str) -> date:
    """A day as people write it. Raises ValueError."""
    parts = text.split(".")
    if len(parts) == 3:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    return date.fromisoformat(text)


def _on(here: bool) -> str:
    return "text" if here else "dim"
