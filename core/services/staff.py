"""Members of staff: who may do what. The first change closes a database that was open to everybody.

Promises: there is always an admin; of two changes at once the second sees the first; whoever loses the way in by the closing
is named. Roles belong to people: behind a verified sudo it is the account that called it which has the role.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import Conflict, NotFound, Refused, UsageError
from core.model.records import Actor, Role, StaffBook, StaffChange
from core.services.context import persistent
from core.services.gate import needs, root_only
from core.store import accounts, staff

if TYPE_CHECKING:
    from core.services.context import Context
    from core.store.engine import Unit

NAME = re.compile(r"[^\W][\w.\\@$+-]{0,63}")
"""A name that systems give: letters, digits, `_ . - @ $`, and the backslash of a Windows domain."""
NAMED_MOST = 50


class StaffService:
    """The verbs of `kvkk staff`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor) -> StaffBook:
        """Everybody with a role, and as whom the actor counts."""
        with self._context.reading() as conn:
            mine = staff.require(conn, actor, Role.VIEWER)
            return StaffBook(staff.is_open(conn), actor.person, mine, staff.members(conn))

    @needs(Role.ADMIN)
    @persistent
    def add(self, actor: Actor, account: str, role: Role) -> StaffChange:
        """Give an account a role, or another one. Raises UsageError, Conflict `staff-has-role`, Refused `last-admin`."""
        name = _checked(account)
        with self._context.writing(actor) as unit:
            staff.stand_in_line(unit.conn)
            staff.require(unit.conn, actor, Role.ADMIN)
            closes = staff.is_open(unit.conn)
            if closes:
                staff.put(unit, actor.person, Role.ADMIN)
                unit.record("staff.close", None, account=actor.person)
            before = None if closes and name == actor.person else staff.role(unit.conn, name)
            if before is role:
                raise Conflict("staff-has-role", account=name, role=role.value)
            _keep_an_admin(unit, name, role)
            if not (closes and name == actor.person):
                staff.put(unit, name, role)
                unit.record("staff.add", None, account=name, role=role.value, before=before.value if before else None)
            return self._change(unit, name, before, role, closed_by=actor.person if closes else None)

    @needs(Role.ADMIN)
    @persistent
    def remove(self, actor: Actor, account: str) -> StaffChange:
        """Take an account's role away. Raises UsageError, NotFound `staff-not-found`, Refused `last-admin`."""
        name = _checked(account)
        with self._context.writing(actor) as unit:
            staff.stand_in_line(unit.conn)
            staff.require(unit.conn, actor, Role.ADMIN)
            before = staff.role(unit.conn, name)
            if before is None:
                raise NotFound("staff-not-found", account=name)
            _keep_an_admin(unit, name, None)
            staff.drop(unit, name)
            unit.record("staff.remove", None, account=name, before=before.value)
            return self._change(unit, name, before, None, closed_by=None)

    @root_only
    @persistent
    def recover(self, actor: Actor, account: str | None = None) -> StaffChange:
        """Root makes an account admin when no admin can; without a name the one who became root. Raises UsageError, NotAllowed
        `recover-needs-root`, Conflict `staff-has-role`."""
        name = _checked(account if account is not None else actor.person)
        with self._context.writing(actor) as unit:
            staff.stand_in_line(unit.conn)
            closes = staff.is_open(unit.conn)
            before = staff.role(unit.conn, name)
            if before is Role.ADMIN:
                raise Conflict("staff-has-role", account=name, role=before.value)
            staff.put(unit, name, Role.ADMIN)
            unit.record("staff.recover", None, account=name, before=before.value if before else None)
            return self._change(unit, name, before, Role.ADMIN, closed_by=name if closes else None)

    def _change(self, unit: Unit, account: str, before: Role | None, now: Role | None, *, closed_by: str | None) -> StaffChange:
        lost: frozenset[str] = frozenset()
        if closed_by is not None:
            file = self._context.store.file
            seen = staff.worked_here(unit.conn) | (accounts.openers(file) if file else frozenset())
            lost = seen - {member.account for member in staff.members(unit.conn)}
        return StaffChange(account, before, now, accounts.is_known(account), closed_by, tuple(sorted(lost)[:NAMED_MOST]))


def _checked(account: str) -> str:
    """The name without blanks around it. Raises UsageError `account-malformed`."""
    name = account.strip()
    if not NAME.fullmatch(name):
        raise UsageError("account-malformed")
    return name


def _keep_an_admin(unit: Unit, account: str, now: Role | None) -> None:
    """Raises Refused `last-admin`."""
    if now is not Role.ADMIN and staff.role(unit.conn, account) is Role.ADMIN and staff.count(unit.conn, Role.ADMIN) == 1:
        raise Refused("last-admin", account=account)
