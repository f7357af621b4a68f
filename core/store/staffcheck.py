"""What `doctor` says of the members of staff: is the database open, can somebody be asked, can a second person be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.model.records import Finding, Role
from core.store import accounts, proposals, staff

if TYPE_CHECKING:
    from sqlalchemy import Connection

PEOPLE = 2
"""So many it takes: one who approves and one who carries out; one admin who proposes and one who confirms."""
NAMED_MOST = 10


def findings(conn: Connection, setting: Callable[[str], Any], now: datetime, *, here: bool) -> Iterator[Finding]:
    """`here`: everybody works on this machine, as with a file; on a server accounts may be those of another one."""
    members = staff.members(conn)
    if not members:
        yield Finding("staff-open", "note")
    else:
        count = {role: sum(one.role is role for one in members) for role in Role}
        admins, operators, viewers = (count[role] for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER))
        yield Finding("staff-registered", "ok", (("admins", admins), ("operators", operators), ("viewers", viewers)))
        unknown = tuple(one.account for one in members if not accounts.is_known(one.account))
        if here and unknown:
            yield Finding("staff-unknown-here", "note", (("accounts", unknown[:NAMED_MOST]), ("count", len(unknown))))
    admins, people = (sum(one.role.covers(role) for one in members) for role in (Role.ADMIN, Role.OPERATOR))
    if admins == 1:
        yield Finding("staff-one-admin", "note")
    if setting("second-person") and (admins < PEOPLE or people < PEOPLE):
        yield Finding("second-person-short", "warning", (("admins", admins), ("people", people)))
    for key, waiting in proposals.pending(conn, now).items():
        until = waiting.until.astimezone(ZoneInfo(setting("timezone"))).date().isoformat()
        yield Finding("proposal-waits", "note", (("key", key), ("value", waiting.value), ("by", waiting.by), ("until", until)))
