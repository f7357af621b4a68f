"""Passwords as a company stores them: what is read, what is written, and how dear each is. Pure: the salt is given.

Written: argon2id in the PHC format (PHP's `password_verify` reads it too); bcrypt where the column has no room for that.
Read: argon2id, argon2i, bcrypt, MD5-crypt, SHA-crypt, portable phpass, and MD5, SHA-1, SHA-256 without a salt. The last are weak
against whoever has stolen the table, not against whoever tries to sign in; they give way to argon2id at the next sign-in.

Not read, so that such an account needs a reset: DES (cuts a password at 8 letters), `$2x$` (a known fault of PHP), argon2d, plain text,
what would take seconds or gigabytes to compare, and every hash that is none (`!`, stars).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

BEST = "argon2id"
LEAST = 8
"""Characters of a new password (NIST SP 800-63B)."""
MOST = 1024
"""Bytes of a password that are looked at; a longer one never fits."""
BCRYPT_MOST = 72
"""Bytes that bcrypt looks at."""
SALT_BYTES = 16

MEMORY_KIB, PASSES, LANES, TAG_BYTES = 19 * 1024, 2, 1, 32
"""OWASP's least for argon2id: a panel has many visitors at once."""
ARGON2_ROOM, BCRYPT_ROOM = 97, 60
"""Characters that a hash of ours has."""
BCRYPT_COST = 12

ARGON2_KIB_MOST, ARGON2_WORK_MOST, LANES_MOST = 1 << 20, 1 << 22, 16
BCRYPT_COST_MOST = 15
SHA_ROUNDS_LEAST, SHA_ROUNDS_MOST = 1000, 1_000_000
PHPASS_LEAST, PHPASS_MOST = 7, 20
BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

_ARGON2 = re.compile(r"\$argon2(id|i)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})")
_BCRYPT = re.compile(r"(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{22})[./A-Za-z0-9]{31}")
_MD5_CRYPT = re.compile(r"\$1\$([^$:\s]{0,8})\$([./0-9A-Za-z]{22})")
_SHA_CRYPT = re.compile(r"\$([56])\$(?:rounds=(\d{1,9})\$)?([^$:\s]{0,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})")
_PHPASS = re.compile(r"\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})")
_HEX = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
_HEX_NAMES = {32: "md5", 40: "sha1", 64: "sha256"}


class Unfit(StrEnum):
    """Why a new password is none."""

    SHORT = "short"
    LONG = "long"
    UNREADABLE = "unreadable"
    """NUL, or half of a character: other programs would read it differently."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored hash that can be compared with. `cost` names scheme and settings: equal costs take equal work."""

    cost: str
    _same: Callable[[bytes], bool] = field(repr=False)
    outdated: bool = True
    """Something better should take its place at the next sign-in."""

    def fits(self, password: str) -> bool:
        """Whether this is the password. The work is done in any case, and does not grow with the password."""
        typed = password[: MOST + 1].encode("utf-8", "surrogatepass")
        same = self._same(typed[:MOST])
        return same and len(typed) <= MOST and b"\0" not in typed


def nobodys() -> Stored:
    """What is compared with where there is no hash at all: the work of one of ours, and no password fits."""

    def work(password: bytes) -> bool:
        _argon2id(bytes(SALT_BYTES)).derive(password)
        return False

    return Stored(f"argon2id:{MEMORY_KIB}:{PASSES}:{LANES}", work)


def read(text: object) -> Stored | None:
    """The hash in a cell; None for what is none, is not safe to read, or would take too long."""
    if not isinstance(text, str):
        return None
    for reader in (_argon2, _bcrypt, _sha_crypt, _md5_crypt, _phpass, _hex):
        if found := reader(text):
            return found
    return None


def unfit(password: str, most: int = MOST) -> Unfit | None:
    """Why a new password cannot be taken; None when it can."""
    try:
        size = len(password[: MOST + 1].encode())
    except UnicodeEncodeError:
        return Unfit.UNREADABLE
    if len(password) > most or size > most:
        return Unfit.LONG
    if "\0" in password:
        return Unfit.UNREADABLE
    return Unfit.SHORT if len(password) < LEAST else None


def scheme_for(room: int | None) -> str | None:
    """What is written into a column of so many characters (None: no limit); None where no hash fits."""
    if room is None or room >= ARGON2_ROOM:
        return BEST
    return "bcrypt" if room >= BCRYPT_ROOM else None


