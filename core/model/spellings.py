"""Escapes that hide a value inside text, and how a place in the readable text leads back to the original.

Read: `\\uXXXX` (surrogate pairs too), `\\u{…}`, `\\xXX`, `\\n` and its sisters (JSON), `%XX` (URLs; UTF-8, else Latin-5), HTML
entities that end in `;`. Escapes inside escapes are read three deep. A text is looked at as it stands and after each reading,
because `%53` in `100%5321234567` is no escape. Not read: base64, quoted-printable, compressed or encrypted text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.model.folding import fold

ESCAPING = "&\\%"
"""Without one of these characters a text holds no escape."""
DEPTH = 3

_STARTS = re.compile(r"[&\\%]")
_ESCAPE = re.compile(
    r"""(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
      | (?P<point>\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\}|&\#[0-9]{1,7};|&\#[xX][0-9a-fA-F]{1,6};)
      | (?P<bytes>(?:%[0-9a-fA-F]{2})+|(?:\\x[0-9a-fA-F]{2})+)
      | (?P<short>\\[nrtbfv0"'\\/])
      | (?P<entity>&[A-Za-z][A-Za-z0-9]{1,30};)""",
    re.VERBOSE,
)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


@dataclass(frozen=True, slots=True)
class View:
    """A folded reading of a text; character n stands for `spans[n]` of the original."""

    text: str
    spans: tuple[tuple[int, int], ...]


def views(text: str) -> tuple[str, ...]:
    """The text, folded, as it stands and with its escapes read."""
    folded = [fold(text)]
    if _STARTS.search(text) is None:
        return (folded[0],)
    for _ in range(DEPTH):
        plain = _ESCAPE.sub(_characters, text)
        if plain == text:
            break
        text = plain
        folded.append(fold(text))
    return tuple(folded)


def located(text: str) -> Iterator[View]:
    """The same readings with their places in the original: a loop in Python, for texts that are known to hold a value."""
    spans = [(place, place + 1) for place in range(len(text))]
    yield _folded(text, spans)
    for _ in range(DEPTH):
        plain, spans = _read(text, spans)
        if plain == text:
            return
        text = plain
        yield _folded(text, spans)


def escapes(text: str) -> tuple[tuple[int, int], ...]:
    """Places of the escapes of a text, one for each character they stand for."""
    return tuple(
        (found.start() + start, found.start() + end)
        for found in _ESCAPE.finditer(text)
        for _, start, end in _units(found)
        if end - start > 1
    )


def _read(text: str, spans: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    characters: list[str] = []
    places: list[tuple[int, int]] = []
    done = 0
    for found in _ESCAPE.finditer(text):
        characters.append(text[done : found.start()])
        places += spans[done : found.start()]
        for character, start, end in _units(found):
            characters.append(character)
            places.append((spans[found.start() + start][0], spans[found.start() + end - 1][1]))
        done = found.end()
    return "".join([*characters, text[done:]]), places + spans[done:]


def _folded(text: str, spans: list[tuple[int, int]]) -> View:
    characters: list[str] = []
    places: list[tuple[int, int]] = []
    for character, span in zip(text, spans, strict=True):
        folded = fold(character)
        characters.append(folded)
        places += [span] * len(folded)
    return View("".join(characters), tuple(places))


def _characters(found: re.Match[str]) -> str:
    return "".join(character for character, _, _ in _units(found))


def _units(found: re.Match[str]) -> list[tuple[str, int, int]]:
    """(character, start, end) of what one escape stands for, from the escape's start. What means nothing stays as it is."""
    token = found[0]
    if found["bytes"]:
        return _byte_units(token, width=4 if token[0] == "\\" else 3)
    character = _one(found, token)
    if character is None:
        return [(part, place, place + 1) for place, part in enumerate(token)]
    return [(character, 0, len(token))]


def _one(found: re.Match[str], token: str) -> str | None:
    if found["pair"]:
        high, low = int(token[2:6], 16), int(token[8:12], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    if found["short"]:
        return _SHORT.get(token[1], token[1])
    if found["entity"]:
        return _entity(token)
    digits = token.strip("&#\\u{};")
    point = int(digits.lstrip("xX"), 16) if token[0] == "\\" or digits[0] in "xX" else int(digits)
    return chr(point) if point < 0x110000 else None


def _entity(token: str) -> str | None:
    from html.entities import html5

    named = html5.get(token[1:])
    return named if named is not None and len(named) == 1 else None


def _byte_units(token: str, width: int) -> list[tuple[str, int, int]]:
    raw = bytes.fromhex(token.replace("\\x", "").replace("%", ""))
    units: list[tuple[str, int, int]] = []
    place = 0
    while place < len(raw):
        character, taken = _utf8(raw, place)
        units.append((character, place * width, (place + taken) * width))
        place += taken
    return units


def _utf8(raw: bytes, place: int) -> tuple[str, int]:
    lead = raw[place]
    taken = 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    try:
        return raw[place : place + taken].decode("utf-8"), taken
    except UnicodeDecodeError:
        return bytes([lead]).decode("iso8859-9"), 1  # what Turkish sites wrote into URLs before UTF-8
