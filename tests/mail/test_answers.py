"""What a customer reads after each verb, over a real mail server: from the address as it was before anything was masked."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select, text

from core.model.records import Kind, NewRequest, Resolution, ResolveOptions
from core.store import tables

NUMBER, CUSTOMER = 23, 183
"""An erase that waits: a customer with services, invoices, a ticket and contacts."""
FORCED = ResolveOptions(force="test", waive_residue="test")


@pytest.fixture
def server(serve: Any, desk: Any) -> Any:
    found = serve()
    values = {"smtp-host": "localhost", "smtp-port": str(found.port), "smtp-tls": "off", "mail-from": "kvkk@firma.example"}
    for name, value in values.items():
        desk.settings.set(desk.actor, name, value)
    return found


def read(server: Any) -> tuple[list[str], str, str]:
    """(recipients, subject, text) of the newest message."""
    got = server.box.mail[-1]
    found: Any = message_from_bytes(got.content, policy=policy.default)
    return got.recipients, found["Subject"], found.get_content().replace("\r\n", "\n")


def customer(desk: Any) -> Any:
    with desk.store.reading() as conn:
        return conn.execute(text(f"SELECT email, first_name, last_name FROM customers WHERE id = {CUSTOMER}")).one()


def test_after_an_erase_the_customer_is_told_what_stays_until_when(desk: Any, server: Any) -> None:
    desk.settings.set(desk.actor, "invoice-retention-years", "10")
    before = customer(desk)
    desk.resolutions.resolve(desk.actor, NUMBER, Resolution(erase=True, blacklist=True), FORCED)
    assert desk.post().sent == 1
    recipients, subject, body = read(server)
    assert recipients == [before.email]
    assert subject == f"{NUMBER} numaralı talebinizin cevabı"
    assert body.startswith(f"Sayın {before.first_name} {before.last_name},\n")
    assert "1 Ocak 20" in body
    assert "tarihine kadar" in body
    assert "kara liste" in body or "parmak izleri" in body
    assert "14. maddesi" in body
    assert before.email not in body
    with desk.store.reading() as conn:
        rows = conn.execute(select(tables.outbox).where(tables.outbox.c.request == NUMBER)).all()
    assert [(row.state, row.sealed) for row in rows if row.event == "resolved"] == [("sent", None)]


def test_after_a_mask_the_message_goes_to_the_address_as_it_was(desk: Any, server: Any) -> None:
    before = customer(desk)
    options = ResolveOptions(force="test", waive_residue="test", reason="Açık dava sürüyor")
    desk.resolutions.resolve(desk.actor, NUMBER, Resolution(mask=True), options)
    assert customer(desk).email != before.email
    assert desk.post().sent == 1
    recipients, _, body = read(server)
    assert recipients == [before.email]
    assert "Yapılan işlem, talep ettiğinizden daha azdır. Gerekçe: Açık dava sürüyor" in body


def test_nobody_is_told_who_is_not_to_be(desk: Any, server: Any) -> None:
    desk.resolutions.resolve(desk.actor, NUMBER, Resolution(), ResolveOptions(force="test", reason="x", notify=False))
    assert desk.post() is None
    assert server.box.mail == []


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (lambda desk: desk.requests.reject(desk.actor, NUMBER, "Kimlik\ndoğrulanamadı"), ["Kimlik\ndoğrulanamadı", "14. maddesi"]),
        (lambda desk: desk.requests.cancel(desk.actor, NUMBER), ["geri alınmıştır", "yeni bir talepte"]),
        (lambda desk: desk.requests.add(desk.actor, NewRequest("250", Kind.ERASE)), ["ücretsiz", "verilerin yok edilmesi"]),
    ],
    ids=["reject", "cancel", "add"],
)
def test_each_verb_tells_the_customer_and_the_right_words(desk: Any, server: Any, verb: Any, words: list[str]) -> None:
    verb(desk)
    assert desk.post().sent == 1
    body = read(server)[2]
    assert [word for word in words if word not in body] == []


def test_a_download_is_told(desk: Any, server: Any, tmp_path: Any) -> None:
    desk.exports.export(desk.actor, str(CUSTOMER), tmp_path / "x.xml")
    assert desk.post().sent == 1
    recipients, _, body = read(server)
    assert recipients == [customer(desk).email]
    assert "indirilmiştir" in body
    assert "12:00:00 (UTC+03:00)" in body


def test_staff_hear_of_a_new_request_without_a_word_of_the_customer(desk: Any, server: Any) -> None:
    desk.settings.set(desk.actor, "staff-mail", "ekip@firma.example")
    row = desk.requests.add(desk.actor, NewRequest("250", Kind.ERASE))
    assert desk.post().sent == 2
    told = next(one for one in server.box.mail if one.recipients == ["ekip@firma.example"])
    found: Any = message_from_bytes(told.content, policy=policy.default)
    said = f"{found['Subject']} {found.get_content()}"
    assert str(row.number) in said
    assert not any(part in said for part in (row.customer_name or "x").split())


def test_a_verb_stands_whatever_happens_to_its_message(desk: Any, server: Any) -> None:
    """Not even a key file that is gone meanwhile undoes it or raises."""
    desk.requests.cancel(desk.actor, NUMBER)
    desk.key_file.unlink()
    done = desk.post()
    assert done.sent == 0
    assert done.trouble.code == "key-file-missing"
    assert desk.requests.show(desk.actor, NUMBER).row.state == "cancelled"
