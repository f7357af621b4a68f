"""Who is at the keyboard: the real operating-system account.

Never $USER or $LOGNAME, which anybody can set. The account behind sudo is believed only when the parent process is a sudo
with root's rights that this very account has started: its real uid is the caller's. The variable alone proves nothing
(`sudo -u kvkk env SUDO_UID=…` sets it), nor does the name (`ln -s /bin/su sudo`). A user namespace (`unshare --map-user`) can give
itself any uid, root's too: in one that does not map every uid to itself nobody is believed to be root or to come by sudo, and the
account is named by the uid outside.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.model.records import Actor
from core.store.accounts import name_of

ROOT = 0
WHOLE = ("0", "0", "4294967295")
"""The uid_map of a process in no namespace of its own."""
GENERATIONS = 16
"""sudo under sudo, at most."""


@dataclass(frozen=True, slots=True)
class _Process:
    """What /proc says of a process: its name, its parent, its uids (real, effective, saved, of files)."""

    name: str
    parent: int
    uids: tuple[int, ...]

    @property
    def is_sudo(self) -> bool:
        """A sudo that root owns: its effective and saved uid are root's, its real uid is that of whoever started it."""
        return self.name == "sudo" and len(self.uids) == 4 and set(self.uids[1:3]) == {ROOT}


def real_actor(env: Mapping[str, str] = os.environ, proc: Path = Path("/proc")) -> Actor:
    """The real uid's account and this host; with the account behind a root-owned sudo, when there is one."""
    uid, host = os.getuid(), socket.gethostname()
    outside = _in_namespace(uid, proc)
    if outside is not None:
        return Actor(account=outside, host=host)
    return Actor(account=name_of(uid), host=host, sudo_from=_behind_sudo(env, proc), is_root=uid == ROOT)


def _in_namespace(uid: int, proc: Path) -> str | None:
    """`userns1000`, the uid outside of a user namespace; None where uids are what they seem (and where there is no /proc)."""
    try:
        rows = [tuple(line.split()) for line in (proc / "self" / "uid_map").read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return None
    if rows in ([], [WHOLE]):
        return None
    for inside, beyond, length in (map(int, row) for row in rows):
        if inside <= uid < inside + length:
            return f"userns{beyond + uid - inside}"
    return "userns"


def _behind_sudo(env: Mapping[str, str], proc: Path) -> str | None:
    said = env.get("SUDO_UID", "")
    if not (said.isascii() and said.isdigit() and len(said) <= 10):
        return None
    line = tuple(_ancestors(proc))
    if not line or not line[0].is_sudo:
        return None
    # A sudo that has made itself root wholly does not tell who started it: then what stands above it may, unless that is root's too.
    callers = (one.uids[0] for one in line if one.uids and one.uids[0] != ROOT)
    return name_of(int(said)) if next(callers, int(said)) == int(said) else None


def _ancestors(proc: Path) -> Iterator[_Process]:
    """The parent, its parent, and so on up to the first that is no sudo."""
    pid = os.getppid()
    for _ in range(GENERATIONS):
        found = _process(proc / str(pid))
        if found is None:
            return
        yield found
        if not found.is_sudo:
            return
        pid = found.parent


def _process(folder: Path) -> _Process | None:
    try:
        lines = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    told = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    uids = tuple(int(uid) for uid in told.get("Uid", "").split() if uid.isdigit())
    parent = told.get("PPid", "")
    return _Process(told.get("Name", ""), int(parent) if parent.isdigit() else 0, uids)
