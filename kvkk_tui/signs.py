"""Signs that not every terminal can draw. Pure."""

from __future__ import annotations

from collections.abc import Mapping

MAGNIFIER = "🔍"
POOR = ("linux", "vt", "ansi", "cons", "screen.linux")
"""How the names of terminals begin whose fonts hold no more than letters and lines."""


def magnifier(env: Mapping[str, str], colours: str | None) -> str:
    """The sign before its word; nothing where it may come out as a box, or in another width than it is counted: the word is enough."""
    if colours in (None, "standard", "windows") or env.get("TERM", "").startswith(POOR):
        return ""
    spoken = next((env[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if env.get(name)), "")
    return MAGNIFIER if spoken.lower().replace("-", "").endswith("utf8") else ""
