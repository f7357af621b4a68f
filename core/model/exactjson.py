"""JSON whose numbers stay as they were written: `100.10` does not become 100.1, nor do thirty digits become seventeen.

Python's own reader makes a float of every number with a point; a document that is handed out, or written back because one of its
leaves was masked, would hold other amounts than the company's.
"""

from __future__ import annotations

import json
from typing import Any


class Number(float):
    """A number with a point or an exponent. Everywhere but in `dumps` it is the float that it always was."""

    written: str
    """How it stood in the document."""

    def __new__(cls, written: str) -> Number:
        number = super().__new__(cls, written)
        number.written = written
        return number


class Text(str):
    """A document that is one text: `"abc"` without its quotation marks. A plain `str` may be a document that nobody has read yet."""

    __slots__ = ()


def document(text: str | bytes) -> Any:
    """A document of a database that keeps them as such. Raises ValueError, RecursionError."""
    tree = loads(text)
    return Text(tree) if isinstance(tree, str) else tree


def loads(text: str | bytes) -> Any:
    """As `json.loads`. Raises ValueError, RecursionError."""
    return json.loads(text, parse_float=Number)


def dumps(tree: Any, *, ensure_ascii: bool = True) -> str:
    """As `json.dumps`, numbers as they were written. Raises TypeError, RecursionError."""
    if isinstance(tree, Number):
        return tree.written
    if isinstance(tree, dict):
        pairs = (f"{json.dumps(key, ensure_ascii=ensure_ascii)}: {dumps(item, ensure_ascii=ensure_ascii)}" for key, item in tree.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(tree, list | tuple):
        return "[" + ", ".join(dumps(item, ensure_ascii=ensure_ascii) for item in tree) + "]"
    return json.dumps(tree, ensure_ascii=ensure_ascii)
