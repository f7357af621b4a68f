"""Messages that wait."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from core.model.records import Actor
from core.store import outbox, tables
from core.store.audit import sealer
from core.store.engine import Store
from core.store.keyring import Keyring


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
