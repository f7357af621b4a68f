"""The mailer against real servers: encryption, login, refusals, silence, and lines that break where it hurts."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.adapters.mail import Mail, Sender, compose
from core.adapters.mailer import Fate, Mailer, Verdict
from core.adapters.smtpline import Patience, Server
from core.errors import KvkkError, Unavailable, UsageError
from core.model.notices import Written

QUICK = Patience(step=0.4, whole=1.5)
FROM = "kvkk@firma.example"


def mail(to: str = "ali@ornek.example", body: str = "Sayın Ali,\n.\n..\nson\n") -> Mail:
    return compose(Written("Talebiniz", body), Sender(FROM, "Örnek A.Ş."), to, "<1@firma.example>", "tr", datetime.now(UTC))


def send(port: int, one: Mail | None = None, tls: str = "off", patience: Patience = QUICK, **more: Any) -> Verdict:
    with Mailer(Server("localhost", port, tls, **more), patience) as mailer:
        mailer.ready()
        return mailer.send(one or mail())


def away(port: int, tls: str = "off", **more: Any) -> KvkkError:
    """Why no line could be opened."""
    with pytest.raises((Unavailable, UsageError)) as found:
        send(port, tls=tls, **more)
    return found.value


def test_a_message_arrives_as_it_was_written(serve: Any) -> None:
    server = serve()
    one = mail()
    assert send(server.port, one) == Verdict(Fate.SENT)
    (got,) = server.box.mail
    assert (got.sender, got.recipients) == (FROM, ["ali@ornek.example"])
    assert got.content == one.content


def test_lines_that_begin_with_a_dot_arrive_whole(serve: Any) -> None:
    from email import message_from_bytes, policy

    server = serve()
    body = ".\n..x\n.nokta\n\n.\nson\n"
    assert send(server.port, mail(body=body)).fate is Fate.SENT
    found: Any = message_from_bytes(server.box.mail[0].content, policy=policy.default)
    assert found.get_content().replace("\r\n", "\n") == body


def test_starttls_is_used_and_its_certificate_verified(serve: Any, trusted: Any) -> None:
    server = serve(tls_context=trusted.good, require_starttls=True)
    assert send(server.port, tls="starttls").fate is Fate.SENT
    assert len(server.box.mail) == 1


def test_tls_from_the_first_byte(serve: Any, trusted: Any) -> None:
    server = serve(ssl_context=trusted.good)
    assert send(server.port, tls="tls").fate is Fate.SENT


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["unknown authority", "other name", "expired"])
def test_a_certificate_that_does_not_hold_is_refused(serve: Any, papers: Any, monkeypatch: Any, tls: str, wrong: str) -> None:
    if wrong != "unknown authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(papers.authority))
    context: ssl.SSLContext = {"unknown authority": papers.good, "other name": papers.other_name, "expired": papers.expired}[wrong]
    server = serve(**{"tls_context" if tls == "starttls" else "ssl_context": context})
    assert away(server.port, tls=tls).code == "mail-certificate"
    assert server.box.mail == []


def test_a_server_without_the_set_encryption_gets_nothing(serve: Any, trusted: Any) -> None:
    """Whoever strips STARTTLS from the greeting gets neither a password nor a message."""
    server = serve()
    assert away(server.port, tls="starttls").code == "mail-no-tls"
    assert away(server.port, tls="tls").code in ("mail-no-tls", "mail-unreachable")
    assert server.box.mail == []


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("şifre-Ğ:1\n", encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("offered", ["PLAIN", "LOGIN", "both"])
def test_a_login_with_turkish_letters(serve: Any, check_login: Any, trusted: Any, secret: Path, offered: str) -> None:
    hidden = {"PLAIN": ["LOGIN"], "LOGIN": ["PLAIN"], "both": []}[offered]
    server = serve(
        tls_context=trusted.good, require_starttls=True, authenticator=check_login, auth_required=True, auth_exclude_mechanism=hidden
    )
    assert send(server.port, tls="starttls", user="kvkk", password_file=secret).fate is Fate.SENT


def test_a_wrong_password_is_told_without_it(serve: Any, check_login: Any, trusted: Any, secret: Path) -> None:
    server = serve(tls_context=trusted.good, authenticator=check_login, auth_required=True)
    secret.write_text("another\n", encoding="utf-8")
    error = away(server.port, tls="starttls", user="kvkk", password_file=secret)
    assert (error.code, error.facts) == ("mail-login", {"reply": 535})


def test_a_server_that_wants_a_login_gives_up_no_message(serve: Any, check_login: Any, trusted: Any) -> None:
    """530 to MAIL is about us, not about this customer."""
    server = serve(tls_context=trusted.good, authenticator=check_login, auth_required=True)
    assert send(server.port, tls="starttls") == Verdict(Fate.AWAY, "mail-sender", 530)


def test_a_password_is_read_from_a_file_that_is_ours_alone(secret: Path, tmp_path: Path) -> None:
    secret.chmod(0o644)
    assert away(1, tls="starttls", user="kvkk", password_file=secret).code == "password-file-open-to-others"
    assert away(1, tls="starttls", user="kvkk", password_file=tmp_path / "none").code == "password-file-missing"
    assert away(1, tls="starttls", user="kvkk", password_file=tmp_path).code == "password-file-unreadable"
    assert away(1, tls="starttls", user="kvkk").code == "mail-no-password"


def test_a_password_never_goes_over_the_net_in_clear(secret: Path) -> None:
    with pytest.raises(UsageError, match="mail-login-in-clear"), Mailer(Server("192.0.2.1", 25, "off", "kvkk", secret), QUICK) as mailer:
        mailer.ready()


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("550 5.1.1 no such user ali@ornek.example", Verdict(Fate.REFUSED, "mail-refused", 550)),
        ("451 4.7.1 greylisted", Verdict(Fate.LATER, "mail-later", 451)),
        ("421 4.3.2 closing", Verdict(Fate.AWAY, "mail-later", 421)),
    ],
)
@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_a_reply_decides_and_its_words_are_forgotten(serve: Any, reply: str, verdict: Verdict, at: str) -> None:
    server = serve()
    if at == "rcpt":
        server.box.refuse["ali@ornek.example"] = reply
    else:
        server.box.of_data = lambda number: reply
    found = send(server.port)
    assert found == verdict
    assert "ali" not in str(found)
    assert server.box.mail == []


def test_a_refused_message_does_not_spoil_the_next_one(serve: Any) -> None:
    server = serve()
    server.box.refuse["ali@ornek.example"] = "550 no"
    with Mailer(Server("localhost", server.port, "off"), QUICK) as mailer:
        mailer.ready()
        assert mailer.send(mail()).fate is Fate.REFUSED
        assert mailer.send(mail("veli@ornek.example")).fate is Fate.SENT
    assert server.box.addresses == ["veli@ornek.example"]
    assert server.box.connections == 1


def test_a_refused_sender_gives_up_nothing(serve: Any) -> None:
    server = serve()
    server.box.of_sender = "553 not yours"
    assert send(server.port) == Verdict(Fate.AWAY, "mail-sender", 553)
    server.box.of_sender = "452 no room"
    assert send(server.port) == Verdict(Fate.LATER, "mail-later", 452)


def test_an_address_with_turkish_letters_needs_a_server_that_knows_them(serve: Any) -> None:
    able, unable = serve(enable_SMTPUTF8=True), serve(enable_SMTPUTF8=False)
    one = mail("çağrı@ornek.example")
    assert send(able.port, one).fate is Fate.SENT
    assert able.box.addresses == ["çağrı@ornek.example"]
    assert "SMTPUTF8" in able.box.mail[0].options
    assert send(unable.port, one) == Verdict(Fate.REFUSED, "mail-smtputf8")


def test_a_domain_with_turkish_letters_needs_nothing(serve: Any) -> None:
    server = serve(enable_SMTPUTF8=False)
    assert send(server.port, mail("ali@şirket.example")).fate is Fate.SENT
    assert server.box.addresses == ["ali@xn--irket-idb.example"]


# --- servers that are no servers -------------------------------------------------------------------------------------


def silent(connection: socket.socket, _number: int) -> None:
    connection.recv(1)
    time.sleep(5)


def dripping(connection: socket.socket, _number: int) -> None:
    """Never silent for long, and never done."""
    while True:
        connection.sendall(b"2")
        time.sleep(0.05)


def endless(connection: socket.socket, _number: int) -> None:
    while True:
        connection.sendall(b"220-welcome\r\n")
        time.sleep(0.01)


def nonsense(connection: socket.socket, _number: int) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    time.sleep(2)


def gone(connection: socket.socket, _number: int) -> None:
    connection.close()


@pytest.mark.parametrize("behave", [silent, dripping, endless, nonsense, gone])
@pytest.mark.parametrize("tls", ["off", "tls"])
def test_whatever_a_server_does_nobody_waits_for_ever(rude: Any, behave: Callable[[socket.socket, int], None], tls: str) -> None:
    server = rude(behave)
    begun = time.monotonic()
    assert away(server.port, tls=tls).code in ("mail-unreachable", "mail-turned-away", "mail-no-tls")
    assert time.monotonic() - begun < 4


def test_a_server_that_turns_us_away_at_the_door(rude: Any) -> None:
    server = rude(lambda connection, _: connection.sendall(b"554 go away\r\n"))
    error = away(server.port)
    assert (error.code, error.facts["reply"]) == ("mail-turned-away", 554)


def test_nobody_at_the_port_and_an_unknown_host(rude: Any) -> None:
    server = rude(gone)
    server.stop()
    assert away(server.port).code == "mail-unreachable"
    with pytest.raises(Unavailable, match="mail-host-unknown"), Mailer(Server("mail.invalid", 25, "off"), QUICK) as mailer:
        mailer.ready()


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(5))
    begun = time.monotonic()
    assert away(25).code == "mail-host-unknown"
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("word", [b"MAIL", b"RCPT", b"DATA"])
def test_a_line_lost_before_the_message_is_certain(rude: Any, word: bytes) -> None:
    def behave(connection: socket.socket, _number: int) -> None:
        connection.sendall(b"220 hello\r\n")
        for line in iter(connection.makefile("rb").readline, b""):
            if line.upper().startswith(word):
                return
            connection.sendall(b"250 OK\r\n")

    assert send(rude(behave).port) == Verdict(Fate.LATER, "mail-lost")


def test_a_line_lost_behind_the_dot_is_unknown(rude: Any, talk: Any) -> None:
    def behave(connection: socket.socket, _number: int) -> None:
        spoken = talk(connection)
        spoken.until_data()
        spoken.rest()

    assert send(rude(behave).port) == Verdict(Fate.UNKNOWN, "mail-uncertain")


@pytest.mark.parametrize("reply", [b"", b"2", b"yes\r\n", b"150 hm\r\n", b"2" * 9000])
def test_silence_or_nonsense_behind_the_dot_is_unknown(rude: Any, talk: Any, reply: bytes) -> None:
    def behave(connection: socket.socket, _number: int) -> None:
        spoken = talk(connection)
        spoken.until_data()
        spoken.rest()
        connection.sendall(reply)
        time.sleep(3)

    assert send(rude(behave).port) == Verdict(Fate.UNKNOWN, "mail-uncertain")


def test_a_line_that_breaks_in_the_middle_of_a_long_message_is_certain(rude: Any, talk: Any) -> None:
    """More than the system's buffers take: the dot cannot have gone out."""

    def behave(connection: socket.socket, _number: int) -> None:
        talk(connection).until_data()
        connection.recv(1000)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    long = mail()
    long = Mail(long.sender, long.recipient, long.content + b"x\r\n" * 8_000_000, utf8=False)
    assert send(rude(behave).port, long, patience=Patience(2, 10)) == Verdict(Fate.LATER, "mail-lost")


def test_an_idle_line_that_was_closed_is_opened_anew(serve: Any, monkeypatch: Any) -> None:
    server = serve(timeout=0.3)
    with Mailer(Server("localhost", server.port, "off"), Patience(2, 5)) as mailer:
        mailer.ready()
        assert mailer.send(mail()).fate is Fate.SENT
        time.sleep(0.8)
        assert mailer.send(mail("veli@ornek.example")).fate is Fate.SENT
    assert server.box.connections == 2


def test_a_server_that_hangs_up_after_some_messages_gets_the_rest_over_another_line(rude: Any, talk: Any) -> None:
    def behave(connection: socket.socket, number: int) -> None:
        spoken = talk(connection)
        spoken.until_data()
        spoken.rest()
        connection.sendall(b"250 OK\r\n")
        connection.recv(1000)
        connection.sendall(b"421 enough\r\n")

    server = rude(behave)
    with Mailer(Server("localhost", server.port, "off"), QUICK) as mailer:
        mailer.ready()
        assert [mailer.send(mail()).fate for _ in range(3)] == [Fate.SENT] * 3
    assert server.connections == 3
