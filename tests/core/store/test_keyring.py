"""The key file."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import KeyFileError
from core.model.records import Actor
from core.store import chain, tables
from core.store.audit import sealer
from core.store.engine import Store
from core.store.keyring import Key, Keyring

RAW = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "x.key"


def put(path: Path, text: str = RAW.hex() + "\n", mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    return path


def obtain(store: Store, actor: Actor, keyring: Keyring) -> Key:
    with store.writing(actor, sealer(keyring.if_present)) as unit:
        return keyring.obtain(unit.conn)


def test_a_key_is_made_on_first_need_for_its_owner_only(store: Store, actor: Actor, path: Path) -> None:
    keyring = Keyring(path)
    assert keyring.if_present() is None
    key = obtain(store, actor, keyring)
    assert keyring.made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text(encoding="ascii")) == 65
    assert list(path.parent.iterdir()) == [path]
    with store.reading() as conn:
        assert conn.execute(select(tables.keys.c.key_id, tables.keys.c.state)).all() == [(key.id, "current")]
    again = Keyring(path)
    assert obtain(store, actor, again).id == key.id
    assert not again.made


def test_its_first_use_leaves_an_entry_that_it_signs_and_later_ones_need_none(store: Store, actor: Actor, path: Path) -> None:
    """Else a verb that began before it, and saw no key, would append an entry without a signature behind it."""
    keyring = Keyring(path)
    for _ in range(2):
        key = obtain(store, actor, keyring)
    with store.reading() as conn:
        book = tables.audit.c
        assert conn.execute(select(book.verb, book.key_id, book.mac.is_not(None))).all() == [("key.use", key.id, True)]
        assert chain.verify(conn, keyring.held(), None, store.clock(), None).entries == 1


def test_no_key_is_made_while_the_database_knows_another(store: Store, actor: Actor, path: Path, tmp_path: Path) -> None:
    known = obtain(store, actor, Keyring(path)).id
    elsewhere = tmp_path / "elsewhere.key"
    with pytest.raises(KeyFileError) as missing:
        obtain(store, actor, Keyring(elsewhere))
    assert (missing.value.code, missing.value.facts["key_id"]) == ("key-file-missing", known)
    assert not elsewhere.exists()
    with pytest.raises(KeyFileError) as other:
        obtain(store, actor, Keyring(put(elsewhere)))
    assert (other.value.code, other.value.facts["key_id"]) == ("key-file-other", known)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o601, 0o602])
def test_a_key_that_others_can_use_is_refused(mode: int, path: Path) -> None:
    with pytest.raises(KeyFileError, match="key-file-open-to-others"):
        Keyring(put(path, mode=mode)).if_present()


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440])
def test_a_key_may_be_read_by_its_group(mode: int, path: Path) -> None:
    assert Keyring(put(path, mode=mode)).if_present() is not None


@pytest.mark.parametrize("text", ["", "\n", "00" * 31, "00" * 33, "zz" * 32, RAW.hex()[:-1]])
def test_a_damaged_key_is_refused_and_not_replaced(text: str, path: Path, store: Store, actor: Actor) -> None:
    with pytest.raises(KeyFileError, match="key-file-damaged"):
        obtain(store, actor, Keyring(put(path, text)))
    assert path.read_text(encoding="ascii") == text


def test_a_folder_is_no_key(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(KeyFileError):
        Keyring(path).if_present()


def test_a_folder_that_cannot_be_made_is_told(store: Store, actor: Actor, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="key-file-un"):
        obtain(store, actor, Keyring(tmp_path / "file" / "x.key"))


def test_a_key_never_shows_itself() -> None:
    key = Key(RAW)
    assert key.id == hashlib.sha256(RAW).hexdigest()[:16]
    assert repr(key) == f"Key({key.id})"
    assert RAW.hex() not in repr(key)


def test_macs_are_hmac_sha_256_and_differ_by_purpose() -> None:
    """RFC 2104 over SHA-256, so that another program can check the audit chain with the key file."""
    key = Key(RAW)
    import hmac

    assert key.mac("ş") == hmac.new(RAW, "ş".encode(), "sha256").hexdigest()
    assert key.token("customer", "7") == key.mac("customer:7") != key.token("proof", "7")
    assert len(key.mac("\ud800")) == 64


def test_what_is_sealed_opens_under_the_same_key_only() -> None:
    key = Key(RAW)
    one, two = key.seal(b"secret"), key.seal(b"secret")
    assert one != two
    assert key.open(one) == key.open(two) == b"secret"
    for broken in (one[:-1] + bytes([one[-1] ^ 1]), b"", one[:5]):
        with pytest.raises(KeyFileError, match="sealed-by-another-key"):
            key.open(broken)
    with pytest.raises(KeyFileError):
        Key(bytes(32)).open(one)
