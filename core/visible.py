"""Text that somebody else wrote, made safe for a terminal at the point of output. Store and export the true text.

Promises: the result is one line; it holds no control character (C0, DEL, C1), no bidirectional or zero-width format character,
no tag, private-use, unassigned or surrogate code point and no invisible filler: each stands there as a code such as ‹U+001B›.
At most four combining marks follow one character. What is longer than the limit is cut and ends with …
Refuses nothing: every text has a safe form, and a text of ordinary letters is returned as it is.
"""

from __future__ import annotations

import unicodedata

LIMIT = 200
"""Characters of one value in a table or a sentence."""
MARKS = 4
"""Combining marks on one letter; no writing system in daily use needs more, a pile of 300 covers the lines above."""
CARRIER = "◌"
"""Carries a mark that has no letter of its own, so that it cannot land on our text."""
CUT = "…"

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks by category, yet drawn as nothing."""
_MARKS = frozenset({"Mn", "Me", "Mc"})


def safe(value: object, limit: int = LIMIT) -> str:
    """The value as one line that a terminal draws and never obeys; `limit` counts characters, the … included."""
    text = value if isinstance(value, str) else str(value)
    head = text[: limit + 1]  # what is cut away anyway need not be looked at: a name may have 100,000 characters
    shown = head if head.isascii() and head.isprintable() else _visible(head)
    if len(shown) <= limit and len(text) <= limit:
        return shown
    return _cut(shown, limit)


def safe_lines(value: str, limit: int = 2000) -> str:
    """A document of ours (certificate, letter) whose line breaks are meant: every line is safe by itself."""
    return "\n".join(safe(line, limit) for line in value.split("\n"))


def code_point(char: str) -> str:
    """The visible code of one character, such as ‹U+001B›."""
    return f"‹U+{ord(char):04X}›"


def _visible(text: str) -> str:
    """Every character of the text, hidden ones as codes, marks counted."""
    shown: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category in _HIDDEN or char in _FILLERS:
            shown.append(code_point(char))
            marks = 0
        elif category in _MARKS:
            marks += 1
            _mark(shown, char, marks)
        else:
            shown.append(" " if category == "Zs" else char)
            marks = 0
    return "".join(shown)


def _mark(shown: list[str], char: str, marks: int) -> None:
    """Add the n-th mark in a row; the fifth and every later one becomes a single …"""
    if marks <= MARKS:
        if not shown or shown[-1].endswith("›"):
            shown.append(CARRIER)
        shown.append(char)
    elif marks == MARKS + 1:
        shown.append(CUT)


def _cut(shown: str, limit: int) -> str:
    """At most `limit` characters with the … at the end, and no half of a code before it."""
    kept = shown[: max(limit - 1, 0)]
    opened = kept.rfind("‹")
    if opened > kept.rfind("›") and len(kept) - opened < len("‹U+10FFFF›"):
        kept = kept[:opened]
    return kept.rstrip(CUT) + CUT
