"""Finding a person's values in text: whole values and whole words, in every spelling people and programs give them.

Boundaries: `ali@x.example` is found neither in `veli.ali@x.example` nor in `ali@x.example.com`; digits end where digits end, with
blanks, dots, dashes, brackets, slashes or underscores between them; words end where letters, digits and what joins names
(`. - + @`) end. A value too short or too common to identify (`common`) is found only where it is the whole cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from core.model.blanking import STARS, blank_inside
from core.model.canonical import (
    Identifier,
    canonical,
    fold_id,
    looks_like_email,
    parse_phone,
    readable_domain,
)
from core.model.folding import fold
from core.model.spellings import escapes, located, views

BETWEEN = " \t\r\n\v\f.-()[]/+_"
"""Characters people put between digits."""
GAP = "[" + re.escape(BETWEEN) + "]{0,4}"
WHOLE_CELL = 200
"""Characters beyond which a cell is a text, not a value."""
PRIORITY = ("email", "phone", "national_id", "tax_id", "iban", "card", "user_name")
"""Of two kinds with one value (a person's tax number is the national one) the first names the needle."""

_MIN_DIGITS = 7
_MIN_IBAN = 10
_MIN_LETTERS = 7
_AROUND = " \t\r\n\v\f\"'`<>()[]{}+.,;:"
_NO_GAPS = {ord(character): None for character in BETWEEN}
_NOBODY = frozenset({"noreply", "no-reply", "donotreply", "yok", "none", "test", "deneme", "example", "ornek"})
_COMMON_NAMES = _NOBODY | {"musteri", "customer", "webmaster", "administrator", "support", "muhasebe"}
_PARTS = re.compile(r"[,;\n\r|]+")
_WORD_LEFT, _WORD_RIGHT = r"(?<!\w)(?<!\w[.+\-@])", r"(?!\w)(?![.+\-@]\w)"
_MAIL_LEFT, _MAIL_RIGHT = r"(?<!\w)(?<!\w[.+\-])", r"(?!\w)(?!\.\w)(?!-[\w\-]*\.\w)"
_DIGITS_LEFT, _DIGITS_RIGHT = r"(?<![0-9])[+(]{0,2}", r"(?![0-9])"
_BLOCKS_LEFT, _BLOCKS_RIGHT = r"(?<![0-9a-z])", r"(?![0-9a-z])"


class Form(Enum):
    """How a value is written, and what may stand around it."""

    MAIL = "mail"
    PHONE = "phone"
    NUMBER = "number"
    BLOCKS = "blocks"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Spelling:
    """A folded text that a cell must hold for the value to be in it."""

    text: str
    loose: bool
    """Whether characters of BETWEEN may stand between its characters."""


@dataclass(frozen=True, slots=True)
class Needle:
    """One value to look for. Equal by canonical value; its `repr` tells the kind only."""

    canonical: str = field(repr=False)
    kind: str = field(compare=False)
    common: bool = field(compare=False)
    """Too short or too common to identify: found as a whole cell only, and worth a warning only."""
    spellings: tuple[Spelling, ...] = field(compare=False, repr=False)
    """A cell that holds the value holds one of these, once folded."""
    integers: tuple[int, ...] = field(compare=False, repr=False)
    """The value as a column of numbers would hold it."""
    form: Form = field(compare=False, repr=False)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Written and compiled when it is first needed: a run holds thousands of values, and most are in none of the texts."""
        return _compiled(self.form, tuple(spelling.text for spelling in self.spellings), self.integers)

    def found_in(self, text: str) -> bool:
        """Whether the value stands in the text, in any spelling, escapes read."""
        return self.whole(text) if self.common else self.in_views(views(text))

    def in_views(self, folded: tuple[str, ...]) -> bool:
        """`found_in` for a needle that is not common, on readings made once for several needles."""
        return any(self._possible(view) and self.pattern.search(view) is not None for view in folded)

    def whole(self, text: str) -> bool:
        """Whether the text is this value and nothing else but blanks, quotes or brackets around it."""
        if len(text) > WHOLE_CELL:
            return False
        cells = {view.strip(around) for view in views(text) for around in (None, _AROUND)}
        if not cells.isdisjoint(self._plain):  # as it is mostly written: no pattern need be compiled
            return True
        return any(self._possible(cell) and self.pattern.fullmatch(cell) is not None for cell in cells)

    @property
    def _plain(self) -> frozenset[str]:
        """Spellings without anything between or around."""
        tight = (spelling.text for spelling in self.spellings if not spelling.loose)
        return frozenset((*tight, *map(str, self.integers)))

    def blank(self, text: str) -> tuple[str, int]:
        """The text with every occurrence replaced by `***`, and how many there were; afterwards `found_in` is False.

        JSON stays JSON (a bare number becomes a string), PHP-serialised strings get their new lengths in bytes.
        """
        if self.common:
            return (STARS, 1) if self.whole(text) else (text, 0)
        return blank_inside(text, self)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where it stands in the original text: disjoint, in order, never cutting an escape in two."""
        spans = [
            (view.spans[found.start()][0], view.spans[found.end() - 1][1])
            for view in located(text)
            for found in self.pattern.finditer(view.text)
        ]
        units = escapes(text)
        return _merged([_widened(span, units) for span in spans])

    def _possible(self, view: str) -> bool:
        """Cheap and necessary: the characters stand there in a row."""
        if self.spellings[0].loose:
            view = view.translate(_NO_GAPS)
        return any(" " in spelling.text or spelling.text in view for spelling in self.spellings)


def needles(identifiers: Iterable[Identifier]) -> tuple[Needle, ...]:
    """One needle for each value that identifies anybody, without repetition. A field with several addresses gives several."""
    found: dict[str, Needle] = {}
    parts = sorted((part for one in identifiers for part in _split(one)), key=_rank)
    for needle in map(_of_part, parts):
        if needle is not None:
            found.setdefault(needle.canonical, needle)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def _of_part(part: Identifier) -> Needle | None:
    """One value is asked for several times while its owner's request is worked on."""
    text = canonical(part.kind, part.value)
    return None if text is None else _needle(part, text)


def blank_all(text: str, wanted: Iterable[Needle]) -> tuple[str, int]:
    """The text without any of the values, and how many were replaced."""
    sought = tuple(wanted)
    count, before = 0, -1
    while count > before:  # one value may touch another and hide its end until it is gone
        before = count
        for needle in sought:
            text, more = needle.blank(text)
            count += more
    return text, count


def _rank(one: Identifier) -> int:
    return PRIORITY.index(one.kind) if one.kind in PRIORITY else len(PRIORITY)


def _split(one: Identifier) -> Iterator[Identifier]:
    if one.kind not in ("email", "phone"):
        yield one
        return
    for part in _PARTS.split(one.value):
        yield Identifier(one.kind, part)


def _needle(one: Identifier, text: str) -> Needle:
    if one.kind == "email" or (one.kind == "user_name" and looks_like_email(one.value)):
        return _email(one.kind, text)
    if one.kind == "phone":
        return _phone(one, text)
    if one.kind == "iban":
        return _iban(one, text)
    if one.kind == "user_name" or one.kind not in PRIORITY:
        return _words(one, text)
    return _number(one.kind, text)


def _email(kind: str, text: str) -> Needle:
    local, _, domain = text.rpartition("@")
    readable = fold(readable_domain(domain))
    folded = fold(local)
    spellings = tuple(dict.fromkeys(f"{folded}@{name}" for name in (readable, domain)))
    common = folded in _NOBODY
    return Needle(text, kind, common, _tight(spellings), (), Form.MAIL)


def _phone(one: Identifier, text: str) -> Needle:
    import phonenumbers

    number = parse_phone(one.value)
    if number is None:
        return _number(one.kind, text)
    country = str(number.country_code)
    national = phonenumbers.national_significant_number(number)
    integers = tuple(int(digits) for digits in (national, country + national, country + "0" + national))
    return Needle(text, one.kind, len(national) < _MIN_DIGITS, (Spelling(national, True),), integers, Form.PHONE)


def _number(kind: str, text: str) -> Needle:
    digits = fold_id(text).lstrip("0")
    return Needle(text, kind, len(digits) < _MIN_DIGITS, (Spelling(digits, True),), (int(digits),), Form.NUMBER)


def _iban(one: Identifier, text: str) -> Needle:
    blocks = text.lower()
    integers = (int(blocks),) if blocks.isdigit() else ()
    return Needle(text, one.kind, len(blocks) < _MIN_IBAN, (Spelling(blocks, True),), integers, Form.BLOCKS)


def _words(one: Identifier, text: str) -> Needle:
    folded = " ".join(fold(text).split())
    integers = (int(folded),) if folded.isascii() and folded.isdigit() else ()
    return Needle(text, one.kind, _common_words(one.kind, folded), _tight((folded,)), integers, Form.WORDS)


def _common_words(kind: str, folded: str) -> bool:
    if kind == "user_name":
        letters = folded.isalpha() and len(folded) < _MIN_LETTERS
        return letters or folded in _COMMON_NAMES or (folded.isdigit() and len(folded) < _MIN_DIGITS)
    return folded.isalpha() if kind in ("name", "company", "address") else False


def _tight(spellings: tuple[str, ...]) -> tuple[Spelling, ...]:
    return tuple(Spelling(spelling, False) for spelling in spellings)


@lru_cache(maxsize=4096)
def _compiled(form: Form, texts: tuple[str, ...], integers: tuple[int, ...]) -> re.Pattern[str]:
    first = texts[0]
    match form:
        case Form.MAIL:
            around, body = (_MAIL_LEFT, _MAIL_RIGHT), "|".join(map(re.escape, texts))
        case Form.PHONE:
            around, body = (_DIGITS_LEFT, _DIGITS_RIGHT), _before(str(integers[1])[: -len(first)]) + GAP.join(first)
        case Form.NUMBER:  # leading zeros are optional: a column of numbers has dropped them, another has padded
            around, body = (_DIGITS_LEFT, _DIGITS_RIGHT), f"(?:0{GAP}){{0,4}}" + GAP.join(first)
        case Form.BLOCKS:
            around, body = (_BLOCKS_LEFT, _BLOCKS_RIGHT), GAP.join(first)
        case Form.WORDS:
            around, body = (_WORD_LEFT, _WORD_RIGHT), r"\s+".join(map(re.escape, first.split()))
    return re.compile(f"{around[0]}(?:{body}){around[1]}")


def _before(country: str) -> str:
    """What may stand before a number: 00, its country, 0."""
    zero = "0" + GAP
    return f"(?:(?:{zero}{zero})?{GAP.join(country)}{GAP}(?:{zero})?|{zero})?"


def forget() -> None:
    """Empty every cache that holds values of people: whoever was erased must not live on in a process that is left open."""
    _of_part.cache_clear()
    _compiled.cache_clear()
    canonical.cache_clear()
    re.purge()  # it keeps the patterns that it has compiled


def _widened(span: tuple[int, int], units: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    start, end = span
    for first, last in units:
        if first < start < last:
            start = first
        if first < end < last:
            end = last
    return start, end


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
