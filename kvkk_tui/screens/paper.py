"""Papers as text: the certificate and the letter of a request, a destruction report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, Desk, KvkkError
from kvkk_tui.lines import Lines
from kvkk_tui.page import Page
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, language


class PaperScreen(Page):
    """One document. The letter is in the customer's language, the others in that of the console."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", N_("Back"), id="paper.leave")]

    def __init__(self, number: int, kind: str) -> None:
        super().__init__()
        self._number, self._kind, self._text = number, kind, ""

    def body(self) -> Iterable[Widget]:
        yield Sheet(self._draw)

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        try:
            self._text = await self.lanes.work(self._document)
        except KvkkError as error:
            self.complain(error)
            self.dismiss()
            return
        self.query_one(Sheet).again()

    def _document(self, desk: Desk) -> str:
        if self._kind == "letter":
            return desk.papers.letter(desk.actor, self._number)
        if self._kind == "report":
            return desk.reports.show(desk.actor, self._number, language()).text
        return desk.papers.certificate(desk.actor, self._number, language()).text

    def _draw(self, lines: Lines) -> None:
        lines.document(self._text or _("Reading…"))

    def spoken(self) -> None:
        super().spoken()
        self._read()

    def action_leave(self) -> None:
        self.dismiss()
