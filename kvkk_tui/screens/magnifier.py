"""The magnifier as a screen of its own, for narrow terminals and for requests that are named elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, KvkkError
from kvkk_tui import views
from kvkk_tui.lines import Lines
from kvkk_tui.verbs import RequestPage
from kvkk_tui.widgets.sheet import Sheet


class MagnifierScreen(RequestPage):
    """Everything about one request."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", N_("Back"), id="magnifier.leave"),
        Binding("r", "read", N_("Refresh"), show=False, id="magnifier.refresh"),
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def body(self) -> Iterable[Widget]:
        yield Sheet(self._draw, id="detail-alone")

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()
        self.action_read()

    @work(exclusive=True, group="detail")
    async def action_read(self) -> None:
        await self.changed()

    async def changed(self) -> None:
        number = self._number
        try:
            self.detail = await self.lanes.quick(lambda desk: desk.requests.show(desk.actor, number))
        except KvkkError as error:
            self.complain(error)
            return
        self.query_one(Sheet).again()
        self.refresh_bindings()

    def _draw(self, lines: Lines) -> None:
        if self.detail is None:
            lines.text("…", "dim")
        else:
            views.request(lines, self.detail, self.console.near)

    def action_leave(self) -> None:
        self.dismiss()
