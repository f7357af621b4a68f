"""Passwords compared and hashed: slow on purpose, and so not more than a few at once.

Argon2 takes 19 MiB each; a hundred visitors who sign in at the same moment wait for each other instead of filling the memory.
"""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore

from core.model import passwords
from core.model.passwords import Stored

AT_ONCE = BoundedSemaphore(4)


def fits(stored: Stored, password: str) -> bool:
    """Whether the password is the one of the hash."""
    with AT_ONCE:
        return stored.fits(password)


def hashed(scheme: str, password: str) -> str:
    """A new hash, with a salt of its own."""
    with AT_ONCE:
        return passwords.written(scheme, password, secrets.token_bytes(passwords.SALT_BYTES))
