"""The key file: 32 random bytes outside the database, by which fingerprints, tokens, audit MACs and sealed mail are made.

Promises: a key is made once, whole or not at all, readable by its owner only; it is never made while the database knows
another one (its fingerprints would silently match nobody); a key that every user of the host can read is refused; no key
and no part of one is ever shown. Refusals are KeyFileErrors that name the file, and the key id that is missing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from sqlalchemy import Connection, select

from core.errors import KeyFileError
from core.store import tables
from core.store.upsert import add

KEY_BYTES = 32
NONCE_BYTES = 12
SHUT = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP
"""Permissions that a key file may not have; its group may read it (several members of staff, one group)."""


class Key:
    """One key. Its id is public; its bytes leave this object only as MACs and ciphertexts."""

    __slots__ = ("_raw", "id")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.id = hashlib.sha256(raw).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Key({self.id})"

    def mac(self, text: str) -> str:
        """HMAC-SHA-256 as 64 hex digits."""
        return hmac.new(self._raw, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def token(self, purpose: str, text: str) -> str:
        """A MAC that means something for one purpose only."""
        return self.mac(f"{purpose}:{text}")

    def seal(self, plain: bytes) -> bytes:
        """Nonce and AES-256-GCM ciphertext."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._sealing()).encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. Raises KeyFileError `sealed-by-another-key` when it was another key, or was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._sealing()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise KeyFileError("sealed-by-another-key", key_id=self.id) from None

    def _sealing(self) -> bytes:
        # Its own key, by another function than `mac`: no text that is ever fingerprinted can give it away.
        return hashlib.blake2b(key=self._raw, person=b"kvkk-seal", digest_size=KEY_BYTES).digest()


class Keyring:
    """The key file of one database. Read at most once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.made = False
        """True when this process made the file: the front says its place once."""
        self._key: Key | None = None

    def if_present(self) -> Key | None:
        """The key, None when there is no file. Raises KeyFileError when the file cannot or must not be used."""
        if self._key is None:
            self._key = _read(self.path)
        return self._key

    def obtain(self, conn: Connection) -> Key:
        """The key, made on first need, and registered in `kvkk_keys` of the open write transaction.

        Raises KeyFileError `key-file-missing` or `key-file-other` when the database was fingerprinted with another key.
        """
        key = self.if_present()
        known = conn.execute(select(tables.keys.c.key_id).where(tables.keys.c.state == "current")).scalar_one_or_none()
        if known is not None:
            if key is None:
                raise KeyFileError("key-file-missing", key_id=known, path=str(self.path))
            if key.id != known:
                raise KeyFileError("key-file-other", key_id=known, found=key.id, path=str(self.path))
            return key
        if key is None:
            key = self._make()
        first = _register(conn, key)
        if first != key.id:
            raise KeyFileError("key-file-other", key_id=first, found=key.id, path=str(self.path))
        return key

    def _make(self) -> Key:
        try:
            self.made = _write(self.path, secrets.token_bytes(KEY_BYTES))
        except OSError as error:
            raise KeyFileError("key-file-unwritable", path=str(self.path), kind=type(error).__name__) from None
        self._key = _read(self.path)
        if self._key is None:
            raise KeyFileError("key-file-unwritable", path=str(self.path), kind="FileNotFoundError")
        return self._key


def _register(conn: Connection, key: Key) -> str:
    """Id of the current key from now on: whoever registers at the same moment waits here for the other's COMMIT."""
    from datetime import UTC, datetime

    add(conn, tables.keys, {"key_id": key.id, "state": "current", "since": datetime.now(UTC)})
    current = select(tables.keys.c.key_id).where(tables.keys.c.state == "current").order_by(tables.keys.c.since)
    return str(conn.execute(current).scalars().first())


def _read(path: Path) -> Key | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyFileError("key-file-unreadable", path=str(path), kind=type(error).__name__) from None
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise KeyFileError("key-file-damaged", path=str(path))
        if mode & SHUT:
            raise KeyFileError("key-file-open-to-others", path=str(path), mode=f"{stat.S_IMODE(mode):04o}")
        text = os.read(handle, KEY_BYTES * 2 + 2)
    finally:
        os.close(handle)
    try:
        raw = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise KeyFileError("key-file-damaged", path=str(path))
    return Key(raw)


def _write(path: Path, raw: bytes) -> bool:
    """Whole or not at all: written beside, synced, then linked to its name. False when somebody else was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw.hex().encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path, follow_symlinks=False)
    except FileExistsError:
        return False
    finally:
        beside.unlink()
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
