"""Whether this terminal can show the console, and an environment that Textual cannot be talked into leaking by.

Asked before Textual is imported: it reads its variables then, and on a stream that is no terminal it hangs for ever.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Protocol

LEAST = (60, 16)
"""Cells of the smallest window in which everything that must be seen can be."""


class Stream(Protocol):
    """What is asked of a standard stream."""

    def isatty(self) -> bool: ...


def refusal(env: Mapping[str, str], stdin: Stream | None, stderr: Stream | None) -> str | None:
    """Code of the reason why the console cannot be shown here, None when it can. Textual draws on stderr."""
    if stdin is None or stderr is None or not (stdin.isatty() and stderr.isatty()):
        return "no-terminal"
    if env.get("TERM", "") in ("", "dumb"):
        return "dumb-terminal"
    return None


def refused_here(env: Mapping[str, str]) -> str | None:
    """The same for the standard streams of this process, which starts again in UTF-8 mode where that helps."""
    found = refusal(env, sys.stdin, sys.__stderr__)
    return in_utf8(env) if found is None and not speaks_utf8(sys.__stderr__) else found


def too_small(width: int, height: int) -> bool:
    """Whether a window of this size hides what must be seen."""
    return width < LEAST[0] or height < LEAST[1]


def speaks_utf8(stream: object) -> bool:
    """Whether what is drawn arrives as UTF-8; other encodings break the layout."""
    return str(getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"


def in_utf8(env: Mapping[str, str]) -> str | None:
    """Start this process again in UTF-8 mode; returns the code of the refusal when that was tried already."""
    if env.get("PYTHONUTF8") == "1" or sys.flags.utf8_mode:
        return "not-utf8"
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**env, "PYTHONUTF8": "1"})  # noqa: S606 - ourselves, no shell


def settle(env: MutableMapping[str, str]) -> None:
    """Drop what would make Textual log, take pictures, press keys or listen; no animations: they cost bytes over SSH."""
    for name in [name for name in env if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
        del env[name]
    env["TEXTUAL_ANIMATIONS"] = "none"
