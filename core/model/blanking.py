"""Replacing a value inside text whose form must stay valid: JSON and PHP-serialised values, also inside each other."""

from __future__ import annotations

import json
import re
from typing import Protocol

STARS = "***"
DEPTH = 16
"""How deep documents inside documents are taken apart; what lies deeper is blanked as plain text."""

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?', re.DOTALL)
_LOOKS_PHP = re.compile(r'\b[aOs]:[0-9]+:["{]')
_PHP_STRING = re.compile(rb's:([0-9]{1,9}):"')
_PHP_NUMBER = re.compile(r"\b([id]):([-+0-9.eE]+);")


class Sought(Protocol):
    """What is blanked."""

    def found_in(self, text: str) -> bool: ...

    def places(self, text: str) -> list[tuple[int, int]]: ...


def blank_inside(text: str, sought: Sought, depth: int = DEPTH) -> tuple[str, int]:
    """The text without the value, and how many occurrences were replaced."""
    if not sought.found_in(text):
        return text, 0
    count = 0
    if depth and _is_json(text):
        text, count = _blank_json(text, sought, depth - 1)
    elif depth and _LOOKS_PHP.search(text):
        text, count = _blank_php(text, sought, depth - 1)
    while sought.found_in(text):  # what spans the parts; each round takes characters away
        text, more = _blank_plain(text, sought)
        count += more
    return text, count


def _blank_plain(text: str, sought: Sought) -> tuple[str, int]:
    places = sought.places(text)
    kept = []
    done = 0
    for start, end in places:
        kept.append(text[done:start])
        done = end
    return STARS.join([*kept, text[done:]]), len(places)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _blank_json(text: str, sought: Sought, depth: int) -> tuple[str, int]:
    """String by string, so that what a string holds (JSON, PHP, HTML) is treated as what it is."""
    count = 0

    def swap(token: re.Match[str]) -> str:
        nonlocal count
        written = token[0]
        is_string = written[0] == '"'
        value = json.loads(written) if is_string else written
        if not sought.found_in(value):
            return written
        blanked, more = blank_inside(value, sought, depth) if is_string else (STARS, 1)
        count += more
        escaped = written.isascii() or "\\ud" in written.lower()  # a lone surrogate can only be written escaped
        return json.dumps(blanked, ensure_ascii=escaped)

    return _JSON_TOKEN.sub(swap, text), count


def _blank_php(text: str, sought: Sought, depth: int) -> tuple[str, int]:
    """`s:9:"…";` with lengths in bytes; a length that does not fit its string is left as plain text."""
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text, 0
    parts: list[str] = []
    count = done = 0
    while (head := _PHP_STRING.search(data, done)) is not None:
        end = head.end() + int(head[1])
        if data[end : end + 1] != b'"':
            between, more = _blank_between(_text(data[done : head.end()]), sought)
            parts.append(between)
            count, done = count + more, head.end()
            continue
        between, more = _blank_between(_text(data[done : head.start()]), sought)
        content, inner = blank_inside(_text(data[head.end() : end]), sought, depth)
        length = len(content.encode("utf-8", "surrogateescape"))
        parts.append(f'{between}s:{length}:"{content}"')
        count, done = count + more + inner, end + 1
    between, more = _blank_between(_text(data[done:]), sought)
    return "".join([*parts, between]), count + more


def _blank_between(text: str, sought: Sought) -> tuple[str, int]:
    """Numbers between strings: `i:5321234567;` becomes `i:0;`, since stars are no number."""
    count = 0

    def swap(number: re.Match[str]) -> str:
        nonlocal count
        if not sought.found_in(number[2]):
            return number[0]
        count += 1
        return f"{number[1]}:0;"

    return _PHP_NUMBER.sub(swap, text), count


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
