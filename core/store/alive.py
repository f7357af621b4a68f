"""Which process on which machine has taken something, and whether it is certainly dead.

Only a process of this machine, since its last start, in the same room of process numbers (a container has its own) can be told dead:
it is gone, or its number belongs to one that began at another moment. Of any other nothing is known, and nothing is said.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import cache
from pathlib import Path

PROC = Path("/proc")
_MARK = re.compile(r"([0-9a-f]{24})\.(\d{1,10})\.(\d{1,20})")
_GONE = "ZX"
"""States of a process that has ended, whether or not its parent has asked for it."""


def mark() -> str:
    """Names this process, for `is_dead` of any later one; empty where the system does not tell enough."""
    room, began = _room(), _began(os.getpid())
    return f"{room}.{os.getpid()}.{began}" if room and began else ""


def is_dead(mark: str) -> bool:
    """Whether the process of that mark is certainly gone."""
    found = _MARK.fullmatch(mark)
    if found is None or found[1] != _room():
        return False
    pid = int(found[2])
    try:
        os.kill(pid, 0)  # asks only; it answers for processes of others too, which /proc may hide
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    began = _began(pid)
    return began is not None and began != found[3]


@cache
def _room() -> str | None:
    """One start of one machine, and one room of process numbers on it; as a digest, for the database."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        room = os.stat(PROC / "self/ns/pid").st_ino
    except (OSError, UnicodeError):
        return None
    clock = os.stat(PROC / "self/ns/time").st_ino if (PROC / "self/ns/time").exists() else 0  # another one tells other ticks
    return hashlib.sha256(f"{os.uname().nodename}\n{boot}\n{room}\n{clock}".encode()).hexdigest()[:24]


def _began(pid: int) -> str | None:
    """When a process began, in ticks since the machine did; empty when it has ended, None when that is not told."""
    try:
        told = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()  # its name may hold anything
    except OSError:
        return None
    return "" if told[0].decode("ascii", "replace") in _GONE else told[19].decode("ascii", "replace")
