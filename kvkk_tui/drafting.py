"""A text being written beside a live preview: what would be refused says so, with its line, while it is written.

A subclass says what the text is, how it is looked at, how the preview is drawn, and how it is saved.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from core import N_, KvkkError
from kvkk_tui.lines import Lines
from kvkk_tui.page import Page
from kvkk_tui.widgets.draft import Draft
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, told

if TYPE_CHECKING:
    from core import Desk

CALM_S = 0.25
"""Time without a letter before the preview is made anew."""
SIDE_BY_SIDE = 110
Seen = TypeVar("Seen")


class DraftPage(Page, Generic[Seen]):
    """Text and preview, side by side where the terminal is wide."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("Save"), id="editor.save"),
        Binding("f3", "other", N_("Preview"), id="editor.other", tooltip=N_("From the text to its preview and back.")),
        Binding("escape", "leave", N_("Back"), id="editor.leave"),
    ]
    ROLES: ClassVar[dict[str, str]] = {"save": "admin"}

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | KvkkError | None = None
        self._calm: Timer | None = None
        self._begun = ""
        """The text that stood there at first."""

    # -- what a subclass says -------------------------------------------------------------------------------------

    def read(self, desk: Desk) -> str:
        """The text to begin with. Raises KvkkError."""
        raise TypeError("an editor says what it edits")

    def look(self, desk: Desk, text: str) -> Seen:
        """What would become of the text. Raises KvkkError."""
        raise TypeError("an editor says how its text is looked at")

    def draw(self, lines: Lines, seen: Seen) -> None:
        """The preview."""

    def heading(self) -> str:
        """The line above the preview."""
        return ""

    def below(self, lines: Lines) -> None:
        """What stands below the preview, or below what is wrong."""

    def counts_now(self) -> str | None:
        """The text that counts now, None while it is not known."""
        return None

    async def save(self, text: str) -> None:
        """Make it count."""

    # -- the screen -----------------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        yield Container(Draft(id="draft"), Sheet(self._draw, id="rendered"), id="editor")

    def on_mount(self) -> None:
        self._lay_out()
        self.query_one(Draft).focus()
        self._read()

    def on_resize(self, _event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self.query_one("#editor").set_class(self.size.width >= SIDE_BY_SIDE, "-wide")

    @work(exclusive=True, group="detail")
    async def _read(self) -> None:
        try:
            text = await self.lanes.quick(self.read)
        except KvkkError as error:
            self.complain(error)
            return
        if not self.query(Draft):  # the page was left meanwhile, and its parts are gone
            return
        draft = self.query_one(Draft)
        draft.put(text)
        self._begun = draft.text
        self._look()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(CALM_S, self._look)

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        """Make the preview of what is written now."""
        if not self.query(Draft):
            return
        text = self.query_one(Draft).text
        try:
            self._seen = await self.lanes.quick(lambda desk: self.look(desk, text))
        except KvkkError as error:
            self._seen = error
        for sheet in self.query(Sheet):  # none, when the page was left meanwhile
            sheet.again()
        self.refresh_bindings()

    def _draw(self, lines: Lines) -> None:
        lines.text(self.heading(), "title")
        if isinstance(self._seen, KvkkError):
            what, then = told(self._seen)
            lines.text("✗ " + what, "bad")
            lines.text(then, "near", indent=2)
        elif self._seen is not None:
            self.draw(lines, self._seen)
        self.below(lines)

    def why_not(self, action: str) -> str | None:
        if action != "save":
            return None
        if isinstance(self._seen, KvkkError):
            return told(self._seen)[0]
        return None if self._is_changed else _("Nothing was changed.")

    @property
    def _is_changed(self) -> bool:
        now = self.counts_now()
        return now is not None and self.query_one(Draft).text.strip() != now.strip()

    def action_other(self) -> None:
        draft, sheet = self.query_one(Draft), self.query_one(Sheet)
        (sheet if draft.has_focus else draft).focus()

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        await self.save(self.query_one(Draft).text)
        self.refresh_bindings()

    @work(exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """What was written and not saved is thrown away only on purpose."""
        written = self._is_changed and self.query_one(Draft).text != self._begun
        if written and not await self.confirm(_("Back"), _("What you wrote is not saved. Throw it away?")):
            return
        self.dismiss()
