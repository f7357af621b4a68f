"""Which rights a login of a database server needs for each role: least privilege, table by table.

docs/install.md grants exactly these (a test compares), and `doctor` names what a login lacks, such as the rights on tables
that an upgrade has added. Everybody also reads every table, since the whole database is searched, and operators change and delete
rows of the mapped ones. Nobody but the timed job may take out what was recorded, when its time is over, and nobody may change it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from core.model.records import Role
from core.store import tables

INSERT, UPDATE, DELETE = "INSERT", "UPDATE", "DELETE"
Rights = Mapping[str, tuple[str, ...]]
"""Table -> what may be done with its rows, besides reading them."""

OPERATOR: Rights = {
    "kvkk_audit": (INSERT,),
    "kvkk_audit_head": (UPDATE,),
    "kvkk_certificates": (INSERT,),
    "kvkk_tombstones": (INSERT,),
    "kvkk_keys": (INSERT,),
    "kvkk_consent_texts": (INSERT,),
    "kvkk_requests": (INSERT, UPDATE),
    "kvkk_holds": (INSERT, UPDATE),
    "kvkk_consents": (INSERT, UPDATE),
    "kvkk_downloads": (INSERT, UPDATE),
    "kvkk_outbox": (INSERT, UPDATE),
    "kvkk_runs": (INSERT, UPDATE),
    "kvkk_run_items": (INSERT, UPDATE),
    "kvkk_blacklist_removals": (INSERT, DELETE),
    "kvkk_attempts": (INSERT, UPDATE, DELETE),
    "kvkk_blacklist": (INSERT, UPDATE, DELETE),
    "kvkk_blocks": (INSERT, UPDATE, DELETE),
    "kvkk_leases": (INSERT, UPDATE, DELETE),
    "kvkk_scrubs": (INSERT, UPDATE, DELETE),
    "kvkk_tokens": (INSERT, UPDATE, DELETE),
}
ADMIN: Rights = {
    "kvkk_keys": (UPDATE,),
    "kvkk_meta": (INSERT, UPDATE),
    "kvkk_proposals": (INSERT, UPDATE, DELETE),
    "kvkk_settings": (INSERT, UPDATE, DELETE),
    "kvkk_staff": (INSERT, UPDATE, DELETE),
    "kvkk_templates": (INSERT, UPDATE, DELETE),
}
"""What admins need beyond operators."""
RUN: Rights = {
    "kvkk_meta": (INSERT, UPDATE),
    "kvkk_audit": (DELETE,),
    "kvkk_audit_segments": (INSERT,),
    "kvkk_reports": (INSERT,),
    "kvkk_requests": (DELETE,),
    "kvkk_certificates": (DELETE,),
    "kvkk_holds": (DELETE,),
    "kvkk_outbox": (DELETE,),
    "kvkk_consents": (DELETE,),
    "kvkk_downloads": (DELETE,),
}
"""What the timed job (`kvkk run`) needs beyond operators: it removes what is past its own retention."""
REWRITES = ("UPDATE kvkk_audit", "DELETE kvkk_audit", "UPDATE kvkk_certificates", "DELETE kvkk_certificates")
"""Rights by which a login could make what was recorded undone."""

_GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?:TABLE )?(?P<base>`(?:[^`]|``)+`|\*)\.(?P<table>`(?:[^`]|``)+`|\*) TO ")


def of(role: Role) -> frozenset[str]:
    """Rights of a role on our own tables, as `INSERT kvkk_audit`."""
    books = {Role.VIEWER: (), Role.OPERATOR: (OPERATOR,), Role.ADMIN: (OPERATOR, ADMIN)}[role]
    return frozenset(f"{right} {table}" for book in books for table, rights in book.items() for right in rights)


def missing(conn: Connection, role: Role) -> tuple[str, ...]:
    """What the login of this connection lacks for the role, in alphabetical order of the tables."""
    return tuple(sorted(of(role) - held(conn), key=lambda right: right.split()[::-1]))


def held(conn: Connection) -> frozenset[str]:
    """Rights of this connection's login on our own tables, its roles' included."""
    return _postgresql(conn) if conn.dialect.name == "postgresql" else _mariadb(conn)


def login(conn: Connection) -> str:
    """The login of this connection, without a host."""
    return str(conn.execute(text("SELECT current_user")).scalar_one()).split("@", 1)[0]


def _postgresql(conn: Connection) -> frozenset[str]:
    wanted = text("SELECT has_table_privilege(current_user, CAST(:table AS regclass), :right)")
    names = (table.name for table in tables.metadata.sorted_tables)
    pairs = ((right, name) for name in names for right in (INSERT, UPDATE, DELETE))
    return frozenset(f"{right} {name}" for right, name in pairs if conn.execute(wanted, {"table": name, "right": right}).scalar())


def _mariadb(conn: Connection) -> frozenset[str]:
    """From SHOW GRANTS, where a role's rights stand too; information_schema leaves them out."""
    base = str(conn.execute(text("SELECT database()")).scalar_one())
    return frozenset(right for row in conn.execute(text("SHOW GRANTS")) for right in _granted(row, base))


def _granted(row: Sequence[Any], base: str) -> frozenset[str]:
    found = _GRANT.match(row[0])
    if found is None or not _covers(found["base"], base):
        return frozenset()
    said = {right.strip().split(" (")[0] for right in found["rights"].split(",")}
    rights = (INSERT, UPDATE, DELETE) if "ALL PRIVILEGES" in said else tuple(said & {INSERT, UPDATE, DELETE})
    named = _plain(found["table"])
    return frozenset(f"{right} {table.name}" for table in tables.metadata.sorted_tables if named in ("*", table.name) for right in rights)


def _covers(granted: str, base: str) -> bool:
    """Whether the database of a grant is this one: a name in which `%` and `_` mean any signs, unless they are escaped."""
    plain = _plain(granted)
    if plain == "*":
        return True
    parts = re.findall(r"\\.|.", plain)
    pattern = "".join({"%": ".*", "_": "."}.get(part, re.escape(part.removeprefix("\\"))) for part in parts)
    return re.fullmatch(pattern, base) is not None


def _plain(quoted: str) -> str:
    return quoted if quoted == "*" else quoted[1:-1].replace("``", "`")
