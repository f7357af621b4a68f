"""The key file: keys of 32 random bytes outside the database, by which fingerprints, tokens, audit MACs and sealed mail are made.

Promises: a key is made once, whole or not at all, readable by its owner only; it is never made while the database knows
another one (its fingerprints would silently match nobody); a key that every user of the host can read is refused; no key
and no part of one is ever shown. Which key is current is said by the database (`keybook`); the file may hold more: old ones
that stay to verify, and one that a rotation had made when it was killed. Refusals are KeyFileErrors that name the file, and
the key id that is missing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from core.errors import Conflict, KeyFileError
from core.store import keybook, keyfile
from core.store.engine import FIRST, OBTAINED
from core.store.keyfile import KEY_BYTES

NONCE_BYTES = 12


class Key:
    """One key. Its id is public; its bytes leave this object only as MACs and ciphertexts, and into the key file."""

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
    """The key file of one database. Read again when it has changed: another process may have rotated the key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.made = False
        """True when this process made the file: the front says its place once."""
        self._keys: tuple[Key, ...] = ()
        self._mark: keyfile.Mark | None = None

    def held(self) -> tuple[Key, ...]:
        """Every key of the file, the newest last; none when there is no file. Raises KeyFileError when it must not be used."""
        if self._mark is None or keyfile.mark(self.path) != self._mark:
            raws, self._mark = keyfile.read(self.path)
            self._keys = tuple(Key(raw) for raw in raws)
        return self._keys

    def if_present(self, key_id: str | None = None) -> Key | None:
        """The key of that id, the newest when none is named; None when it is not in the file, or there is none."""
        keys = self.held()
        if key_id is None:
            return keys[-1] if keys else None
        return next((key for key in keys if key.id == key_id), None)

    def holding(self, conn: Connection, key_id: str) -> Key:
        """The key of that id, to verify or open what it made.

        Raises KeyFileError: `key-file-missing`; `key-file-outdated` (rotated on another host, and this copy is from before);
        `key-file-old-missing` (the current key is there, this older one is not); `key-file-other`.
        """
        keys = self.held()
        found = self.if_present(key_id)
        if found is not None:
            return found
        if not keys:
            raise KeyFileError("key-file-missing", key_id=key_id, path=str(self.path))
        known = keybook.states(conn)
        mine = [key.id for key in keys if key.id in known]
        if any(known[one] == "current" for one in mine):
            raise KeyFileError("key-file-old-missing", key_id=key_id, path=str(self.path))
        code = "key-file-outdated" if mine else "key-file-other"
        raise KeyFileError(code, key_id=key_id, found=(mine or [keys[-1].id])[-1], path=str(self.path))

    def whole(self, conn: Connection) -> None:
        """Every key that this database still counts on is at hand. Raises KeyFileError as `holding`."""
        for key_id, state in keybook.states(conn).items():
            if state != "dropped":
                self.holding(conn, key_id)

    def obtain(self, conn: Connection) -> Key:
        """The current key, made on first need, and registered in `kvkk_keys` of the open write transaction.

        Raises KeyFileError as `holding` when the database was used with another key. A transaction that made something with
        a key which is no longer current is refused (Conflict `key-moved`), here or at its end (`core.store.audit`): it is
        begun anew with the new one.
        """
        if OBTAINED in conn.info:  # before, by this transaction; whether it is still the current one is asked at its end
            same = self.if_present(conn.info[OBTAINED])
            if same is None:
                raise Conflict("key-moved")
            return same
        known = keybook.current(conn)
        key = self.holding(conn, known) if known is not None else self._first(conn)
        conn.info[OBTAINED] = key.id
        return key

    def add(self, key: Key) -> None:
        """One more key in the file, the newest from now on; the first where there is no file."""
        if self.held() or not keyfile.make(self.path, key._raw):
            keyfile.change(self.path, lambda raws: (*raws, key._raw))

    def discard(self, ids: Collection[str]) -> None:
        """The file without these keys; one must stay. Nothing happens where it holds none of them."""
        keyfile.change(self.path, lambda raws: tuple(raw for raw in raws if Key(raw).id not in ids))

    def _first(self, conn: Connection) -> Key:
        key = self.if_present() or self._make()
        first = keybook.register(conn, key.id, datetime.now(UTC))
        if first != key.id:
            raise KeyFileError("key-file-other", key_id=first, found=key.id, path=str(self.path))
        conn.info[FIRST] = key.id
        return key

    def _make(self) -> Key:
        self.made = keyfile.make(self.path, secrets.token_bytes(KEY_BYTES))
        key = self.if_present()
        if key is None:
            raise KeyFileError("key-file-unwritable", path=str(self.path), kind="FileNotFoundError")
        return key
