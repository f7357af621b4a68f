"""A message as bytes: one recipient and the headers that were meant, whatever stands in a name, a company or a template."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters import mail
from core.adapters.mail import Sender, compose, envelope
from core.errors import KvkkError, Refused
from core.model.notices import Written
from core.visible import safe_lines

FROM = "kvkk@firma.example"
AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
NAMES = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version"]
HOSTILE = [
    "=?utf-8?q?=0ABcc:_x=40evil.example?= x",
    "x\r\nBcc: x@evil.example",
    "x\n\nbody",
    "x\0y",
    "\x1b]52;c;aGk=\a",
    "a, b@evil.example",
    '"x" <x@evil.example>',
    "(comment) <x@evil.example>",
    "x;y:z@",
    "Ş" * 3000,
    "a" * 3000,
    "e\u0301" * 300,
    "\u202eabc",
    "\ud800",
    "$number ${name} {{ x }}",
    "=?utf-8?b?",
    "?=",
    " ",
    "",
]


def made(subject: str = "Talebiniz", name: str | None = "Örnek A.Ş.", body: str = "Sayın Ali\n", to: str = "ali@ornek.example") -> Any:
    done = compose(Written(subject, body), Sender(FROM, name, "info@firma.example"), to, "<1@firma.example>", "tr", AT)
    return message_from_bytes(done.content, policy=policy.default)


def test_the_headers_are_these(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made()
    assert sorted(name for name in found if not name.startswith("Content-T")) == sorted(NAMES)
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Message-ID"] == "<1@firma.example>"
    assert [(one.display_name, one.addr_spec) for one in found["From"].addresses] == [("Örnek A.Ş.", FROM)]
    assert found["To"] == "ali@ornek.example"
    assert found.get_content_type() == "text/plain"
    assert found.get_content().replace("\r\n", "\n") == "Sayın Ali\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_subject_a_company_or_a_body_makes_a_header_or_a_recipient(text: str) -> None:
    for found in (made(subject=text), made(name=text), made(body=f"{safe_lines(text)}\n")):
        assert sorted(name for name in found if not name.startswith("Content-T")) == sorted(NAMES)
        assert [one.addr_spec for one in found["To"].addresses] == ["ali@ornek.example"]
        assert [one.addr_spec for one in found["From"].addresses] == [FROM]
        assert "evil" not in str(found["Reply-To"]) + str(found["Date"])


@given(st.text(max_size=200), st.text(max_size=120))
def test_any_text_is_a_subject_and_a_name_and_nothing_more(subject: str, name: str) -> None:
    found = made(subject=subject, name=name)
    assert sorted(key for key in found if not key.startswith("Content-T")) == sorted(NAMES)
    assert [one.addr_spec for one in found["From"].addresses] == [FROM]


@pytest.mark.parametrize(
    "address",
    [
        "ali@ornek.example\nBcc: x@evil.example",
        "ali@ornek.example\r\n",
        "ali@ornek.example, x@evil.example",
        "ali@ornek.example x@evil.example",
        "ali@ornek.example;x@evil.example",
        "Ali <ali@ornek.example>",
        "<ali@ornek.example>",
        '"ali x"@ornek.example',
        "ali@ornek.example> SIZE=1",
        "ali@[192.0.2.1]",
        "ali",
        "@ornek.example",
        "ali@",
        "ali@ornek..example",
        "a..li@ornek.example",
        "ali@@ornek.example",
        "ali@\u200bornek.example",
        "ali\0@ornek.example",
        "=?utf-8?q?=0ABcc:_x=40evil?=@ornek.example",
        "a" * 65 + "@ornek.example",
        "ali@" + "a" * 250 + ".example",
        "ali@xn--\u00fcx.example",
        "group:ali@ornek.example;",
        "\ud800@ornek.example",
        "",
    ],
)
def test_what_is_no_single_address_is_refused_before_sending(address: str) -> None:
    with pytest.raises(Refused, match="mail-address"):
        made(to=address)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("ali@ornek.example", "ali@ornek.example"),
        (" ali@ornek.example ", "ali@ornek.example"),
        ("a.b+c=d'e@ornek.example", "a.b+c=d'e@ornek.example"),
        ("ali@ŞİRKET.example", "ali@xn--irket-idb.example"),
        ("ali@ışık.example", "ali@xn--k-ekaa7p.example"),
        ("çağrı@ornek.example", "çağrı@ornek.example"),
        ("cag\u0306r\u0131@ornek.example", "cağrı@ornek.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_is_handed_over_with_its_domain_in_ascii(address: str, wanted: str) -> None:
    assert envelope(address) == wanted


def test_an_error_of_a_message_holds_nothing_of_it() -> None:
    with pytest.raises(KvkkError) as found:
        made(to="ali@evil.example, b@c.example")
    assert str(found.value) == "mail-address"


def test_bytes_that_came_out_otherwise_than_meant_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python before 3.11.10 made a header of such a subject; whatever does so next is caught here."""
    monkeypatch.setattr(mail, "plain", lambda text: text)
    with pytest.raises(Refused, match="mail-unsound"):
        made(subject="=?utf-8?q?=0ABcc:_x=40evil.example?= x")
