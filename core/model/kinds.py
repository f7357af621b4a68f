"""Kinds of personal data and the masks: what each kind is called, how it is masked, whether it identifies alone.

A mask is named here and carried out by core/store/mutate.py: as an SQL expression where a constant or a random token will
do, row by row (core/model/masking.py) where the new value depends on the old one: `redact`, `network`, `year`, JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.locale import N_
from core.model.schema import Column, Family

STARS = "*****"
"""Fixed width, so that the length of the masked value tells nothing."""
MIN_TOKEN_LENGTH = 20
"""A column that is shorter cannot hold a token that never repeats; tokens there are made short and tried again."""


class Mask(StrEnum):
    """What becomes of a cell of a row that stays."""

    STARS = "stars"
    """`*****`, cut to the column's length."""
    TOKEN = "token"  # noqa: S105 - the name of a mask
    """Random hex, new for each row: keeps UNIQUE."""
    EMAIL = "email"
    """A random address on a reserved domain (RFC 2606): keeps UNIQUE and the shape of an address."""
    PHONE = "phone"
    """`+00` and random digits: keeps UNIQUE and the shape of a number, belongs to no country."""
    NULL = "null"
    """NULL."""
    EMPTY = "empty"
    """An empty text."""
    ZERO = "zero"
    """0 in a number column that may not be NULL."""
    YEAR = "year"
    """1 January of the same year."""
    NETWORK = "network"
    """The address's /24 (IPv4) or /48 (IPv6)."""
    REDACT = "redact"
    """The customer's own values inside the text become `***`; the rest stays."""
    CONSTANT = "constant"
    """A text that the map gives: `constant:…`."""
    JSON = "json"
    """Each path of a document by its own kind, the other strings redacted."""
    REFERENCE = "reference"
    """A pointer to a customer: stays in a masked row, NULL in everybody's rows once that customer is erased."""


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What the product knows of one kind."""

    label: str
    text: Mask
    """Default mask in a text column."""
    identifies: bool = False
    """Whether the value identifies a person on its own (residue search, blacklist)."""
    secret: bool = False
    """Never exported."""
    cleared: bool = False
    """Set to NULL rather than masked wherever the column allows it."""


KINDS: dict[str, KindInfo] = {
    "name": KindInfo(N_("Name"), Mask.STARS),
    "company": KindInfo(N_("Company"), Mask.STARS),
    "email": KindInfo(N_("E-mail"), Mask.EMAIL, identifies=True),
    "phone": KindInfo(N_("Phone"), Mask.STARS, identifies=True),
    "national_id": KindInfo(N_("National identity number"), Mask.STARS, identifies=True),
    "tax_id": KindInfo(N_("Tax number"), Mask.STARS, identifies=True),
    "iban": KindInfo(N_("IBAN"), Mask.STARS, identifies=True),
    "card": KindInfo(N_("Card"), Mask.STARS),
    "address": KindInfo(N_("Address"), Mask.STARS),
    "city": KindInfo(N_("City"), Mask.STARS),
    "postcode": KindInfo(N_("Postcode"), Mask.STARS),
    "birth_date": KindInfo(N_("Date of birth"), Mask.YEAR),
    "ip": KindInfo(N_("IP address"), Mask.NETWORK),
    "user_agent": KindInfo(N_("Browser"), Mask.STARS),
    "user_name": KindInfo(N_("User name"), Mask.TOKEN, identifies=True),
    "url": KindInfo(N_("Web address"), Mask.STARS),
    "free_text": KindInfo(N_("Text"), Mask.STARS),
    "secret": KindInfo(N_("Secret"), Mask.TOKEN, secret=True, cleared=True),
    "file_path": KindInfo(N_("File"), Mask.STARS),
    "json": KindInfo(N_("Document"), Mask.JSON),
    "other": KindInfo(N_("Other personal data"), Mask.STARS),
}
IDENTIFYING = frozenset(name for name, kind in KINDS.items() if kind.identifies)
MASK_NAMES = tuple(sorted(m.value for m in Mask if m not in (Mask.JSON, Mask.REFERENCE)))


def default_mask(kind: str, column: Column, *, unique: bool) -> Mask:
    """The mask of a kind in a column of this type: what it says for text, else the nearest that the type can hold."""
    info = KINDS[kind]
    if info.cleared and column.nullable:
        return Mask.NULL
    if column.family is Family.OTHER and kind == "ip":
        return Mask.NETWORK
    if column.family in (Family.TEXT, Family.OTHER):
        return _for_text(info.text, kind, unique=unique)
    if column.family in (Family.DATE, Family.DATETIME) and kind == "birth_date":
        return Mask.YEAR
    if column.family is Family.JSON:
        return Mask.JSON if kind in ("json", "free_text") else Mask.NULL
    if column.nullable:
        return Mask.NULL
    if column.family.is_number:
        return Mask.ZERO
    if column.family is Family.BINARY:
        return Mask.EMPTY
    return Mask.STARS


def _for_text(mask: Mask, kind: str, *, unique: bool) -> Mask:
    if not unique or mask in (Mask.EMAIL, Mask.TOKEN):
        return mask
    return Mask.PHONE if kind == "phone" else Mask.TOKEN


def fits(mask: Mask, column: Column, *, unique: bool, constant: str | None = None) -> str | None:
    """None when the mask can be stored in the column, else the code of the reason."""
    if column.generated:
        return "mask-generated-column"
    if mask is Mask.NULL:
        return None if column.nullable else "mask-not-null"
    if unique and mask in (Mask.STARS, Mask.EMPTY, Mask.ZERO, Mask.CONSTANT, Mask.YEAR, Mask.NETWORK, Mask.REDACT):
        return "mask-not-unique"
    if mask is Mask.CONSTANT:
        return _fits_constant(constant or "", column)
    if mask is Mask.ZERO:
        return None if column.family.is_number or column.family is Family.BOOLEAN else "mask-wrong-type"
    if mask is Mask.YEAR and column.family in (Family.DATE, Family.DATETIME):
        return None
    if mask is Mask.JSON:
        return None if column.family in (Family.JSON, Family.TEXT) else "mask-wrong-type"
    if mask is Mask.EMPTY and column.family is Family.BINARY:
        return None
    if mask in (Mask.NETWORK, Mask.REDACT) and column.family is Family.OTHER:
        return None
    if mask is Mask.REDACT and column.family is Family.JSON:
        return None
    if column.family is not Family.TEXT:
        return "mask-wrong-type"
    return _fits_length(mask, column)


def _fits_constant(constant: str, column: Column) -> str | None:
    if column.family is Family.ENUM:
        return None if constant in column.choices else "mask-wrong-type"
    if column.family.is_number:
        return None if re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]+)?", constant) else "mask-wrong-type"
    if column.family in (Family.DATE, Family.DATETIME):
        return None if _is_date(constant) else "mask-wrong-type"
    if column.family is Family.TEXT:
        return "mask-too-long" if column.length is not None and len(constant) > column.length else None
    return None if column.family is Family.OTHER else "mask-wrong-type"


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fits_length(mask: Mask, column: Column) -> str | None:
    need = {Mask.STARS: 1, Mask.TOKEN: 8, Mask.EMAIL: 30, Mask.PHONE: 10, Mask.NETWORK: 9, Mask.YEAR: 10}.get(mask, 0)
    return "mask-too-long" if column.length is not None and column.length < need else None


def parse_mask(text: str) -> tuple[Mask, str | None] | None:
    """(mask, constant) of a map's `mask = "…"`; None when there is no such mask."""
    if text.startswith("constant:"):
        return Mask.CONSTANT, text.removeprefix("constant:")
    return (Mask(text), None) if text in MASK_NAMES and text != Mask.CONSTANT else None
