"""Members of staff and their roles, by operating-system account: who has which, who worked here before there were any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, func, inspect, literal, select

from core.errors import NotAllowed
from core.model.records import Role, StaffMember, person_of
from core.store import tables
from core.store.upsert import keep

if TYPE_CHECKING:
    from core.model.records import Actor
    from core.store.engine import Unit

_BOOK = tables.staff
ROLES = frozenset(role.value for role in Role)
_ANYBODY = select(literal(1)).select_from(_BOOK).limit(1)
_ROLE = select(_BOOK.c.role).where(_BOOK.c.account == bindparam("the_account"))
"""Built once: every verb asks who may."""


def is_there(conn: Connection) -> bool:
    """Whether the database has our table of staff: not before `init`, nor in one that an early version made."""
    return inspect(conn).has_table(_BOOK.name)


def is_open(conn: Connection) -> bool:
    """Nobody is registered: whoever can open the database acts as admin."""
    return conn.execute(_ANYBODY).first() is None


def role_of(conn: Connection, actor: Actor) -> Role | None:
    """The actor's role, None for an account without one. A database without staff is open: everybody is admin."""
    return role(conn, actor.person) or (Role.ADMIN if is_open(conn) else None)


def require(conn: Connection, actor: Actor, needed: Role) -> Role:
    """The actor's role. Raises NotAllowed `not-staff`, `role-too-low` unless it is the one that is needed or a higher one."""
    has = role_of(conn, actor)
    if has is None:
        raise NotAllowed("not-staff", account=actor.person)
    if not has.covers(needed):
        raise NotAllowed("role-too-low", account=actor.person, role=has.value, needed=needed.value)
    return has


def role(conn: Connection, account: str) -> Role | None:
    """The registered role of an account. A word that is none of ours (a later version's, an edited row) is no role."""
    found = conn.execute(_ROLE, {"the_account": account}).scalar_one_or_none()
    return Role(found) if found in ROLES else None


def members(conn: Connection) -> tuple[StaffMember, ...]:
    """Everybody with a role, by account."""
    rows = conn.execute(select(_BOOK).where(_BOOK.c.role.in_(ROLES)).order_by(_BOOK.c.account))
    return tuple(StaffMember(row.account, Role(row.role), row.added_at, row.added_by) for row in rows)


def count(conn: Connection, needed: Role) -> int:
    """How many are registered with this role or a higher one."""
    enough = [role.value for role in Role if role.covers(needed)]
    return conn.execute(select(func.count()).select_from(_BOOK).where(_BOOK.c.role.in_(enough))).scalar_one()


def stand_in_line(conn: Connection) -> None:
    """One change of staff at a time, until COMMIT: two who close an open database, or two admins who remove each other,
    must see each other. The end of the audit chain is the row that both will move, so on Galera too only one commits."""
    conn.execute(select(tables.audit_head.c.seq).with_for_update()).all()


def put(unit: Unit, account: str, role: Role) -> None:
    """Give the account this role, in place of any other."""
    fresh = {"role": role.value, "added_at": unit.at, "added_by": str(unit.actor)}
    keep(unit.conn, _BOOK, {"account": account}, fresh)


def drop(unit: Unit, account: str) -> None:
    """Take the account's role away."""
    unit.conn.execute(delete(_BOOK).where(_BOOK.c.account == account))


def worked_here(conn: Connection) -> frozenset[str]:
    """Every account that the audit chain knows. Reads the whole chain: asked once, when a database is closed."""
    return frozenset(person_of(actor) for actor in conn.execute(select(tables.audit.c.actor).distinct()).scalars())
