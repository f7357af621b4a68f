"""A message as the bytes that go over the line, and the envelope they go in.

Promises: exactly one recipient, or none is written; no value begins a header, a part or an encoded word of its own. The
finished bytes are read again, and their headers, addresses and text must be what was meant. What is wrong is a
`Refused` of the address or the message before anything is sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from core.errors import Refused, UsageError
from core.model.notices import Written
from core.visible import safe

LOCAL_MOST, ADDRESS_MOST = 64, 254
NAME_MOST = 100
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([\w-]+(?:\.[\w-]+)*)")
HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version")
"""Every header that we write, besides those of the content."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who messages come from."""

    address: str
    name: str | None = None
    reply_to: str | None = None

    @classmethod
    def read(cls, setting: Callable[[str], Any]) -> Sender:
        """From the settings. Raises UsageError `mail-no-sender`."""
        if setting("mail-from") is None:
            raise UsageError("mail-no-sender")
        return cls(setting("mail-from"), setting("company-name"), setting("company-email"))


@dataclass(frozen=True, slots=True)
class Mail:
    """One message, finished."""

    sender: str
    recipient: str
    content: bytes
    """Lines end in CRLF; dots are not doubled yet."""
    utf8: bool
    """The recipient's address is not ASCII: the server must speak SMTPUTF8."""


def envelope(text: str) -> str:
    """The one address that a text is, its domain in ASCII. Raises Refused `mail-address`."""
    found = _ADDRESS.fullmatch(unicodedata.normalize("NFC", text.strip()))
    if found is None or not text.isprintable():
        raise Refused("mail-address")
    local, domain = found[1], _ascii(found[2])
    if len(local.encode()) > LOCAL_MOST or len(local.encode()) + 1 + len(domain) > ADDRESS_MOST or "=?" in local:
        raise Refused("mail-address")
    return f"{local}@{domain}"


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain.replace("İ", "i"), uts46=True).decode("ascii")  # ı stays: it is another domain
    except (idna.IDNAError, UnicodeError):
        raise Refused("mail-address") from None


def compose(written: Written, sender: Sender, recipient: str, message_id: str, language: str, at: datetime) -> Mail:
    """The finished message. Raises Refused `mail-address`, `mail-unsound`."""
    to, sent_by = envelope(recipient), envelope(sender.address)
    utf8 = not (to.isascii() and sent_by.isascii())
    how: Any = (policy.SMTPUTF8 if utf8 else policy.SMTP).clone(cte_type="7bit")
    message = EmailMessage(policy=how)
    subject = plain(written.subject)
    try:
        message["From"] = _address(sent_by, plain(sender.name or "")[:NAME_MOST])
        message["To"] = _address(to)
        if sender.reply_to:
            message["Reply-To"] = _address(envelope(sender.reply_to))
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(written.body)
        message["Content-Language"] = language
        content = message.as_bytes()
    except (ValueError, UnicodeError, LookupError):
        raise Refused("mail-unsound") from None
    _read_again(content, sent_by, to, subject, message_id, written.body)
    return Mail(sent_by, to, content, utf8)


def _address(text: str, name: str = "") -> Address:
    local, _, domain = text.rpartition("@")
    return Address(name, local, domain)


def plain(text: str) -> str:
    """A header's value: one visible line in which no encoded word can begin."""
    return safe(text).replace("=?", "= ?")


def _read_again(content: bytes, sender: str, recipient: str, subject: str, message_id: str, body: str) -> None:
    """Raises Refused `mail-unsound` unless the bytes say what was meant and nothing else."""
    found: Any = message_from_string(content.decode("utf-8"), policy=policy.default)
    names = [name for name in found if not name.lower().startswith("content-t")]
    sound = (
        set(names) <= set(HEADERS)
        and len(names) == len(set(names))
        and _addresses(found["To"]) == [recipient]
        and _addresses(found["From"]) == [sender]
        and " ".join(found["Subject"].split()) == " ".join(subject.split())
        and found["Message-ID"].strip() == message_id
        and not found.is_multipart()
        and found.get_content().replace("\r\n", "\n") == body
        and not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", content)
        and max(map(len, content.split(b"\r\n"))) <= 998
    )
    if not sound:
        raise Refused("mail-unsound")


def _addresses(header: Any) -> list[str]:
    return [address.addr_spec for address in header.addresses]
