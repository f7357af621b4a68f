"""What every full screen has: the line above, the keys below, a live change of language, and an answer to a dimmed key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from core import KvkkError
from kvkk_tui.lanes import Lanes
from kvkk_tui.widgets.bars import KeyBar, TopBar
from kvkk_tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from kvkk_tui.app import Console


class Page(Screen[Any]):
    """A screen of the console."""

    AUTO_FOCUS = None

    @property
    def console(self) -> Console:
        """The application this screen is in."""
        return cast("Console", self.app)

    @property
    def lanes(self) -> Lanes:
        """The way to the desk."""
        return self.console.lanes

    def compose(self) -> ComposeResult:
        yield TopBar()
        yield from self.body()
        yield KeyBar()

    def body(self) -> Iterable[Widget]:
        """What stands between the lines."""
        return ()

    def spoken(self) -> None:
        """The language has changed: draw everything in the new one."""
        for sheet in self.query(Sheet):
            sheet.again()
        for widget in self.query("*"):
            widget.refresh()

    async def changed(self) -> None:
        """Something in the database has changed."""

    def why_not(self, action: str) -> str | None:
        """The sentence that says why an action cannot be done now, None when it can."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if self.why_not(action) else True

    def on_key(self, event: events.Key) -> None:
        """A dimmed key was pressed: say why nothing happens."""
        active = self.active_bindings.get(event.key)
        if active is not None and not active.enabled:
            reason = self.why_not(active.binding.action)
            if reason:
                event.stop()
                self.console.tell(reason, severity="warning")

    # -- questions: their room is loaded with the first one -------------------------------------------------------

    async def ask(self, title: str, question: str, value: str = "", *, needed: bool = True, exactly: str | None = None) -> str | None:
        """A line of text, None when the question was left. See `dialogs.Ask`."""
        from kvkk_tui.dialogs import Ask

        found: str | None = await self.app.push_screen_wait(Ask(title, question, value, needed=needed, exactly=exactly))
        return found

    async def confirm(self, title: str, question: str) -> bool:
        """Yes or no."""
        from kvkk_tui.dialogs import Confirm

        sure: bool = await self.app.push_screen_wait(Confirm(title, question))
        return sure

    async def choose(self, title: str, options: Sequence[tuple[str, str]], now: str = "") -> str | None:
        """The value of one of the (value, words), None when the question was left."""
        from kvkk_tui.dialogs import Choose

        found: str | None = await self.app.push_screen_wait(Choose(title, options, now))
        return found

    def complain(self, error: KvkkError) -> None:
        """Say what went wrong and what to do next."""
        self.console.complain(error)
