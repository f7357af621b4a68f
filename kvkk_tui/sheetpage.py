"""A screen that is one document about one thing: read when it opens, read again when something has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import work
from textual.widget import Widget

from core import KvkkError
from kvkk_tui.lines import Lines
from kvkk_tui.page import Page
from kvkk_tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from core import Desk

T = TypeVar("T")


class SheetPage(Page, Generic[T]):
    """A subclass says how it is read and how it is drawn; until it was read, `seen` is None."""

    SHEET: str | None = None
    """Id of the document, where the stylesheet knows it."""
    seen: T | None = None

    def read(self, desk: Desk) -> T:
        """What the document is about. Raises KvkkError, which is told; what was read before then stays."""
        raise TypeError("a document says what it is about")

    def draw(self, lines: Lines) -> None:
        """The document, from `seen`."""

    def body(self) -> Iterable[Widget]:
        yield Sheet(self.draw, id=self.SHEET)

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()
        self.action_read()

    @work(exclusive=True, group="read")
    async def action_read(self) -> None:
        await self.changed()

    async def ask_for(self) -> T:
        """Read it in the lane of what the screen shows. Raises KvkkError."""
        return await self.lanes.quick(self.read)

    async def changed(self) -> None:
        try:
            self.seen = await self.ask_for()
        except KvkkError as error:
            self.complain(error)
            return
        self.query_one(Sheet).again()
        self.refresh_bindings()

    def action_leave(self) -> None:
        self.dismiss()
