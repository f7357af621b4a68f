"""How a customer's word came in: over which channel, on which day, how the identity was verified. Shared by the forms that record one."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core import N_, NONE, Channel
from kvkk_tui.page import Page
from kvkk_tui.widgets.form import Choice, Form, Row
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms

NOBODY = "-"
"""Stands for no channel in the question."""


class AskedPage(Page):
    """A form with these three lines. `CHANNEL_NEEDED`: somebody must have asked; else staff may act of their own accord."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "channel", N_("Channel"), id="asked.channel"),
        Binding("d", "received", N_("Day of receipt"), id="asked.received"),
        Binding("v", "verified", N_("Identity"), id="asked.verified", tooltip=N_("How the identity was verified.")),
    ]
    CHANNEL_NEEDED = True

    def __init__(self) -> None:
        super().__init__()
        self.channel: Channel | None = Channel.OTHER if self.CHANNEL_NEEDED else None
        self.received: date | None = None
        self.verified = ""

    def again(self) -> None:
        """Something was chosen: draw it."""
        self.query_one(Form).refresh()
        self.query_one(Sheet).again()
        self.refresh_bindings()

    def asked(self) -> list[Row]:
        """The lines of the form."""
        say = forms()
        received = say.day(self.received) if self.received else _("today") if self.channel else NONE
        channel = say.named("channel", self.channel) if self.channel else _("nobody asked")
        return [
            (_("Channel"), (Choice("c", "channel", channel, style=on(self.channel is not None)),)),
            (_("Day of receipt"), (Choice("d", "received", received, style=on(self.received is not None)),)),
            (_("Identity verified"), (Choice("v", "verified", self.verified or NONE, style=on(bool(self.verified))),)),
        ]

    @work(group="ask")
    async def action_channel(self) -> None:
        options = [(channel.value, forms().named("channel", channel)) for channel in Channel]
        if not self.CHANNEL_NEEDED:
            options.insert(0, (NOBODY, _("nobody asked")))
        chosen = await self.choose(_("Over which channel?"), options, self.channel.value if self.channel else NOBODY)
        if chosen is not None:
            self.channel = None if chosen == NOBODY else Channel(chosen)
            self.again()

    @work(group="ask")
    async def action_received(self) -> None:
        question = _("As 23.11.2026 or 2026-11-23; empty means today.")
        value = forms().day(self.received) if self.received else ""
        while True:
            text = await self.ask(_("Day of receipt"), question, value, needed=False)
            if text is None:
                return
            try:
                self.received = read_day(text) if text else None
            except ValueError:
                question, value = _("That is no day. As 23.11.2026 or 2026-11-23; empty means today."), text
                continue
            self.again()
            return

    @work(group="ask")
    async def action_verified(self) -> None:
        text = await self.ask(_("Identity verified"), _("How was the identity of the customer verified?"), self.verified, needed=False)
        if text is not None:
            self.verified = text
            self.again()


def read_day(text: str) -> date:
    """A day as people write it. Raises ValueError."""
    parts = text.split(".")
    if len(parts) == 3:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    return date.fromisoformat(text)


def on(here: bool) -> str:
    """How a choice looks that was made, or not."""
    return "text" if here else "dim"
