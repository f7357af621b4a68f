"""Masks that depend on the old value: redaction, networks, years, documents. Constants and random tokens are SQL's work."""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core.model import exactjson
from core.model.blanking import STARS as BLANK
from core.model.kinds import KINDS, STARS, Mask
from core.model.needle import blank_all

if TYPE_CHECKING:
    from core.model.datamap import ColumnRule
    from core.model.needle import Needle

__all__ = ["BLANK", "EMAIL_DOMAIN", "ROW_BY_ROW", "document", "identifying_leaves", "network", "row_value", "whole", "year"]
ROW_BY_ROW = frozenset({Mask.YEAR, Mask.NETWORK, Mask.REDACT, Mask.JSON})
DECODED = (dict, list, exactjson.Text)
"""How a document comes that the database itself has read (PostgreSQL)."""
ENDLESS = frozenset({"infinity", "-infinity"})
"""What PostgreSQL keeps in place of a date: it says nothing about anybody, and a date column takes no stars."""
FAR = re.compile(r"([0-9]{5,6})-[0-9]{2}-[0-9]{2}\b")
"""A date after the year 9999, mostly mistyped."""
EMAIL_DOMAIN = "@masked.invalid"
"""RFC 2606: never delivered anywhere."""


def year(value: Any) -> Any:
    """1 January of the same year, in the type in which the value came. A text that is no date becomes stars."""
    if isinstance(value, datetime):
        return value.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    if isinstance(value, date):
        return value.replace(month=1, day=1)
    text = str(value)
    if text in ENDLESS:
        return text
    if far := FAR.match(text):
        return far[1] + "-01-01"
    if len(text) >= 4 and text[:4].isdigit() and (len(text) == 4 or text[4] in "-/."):
        return text[:4] + "-01-01" if len(text) > 4 else text
    if len(text) >= 10 and text[-4:].isdigit():
        return text[-4:] + "-01-01"
    return STARS


def network(value: Any) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one; stars when it is no address."""
    try:
        address = ipaddress.ip_address(str(value).split("/")[0].strip())
    except ValueError:
        return STARS
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False).network_address)


def document(value: Any, rule: ColumnRule, needles: Sequence[Needle]) -> Any:
    """A JSON document: each mapped path by its kind, every other string redacted. Text that is no JSON is redacted whole.

    Text comes back as text (ASCII-escaped when it was), bytes as bytes, a decoded document comes back as canonical JSON text.
    """
    if isinstance(value, bytes):
        return document(value.decode("utf-8", "surrogateescape"), rule, needles).encode("utf-8", "surrogateescape")
    raw = value if isinstance(value, str) and not isinstance(value, DECODED) else None
    try:
        tree = exactjson.loads(raw) if raw is not None else value
    except ValueError:
        return blank_all(str(value), needles)[0]
    masked = _masked(tree, rule.paths, needles)
    if masked == tree and raw is not None:
        return raw
    return exactjson.dumps(masked, ensure_ascii=raw is not None and "\\u" in raw)


def _masked(tree: Any, paths: Sequence[tuple[tuple[str, ...], str]], needles: Sequence[Needle]) -> Any:
    here = next((kind for path, kind in paths if not path), None)
    if here is not None:
        return _leaf(tree, here)
    if isinstance(tree, dict):
        return {blank_all(k, needles)[0]: _masked(v, _below(paths, k), needles) for k, v in tree.items()}
    if isinstance(tree, list):
        return [_masked(v, _below(paths, str(i)), needles) for i, v in enumerate(tree)]
    if isinstance(tree, str):
        return blank_all(tree, needles)[0]
    if isinstance(tree, int | float) and not isinstance(tree, bool) and any(n.whole(str(tree)) for n in needles):
        return 0
    return tree


def _below(paths: Sequence[tuple[tuple[str, ...], str]], step: str) -> list[tuple[tuple[str, ...], str]]:
    return [(path[1:], kind) for path, kind in paths if path and path[0] in (step, "*")]


def _leaf(value: Any, kind: str) -> Any:
    """A mapped value of a document, by the kind's text mask; whole branches are masked leaf by leaf."""
    if value is None or value == "":
        return value
    if isinstance(value, dict):
        return {k: _leaf(v, kind) for k, v in value.items()}
    if isinstance(value, list):
        return [_leaf(v, kind) for v in value]
    mask = KINDS[kind].text
    if mask is Mask.EMAIL:
        return "masked-" + secrets.token_hex(6) + EMAIL_DOMAIN
    if mask is Mask.YEAR:
        return year(value)
    if mask is Mask.NETWORK:
        return network(value)
    return STARS if isinstance(value, str) else 0


def leaves(tree: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, value) of every leaf of a document."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from (((key, *path), leaf) for path, leaf in leaves(value))
    elif isinstance(tree, list):
        for i, value in enumerate(tree):
            yield from (((str(i), *path), leaf) for path, leaf in leaves(value))
    else:
        yield (), tree


def identifying_leaves(value: Any, rule: ColumnRule, wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(kind, value) of the mapped paths of a document whose kind is wanted."""
    try:
        tree = json.loads(value) if isinstance(value, str | bytes) else value
    except ValueError:
        return
    for path, leaf in leaves(tree):
        for mapped, kind in rule.paths:
            fits = len(mapped) <= len(path) and all(m in (p, "*") for m, p in zip(mapped, path, strict=False))
            if fits and kind in wanted and leaf not in (None, ""):
                yield kind, str(leaf)


def whole(value: Any, rule: ColumnRule, length: int | None) -> Any:
    """The new value of a text or document of which nothing may stay; NULL and empty stay what they are."""
    if value is None or value == "":
        return value
    if isinstance(value, DECODED) or rule.paths:
        return document(value, replace(rule, paths=(((), "other"),)), ())
    return STARS[:length].encode("ascii") if isinstance(value, bytes) else STARS[:length]


def row_value(mask: Mask, value: Any, rule: ColumnRule, needles: Sequence[Needle]) -> Any:
    """The new value of one cell under a row-by-row mask; NULL and empty stay what they are."""
    if value is None or value == "":
        return value
    if mask is Mask.YEAR:
        return year(value)
    if mask is Mask.NETWORK:
        return network(value)
    if mask is Mask.JSON or isinstance(value, DECODED):
        return document(value, rule, needles)
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    blanked = blank_all(text, needles)[0]
    return blanked.encode("utf-8", "surrogateescape") if isinstance(value, bytes) else blanked
