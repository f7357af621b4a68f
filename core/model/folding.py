"""The one fold of text: what counts as the same letters, whatever keyboard, locale or copy-and-paste they came through.

`fold` works code point by code point (each has one folded text, which may be empty or longer), so that an offset in the folded
text leads back to the original, and so that the letters a database has to treat as variable can be derived instead of guessed.
Equal after folding: `ALİ`, `ali`, `Alı`, full-width `ａｌｉ`, `âlî`, and all of them with invisible characters in between.

The steps, and why:
    NFKD          full-width, ligatures, circled and mathematical letters are spellings of plain ones
    drop Cf       zero-width characters, soft hyphens and bidi marks come with copied text and cannot be seen
    İ I ı → i     `'ALİ'.lower() != 'ali'`, and a Turkish keyboard makes of every I one of two letters
    casefold      also ß → ss
    drop marks    people type `Şükrü` as `Sukru`; Mn and Me go, spacing marks (Mc) are letters of their script
    dashes → -    word processors and phones write en dashes and minus signs
    blanks → ' '  no-break and thin blanks
    digits → 0–9  a phone typed on an Arabic keyboard is the same phone
Letters that no decomposition relates (ø, ł, đ, æ) stay themselves.
"""

from __future__ import annotations

import unicodedata

TURKISH = "çğıöşüÇĞİÖŞÜâîûÂÎÛ"
REPERTOIRE = TURKISH + "\u00a0‘’“”–—•·€₺°§«»©®"
"""Beyond ASCII, what ordinary Turkish cells hold. Each folds to exactly one character. Cells with any other character are too
rare to be worth a pattern: a database hands them over and they are folded here."""

_DASHES = "\u2212"
_REMEMBERED = 50_000
"""Code points kept in the table; hostile data could otherwise fill memory with a million of them."""


class _Folded(dict[int, str]):
    """Folded text of code points, filled on first use."""

    def __missing__(self, point: int) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        folded = self[point] = _fold_character(chr(point))
        return folded


def _fold_character(character: str) -> str:
    # twice, because casefold can yield something that decomposes again
    once = "".join(_base(part) for part in unicodedata.normalize("NFKD", character))
    return "".join(_base(part) for part in unicodedata.normalize("NFKD", once))


def _base(part: str) -> str:
    category = unicodedata.category(part)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if part in "Iı":
        return "i"
    if category == "Pd" or part in _DASHES:
        return "-"
    if category[0] == "Z":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(part))
    return part.casefold()


_TABLE = _Folded()


def fold(text: str) -> str:
    """The text as it is compared: without case, diacritics, Turkish dots, invisible characters."""
    return text.lower() if text.isascii() else text.translate(_TABLE)


def fold_case(text: str) -> str:
    """Like `fold`, but `ş` stays `ş`: for fingerprints, where `şen@…` and `sen@…` are two people."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    dotted = plain.replace("İ", "i").replace("I", "i").replace("ı", "i").casefold().replace("i\u0307", "i")
    return unicodedata.normalize("NFKC", dotted)


VARIABLE = frozenset(fold(character) for character in REPERTOIRE)
"""Folded characters that a character of the repertoire beyond ASCII folds to: in SQL they can be one of several characters."""
