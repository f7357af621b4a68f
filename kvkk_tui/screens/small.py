"""Covers everything while the window is too small to read: nobody should press keys that they cannot see the meaning of."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from kvkk_tui.dialogs import said
from kvkk_tui.terminal import LEAST, too_small
from kvkk_tui.words import _


class SmallScreen(ModalScreen[None]):
    """Takes every key but those of the application; goes by itself when the window has grown."""

    def compose(self) -> ComposeResult:
        yield Static(said(""), id="small")

    def _tell(self) -> None:
        size = self.app.size
        words = _("The window is too small: {width}×{height}. It must be at least {least_width}×{least_height}.")
        told = words.format(width=size.width, height=size.height, least_width=LEAST[0], least_height=LEAST[1])
        self.query_one("#small", Static).update(said(told))

    def _look(self) -> None:
        if not self.is_current:
            return
        if too_small(*self.app.size):
            self._tell()
        else:
            self.dismiss()

    def on_resize(self, _event: events.Resize) -> None:
        self._look()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        self._look()
