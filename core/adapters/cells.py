"""How one value of a database is spelled in an XML cell, and read back: `spell` and `read_value` are each other's inverse.

Nothing is dropped and nothing raises: a type nobody foresaw becomes its own text (`other`), a text that XML cannot hold becomes
Base64 (`encode_text`). Numbers, dates and booleans use the spelling of XML Schema.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.model import exactjson

WTF8 = "wtf-8"
_UNHOLDABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold of a JSON text, whose control characters are escaped already."""


def encode_text(text: str) -> tuple[str, str | None]:
    """(Base64, charset) of a text that XML cannot hold. Charset None: the very bytes that the database holds.

    A text that was decoded with `surrogateescape` gives back its bytes; any other lone surrogate needs `wtf-8`.
    """
    try:
        raw = text.encode("utf-8", "surrogateescape")
        if raw.decode("utf-8", "surrogateescape") == text:
            return b64encode(raw).decode("ascii"), None
    except UnicodeEncodeError:
        pass
    return b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii"), WTF8


def decode_text(content: str, charset: str | None) -> str:
    """Inverse of `encode_text`."""
    raw = b64decode(content, validate=True)
    return raw.decode("utf-8", "surrogatepass" if charset == WTF8 else "surrogateescape")


def _double(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return repr(value)


def _decimal(value: Decimal) -> str:
    return format(value, "f") if value.is_finite() else str(value)


def _duration(value: timedelta) -> str:
    """`-P1DT3600.000001S`: days, then seconds, one sign for both, as XML Schema wants it."""
    sign, span = ("-", -value) if value < timedelta(0) else ("", value)
    fraction = f".{span.microseconds:06d}" if span.microseconds else ""
    return f"{sign}P{span.days}DT{span.seconds}{fraction}S"


def _json(value: Any) -> str:
    """Readable where XML can hold it, else in ASCII escapes: the same document, and nothing to mark."""
    plain = _plain(value)
    text = exactjson.dumps(plain, ensure_ascii=False)
    return exactjson.dumps(plain, ensure_ascii=True) if _UNHOLDABLE.search(text) else text


def _plain(value: Any) -> Any:
    """What JSON can hold of arrays and documents, also of arrays of dates, bytes or numbers."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=repr)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return spell(value)[1]


def _iso(value: date | time) -> str:
    return value.isoformat()


def _bytes(value: bytes | bytearray | memoryview) -> str:
    return b64encode(value).decode("ascii")


SPELLINGS: dict[type[Any], tuple[str, Callable[[Any], str]]] = {
    str: ("string", str),
    bool: ("boolean", lambda value: "true" if value else "false"),
    int: ("integer", str),
    exactjson.Number: ("double", lambda value: value.written),
    float: ("double", _double),
    Decimal: ("decimal", _decimal),
    datetime: ("dateTime", _iso),
    date: ("date", _iso),
    time: ("time", _iso),
    timedelta: ("duration", _duration),
    UUID: ("uuid", str),
    exactjson.Text: ("json", _json),
    dict: ("json", _json),
    list: ("json", _json),
    tuple: ("json", _json),
    set: ("json", _json),
    frozenset: ("json", _json),
    bytes: ("binary", _bytes),
    bytearray: ("binary", _bytes),
    memoryview: ("binary", _bytes),
}
"""By exact type; subclasses are found in this order, so `bool` stands before `int` and `datetime` before `date`."""


def spelling(kind: type[Any]) -> tuple[str, Callable[[Any], str]]:
    """(type attribute, how to write it) for a Python type."""
    known = SPELLINGS.get(kind)
    return known or next((found for base, found in SPELLINGS.items() if issubclass(kind, base)), ("other", str))


def spell(value: Any) -> tuple[str, str]:
    """(type attribute, text) of a value that is not None."""
    name, write = spelling(type(value))
    return name, write(value)


def _read_double(text: str) -> float:
    return float(text.replace("INF", "inf"))


def _read_duration(text: str) -> timedelta:
    sign, _, rest = text.partition("P")
    days, _, seconds = rest.rstrip("S").partition("DT")
    whole, _, fraction = seconds.partition(".")
    span = timedelta(days=int(days), seconds=int(whole), microseconds=int(fraction or 0))
    return -span if sign else span


READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "boolean": lambda text: text == "true",
    "integer": int,
    "double": _read_double,
    "decimal": Decimal,
    "dateTime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "duration": _read_duration,
    "uuid": UUID,
    "json": json.loads,
    "binary": b64decode,
    "other": str,
}


def read_value(cell: Any) -> Any:
    """The value of a parsed `<field>` or `<subject>` (an lxml or ElementTree element); None for NULL."""
    if cell.get("nil") == "true":
        return None
    text, name = cell.text or "", cell.get("type")
    if cell.get("encoding") == "base64" and name != "binary":
        text = decode_text(text, cell.get("charset"))
    return READERS[name](text)
