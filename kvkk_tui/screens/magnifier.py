"""The magnifier as a screen of its own, for narrow terminals and for requests that are named elsewhere."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from core import N_, Desk, RequestDetail
from kvkk_tui import views
from kvkk_tui.lines import Lines
from kvkk_tui.sheetpage import SheetPage
from kvkk_tui.verbs import RequestPage


class MagnifierScreen(SheetPage[RequestDetail], RequestPage):
    """Everything about one request."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", N_("Back"), id="magnifier.leave"),
        Binding("r", "read", N_("Refresh"), show=False, id="magnifier.refresh"),
    ]

    SHEET = "detail-alone"

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    @property
    def detail(self) -> RequestDetail | None:  # type: ignore[override]  # it is what was read
        return self.seen

    def read(self, desk: Desk) -> RequestDetail:
        return desk.requests.show(desk.actor, self._number)

    def draw(self, lines: Lines) -> None:
        if self.seen is None:
            lines.text("…", "dim")
        else:
            views.request(lines, self.seen, self.console.near)
