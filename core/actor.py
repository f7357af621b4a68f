"""Who is at the keyboard: the real operating-system account.

Never $USER or $LOGNAME, which anybody can set. The account behind sudo is believed only when the parent process is a sudo
that runs as root: the variables alone prove nothing.
"""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Mapping
from pathlib import Path

from core.model.records import Actor

ROOT = 0


def real_actor(env: Mapping[str, str] = os.environ, proc: Path = Path("/proc")) -> Actor:
    """The real uid's account and this host; with the account behind a root-owned sudo, when there is one."""
    return Actor(account=_account(os.getuid()), host=socket.gethostname(), sudo_from=_behind_sudo(env, proc))


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # containers run as numbers that have no name
        return f"uid{uid}"


def _behind_sudo(env: Mapping[str, str], proc: Path) -> str | None:
    said = env.get("SUDO_UID", "")
    if not (said.isascii() and said.isdigit() and len(said) <= 10):
        return None
    return _account(int(said)) if _is_root_sudo(proc / str(os.getppid())) else None


def _is_root_sudo(process: Path) -> bool:
    try:
        lines = (process / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    uids = told.get("Uid", "").split()
    return told.get("Name", "").strip() == "sudo" and bool(uids) and all(uid == str(ROOT) for uid in uids)
