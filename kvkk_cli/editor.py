"""Texts that staff write: read from a file or standard input, or written in the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from core import UsageError
from kvkk_cli.session import here

MOST = 200_000
"""Bytes that are read of a text; more than any text of ours may have, less than what fills a memory."""
EDITORS = ("editor", "nano", "vi")


def given(name: str) -> str:
    """The text in a file, or on standard input for `-`. Raises UsageError `text-file-…`."""
    try:
        if name == "-":
            text = here().out.read_all(MOST + 1)
        else:
            with Path(name).expanduser().open("rb") as opened:
                text = opened.read(MOST + 1).decode("utf-8")
    except (OSError, UnicodeError):
        raise UsageError("text-file-unreadable", file=name) from None
    if len(text) > MOST:
        raise UsageError("text-file-long", file=name, most=MOST)
    return text


class Draft:
    """A text in the person's editor, in a file that only they can read; gone at the end unless it is kept."""

    def __init__(self, text: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kvkk-"))
        self.path = self._folder / "template.txt"
        self.path.write_text(text, encoding="utf-8")
        self._kept = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._kept:
            shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self) -> None:
        """Leave it behind: it holds somebody's work."""
        self._kept = True

    def drop(self) -> None:
        """It is kept elsewhere now."""
        self._kept = False

    def edit(self) -> str:
        """The text after the editor was closed. Raises UsageError `no-editor`, `editor-failed`, `text-file-…`."""
        command = _editor()
        try:
            ended = subprocess.run([*command, str(self.path)], check=False).returncode  # noqa: S603 - the person's own editor
        except OSError:
            raise UsageError("no-editor", command=command[0]) from None
        if ended:
            raise UsageError("editor-failed", command=command[0])
        return given(str(self.path))


def _editor() -> list[str]:
    for name in ("VISUAL", "EDITOR"):
        if words := shlex.split(os.environ.get(name, "")):
            return words
    return [next((name for name in EDITORS if shutil.which(name)), EDITORS[-1])]
