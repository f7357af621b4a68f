"""A process under a pty, and the screen it draws as a terminal emulator shows it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte
import pytest

ROOT = Path(__file__).parents[2]
RUN = ["-m", "kvkk_cli", "--db"]
KITTY = re.compile(rb"\x1b\[[<>=?]?[0-9;]*u")
"""pyte prints these as letters."""
WAIT_S = 20.0


class Terminal:
    """A process under a pty and the screen it draws."""

    def __init__(self, arguments: list[str], env: dict[str, str], size: tuple[int, int] = (80, 24), program: str = sys.executable) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.process = pexpect.spawn(program, arguments, env=env, dimensions=(size[1], size[0]), timeout=WAIT_S)

    def read(self, seconds: float = 0.1) -> None:
        try:
            while True:
                got = self.process.read_nonblocking(65536, seconds)
                self.raw += got
                self._stream.feed(KITTY.sub(b"", got))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            self.read()
            if condition():
                return
        pytest.fail(f"waited in vain\n{self.text}\n{self.raw[-300:]!r}")

    def shows(self, *texts: str) -> None:
        self.until(lambda: all(text in self.text for text in texts))

    def ended(self) -> int | None:
        """Exit code, or minus the signal."""
        self.until(lambda: not self.process.isalive())
        self.read()
        return self.process.exitstatus if self.process.signalstatus is None else -self.process.signalstatus

    @property
    def restored(self) -> bool:
        """Main screen, cursor and no mouse, as it was before."""
        last = {name: self.raw.rfind(on) < self.raw.rfind(off) for name, (on, off) in MODES.items()}
        return all(last.values())


MODES = {
    "screen": (b"\x1b[?1049h", b"\x1b[?1049l"),
    "cursor": (b"\x1b[?25l", b"\x1b[?25h"),
    "mouse": (b"\x1b[?1000h", b"\x1b[?1000l"),
    "title": (b"\x1b[22;0t", b"\x1b[23;0t"),
}
Open = Callable[..., Terminal]
