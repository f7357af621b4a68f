"""What every full screen has: the line above, the keys below, a live change of language, and an answer to a dimmed key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from core import KvkkError
from kvkk_tui.lanes import Lanes
from kvkk_tui.widgets.bars import KeyBar, TopBar
from kvkk_tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from core import Desk
    from kvkk_tui.app import Console

Done = TypeVar("Done")
LONG_S = 12.0
"""Seconds that a word of several lines stays."""


class Page(Screen[Any]):
    """A screen of the console."""

    AUTO_FOCUS = None
    ROLES: ClassVar[dict[str, str]] = {}
    """Action -> the least role that may do it, where the record of what is shown does not say so itself."""

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
        """The sentence that says why an action cannot be done now, None when it can. Roles apart."""
        return None

    def against(self, action: str) -> str | None:
        """The same, with the role that it needs."""
        needed = self.ROLES.get(action.partition("(")[0])
        return (self.console.role_too_low(needed) if needed else None) or self.why_not(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if self.against(action) else True

    def refuses(self, key: str) -> bool:
        """Whether a dimmed key was pressed; says why nothing happens."""
        active = self.active_bindings.get(key)
        reason = self.against(active.binding.action) if active is not None and not active.enabled else None
        if reason:
            self.console.tell(reason, severity="warning")
        return bool(reason)

    async def carry_out(self, verb: Callable[[Desk], Done], told: Callable[[Done], str], *, stays: bool = False) -> Done | None:
        """Do it, say what came of it, and show what has changed; None when it could not be done, which is told too.

        `stays`: there is more to read, and it stays longer.
        """
        try:
            done = await self.lanes.change(verb)
        except KvkkError as error:
            self.complain(error)
            return None
        self.console.tell(told(done), timeout=LONG_S if stays else None)
        await self.console.moved()
        return done

    # -- questions: their room is loaded with the first one -------------------------------------------------------

    async def ask(
        self,
        title: str,
        question: str,
        value: str = "",
        *,
        needed: bool = True,
        exactly: str | None = None,
        check: Callable[[str], str | None] | None = None,
    ) -> str | None:
        """A line of text, None when the question was left. See `dialogs.Ask`."""
        from kvkk_tui.dialogs import Ask

        found: str | None = await self.app.push_screen_wait(Ask(title, question, value, needed=needed, exactly=exactly, check=check))
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
