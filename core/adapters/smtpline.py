"""One connection to a mail server: opened, secured, logged in, and cut when it takes too long.

Promises: nothing goes over the line in clear that `tls` forbids; a certificate is verified; no step waits longer than `step`
and nothing in all longer than `whole`, whatever the server does (silence, one byte a minute, a reply without an end), nor the
resolver. What goes wrong on the way is Unavailable `mail-…` without a word of the server, which may quote an address.
"""

from __future__ import annotations

import base64
import queue
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.adapters.password import read_password
from core.errors import Unavailable, UsageError

PORTS = {"starttls": 587, "tls": 465, "off": 25}
HERE = ("localhost", "127.0.0.1", "::1")
GOOD, LATER, NEVER, CLOSING = 2, 4, 5, 421
"""First digits of replies, and the one with which a server hangs up."""
FAULTS = (OSError, smtplib.SMTPException, EOFError, ValueError)
"""What smtplib, ssl and socket raise; ValueError: a line that cannot be encoded."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    tls: str
    """starttls, tls, off"""
    user: str | None = None
    password_file: Path | None = None

    @classmethod
    def read(cls, setting: Callable[[str], Any]) -> Server:
        """From the settings `smtp-…`. Raises UsageError `mail-not-set`."""
        host, tls, password = setting("smtp-host"), setting("smtp-tls"), setting("smtp-password-file")
        if host is None:
            raise UsageError("mail-not-set")
        return cls(host, setting("smtp-port") or PORTS[tls], tls, setting("smtp-user"), Path(password) if password else None)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that are waited: for one answer, and for everything from the connection to the last reply."""

    step: float = 30
    whole: float = 120


PATIENT = Patience()
"""For `kvkk run` and `kvkk outbox send`."""
AT_ONCE = Patience(step=5, whole=8)
"""While somebody waits."""


class Line:
    """An open line. Made by `dial`; `close` never fails."""

    def __init__(self, smtp: smtplib.SMTP, tcp: socket.socket) -> None:
        self._smtp = smtp
        self._tcp = tcp

    def command(self, text: str, *, utf8: bool = False) -> int:
        """The server's reply to one command. Raises one of FAULTS; a reply that is none is a fault too."""
        self._smtp.command_encoding = "utf-8" if utf8 else "ascii"
        return _sound(self._smtp.docmd(text)[0])

    def write(self, content: bytes) -> None:
        """Bytes of a message. Raises one of FAULTS."""
        self._smtp.send(content)

    def reply(self) -> int:
        """The next reply. Raises one of FAULTS."""
        return _sound(self._smtp.getreply()[0])

    def speaks(self, extension: str) -> bool:
        """Whether the server has offered it."""
        return bool(self._smtp.has_extn(extension))

    def cut(self) -> None:
        """End it at once, from any thread: whoever waits on it wakes up with a fault."""
        with suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)

    def close(self, *, politely: bool) -> None:
        """Hang up; `politely` says goodbye first."""
        if politely:
            with suppress(*FAULTS):
                self._smtp.docmd("QUIT")
        for end in (self._smtp.close, self._tcp.close):
            with suppress(*FAULTS):
                end()


def _sound(reply: int) -> int:
    if not 200 <= reply <= 599:
        raise smtplib.SMTPResponseException(reply, "no reply")
    return reply


@contextmanager
def limited(seconds: float, cut: Callable[[], None]) -> Iterator[None]:
    """Call `cut` from another thread when the block takes longer."""
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def dial(server: Server, patience: Patience) -> Line:
    """A line over which mail can be handed over. Raises Unavailable `mail-…`, UsageError (the password file)."""
    password = _password(server)
    until = time.monotonic() + patience.whole
    tcp = _connect(server, patience.step, until)
    smtp = smtplib.SMTP(local_hostname=_own_name(), timeout=patience.step)
    watched = tcp.dup()  # wrapping in TLS takes the socket away from its object; this one stays
    line = Line(smtp, watched)
    try:
        with limited(max(0.1, until - time.monotonic()), line.cut):
            _greet(smtp, tcp, server)
            if server.user is not None:
                _login(smtp, server.user, password)
    except ssl.SSLCertVerificationError:
        failure = Unavailable("mail-certificate", host=server.host)
    except ssl.SSLError:
        failure = Unavailable("mail-no-tls", host=server.host)
    except Unavailable as error:
        failure = error
    except FAULTS as error:
        failure = Unavailable("mail-unreachable", host=server.host, kind=type(error).__name__)
    else:
        return line
    line.close(politely=False)
    tcp.close()
    raise failure


