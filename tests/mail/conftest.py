"""Real mail servers on this host: polite ones (aiosmtpd), with certificates of an authority of their own, and rude ones."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.model.records import Actor
from core.services.context import Context
from core.services.notices import Notices
from core.store.audit import sealer
from core.store.engine import Store, Unit
from core.store.keyring import Keyring
from core.store.settingsbook import SettingsBook
from core.store.stonefile import StoneFile

HOUR = dt.timedelta(hours=1)
USER, PASSWORD = "kvkk", "şifre-Ğ:1"


@dataclass
class Arrived:
    """One message as the server got it."""

    sender: str
    recipients: list[str]
    content: bytes
    options: list[str]


@dataclass
class Box:
    """What a polite server does and what it has received."""

    mail: list[Arrived] = field(default_factory=list)
    connections: int = 0
    refuse: dict[str, str] = field(default_factory=dict)
    """Recipient -> reply in place of 250."""
    of_sender: str | None = None
    """Reply to MAIL in place of 250."""
    of_data: Callable[[int], str | None] = lambda number: None
    """Reply to the n-th message in place of 250; what it refuses is not kept."""

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.of_sender:
            return self.of_sender
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        reply = self.of_data(len(self.mail))
        if reply is not None:
            return reply
        self.mail.append(Arrived(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content, list(envelope.mail_options)))
        return "250 OK"

    @property
    def addresses(self) -> list[str]:
        return [address for one in self.mail for address in one.recipients]


@dataclass
class Polite:
    """A server that speaks SMTP as it should."""

    box: Box
    port: int
    stop: Callable[[], None]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Papers:
    """An authority, and what it has signed."""

    authority: Path
    good: ssl.SSLContext
    other_name: ssl.SSLContext
    expired: ssl.SSLContext


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    now = dt.datetime.now(dt.UTC)
    authority = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - HOUR)
        .not_valid_after(now + 24 * HOUR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "authority.pem"
    file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))

    def signed(host: str, until: dt.datetime) -> ssl.SSLContext:
        own = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
            .issuer_name(name)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * HOUR)
            .not_valid_after(until)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, hashes.SHA256())
        )
        chain = folder / f"{x509.random_serial_number()}.pem"
        plain = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
        chain.write_bytes(plain + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    later = now + 24 * HOUR
    return Papers(file, signed("localhost", later), signed("mail.elsewhere.example", later), signed("localhost", now - HOUR))


@pytest.fixture
def trusted(papers: Papers, monkeypatch: pytest.MonkeyPatch) -> Papers:
    """The authority is one that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(papers.authority))
    return papers


@pytest.fixture
def serve() -> Iterator[Callable[..., Polite]]:
    """`serve()` starts a polite server on this host; options as aiosmtpd's Controller."""
    running: list[Controller] = []

    def start(box: Box | None = None, **options: Any) -> Polite:
        found = box or Box()
        controller = Controller(found, hostname="127.0.0.1", port=free_port(), server_hostname="localhost", **options)
        controller.start()
        running.append(controller)
        return Polite(found, controller.port, lambda: (running.remove(controller), controller.stop())[0])

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def check_login() -> Callable[..., AuthResult]:
    """For `serve(authenticator=…)`: lets in `kvkk` with a Turkish password."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    return check


class Rude:
    """A server that does what `behave(connection, n)` does with the n-th connection."""

    def __init__(self, behave: Callable[[socket.socket, int], None]) -> None:
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        self.over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(connection, self.connections), daemon=True).start()

    def _one(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError), connection:
            self._behave(connection, number)

    def stop(self) -> None:
        self.over.set()
        self._listener.close()


@pytest.fixture
def rude() -> Iterator[Callable[[Callable[[socket.socket, int], None]], Rude]]:
    """`rude(behave)` starts one."""
    running: list[Rude] = []

    def start(behave: Callable[[socket.socket, int], None]) -> Rude:
        running.append(Rude(behave))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@dataclass
class Talk:
    """A scripted conversation up to a point: what the client said, and replies of a plain server."""

    connection: socket.socket
    said: list[bytes] = field(default_factory=list)

    def until_data(self) -> None:
        """Polite up to the 354 behind DATA."""
        self.connection.sendall(b"220 rude\r\n")
        reader = self.connection.makefile("rb")
        for line in iter(reader.readline, b""):
            self.said.append(line)
            word = line.split()[0].upper()
            self.connection.sendall(b"354 go on\r\n" if word == b"DATA" else b"250 OK\r\n")
            if word == b"DATA":
                return

    def rest(self) -> bytes:
        """The message up to its dot."""
        read = b""
        while not read.endswith(b"\r\n.\r\n"):
            more = self.connection.recv(4096)
            if not more:
                break
            read += more
        return read


@pytest.fixture
def talk() -> Callable[[socket.socket], Talk]:
    return Talk


@dataclass
class Desk:
    """The outbox of a database without a company: enough for mail."""

    store: Store
    context: Context
    notices: Notices
    actor: Actor
    clock: Any

    def set(self, **values: object) -> None:
        """`set(smtp_host="localhost")`"""
        with self.writing() as unit:
            for name, value in values.items():
                SettingsBook().set(unit, name.replace("_", "-"), str(value))

    def writing(self) -> Any:
        return self.store.writing(self.actor, sealer(self.context.keyring.if_present))

    def queue(self, *addresses: str, event: str = "received", language: str = "tr", **fields: Any) -> list[str]:
        """One message to each; returns their Message-IDs."""
        from core.store import outbox

        facts = {"name": "Ali", "kind": "erase", "received_on": "2026-11-01", "due_on": "2026-12-01"} | fields
        with self.context.writing(self.actor) as unit:
            assert isinstance(unit, Unit)
            return [outbox.queue(unit, self.context.keyring, event, 7, language, address, facts) for address in addresses]


@pytest.fixture
def office(store: Store, actor: Actor, clock: Any, tmp_path: Path) -> Desk:
    """On each engine."""
    key_file = tmp_path / "x.key"
    stones = StoneFile(tmp_path / "x.tombstones", key_file)
    context = Context(store, Keyring(key_file), SettingsBook(), lambda: pytest.fail("no map"), clock, lambda: stones)
    found = Desk(store, context, Notices(context), actor, clock)
    found.set(mail_from="kvkk@firma.example", company_name="Örnek A.Ş.", smtp_tls="off", smtp_host="localhost", unknown_resend_minutes=60)
    return found
