"""A Textual application that is a good guest: it leaves the terminal as it found it, and shows nobody's data in a crash.

Everything that Textual does otherwise, and that is dangerous with personal data or over SSH, is set right here and only here;
tests under a pty guard what is private to Textual (`_fatal_error`, `_exit_renderables`, `_driver`).

| trap                                             | here                                                                     |
|--------------------------------------------------|--------------------------------------------------------------------------|
| SIGTERM leaves the alternate screen and mouse on | leaves in order with 143; after 3 s without, the process ends anyway       |
| SIGHUP on a dead pty: a clean exit blocks        | keeps its default action                                                 |
| a crash prints local variables                   | a reference number and the place; the text only under KVKK_DEBUG=1        |
| the palette writes screenshots of people's data  | no palette of Textual's, no screenshot                                   |
| blank after Ctrl+Z and fg                        | drawn anew                                                               |
| 16 colours: black on black                       | the ansi theme                                                           |
| keys typed ahead act on the screen behind        | they go to what has opened meanwhile                                     |
| English words                                    | none of Textual's own are shown                                          |
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from core import N_, safe
from kvkk_tui.calmcss import CalmStylesheet
from kvkk_tui.calmdriver import CalmDriver
from kvkk_tui.signs import magnifier
from kvkk_tui.words import _

DEBUG = "KVKK_DEBUG"
MEANT_FOR = "_kvkk_meant_for"
"""What of a key says to which widget it was handed."""
TERMINATED = 143
PATIENCE_S = 3.0
"""How long leaving may take after SIGTERM: a terminal that is gone takes no more output."""
CALM = Theme(
    name="kvkk",
    primary="#4f8fba",
    secondary="#6c9a8b",
    accent="#d9a441",
    warning="#d9a441",
    error="#e0605e",
    success="#7bb274",
    foreground="#d7dce2",
    background="#14181d",
    surface="#1a1f26",
    panel="#222932",
    dark=True,
    variables={
        "quiet": "#97a1ad",
        "faint": "#6b7581",
        "block-cursor-background": "#3a6d8c",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)
PLAIN = Theme(
    name="kvkk-16",
    ansi=True,
    primary="ansi_bright_cyan",
    secondary="ansi_cyan",
    accent="ansi_bright_yellow",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    success="ansi_bright_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "quiet": "ansi_default",
        "faint": "ansi_bright_black",
        **dict.fromkeys(("ansi-background", "border-blurred", "block-cursor-foreground"), "ansi_black"),
        **dict.fromkeys(("ansi-foreground", "input-cursor-foreground"), "ansi_white"),
        "block-cursor-background": "ansi_bright_cyan",
        "block-cursor-text-style": "bold",
        "input-cursor-background": "ansi_black",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_bright_blue",
        "screen-selection-foreground": "ansi_black",
    },
)
"""For 16 colours: the terminal's own, bright ones for what must be seen."""


class SafeApp(App[Any]):
    """The base of the console."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "help_quit", N_("How to leave"), show=False, id="app.ctrl-c", system=True),
        Binding("ctrl+q", "quit", N_("Quit"), show=False, id="app.quit", priority=True),
        Binding("ctrl+z", "suspend_process", N_("Suspend; `fg` comes back"), show=False, id="app.suspend", priority=True),
        Binding("ctrl+l", "redraw", N_("Draw the screen anew"), show=False, id="app.redraw", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(driver_class=CalmDriver)
        self.register_theme(CALM)
        self.register_theme(PLAIN)
        self.theme = (PLAIN if self.console.color_system in (None, "standard") else CALM).name
        self.magnifier = magnifier(os.environ, self.console.color_system)
        self.stylesheet = CalmStylesheet(variables=self.get_css_variables())
        self.reference: str | None = None
        """Set by a crash: what the person was told, for the caller to tell again."""
        self.leaving = False
        """Set as soon as it ends, for whoever works in a thread."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"quiet": CALM.variables["quiet"], "faint": CALM.variables["faint"]}

    async def on_load(self) -> None:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            loop.add_signal_handler(signal.SIGTERM, self._terminated)

    def _terminated(self) -> None:
        last = threading.Timer(PATIENCE_S, os._exit, (TERMINATED,))
        last.daemon = True
        last.start()
        self.exit(return_code=TERMINATED)

    def exit(self, *given: Any, **more: Any) -> None:
        self.leaving = True
        super().exit(*given, **more)

    # -- keys ------------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """A key that was typed ahead goes to what an earlier key has opened.

        Textual hands a burst of keys (a slow line, a paste without brackets) to where the focus is before the first of them has
        done anything: after `/` the letters of the search would be verbs of the list behind it.
        """
        if isinstance(event, events.Key):
            here = self.focused or self.screen
            if not event.is_forwarded:
                setattr(event, MEANT_FOR, here)
            elif getattr(event, MEANT_FOR, here) is not here:
                again = events.Key(event.key, event.character)
                setattr(again, MEANT_FOR, here)
                here._forward_event(again)
                return
            elif self.refuses(event.key):
                return
        await super().on_event(event)

    def refuses(self, key: str) -> bool:
        """Whether a key does nothing now, and that was said."""
        return False

    def on_mount(self) -> None:
        self._write("\x1b[22;0t")  # keep the title that the terminal had
        self.title_to("KVKK")
        self.app_resume_signal.subscribe(self, lambda _app: self.call_later(self.action_redraw))

    def on_unmount(self) -> None:
        self._write("\x1b[23;0t")

    def title_to(self, text: str) -> None:
        """The terminal's title; words and counts of ours only, never a person's."""
        self._write(f"\x1b]2;{safe(text, 60)}\x1b\\")

    def _write(self, sequence: str) -> None:
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def action_redraw(self) -> None:
        """Draw everything again, after `fg` or when something else wrote on the terminal."""
        if isinstance(self._driver, CalmDriver):
            self._driver.forget()
        self.refresh(layout=True)
        self.screen.refresh(layout=True)

    def action_help_quit(self) -> None:
        self.tell(_("To leave: q, or Ctrl+Q from anywhere."))

    def tell(self, message: str, title: str = "", severity: str = "information", timeout: float | None = None) -> None:
        """A toast; its words are drawn as they are."""
        shown: Any = severity
        self.notify(safe(message, 600), title=safe(title), severity=shown, timeout=timeout, markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        return ()

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """None: a picture of the screen is a copy of personal data."""

    def _fatal_error(self) -> None:
        self.leaving = True
        kind, error, trace = sys.exc_info()
        self.reference = os.urandom(4).hex()
        place = _place(traceback.extract_tb(trace))
        words = _("Something unexpected happened and the console has stopped (reference {reference}: {kind} at {place}).")
        said = words.format(reference=self.reference, kind=kind.__name__ if kind else "?", place=place)
        self.bell()
        if os.environ.get(DEBUG) == "1" and error is not None:
            said += "\n" + "".join(traceback.format_exception(error))
        after = _("What was not yet committed was rolled back whole. `kvkk requests show REQ` tells how a request stands.")
        self._exit_renderables.append(Text("\n".join(safe(line, 2000) for line in f"{said}\n{after}".split("\n"))))
        self._close_messages_no_wait()


def _place(frames: traceback.StackSummary) -> str:
    """file:line of the last frame that is ours."""
    home = Path(__file__).parent.parent
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(home) and "site-packages" not in path.relative_to(home).parts:
            return f"{path.relative_to(home)}:{frame.lineno}"
    return "?"
