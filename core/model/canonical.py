"""What identifies a person, and the one text of such a value that is fingerprinted.

`canonical` forgives what people mistype (case, Turkish dots, blanks, the ways to write a phone) and nothing else: `şen@…` is
not `sen@…`, `ali+shop@…` is not `ali@…`. It is None where a value identifies nobody: empty, `-`, `0`, `11111111111`, stars of an
earlier mask. Values of people never appear in a `repr`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from core.model.folding import fold, fold_case

REGION = "TR"
MIN_SIGNIFICANT = 4
"""Letters and digits below which a value identifies nobody."""
DIGIT_KINDS = frozenset({"phone", "national_id", "tax_id", "card"})
TEXT_KINDS = frozenset({"user_name", "name", "company", "address", "url", "ip"})
"""Kinds that are found as whole words. Every other kind (dates, secrets, documents, free text) is never looked for."""

_MASKED = re.compile(r"[*•#]{2}")
_FILLER = re.compile(r"(\d)\1*|0?1234567890?1?")
_FLOAT = re.compile(r"(\d+)\.0+")
"""How a column of floats writes a number; `0532.123.45.00` is how people write a phone."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A value of a person as it is stored: its kind in the data map, and the text."""

    kind: str
    value: str = field(repr=False)


def fold_email(value: str) -> str:
    """Case, Turkish dots and the domain's IDNA form (`xn--…`); also out of `Ali <ali@x.example>`. Plus-addresses stay."""
    address = _bare(value)
    local, _, domain = address.rpartition("@")
    return f"{fold_case(local)}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """A mail domain in its ASCII form; what IDNA cannot hold is only folded."""
    name = readable_domain(domain)
    if name.isascii():
        return name
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return name


def readable_domain(domain: str) -> str:
    """A mail domain with the letters that `xn--…` stands for, case and Turkish dots folded."""
    name = domain.strip().rstrip(".")
    if "xn--" not in name.lower():
        return fold_case(name)
    import idna

    try:
        return fold_case(idna.decode(name.lower()))
    except (idna.IDNAError, UnicodeError):
        return fold_case(name)


def fold_phone(value: str) -> str:
    """E.164 (`+905321234567`) when valid for the region TR; else its digits, with the country code where the length allows."""
    import phonenumbers

    number = parse_phone(value)
    if number is None:
        return fold_id(value)
    written: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if phonenumbers.is_valid_number(number) else written.lstrip("+")


def parse_phone(value: str) -> phonenumbers.PhoneNumber | None:  # type: ignore[name-defined]  # noqa: F821
    """The number, None where the text cannot be one."""
    import phonenumbers

    text = fold(_whole(value))
    if text.startswith("90") and len(fold_id(text)) == 12:
        text = "+" + text  # a column of numbers has no room for the plus
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def fold_id(value: str) -> str:
    """The digits of a number; `1234567890.0` is how a column of floats writes one."""
    return "".join(c for c in fold(_whole(value)) if c in "0123456789")


def fold_iban(value: str) -> str:
    """Capital letters and digits without blanks."""
    return "".join(c for c in fold(value).upper() if c.isascii() and c.isalnum())


def fold_user_name(value: str) -> str:
    """Case and Turkish dots; a user name that is an e-mail address is folded like one."""
    return fold_email(value) if looks_like_email(value) else fold_case(value.strip())


def looks_like_email(value: str) -> bool:
    """One `@` with something on both sides, and no blank in between."""
    local, at, domain = _bare(value).rpartition("@")
    return bool(at and local and domain and "@" not in local) and not re.search(r"\s", local + domain)


@lru_cache(maxsize=4096)
def canonical(kind: str, value: str) -> str | None:
    """The text that is fingerprinted; None when the value identifies nobody, or values of this kind never do."""
    if _MASKED.search(value):
        return None
    if kind in DIGIT_KINDS:
        return _canonical_digits(kind, value)
    text = _canonical_text(kind, value)
    significant = [c for c in text or "" if c.isalnum()]
    return text if len(significant) >= MIN_SIGNIFICANT and len(set(significant)) > 1 else None


def _canonical_digits(kind: str, value: str) -> str | None:
    digits = fold_id(value)
    if len(digits.lstrip("0")) < MIN_SIGNIFICANT or _FILLER.fullmatch(digits):
        return None
    return fold_phone(value) if kind == "phone" else digits


def _canonical_text(kind: str, value: str) -> str | None:
    if kind == "email":
        return fold_email(value) if looks_like_email(value) else None
    if kind == "iban":
        return fold_iban(value)
    if kind == "user_name":
        return fold_user_name(value)
    return " ".join(fold_case(value).split()) if kind in TEXT_KINDS else None


def _whole(value: str) -> str:
    text = value.strip()
    found = _FLOAT.fullmatch(text)
    return found[1] if found else text


def _bare(value: str) -> str:
    """The address inside `Name <address>`, without `mailto:` and invisible characters around it."""
    inside = re.search(r"<([^<>]+@[^<>]+)>", value)
    text = (inside[1] if inside else value).strip().replace("＠", "@")
    return text.removeprefix("mailto:").strip()
