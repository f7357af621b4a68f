"""A process under a pty, and the screen it draws as a terminal emulator shows it."""

from __future__ import annotations

import os
import re
import signal
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

    def read(self, seconds: float = 0.05) -> None:
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

    def lose_line(self) -> int:
        """The other end is gone, as when SSH drops; exit code, or minus the signal."""
        line = self.process.ptyproc
        line.fileobj.close()
        line.closed = True
        return self.waited()

    def waited(self) -> int:
        """Exit code, or minus the signal; nothing that it draws is read meanwhile."""
        line = self.process.ptyproc
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            pid, status = os.waitpid(line.pid, os.WNOHANG)
            if pid:
                line.terminated = True
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.kill(line.pid, signal.SIGKILL)
        os.waitpid(line.pid, 0)
        line.terminated = True
        pytest.fail("it does not end")

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, and time to be drawn."""
        self.screen.resize(max(height, 1), max(width, 1))
        self.process.setwinsize(height, width)
        self.read(0.3)

    @property
    def unreadable(self) -> list[str]:
        """Letters in the colour of what is behind them."""
        cells = [cell for row in self.screen.buffer.values() for cell in row.values()]
        return [cell.data for cell in cells if cell.data.strip() and cell.fg == cell.bg != "default"]

    def given_back(self, *names: str) -> bool:
        """Whether these modes of the terminal are as they were before; none: all."""
        return all(self.raw.rfind(on) < self.raw.rfind(off) for name, (on, off) in MODES.items() if not names or name in names)

    @property
    def restored(self) -> bool:
        """Main screen, cursor, title and no mouse, as it was before."""
        return self.given_back()


MODES = {
    "screen": (b"\x1b[?1049h", b"\x1b[?1049l"),
    "cursor": (b"\x1b[?25l", b"\x1b[?25h"),
    "mouse": (b"\x1b[?1000h", b"\x1b[?1000l"),
    "title": (b"\x1b[22;0t", b"\x1b[23;0t"),
}
Open = Callable[..., Terminal]
