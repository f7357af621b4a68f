"""Kinds of settings: what each may hold, and how what people type becomes the one text of it that is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

TEXT_MOST = 500
DOCUMENT_MOST = 100_000
"""Characters of a text that customers are shown; a long contract has fewer."""
MERSIS_DIGITS = 16
EMAIL_MOST = 254
PATH_MOST = 500
HOST_MOST = 253
_EMAIL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w-]+(?:\.[\w-]+)+")
_LOCAL_MOST = 64
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*", re.IGNORECASE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ON = frozenset({"on", "true", "1", "acik", "yes", "evet"})
_OFF = frozenset({"off", "false", "0", "kapali", "no", "hayir"})


class SettingKind(StrEnum):
    """What sort of value a setting holds."""

    SWITCH = "switch"
    """`on` or `off`; typed bool."""
    NUMBER = "number"
    """A whole number from `least` to `most`."""
    CHOICE = "choice"
    """One of `choices`."""
    ZONE = "zone"
    """The name of an IANA time zone."""
    EMAIL = "email"
    """One address of the company."""
    HOST = "host"
    """The name or address of a machine."""
    PATH = "path"
    """The absolute path of a file."""
    URL = "url"
    """Where a site begins."""
    COLOUR = "colour"
    """A colour as `#rrggbb`."""
    MERSIS = "mersis"
    """The 16 digits of the Turkish central register of companies."""
    TEXT = "text"
    """One line of at most 500 characters."""
    DOCUMENT = "document"
    """A text in every language, kept in versions of its own; the value is the number of the version in force."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `default` is canonical; `label` and `about` are msgids."""

    key: str
    kind: SettingKind
    default: str
    label: str
    about: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    optional: bool = False
    """May be unset; unset is `""`, typed None."""

    @property
    def allowed(self) -> str:
        """What may be set, in signs that need no translation."""
        shown = {
            SettingKind.SWITCH: "on, off",
            SettingKind.NUMBER: f"{self.least}–{self.most}",
            SettingKind.CHOICE: ", ".join(self.choices),
            SettingKind.ZONE: "Europe/Istanbul, UTC, …",
            SettingKind.EMAIL: "name@company.com",
            SettingKind.HOST: "mail.company.com, 192.0.2.1",
            SettingKind.PATH: "/…/…",
            SettingKind.URL: "https://panel.company.com, http://localhost:8000",
            SettingKind.COLOUR: "#0a5c7a",
            SettingKind.MERSIS: f"{MERSIS_DIGITS} × 0–9",
            SettingKind.TEXT: f"… (≤ {TEXT_MOST})",
            SettingKind.DOCUMENT: f"tr, en: … (≤ {DOCUMENT_MOST})",
        }[self.kind]
        return f"{shown}, unset" if self.optional else shown

    @property
    def is_document(self) -> bool:
        """Set by its text, not by its value."""
        return self.kind is SettingKind.DOCUMENT

    @property
    def is_text(self) -> bool:
        """Words of the company: named in the audit chain by key only."""
        return self.kind in (SettingKind.TEXT, SettingKind.EMAIL, SettingKind.MERSIS, SettingKind.PATH, SettingKind.URL)


def _parse_switch(_: Setting, text: str) -> str | None:
    # Turkish and English capitals meet here: "AÇIK".lower() is "açik", "İ".lower() has two code points.
    plain = text.translate(str.maketrans("İIıÇç", "iiicc")).casefold()
    return "on" if plain in _ON else "off" if plain in _OFF else None


def _parse_number(found: Setting, text: str) -> str | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    number = int(text)
    return str(number) if found.least <= number <= found.most else None


def _parse_choice(found: Setting, text: str) -> str | None:
    plain = text.casefold()
    return plain if plain in found.choices else None


def _parse_zone(_: Setting, text: str) -> str | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, or far too long
        return None


def _parse_email(_: Setting, text: str) -> str | None:
    fits = len(text) <= EMAIL_MOST and text.find("@") <= _LOCAL_MOST
    return text if fits and text.isprintable() and _EMAIL.fullmatch(text) else None


def _parse_host(_: Setting, text: str) -> str | None:
    from ipaddress import ip_address

    try:
        return str(ip_address(text))
    except ValueError:
        return text.lower() if len(text) <= HOST_MOST and text.isascii() and _HOST.fullmatch(text) else None


def _parse_path(_: Setting, text: str) -> str | None:
    return text if text.startswith("/") and len(text) <= PATH_MOST and text.isprintable() else None


def _parse_url(_: Setting, text: str) -> str | None:
    """https, or this machine; no password, no question, nothing after `#`: a link is made by adding to its end."""
    from urllib.parse import urlsplit

    if len(text) > TEXT_MOST or not text.isascii() or not text.isprintable() or set(text) & set(' <>"\\^`{|}'):
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.query or parts.fragment or "?" in text or "#" in text or "@" in parts.netloc or port == 0:
        return None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return text.rstrip("/") if secure and (_HOST.fullmatch(host) or host == "::1") else None


def _parse_colour(_: Setting, text: str) -> str | None:
    plain = text.lower() if text.startswith("#") else f"#{text.lower()}"
    return plain if re.fullmatch(r"#[0-9a-f]{6}", plain) else None


def _parse_mersis(_: Setting, text: str) -> str | None:
    digits = text.replace(" ", "").replace("-", "")
    return digits if digits.isascii() and digits.isdigit() and len(digits) == MERSIS_DIGITS else None


def _parse_text(_: Setting, text: str) -> str | None:
    return text if 0 < len(text) <= TEXT_MOST and text.isprintable() else None


def _parse_document(_: Setting, text: str) -> str | None:
    """The number of a version; the text itself is read by core.model.documents."""
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) else None


PARSERS: dict[SettingKind, Callable[[Setting, str], str | None]] = {
    SettingKind.SWITCH: _parse_switch,
    SettingKind.NUMBER: _parse_number,
    SettingKind.CHOICE: _parse_choice,
    SettingKind.ZONE: _parse_zone,
    SettingKind.EMAIL: _parse_email,
    SettingKind.HOST: _parse_host,
    SettingKind.PATH: _parse_path,
    SettingKind.URL: _parse_url,
    SettingKind.COLOUR: _parse_colour,
    SettingKind.MERSIS: _parse_mersis,
    SettingKind.TEXT: _parse_text,
    SettingKind.DOCUMENT: _parse_document,
}
"""Kind → canonical text of what a person typed, None where it cannot be meant."""
