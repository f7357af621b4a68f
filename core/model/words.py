"""Words that staff write: notes, reasons, how an identity was verified. Checked before the first side effect. Pure."""

from __future__ import annotations

from core.errors import UsageError

WORDS_MOST = 4000
"""Characters; enough for a letter, too few to fill a disk."""


def checked(field: str, text: str | None) -> str | None:
    """The words without blanks around them; None when there are none. Raises UsageError `text-too-long`, `text-unreadable`.

    NUL and lone surrogates (bytes of a terminal that were no UTF-8) are refused: PostgreSQL cannot store either.
    """
    if text is None or not text.strip():
        return None
    if len(text) > WORDS_MOST:
        raise UsageError("text-too-long", field=field, most=WORDS_MOST)
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UsageError("text-unreadable", field=field)
    return text.strip()


def needed(field: str, text: str | None) -> str:
    """As `checked`, and there must be some. Raises UsageError `text-needed`."""
    words = checked(field, text)
    if words is None:
        raise UsageError("text-needed", field=field)
    return words