def _password(server: Server) -> str:
    if server.user is None:
        return ""
    if server.tls == "off" and server.host not in HERE:
        raise UsageError("mail-login-in-clear")
    if server.password_file is None:
        raise UsageError("mail-no-password")
    return read_password(server.password_file)


def _connect(server: Server, step: float, until: float) -> socket.socket:
    """A connection to the first address that answers."""
    fault: Exception = TimeoutError()
    for family, kind, protocol, _, address in _addresses(server, step):
        left = min(step, until - time.monotonic())
        if left <= 0:
            break
        tcp = socket.socket(family, kind, protocol)
        try:
            tcp.settimeout(left)
            tcp.connect(address)
            tcp.settimeout(step)
            tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the dot waits 40 ms behind the message
        except OSError as error:
            tcp.close()
            fault = error
        else:
            return tcp
    raise Unavailable("mail-unreachable", host=server.host, kind=type(fault).__name__)


def _addresses(server: Server, seconds: float) -> Any:
    """The resolver has no time-out of its own: it is asked in a thread, which may be left behind."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        answer = TimeoutError()
    if isinstance(answer, Exception):
        raise Unavailable("mail-host-unknown", host=server.host)
    return answer


def _own_name() -> str:
    """What we call ourselves; getfqdn would ask the resolver, without a time-out."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _greet(smtp: smtplib.SMTP, tcp: socket.socket, server: Server) -> None:
    context = ssl.create_default_context()
    smtp.sock = context.wrap_socket(tcp, server_hostname=server.host) if server.tls == "tls" else tcp
    _expect(smtp.getreply()[0], server)
    _expect(smtp.ehlo()[0] if server.tls != "off" else _hello(smtp), server)
    if server.tls != "starttls":
        return
    if not smtp.has_extn("starttls") or smtp.docmd("STARTTLS")[0] != 220:
        raise Unavailable("mail-no-tls", host=server.host)
    smtp.sock = context.wrap_socket(smtp.sock, server_hostname=server.host)
    smtp.file = None  # what was said in clear behind the reply does not count
    _expect(smtp.ehlo()[0], server)


def _hello(smtp: smtplib.SMTP) -> int:
    """A server of the last century knows HELO only."""
    reply = smtp.ehlo()[0]
    return reply if reply // 100 == GOOD else smtp.helo()[0]


def _expect(reply: int, server: Server) -> None:
    if reply // 100 != GOOD:
        raise Unavailable("mail-turned-away", host=server.host, reply=reply)


def _login(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """By PLAIN or LOGIN, in UTF-8, which smtplib cannot; by what smtplib knows where neither is offered."""
    offered = str(smtp.esmtp_features.get("auth", "")).upper().split()
    if "PLAIN" in offered:
        reply = smtp.docmd("AUTH", f"PLAIN {_coded(f'{chr(0)}{user}{chr(0)}{password}')}")[0]
    elif "LOGIN" in offered:
        reply = smtp.docmd("AUTH", f"LOGIN {_coded(user)}")[0]
        reply = smtp.docmd(_coded(password))[0] if reply == 334 else reply
    else:
        reply = _other_login(smtp, user, password)
    if reply // 100 == LATER:
        raise Unavailable("mail-login-later", reply=reply)
    if reply // 100 != GOOD:
        raise Unavailable("mail-login", reply=reply)


def _other_login(smtp: smtplib.SMTP, user: str, password: str) -> int:
    try:
        return int(smtp.login(user, password)[0])
    except smtplib.SMTPAuthenticationError as error:
        return int(error.smtp_code)
    except smtplib.SMTPNotSupportedError:
        raise Unavailable("mail-login", reply=0) from None


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
