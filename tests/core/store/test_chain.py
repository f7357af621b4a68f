"""The audit chain: what was done to it is found, and the first entry that does not fit is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from core.errors import ChainBroken, Conflict, KeyFileError, UsageError
from core.model.records import Actor, Verified
from core.store import chain, keybook, tables
from core.store.audit import HANDOVER, handing_over, sealer
from core.store.engine import OBTAINED, Store
from core.store.keyring import Key, Keyring

LOG, HEAD = tables.audit, tables.audit_head
ENTRIES = 6


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "x.key")


@pytest.fixture
def write(store: Store, actor: Actor, keyring: Keyring) -> Callable[..., None]:
    """`write(n)` appends n entries; with `key=True` the key file is there before."""

    def write(count: int, *, key: bool = False) -> None:
        for i in range(count):
            with store.writing(actor, sealer(keyring.if_present)) as unit:
                if key:
                    keyring.obtain(unit.conn)
                unit.record("test.verb", i, count=i)

    return write


def verify(store: Store, key: Key | None = None, checkpoint: str | None = None) -> Verified:
    with store.reading() as conn:
        return chain.verify(conn, (key,) if key else (), checkpoint, store.clock())


def broken(store: Store, key: Key | None = None, checkpoint: str | None = None) -> tuple[object, object]:
    with pytest.raises(ChainBroken) as found:
        verify(store, key, checkpoint)
    assert found.value.code == "audit-broken"
    return found.value.facts["seq"], found.value.facts["why"]


def anchor(store: Store) -> str:
    with store.reading() as conn:
        return str(chain.anchor(conn, store.clock()))


def tamper(store: Store, *statements: object) -> None:
    with store.writer.begin() as conn:
        for statement in statements:
            conn.execute(statement)  # type: ignore[call-overload]


def rewrite(store: Store, upto: int, key: Key | None = None) -> None:
    """What somebody who may write the tables can do: another chain, whole in itself."""
    with store.writer.begin() as conn:
        rows = conn.execute(select(LOG).order_by(LOG.c.seq).limit(upto)).mappings().all()
        conn.execute(delete(LOG))
        last, fresh = "0" * 64, []
        for row in rows:
            detail = json.dumps(json.loads(row["detail"]) | {"actor": "nobody@x"}, sort_keys=True, separators=(",", ":"))
            last = chain.chain(last, detail)
            mac = {"mac": key.mac(last), "key_id": key.id} if key else {"mac": None, "key_id": None}
            fresh.append(dict(row) | {"detail": detail, "hash": last, "actor": "nobody@x"} | mac)
        conn.execute(insert(LOG), fresh)
        conn.execute(update(HEAD).values(seq=upto, hash=last))


def test_an_untouched_chain_verifies(store: Store, write: Callable[..., None]) -> None:
    assert verify(store).entries == 0
    write(ENTRIES)
    found = verify(store)
    assert (found.entries, found.last.seq, found.vouched) == (ENTRIES, ENTRIES, False)
    assert verify(store, None, anchor(store)).vouched


def test_a_checkpoint_vouches_also_after_more_was_written(store: Store, write: Callable[..., None]) -> None:
    write(2)
    kept = anchor(store)
    write(3)
    assert verify(store, None, kept).vouched


def test_an_empty_chain_is_vouched_for_by_a_checkpoint_of_nothing(store: Store) -> None:
    assert verify(store, None, anchor(store)).vouched


@pytest.mark.parametrize(
    "values",
    [{"actor": "other@x"}, {"verb": "other"}, {"request": 99}, {"request": None}, {"detail": "{}"}, {"hash": "f" * 64}],
    ids=lambda v: next(iter(v)) + str(next(iter(v.values())))[:4],
)
def test_an_edited_column_is_found(values: dict[str, object], store: Store, write: Callable[..., None]) -> None:
    write(ENTRIES)
    tamper(store, update(LOG).where(LOG.c.seq == 3).values(**values))
    assert broken(store) == (3, "edited")


def test_a_moment_moved_is_found(store: Store, write: Callable[..., None]) -> None:
    write(ENTRIES)
    tamper(store, update(LOG).where(LOG.c.seq == 2).values(at=store.clock().replace(year=2001)))
    assert broken(store) == (2, "edited")


@pytest.mark.parametrize("detail", ["not json", "[]", '"x"', "ş", "[" * 100_000])
def test_a_detail_that_is_no_entry_is_found_though_its_hash_fits(detail: str, store: Store, write: Callable[..., None]) -> None:
    write(1)
    hashed = chain.chain("0" * 64, detail) if detail.isascii() else "0" * 64
    tamper(store, update(LOG).values(detail=detail, hash=hashed), update(HEAD).values(hash=hashed))
    assert broken(store) == (1, "edited")


@pytest.mark.parametrize("seq", [1, 3])
def test_a_deleted_entry_is_found(seq: int, store: Store, write: Callable[..., None]) -> None:
    write(ENTRIES)
    tamper(store, delete(LOG).where(LOG.c.seq == seq))
    assert broken(store) == (seq, "gap")


def test_swapped_entries_are_found(store: Store, write: Callable[..., None]) -> None:
    write(ENTRIES)
    tamper(
        store,
        update(LOG).where(LOG.c.seq == 2).values(seq=1000),
        update(LOG).where(LOG.c.seq == 3).values(seq=2),
        update(LOG).where(LOG.c.seq == 1000).values(seq=3),
    )
    assert broken(store) == (2, "edited")


def test_a_cut_tail_is_found(store: Store, write: Callable[..., None]) -> None:
    write(ENTRIES)
    tamper(store, delete(LOG).where(LOG.c.seq > 4))
    assert broken(store) == (5, "head")


def test_a_tail_cut_with_its_head_is_found_by_a_checkpoint_only(store: Store, write: Callable[..., None]) -> None:
    write(ENTRIES)
    kept = anchor(store)
    with store.reading() as conn:
        last = conn.execute(select(LOG.c.hash).where(LOG.c.seq == 4)).scalar_one()
    tamper(store, delete(LOG).where(LOG.c.seq > 4), update(HEAD).values(seq=4, hash=last))
    assert not verify(store).vouched
    assert broken(store, None, kept) == (5, "cut")


def test_a_chain_written_anew_is_found_by_a_checkpoint(store: Store, write: Callable[..., None]) -> None:
    write(ENTRIES)
    kept = anchor(store)
    rewrite(store, ENTRIES)
    assert verify(store).entries == ENTRIES
    assert broken(store, None, kept) == (ENTRIES, "rewritten")


def test_a_chain_written_anew_without_the_key_is_found_by_the_key(store: Store, write: Callable[..., None], keyring: Keyring) -> None:
    write(2)
    write(ENTRIES, key=True)
    key = keyring.if_present()
    assert verify(store, key).entries == ENTRIES + 2
    rewrite(store, ENTRIES)
    assert broken(store, key) == (1, "no-mac")
    rewrite(store, ENTRIES, Key(bytes(32)))
    assert broken(store, key) == (1, "mac")


def test_an_entry_without_a_mac_among_keyed_ones_is_found(store: Store, write: Callable[..., None], keyring: Keyring) -> None:
    write(ENTRIES, key=True)
    tamper(store, update(LOG).where(LOG.c.seq == 4).values(mac=None, key_id=None))
    assert broken(store, keyring.if_present()) == (4, "no-mac")
    assert broken(store) == (4, "no-mac")


def test_nobody_writes_without_the_key_once_it_was_used(
    store: Store, actor: Actor, write: Callable[..., None], keyring: Keyring, tmp_path: Path
) -> None:
    """One entry without a MAC would break the chain for good."""
    write(1, key=True)
    for key, code in ((None, "audit-key-missing"), (Key(bytes(32)), "audit-key-other")):
        with pytest.raises(KeyFileError, match=code), store.writing(actor, sealer(lambda _, key=key: key)) as unit:
            unit.record("test.verb")
    assert verify(store, keyring.if_present()).entries == 1


def test_a_forged_mac_is_found(store: Store, write: Callable[..., None], keyring: Keyring) -> None:
    write(ENTRIES, key=True)
    tamper(store, update(LOG).where(LOG.c.seq == 4).values(mac="f" * 64))
    assert broken(store, keyring.if_present()) == (4, "mac")


@pytest.mark.parametrize("said", ["", "kvkk", "kvkk:zz:1:00", "kvkk:ab:-1:" + "0" * 64, "kvkk:ab:1:" + "0" * 63])
def test_a_checkpoint_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(UsageError, match="bad-checkpoint"):
        chain.parse_checkpoint(said)


def test_a_checkpoint_of_another_database_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="other-checkpoint"):
        verify(store, None, "kvkk:0000000000000000:0:" + "0" * 64)


# -- several keys -----------------------------------------------------------------------------------------------------


def hand_over(store: Store, actor: Actor, keyring: Keyring, number: int, *, signed_by: Key | None = None) -> Key:
    """A rotation; `signed_by` another key than the one that goes, as somebody would who does not have it."""
    fresh, before = Key(bytes([number]) * 32), keyring.if_present()
    assert before is not None
    keyring.add(fresh)
    with store.writing(actor, handing_over(signed_by or before)) as unit:
        keybook.hand_over(unit, before.id, fresh.id)
        unit.record(HANDOVER, None, to=fresh.id)
    return fresh


def verify_all(store: Store, keys: object) -> Verified:
    with store.reading() as conn:
        return chain.verify(conn, keys, None, store.clock())  # type: ignore[arg-type]


def broken_with(store: Store, keys: object) -> tuple[object, object]:
    with pytest.raises(ChainBroken) as found:
        verify_all(store, keys)
    return found.value.facts["seq"], found.value.facts["why"]


def test_a_chain_goes_on_under_the_next_key(store: Store, actor: Actor, write: Callable[..., None], keyring: Keyring) -> None:
    write(2, key=True)
    first = keyring.if_present()
    second = hand_over(store, actor, keyring, 1)
    assert verify_all(store, keyring.held()).unchecked == 0  # the new key has signed nothing yet
    write(2, key=True)
    third = hand_over(store, actor, keyring, 2)
    write(1)
    assert verify_all(store, keyring.held()).entries == 7
    with store.reading() as conn:
        signers = list(conn.execute(select(LOG.c.key_id).order_by(LOG.c.seq)).scalars())
    assert signers == [first.id] * 3 + [second.id] * 3 + [third.id]  # type: ignore[union-attr]
    assert [verify_all(store, keys).unchecked for keys in ((), (first,), (third,), (second, third))] == [7, 4, 6, 3]


def test_an_old_key_signs_nothing_after_its_time(store: Store, actor: Actor, write: Callable[..., None], keyring: Keyring) -> None:
    """Whoever has a leaked old key and the database."""
    write(2, key=True)
    first = keyring.if_present()
    assert first is not None
    second = hand_over(store, actor, keyring, 1)
    write(1, key=True)
    with store.writing(actor, handing_over(first)) as unit:
        unit.record("forged")
    assert broken_with(store, keyring.held()) == (5, "mac")
    assert broken_with(store, (second,)) == (5, "mac")


def test_a_key_takes_over_only_from_the_one_that_named_it(store: Store, actor: Actor, write: Callable[..., None], keyring: Keyring) -> None:
    write(2, key=True)
    first, stranger = keyring.if_present(), Key(b"\x09" * 32)
    hand_over(store, actor, keyring, 1, signed_by=stranger)
    assert broken_with(store, keyring.held()) == (3, "mac")
    assert broken_with(store, (first,)) == (3, "mac")
    with store.writer.begin() as conn:  # the stranger makes itself known to the database
        conn.execute(insert(tables.keys).values(key_id=stranger.id, state="old", since=store.clock()))
    assert broken_with(store, keyring.held()) == (3, "mac")


def test_where_the_key_before_was_dropped_the_next_vouches_for_it(
    store: Store, actor: Actor, write: Callable[..., None], keyring: Keyring
) -> None:
    write(3, key=True)
    second = hand_over(store, actor, keyring, 1)
    write(2)
    assert verify_all(store, (second,)).unchecked == 4
    with store.reading() as conn:
        rows = conn.execute(select(LOG.c.detail).where(LOG.c.seq == 2)).scalar_one()
    tamper(store, update(LOG).where(LOG.c.seq == 2).values(detail=rows.replace("desk.example", "elsewhere")))
    assert broken_with(store, (second,)) == (2, "edited")


def test_a_transaction_that_used_a_key_of_yesterday_is_refused(
    store: Store, actor: Actor, write: Callable[..., None], keyring: Keyring
) -> None:
    """It had made something with the old key when another process rotated."""
    write(1, key=True)
    old = keyring.if_present()
    assert old is not None
    hand_over(store, actor, keyring, 1)

    def late() -> None:
        with store.writing(actor, sealer(keyring.if_present)) as unit:
            unit.conn.info[OBTAINED] = old.id
            unit.record("late")

    with pytest.raises(Conflict, match="key-moved"):
        late()
    write(1, key=True)
    assert verify_all(store, keyring.held()).entries == 3


def test_entries_of_an_undone_savepoint_are_not_written(store: Store, actor: Actor, keyring: Keyring) -> None:
    with store.writing(actor, sealer(keyring.if_present)) as unit:
        unit.record("kept")
        with suppress(UsageError), unit.savepoint():
            unit.record("undone")
            raise UsageError("test")
    with store.reading() as conn:
        assert [entry.verb for entry in chain.entries(conn)] == ["kept"]


def test_pages_go_from_the_newest(store: Store, write: Callable[..., None]) -> None:
    write(5)
    with store.reading() as conn:
        assert [e.seq for e in chain.page(conn, None, None, 2)] == [5, 4]
        assert [e.seq for e in chain.page(conn, None, 4, 9)] == [3, 2, 1]
        assert [e.request for e in chain.page(conn, 3, None, 9)] == [3]
