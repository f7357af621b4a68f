"""Whatever is done to the audit chain, its verifier finds it; what changes nothing is not found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from core.errors import ChainBroken
from core.model.records import Actor
from core.store import chain, tables
from core.store.audit import sealer
from core.store.engine import Store
from core.store.keyring import Key, Keyring

LOG, HEAD = tables.audit, tables.audit_head
ENTRIES, UNKEYED = 8, 2
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20)
NEW: dict[str, Any] = {
    "actor": TEXTS,
    "verb": TEXTS,
    "request": st.none() | st.integers(0, 99),
    "detail": TEXTS | st.sampled_from(["{}", "[]", "null", '{"seq":3}']),
    "hash": st.text("0123456789abcdef", min_size=64, max_size=64),
    "key_id": st.none() | TEXTS,
    "mac": st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
}
EDIT = st.sampled_from(sorted(NEW)).flatmap(
    lambda column: st.tuples(st.just("edit"), st.integers(1, ENTRIES), st.just(column), NEW[column])
)
DELETE = st.tuples(st.just("delete"), st.integers(1, ENTRIES))
SWAP = st.tuples(st.just("swap"), st.integers(1, ENTRIES), st.integers(1, ENTRIES))
ADD = st.tuples(st.just("add"), st.integers(1, ENTRIES), st.integers(ENTRIES + 1, ENTRIES + 3))
MOVE = st.tuples(st.just("move"), st.integers(1, ENTRIES), st.integers(-5, 5))
END = st.tuples(st.just("end"), st.integers(0, ENTRIES + 2))


@pytest.fixture
def engine_name() -> str:
    """The chain is checked in Python: one engine shows it."""
    return "sqlite"


@pytest.fixture
def written(store: Store, actor: Actor, tmp_path: Any) -> tuple[Store, Key, str]:
    """A chain whose first entries carry no MAC, its key, and a checkpoint of its end."""
    keyring = Keyring(tmp_path / "x.key")
    for number in range(ENTRIES):
        with store.writing(actor, sealer(keyring.if_present)) as unit:
            if number >= UNKEYED:
                keyring.obtain(unit.conn)
            unit.record("test.verb", number, count=number)
    key = keyring.if_present()
    assert key is not None
    with store.reading() as conn:
        return store, key, str(chain.anchor(conn, store.clock()))


def tamper(conn: Connection, deed: tuple[Any, ...]) -> None:
    kind, *what = deed
    if kind == "edit":
        conn.execute(update(LOG).where(LOG.c.seq == what[0]).values({what[1]: what[2]}))
    elif kind == "delete":
        conn.execute(delete(LOG).where(LOG.c.seq == what[0]))
    elif kind == "swap":
        for source, target in ((what[0], 1000), (what[1], what[0]), (1000, what[1])):
            conn.execute(update(LOG).where(LOG.c.seq == source).values(seq=target))
    elif kind == "add":
        row = dict(conn.execute(select(LOG).where(LOG.c.seq == what[0])).mappings().one())
        conn.execute(insert(LOG), row | {"seq": what[1]})
    elif kind == "move":
        at = conn.execute(select(LOG.c.at).where(LOG.c.seq == what[0])).scalar_one()
        conn.execute(update(LOG).where(LOG.c.seq == what[0]).values(at=at + timedelta(seconds=what[1])))
    else:
        conn.execute(update(HEAD).values(seq=what[0]))


def everything(conn: Connection) -> list[Any]:
    return [conn.execute(select(LOG).order_by(LOG.c.seq)).all(), conn.execute(select(HEAD)).all()]


@settings(suppress_health_check=list(HealthCheck))
@given(deed=EDIT | DELETE | SWAP | ADD | MOVE | END)
def test_any_tampering(written: tuple[Store, Key, str], deed: tuple[Any, ...]) -> None:
    store, key, checkpoint = written
    with store.writer.connect() as conn, conn.begin() as undone:
        before = everything(conn)
        tamper(conn, deed)
        if everything(conn) == before:
            assert chain.verify(conn, (key,), checkpoint, store.clock()).vouched
        else:
            with pytest.raises(ChainBroken) as found:
                chain.verify(conn, (key,), checkpoint, store.clock())
            assert found.value.facts["why"]
        undone.rollback()
