"""A terminal driver that sends nothing twice: Textual paints a screen that opens or closes two times, to the byte the same.

What is painted goes to absolute places, so that the same bytes after each other change nothing. Whoever knows that something
else may have written on the terminal says so with `forget`.
"""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver

FRAMES = ("\x1b[?2026h", "\x1b[?2026l")
"""Begin and end of a synchronised update: they stand between two paints and draw nothing."""


class CalmDriver(LinuxDriver):
    """The driver of Linux, macOS and the BSDs."""

    _painted = ""

    def write(self, data: str) -> None:
        if data in FRAMES:
            super().write(data)
        elif data != self._painted:
            self._painted = data
            super().write(data)

    def forget(self) -> None:
        """The next paint goes out whatever it is."""
        self._painted = ""
