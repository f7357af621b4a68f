"""Settings in the database."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from core import settings
from core.errors import UsageError
from core.model.records import Actor
from core.store import tables
from core.store.audit import sealer
from core.store.engine import Store
from core.store.settingsbook import SettingsBook

BOOK = SettingsBook()


def put(store: Store, actor: Actor, key: str, text: str | None) -> tuple[str, str]:
    with store.writing(actor, sealer(lambda _: None)) as unit:
        return BOOK.reset(unit, key) if text is None else BOOK.set(unit, key, text)


def test_defaults_count_until_something_is_set(store: Store, actor: Actor) -> None:
    with store.reading() as conn:
        assert [BOOK.get(conn, s.key) for s in settings.SETTINGS] == [settings.default(s.key) for s in settings.SETTINGS]
        assert conn.execute(select(tables.settings)).all() == []
    assert put(store, actor, "response-days", " 10 ") == ("30", "10")
    assert put(store, actor, "response-days", "10") == ("10", "10")
    assert put(store, actor, "company-name", "Şirket İç & Dış 🌿") == ("", "Şirket İç & Dış 🌿")
    with store.reading() as conn:
        assert BOOK.get(conn, "response-days") == 10
        assert BOOK.get(conn, "company-name") == "Şirket İç & Dış 🌿"
        assert conn.execute(select(tables.settings.c.changed_by)).scalars().all() == [str(actor)] * 2
    assert put(store, actor, "response-days", None) == ("10", "30")
    assert put(store, actor, "response-days", None) == ("30", "30")


def test_a_row_that_somebody_edited_is_not_believed(store: Store, actor: Actor) -> None:
    with store.writer.begin() as conn:
        conn.execute(insert(tables.settings).values(key="response-days", value="90", changed_at=store.clock(), changed_by="x"))
    with store.reading() as conn, pytest.raises(UsageError, match="bad-setting-value"):
        BOOK.get(conn, "response-days")
    put(store, actor, "response-days", "9")
    with store.reading() as conn:
        assert BOOK.get(conn, "response-days") == 9


def test_the_list_says_what_differs(store: Store, actor: Actor) -> None:
    put(store, actor, "enforce-consent", "açık")
    put(store, actor, "regime", "kvkk")
    with store.writer.begin() as conn:
        conn.execute(update(tables.settings).where(tables.settings.c.key == "none").values(value="x"))
    with store.reading() as conn:
        rows = {row.key: row for row in BOOK.rows(conn, "en")}
    assert list(rows) == [s.key for s in settings.SETTINGS]
    assert (rows["enforce-consent"].value, rows["enforce-consent"].is_default) == ("on", False)
    assert rows["regime"].is_default
    assert rows["notify"].label == "Notify the customer"
