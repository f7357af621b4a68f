"""Which set-up for one person or several `doctor` sees, and what is wrong with it: modes and groups of files, or a login's rights.

The three that docs/install.md describes: a group that shares the file, one account behind sudo, a login for each person.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from os import stat_result
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.records import Finding, Role
from core.store import rights
from core.store.accounts import group_of, name_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.records import Actor

GROUP = stat.S_IRGRP | stat.S_IWGRP
NAMED_MOST = 12


def of_file(file: Path, key: Path, actor: Actor, registered: int) -> Iterator[Finding]:
    """A SQLite file, with so many members of staff registered. A file that is not there says nothing."""
    facts = _look(file)
    if facts is None:
        return
    yield from _folder(file.parent)
    if facts.st_mode & GROUP:
        group = group_of(facts.st_gid)
        yield Finding("setup-group", "ok", (("group", group),))
        yield from _for_group(file, key, facts.st_gid)
        if registered:
            yield Finding("roles-are-advice", "note", (("group", group),))
        return
    owner, shut = name_of(facts.st_uid), _look(key)
    if actor.sudo_from is not None and owner == actor.account:
        yield Finding("setup-sudo", "ok", (("owner", owner), ("account", actor.person)))
    else:
        yield Finding("setup-alone", "ok", (("owner", owner),))
        if registered > 1:
            yield Finding("staff-cannot-come-in", "note", (("owner", owner), ("count", registered)))
    if shut is not None and shut.st_mode & stat.S_IRGRP:
        yield Finding("key-file-open-to-group", "warning", (("path", str(key)), ("group", group_of(shut.st_gid))))


def of_login(conn: Connection, actor: Actor, role: Role, registered: int) -> Iterator[Finding]:
    """A login of a server, for an actor of this role, with so many members of staff registered."""
    login, held, needed = rights.login(conn), rights.held(conn), rights.of(role)
    if login == actor.person:
        yield Finding("setup-login", "ok", (("login", login),))
    else:
        yield Finding("setup-shared-login", "note", (("login", login), ("account", actor.person)))
    rewrites = tuple(right for right in rights.REWRITES if right in held)
    if rewrites:
        yield Finding("login-can-rewrite", "warning" if registered else "note", (("login", login), ("rights", rewrites)))
    elif held & rights.of(Role.ADMIN) - needed:
        yield Finding("login-above-role", "note", (("login", login), ("role", role.value)))
    lacks = rights.missing(conn, role)
    if lacks:
        yield Finding(
            "login-lacks-rights",
            "warning",
            (("login", login), ("role", role.value), ("count", len(lacks)), ("rights", lacks[:NAMED_MOST])),
        )


def _folder(folder: Path) -> Iterator[Finding]:
    """Who can write in the folder can put another file in the place of the database, or a journal beside it."""
    facts = _look(folder)
    if facts is not None and facts.st_mode & stat.S_IWOTH:
        grade = "warning" if facts.st_mode & stat.S_ISVTX else "error"
        yield Finding("folder-open-to-others", grade, (("folder", str(folder)), ("mode", _mode(facts))))


def _for_group(file: Path, key: Path, gid: int) -> Iterator[Finding]:
    """Whether everybody in the group of the database can work with it."""
    group, folder = group_of(gid), _look(file.parent)
    if folder is not None:
        place, mode = str(file.parent), _mode(folder)
        if folder.st_gid != gid or folder.st_mode & stat.S_IRWXG != stat.S_IRWXG:
            yield Finding("folder-not-for-group", "warning", (("folder", place), ("mode", mode), ("group", group)))
        elif not folder.st_mode & stat.S_ISGID:
            yield Finding("folder-without-setgid", "warning", (("folder", place), ("mode", mode), ("group", group)))
    for name in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        facts = _look(name)
        if facts is not None and (facts.st_gid != gid or facts.st_mode & GROUP != GROUP):
            yield Finding("file-not-for-group", "warning", (("file", name.name), ("mode", _mode(facts)), ("group", group)))
    shut = _look(key)
    if shut is not None and (shut.st_gid != gid or not shut.st_mode & stat.S_IRGRP):
        yield Finding("key-file-not-for-group", "warning", (("path", str(key)), ("mode", _mode(shut)), ("group", group)))


def _look(path: Path) -> stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _mode(facts: stat_result) -> str:
    return f"{stat.S_IMODE(facts.st_mode):04o}"
