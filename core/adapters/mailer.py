"""Messages handed over to a mail server, one after the other over one line, and what is known of each afterwards.

A server has a message from the moment in which it says so, behind the last dot; whether it has one whose line was lost after
that dot nobody can know, and that is what `UNKNOWN` says. Everything before it is certain: not sent.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from core.adapters.mail import Mail
from core.adapters.smtpline import CLOSING, FAULTS, GOOD, LATER, NEVER, Line, Patience, Server, dial, limited
from core.errors import Unavailable

_DOTS = re.compile(rb"^\.", re.MULTILINE)
IDLE_S = 1.0
"""A line that was just opened has not been closed for its idleness: dialling anew would not help."""
TOO_BIG = 552


class Fate(StrEnum):
    """What is known of a message."""

    SENT = "sent"
    """The server has said that it has it."""
    LATER = "later"
    """The server does not have it and may take it later."""
    REFUSED = "refused"
    """The server will not take it."""
    UNKNOWN = "unknown"
    """The line was lost when it may have had it."""
    AWAY = "away"
    """The server does not have it, and takes nothing now."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of one message, and the code of the trouble; `mail-…`, with the server's reply where there was one."""

    fate: Fate
    code: str | None = None
    reply: int | None = None

    @property
    def error(self) -> str | None:
        """Code and reply in one word, as it is kept."""
        return f"{self.code}-{self.reply}" if self.reply else self.code


STOPPED = Verdict(Fate.LATER, "mail-stopped")
LOST = Verdict(Fate.LATER, "mail-lost")
UNCERTAIN = Verdict(Fate.UNKNOWN, "mail-uncertain")


class Mailer:
    """A mail server. The line is opened by `ready`, and anew whenever it was lost. A context manager."""

    def __init__(self, server: Server, patience: Patience) -> None:
        self._server, self._patience = server, patience
        self._line: Line | None = None
        self._since = 0.0
        self._carried = 0
        self._dirty = False
        self.known = STOPPED
        """What is known of the message at hand, also when an interruption leaves `send`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._hang_up(politely=kind is None)

    def ready(self) -> None:
        """Open the line unless it is. Raises Unavailable `mail-…`, UsageError (the password file)."""
        if self._line is None:
            self._line = dial(self._server, self._patience)
            self._since, self._carried, self._dirty = time.monotonic(), 0, False

    def send(self, mail: Mail) -> Verdict:
        """Hand over one message. An interruption passes through; then `known` says what is known."""
        self.known = STOPPED
        used = self._carried > 0 or time.monotonic() - self._since > IDLE_S
        self.known = self._over_line(mail)
        if self._line is None and used and self.known.fate in (Fate.LATER, Fate.AWAY):
            self.known = self._over_line(mail)  # an idle line, or one that has carried enough: once more over a new one
        return self.known

    def _over_line(self, mail: Mail) -> Verdict:
        try:
            self.ready()
        except Unavailable as error:
            return Verdict(Fate.AWAY, error.code)
        line = self._line
        if line is None:
            return LOST
        try:
            with limited(self._patience.whole, line.cut):
                verdict = self._hand_over(line, mail)
        except FAULTS:
            self._hang_up(politely=False)
            return self.known if self.known.fate is Fate.UNKNOWN else LOST
        if verdict.reply == CLOSING:
            self._hang_up(politely=False)
        self._carried += 1
        self._dirty = verdict.fate is not Fate.SENT
        return verdict

    def _hand_over(self, line: Line, mail: Mail) -> Verdict:
        if mail.utf8 and not line.speaks("smtputf8"):
            return Verdict(Fate.REFUSED, "mail-smtputf8")
        if self._dirty:
            line.command("RSET")
        options = " BODY=8BITMIME SMTPUTF8" if mail.utf8 else ""
        reply = line.command(f"MAIL FROM:<{mail.sender}>{options}", utf8=mail.utf8)
        if reply // 100 != GOOD:
            return _of_sender(reply)
        for command in (f"RCPT TO:<{mail.recipient}>", "DATA"):
            reply = line.command(command, utf8=mail.utf8)
            if reply // 100 not in (GOOD, 3):
                return _of_message(reply)
        line.write(_DOTS.sub(b"..", mail.content.rstrip(b"\r\n")) + b"\r\n")
        self.known = UNCERTAIN
        line.write(b".\r\n")
        return _of_message(line.reply())

    def _hang_up(self, *, politely: bool) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError), limited(self._patience.step, line.cut):
                line.close(politely=politely)


def _of_message(reply: int) -> Verdict:
    if reply // 100 == GOOD:
        return Verdict(Fate.SENT)
    if reply == CLOSING:
        return Verdict(Fate.AWAY, "mail-later", reply)
    if reply // 100 == NEVER:
        return Verdict(Fate.REFUSED, "mail-refused", reply)
    return Verdict(Fate.LATER, "mail-later", reply) if reply // 100 == LATER else UNCERTAIN


def _of_sender(reply: int) -> Verdict:
    """A refusal of the sender is one of the set-up: no message is given up for it."""
    if reply // 100 == NEVER and reply != TOO_BIG:
        return Verdict(Fate.AWAY, "mail-sender", reply)
    return _of_message(reply)