def written(scheme: str, password: str, salt: bytes) -> str:
    """The hash of a password that is not `unfit`."""
    if scheme == BEST:
        return _argon2id(salt).derive_phc_encoded(password.encode())
    import bcrypt

    setting = f"$2y${BCRYPT_COST:02d}$".encode() + _bcrypt_letters(salt)
    return bcrypt.hashpw(password.encode(), setting).decode("ascii")


def _argon2id(salt: bytes) -> Argon2id:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    return Argon2id(salt=salt, length=TAG_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)


def _bcrypt_letters(salt: bytes) -> bytes:
    """16 bytes as the 22 characters of a bcrypt setting."""
    number = int.from_bytes(salt, "big") << 4
    return "".join(BCRYPT_ALPHABET[number >> 6 * i & 63] for i in reversed(range(22))).encode()


def _argon2(text: str) -> Stored | None:
    match = _ARGON2.fullmatch(text)
    if match is None:
        return None
    kind, (kib, passes, lanes) = match[1], map(int, match.group(2, 3, 4))
    salt, tag = _unpadded(match[5]), _unpadded(match[6])
    if not salt or not tag:
        return None
    if not (8 * lanes <= kib <= ARGON2_KIB_MOST and passes >= 1 and kib * passes <= ARGON2_WORK_MOST and 1 <= lanes <= LANES_MOST):
        return None

    def same(password: bytes) -> bool:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2i, Argon2id

        make = Argon2id if kind == "id" else Argon2i
        made = make(salt=salt, length=len(tag), iterations=passes, lanes=lanes, memory_cost=kib).derive(password)
        return hmac.compare_digest(made, tag)

    weaker = kind != "id" or kib * passes < MEMORY_KIB * PASSES
    return Stored(f"argon2{kind}:{kib}:{passes}:{lanes}", same, outdated=weaker)


def _unpadded(text: str) -> bytes:
    """Base64 without its padding; nothing for a length that it cannot have."""
    return b"" if len(text) % 4 == 1 else b64decode(text + "=" * (-len(text) % 4))


def _bcrypt(text: str) -> Stored | None:
    match = _BCRYPT.fullmatch(text)
    if match is None or not 4 <= int(match[2]) <= BCRYPT_COST_MOST:
        return None
    # the last character of the salt holds two bits; crypt(3) drops the others, and so finds such a hash unequal
    setting = match[1][:-1] + BCRYPT_ALPHABET[BCRYPT_ALPHABET.index(match[1][-1]) & 48]

    def same(password: bytes) -> bool:
        import bcrypt

        return hmac.compare_digest(bcrypt.hashpw(password[:BCRYPT_MOST], setting.encode()), text.encode())

    return Stored(f"bcrypt:{match[2]}", same)


def _sha_crypt(text: str) -> Stored | None:
    from core.model.crypts import SHA_ROUNDS, sha_crypt

    match = _SHA_CRYPT.fullmatch(text)
    if match is None or len(match[4]) != (43 if match[1] == "5" else 86):
        return None
    number, rounds, salt = match[1], int(match[2] or SHA_ROUNDS), match[3].encode()
    if not SHA_ROUNDS_LEAST <= rounds <= SHA_ROUNDS_MOST:
        return None
    return Stored(f"sha-crypt-{number}:{rounds}", _equal(lambda password: sha_crypt(number, password, salt, rounds), match[4]))


def _md5_crypt(text: str) -> Stored | None:
    from core.model.crypts import md5_crypt

    match = _MD5_CRYPT.fullmatch(text)
    return Stored("md5-crypt", _equal(lambda password: md5_crypt(password, match[1].encode()), match[2])) if match else None


def _phpass(text: str) -> Stored | None:
    from core.model.crypts import ALPHABET, phpass

    match = _PHPASS.fullmatch(text)
    doublings = ALPHABET.index(match[1]) if match else 0
    if match is None or not PHPASS_LEAST <= doublings <= PHPASS_MOST:
        return None
    salt = match[2].encode()
    return Stored(f"phpass:{doublings}", _equal(lambda password: phpass(password, salt, doublings), match[3]))


def _hex(text: str) -> Stored | None:
    if not _HEX.fullmatch(text):
        return None
    name = _HEX_NAMES[len(text)]
    return Stored(name, _equal(lambda password: hashlib.new(name, password, usedforsecurity=False).hexdigest(), text.lower()))


def _equal(make: Callable[[bytes], str], wanted: str) -> Callable[[bytes], bool]:
    return lambda password: hmac.compare_digest(make(password), wanted)
