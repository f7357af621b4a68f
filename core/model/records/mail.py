"""Templates, waiting messages, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.errors import Exit
from core.model.records.resolutions import Refusal

OPEN_MESSAGES = ("queued", "sending", "unknown", "failed")
"""States of a message that has neither arrived nor been given up by staff."""


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One template as a list shows it."""

    event: str
    language: str
    for_staff: bool
    subject: str
    is_default: bool
    """The built-in one."""
    changed_at: datetime | None = None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A field that a template may name."""

    name: str
    """With its `$`."""
    about: str
    """What it says, in the language that was asked for."""
    needed: bool
    """The body may not leave it out."""
    in_subject: bool
    """The subject may name it too."""


@dataclass(frozen=True, slots=True)
class TemplateView:
    """One template, whole."""

    row: TemplateRow
    body: str
    text: str
    """Subject and body as people edit them: `Subject: …`, a blank line, the body."""
    fields: tuple[TemplateField, ...]


@dataclass(frozen=True, slots=True)
class TemplatePreview:
    """A template filled with a made-up request."""

    event: str
    language: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message. The address is never shown: whose it is, its request tells."""

    id: int
    request: int | None
    event: str
    recipient: str
    """customer, staff"""
    language: str
    state: str
    """queued, sending, sent, unknown, failed, dropped"""
    queued_at: datetime
    attempts: int
    tried_at: datetime | None
    next_at: datetime | None
    """Not tried before."""
    closed_at: datetime | None
    last_error: str | None
    """Code of the last failed try, with the server's reply: `mail-refused-550`; `Forms.trouble` says it."""


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """A page of messages, newest first; `cursor` fetches the next one, None at the end."""

    rows: tuple[OutboxRow, ...]
    cursor: int | None
    waiting: int
    """Messages in all that are queued or being sent."""
    unknown: int
    failed: int
    mail_set: bool
    """Whether a mail server and a sender are set; else everything waits."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a run over the outbox did."""

    sent: int = 0
    later: int = 0
    """Put off by the server; tried again after a pause."""
    failed: int = 0
    """Given up; staff decide."""
    unknown: int = 0
    """Nobody knows whether they arrived."""
    waiting: int = 0
    """Still queued afterwards."""
    trouble: Refusal | None = None
    """What keeps all mail from going out (`mail-not-set`, `mail-unreachable`, …), None when nothing does."""

    @property
    def exit_code(self) -> int:
        """That of `trouble` (9: the mail server is away, 2: the settings are not whole), else 7 when some were given up."""
        if self.trouble is not None:
            return self.trouble.exit_code
        return int(Exit.PARTLY if self.failed or self.unknown else Exit.DONE)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left behind."""
        return not (self.later or self.failed or self.unknown or self.trouble)
