"""Messages that wait."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.model.records import Actor
from core.store import outbox, tables
from core.store.audit import sealer
from core.store.engine import Store
from core.store.keyring import Keyring
from core.store.settingsbook import SettingsBook


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "x.key")


def rows(store: Store) -> list[Any]:
    with store.reading() as conn:
        return list(conn.execute(select(tables.outbox).order_by(tables.outbox.c.id)).all())


def test_a_message_waits_sealed_and_opens_under_the_key_file(store: Store, actor: Actor, tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "x.key")
    with store.writing(actor, sealer(keyring.if_present)) as unit:
        said = {"name": "Şule", "number": 7}
        ids = {outbox.queue(unit, keyring, "received", 7, "tr", "sule@ornek.example", dict(said)) for _ in range(3)}
    assert len(ids) == 3
    with store.reading() as conn:
        rows = conn.execute(select(tables.outbox)).all()
    key = keyring.if_present()
    assert key is not None
    for row in rows:
        assert (row.state, row.attempts, row.event, row.language, row.request) == ("queued", 0, "received", "tr", 7)
        assert row.key_id == key.id
        assert b"sule" not in row.sealed
        assert json.loads(key.open(row.sealed)) == {"address": "sule@ornek.example", "fields": said}


def test_staff_are_told_without_a_word_of_the_customer(store: Store, actor: Actor, keyring: Keyring) -> None:
    fields = outbox.for_staff("erase", date(2026, 11, 1), date(2026, 12, 1))
    with store.writing(actor, sealer(keyring.if_present)) as unit:
        assert outbox.queue_for_staff(unit, keyring, SettingsBook().reader(unit.conn), "near", 7, fields) is None
        SettingsBook().set(unit, "staff-mail", "kvkk@firma.example")
        told = outbox.queue_for_staff(unit, keyring, SettingsBook().reader(unit.conn), "near", 7, fields)
    (row,) = rows(store)
    assert (row.message_id, row.recipient, row.event, row.language, row.request) == (told, "staff", "near", "tr", 7)
    key = keyring.if_present()
    assert key is not None
    assert json.loads(key.open(row.sealed)) == {"address": "kvkk@firma.example", "fields": fields}


def test_a_message_id_stands_in_the_domain_that_messages_come_from(store: Store, actor: Actor, keyring: Keyring) -> None:
    for sender, domain in (("unset", "kvkk.invalid"), ("kvkk@firma.example", "firma.example"), ("a@şirket.example", "kvkk.invalid")):
        with store.writing(actor, sealer(keyring.if_present)) as unit:
            SettingsBook().set(unit, "mail-from", sender)
            told = outbox.queue(unit, keyring, "received", 7, "tr", "a@b.example", {})
        assert told.endswith(f"@{domain}>")


def test_a_language_that_we_do_not_speak_becomes_the_set_one(store: Store, actor: Actor, keyring: Keyring) -> None:
    with store.writing(actor, sealer(keyring.if_present)) as unit:
        for language in ("de", "en", "", "tr"):
            outbox.queue(unit, keyring, "received", 7, language, "a@b.example", {})
    assert [row.language for row in rows(store)] == ["tr", "en", "tr", "tr"]


def test_an_answer_counts_as_not_delivered_after_a_week(store: Store, actor: Actor, keyring: Keyring, clock: Any) -> None:
    queued = clock.now
    with store.writing(actor, sealer(keyring.if_present)) as unit:
        for request, event in ((1, "resolved"), (2, "received"), (3, "rejected"), (3, "extended"), (4, "extended"), (None, "downloaded")):
            outbox.queue(unit, keyring, event, request, "tr", "a@b.example", {})
        for request, state in ((1, "failed"), (4, "sent")):
            unit.conn.execute(update(tables.outbox).where(tables.outbox.c.request == request).values(state=state))
    almost, over = queued + timedelta(days=7, seconds=-1), queued + timedelta(days=7)
    with store.reading() as conn:
        assert outbox.undelivered(conn, almost) == ()
        assert outbox.undelivered(conn, over) == (1, 3)
        assert outbox.undelivered_since(conn, 3, almost) is None
        assert [outbox.undelivered_since(conn, number, over) for number in (1, 2, 3, 4)] == [queued, None, queued, None]
