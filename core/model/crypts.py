"""The old hashes of PHP and crypt(3), to be compared with and never to be written: MD5-crypt, SHA-crypt, portable phpass.

Written after their published descriptions: P.-H. Kamp's MD5-crypt, U. Drepper's "Unix crypt using SHA-256 and SHA-512", Openwall's
phpass 0.3. Python had them in `crypt`, which 3.13 no longer has. All three are bytes in, text out, without a clock or chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MD5_ROUNDS = 1000
MD5_ORDER = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
SHA_ROUNDS = 5000
"""Where the hash does not say it."""


def md5_crypt(password: bytes, salt: bytes) -> str:
    """The 22 characters of `$1$`."""
    inner = hashlib.md5(password + salt + password, usedforsecurity=False).digest()
    first = password + b"$1$" + salt + _repeated(inner, len(password))
    first += b"".join(b"\0" if len(password) >> i & 1 else password[:1] for i in range(len(password).bit_length()))
    digest = hashlib.md5(first, usedforsecurity=False).digest()
    for i in range(MD5_ROUNDS):
        middle = (salt if i % 3 else b"") + (password if i % 7 else b"")
        parts = (password, middle, digest) if i % 2 else (digest, middle, password)
        digest = hashlib.md5(b"".join(parts), usedforsecurity=False).digest()
    return _groups(digest, MD5_ORDER) + _letters(digest[11:12])


def sha_crypt(number: str, password: bytes, salt: bytes, rounds: int) -> str:
    """The 43 characters of `$5$`, the 86 of `$6$`."""
    new: Callable[[bytes], Any] = hashlib.sha256 if number == "5" else hashlib.sha512
    inner = new(password + salt + password).digest()
    first = password + salt + _repeated(inner, len(password))
    first += b"".join(inner if len(password) >> i & 1 else password for i in range(len(password).bit_length()))
    digest: bytes = new(first).digest()
    word = _repeated(new(password * len(password)).digest(), len(password))
    grain = _repeated(new(salt * (16 + digest[0])).digest(), len(salt))
    for i in range(rounds):
        middle = (grain if i % 3 else b"") + (word if i % 7 else b"")
        digest = new(b"".join((word, middle, digest) if i % 2 else (digest, middle, word))).digest()
    return _groups(digest, _sha_order(number)) + _letters(digest[30:] if number == "5" else digest[63:])


def phpass(password: bytes, salt: bytes, doublings: int) -> str:
    """The 22 characters of `$P$` and `$H$`."""
    digest = hashlib.md5(salt + password, usedforsecurity=False).digest()
    for _ in range(1 << doublings):
        digest = hashlib.md5(digest + password, usedforsecurity=False).digest()
    return "".join(_letters(digest[i : i + 3]) for i in range(0, len(digest), 3))


def _repeated(block: bytes, length: int) -> bytes:
    return (block * (length // len(block) + 1))[:length]


def _sha_order(number: str) -> Iterator[tuple[int, int, int]]:
    """Which three bytes make four characters: each place moves on by one, and the three change places in a circle."""
    a, b, c = (0, 10, 20) if number == "5" else (0, 21, 42)
    for _ in range(10 if number == "5" else 21):
        yield a, b, c
        a, b, c = (c + 1, a + 1, b + 1) if number == "5" else (b + 1, c + 1, a + 1)


def _groups(digest: bytes, order: Iterable[tuple[int, int, int]]) -> str:
    return "".join(_letters(bytes((digest[c], digest[b], digest[a]))) for a, b, c in order)


def _letters(part: bytes) -> str:
    """One to three bytes, the first lowest, as two to four characters, the lowest six bits first."""
    number = int.from_bytes(part, "little")
    return "".join(ALPHABET[number >> 6 * i & 63] for i in range(len(part) + 1))
