"""The accounts and groups of this machine, as the system's own books know them."""

from __future__ import annotations

import grp
import pwd
import re
import stat
from contextlib import suppress
from pathlib import Path

NUMBER = re.compile(r"uid\d{1,10}", re.ASCII)


def name_of(uid: int) -> str:
    """The account of a uid; `uid1000` for a number without a name (containers run as such)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid{uid}"


def group_of(gid: int) -> str:
    """The name of a group; `gid1000` for a number without one."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return f"gid{gid}"


def is_known(account: str) -> bool:
    """Whether this machine knows an account of that name, or a number without a name as `name_of` writes it."""
    try:
        if NUMBER.fullmatch(account):
            return name_of(int(account[3:])) == account
        pwd.getpwnam(account)
    except (KeyError, ValueError):  # ValueError: NUL
        return False
    return True


def openers(file: Path) -> frozenset[str]:
    """Accounts that the mode of a file lets in by name: its owner, and the members of its group where the group may read."""
    try:
        facts = file.stat()
    except OSError:
        return frozenset()
    found = {name_of(facts.st_uid)}
    if facts.st_mode & stat.S_IRGRP:
        with suppress(KeyError):
            found |= set(grp.getgrgid(facts.st_gid).gr_mem)
    return frozenset(found)
