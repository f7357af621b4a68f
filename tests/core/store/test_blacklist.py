"""The blacklist in the store: what is listed, for how long, under which key, and what it refuses to say."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.errors import KeyFileError, UsageError
from core.model.records import Actor
from core.sample import REFERENCE_DAY as TODAY
from core.store import blacklist, keybook, tables
from core.store.audit import handing_over, sealer
from core.store.engine import Store
from core.store.keyring import Key, Keyring

ALI = (("email", "ali.kaya@x.example"), ("phone", "+905321234567"))
SPELLINGS = (("email", "ALİ.KAYA@X.EXAMPLE."), ("phone", "0532 123 45 67"))
BOOK = tables.blacklist


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "x.key")


def keep(store: Store, actor: Actor, keyring: Keyring, values=ALI, expires: date = TODAY, **more: object) -> list[str]:
    with store.writing(actor, sealer(keyring.if_present)) as unit:
        terms = blacklist.Terms(TODAY, expires, **more)  # type: ignore[arg-type]
        done = blacklist.keep(unit, keyring, blacklist.folded(values), terms)
        unit.record("test.keep")
    return [one.how for one in done]


def listed(store: Store, keyring: Keyring, values=SPELLINGS, today: date = TODAY) -> tuple[str, ...]:
    with store.reading() as conn:
        return blacklist.listed(conn, keyring, values, today)


def rotate(store: Store, actor: Actor, keyring: Keyring, number: int = 1) -> Key:
    """The shortest rotation: file, then row."""
    fresh = Key(bytes([number]) * 32)
    keyring.add(fresh)
    with store.reading() as conn:
        before = keybook.current(conn)
    with store.writing(actor, handing_over(keyring.if_present(before))) as unit:
        keybook.hand_over(unit, str(before), fresh.id)
        unit.record("key.rotate", None, to=fresh.id)
    return fresh


def test_an_empty_list_needs_no_key_file(store: Store, keyring: Keyring) -> None:
    assert listed(store, keyring) == ()
    assert not keyring.path.exists()


def test_a_listed_value_is_found_in_every_spelling_and_nothing_else_is(store: Store, actor: Actor, keyring: Keyring) -> None:
    assert keep(store, actor, keyring) == ["added", "added"]
    assert listed(store, keyring) == ("email", "phone")
    assert listed(store, keyring, (("phone", "05321234567"), ("email", "veli.ali.kaya@x.example"), ("phone", "0532"))) == ("phone",)
    others = (("email", "kaya@x.example"), ("national_id", "+905321234567"), ("tax_id", "5321234567"), ("email", ""), ("phone", "***"))
    assert listed(store, keyring, others) == ()


def test_a_kind_that_cannot_be_listed_is_refused(store: Store, keyring: Keyring) -> None:
    with pytest.raises(UsageError, match="bad-kind"):
        listed(store, keyring, (("name", "Ali Kaya"),))


def test_an_entry_counts_through_its_last_day(store: Store, actor: Actor, keyring: Keyring) -> None:
    keep(store, actor, keyring, expires=TODAY + timedelta(3))
    assert listed(store, keyring, today=TODAY + timedelta(3)) == ("email", "phone")
    assert listed(store, keyring, today=TODAY + timedelta(4)) == ()
    with store.writer.begin() as conn:
        assert blacklist.purge(conn, TODAY + timedelta(3)) == 0
        assert blacklist.purge(conn, TODAY + timedelta(4)) == 2


def test_an_entry_lives_on_to_the_later_day_with_the_purpose_that_reaches_so_far(store: Store, actor: Actor, keyring: Keyring) -> None:
    def row() -> tuple[object, ...]:
        with store.reading() as conn:
            query = select(BOOK.c.expires_on, BOOK.c.reason, BOOK.c.request).where(BOOK.c.kind == "phone")
            return tuple(conn.execute(query).one())

    keep(store, actor, keyring, expires=TODAY + timedelta(9), reason="first", request=7)
    assert keep(store, actor, keyring, expires=TODAY + timedelta(8), reason="second") == ["there", "there"]
    assert row() == (TODAY + timedelta(9), "first", 7)
    assert keep(store, actor, keyring, expires=TODAY + timedelta(10)) == ["extended", "extended"]
    assert row() == (TODAY + timedelta(10), "first", 7)
    assert keep(store, actor, keyring, expires=TODAY + timedelta(11), reason="third", request=8) == ["extended", "extended"]
    assert row() == (TODAY + timedelta(11), "third", 7)


def test_an_entry_that_has_ended_begins_anew(store: Store, actor: Actor, keyring: Keyring) -> None:
    keep(store, actor, keyring, reason="long ago", request=7)
    with store.writer.begin() as conn:
        conn.execute(update(BOOK).values(expires_on=TODAY - timedelta(1)))
    assert listed(store, keyring) == ()
    assert keep(store, actor, keyring, expires=TODAY + timedelta(1), request=8) == ["added", "added"]
    with store.reading() as conn:
        assert set(conn.execute(select(BOOK.c.reason, BOOK.c.request))) == {(None, 8)}


def test_entries_of_an_old_key_are_verified_with_it(store: Store, actor: Actor, keyring: Keyring) -> None:
    keep(store, actor, keyring, ALI[:1], expires=TODAY + timedelta(5))
    fresh = rotate(store, actor, keyring)
    assert keep(store, actor, keyring, ALI, expires=TODAY + timedelta(4)) == ["there", "added"]
    assert listed(store, keyring) == listed(store, Keyring(keyring.path)) == ("email", "phone")
    assert keep(store, actor, keyring, ALI[:1], expires=TODAY + timedelta(6)) == ["extended"]
    with store.reading() as conn:
        assert blacklist.count(conn, BOOK.c.key_id == fresh.id) == 2
    assert listed(store, keyring, today=TODAY + timedelta(6)) == ("email",)


def test_without_a_key_it_never_says_not_listed(store: Store, actor: Actor, keyring: Keyring, tmp_path: Path) -> None:
    keep(store, actor, keyring)
    old = keyring.path.read_text(encoding="ascii")
    rotate(store, actor, keyring)
    both = keyring.path.read_text(encoding="ascii")

    def refused(text: str | None, mode: int = 0o600) -> str:
        elsewhere = tmp_path / "elsewhere.key"
        elsewhere.unlink(missing_ok=True)
        if text is not None:
            elsewhere.write_text(text, encoding="ascii")
            elsewhere.chmod(mode)
        with pytest.raises(KeyFileError) as found:
            listed(store, Keyring(elsewhere), (("email", "somebody@else.example"),))
        return found.value.code

    assert refused(None) == "key-file-missing"
    assert refused("00" * 32 + "\n") == "key-file-other"
    assert refused(old) == "key-file-outdated"
    assert refused(both.removeprefix(old)) == "key-file-old-missing"
    assert refused(both, 0o644) == "key-file-open-to-others"
    assert refused("nonsense") == "key-file-damaged"


def test_an_old_key_is_missed_only_while_entries_need_it(store: Store, actor: Actor, keyring: Keyring) -> None:
    keep(store, actor, keyring, expires=TODAY + timedelta(5))
    old = str(keyring.if_present().id)  # type: ignore[union-attr]
    rotate(store, actor, keyring)
    keyring.discard({old})
    with pytest.raises(KeyFileError, match="key-file-old-missing"):
        listed(store, keyring)
    assert listed(store, keyring, today=TODAY + timedelta(6)) == ()


def test_a_key_file_that_others_can_read_is_refused_before_anything_was_keyed(store: Store, keyring: Keyring) -> None:
    keyring.path.write_text("00" * 32, encoding="ascii")
    keyring.path.chmod(0o644)
    with pytest.raises(KeyFileError, match="key-file-open-to-others"):
        listed(store, keyring)
