"""A text that customers are shown, as staff hand it in: checked whole before anything is kept. Pure.

Kept exactly, but for what editors add unseen: a byte order mark, Windows line ends, blanks at ends of lines, empty lines around it.
Refused: nothing, too much, and signs that a reader would not see or that could make a line read otherwise than it is written.
"""

from __future__ import annotations

import hashlib
import unicodedata

from core.errors import UsageError
from core.settingkinds import DOCUMENT_MOST

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def checked(field: str, text: str) -> str:
    """The text as it is kept. Raises UsageError `document-empty`, `document-too-long`, `document-hidden` (with line and sign)."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = "\n".join(line.rstrip() for line in lines).strip("\n")
    if not plain.strip():
        raise UsageError("document-empty", field=field)
    if len(plain) > DOCUMENT_MOST:
        raise UsageError("document-too-long", field=field, most=DOCUMENT_MOST)
    for number, line in enumerate(plain.split("\n"), 1):
        hidden = next((sign for sign in line if sign != "\t" and unicodedata.category(sign) in HIDDEN), None)
        if hidden is not None:
            raise UsageError("document-hidden", field=field, line=number, sign=f"U+{ord(hidden):04X}")
    return plain


def sha256(text: str) -> str:
    """64 hex digits of its UTF-8: what `sha256sum` says of a file that holds exactly this text."""
    return hashlib.sha256(text.encode()).hexdigest()
