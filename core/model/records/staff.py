"""Members of staff and their roles, as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.model.records.people import Role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One account with a role."""

    account: str
    role: Role
    added_at: datetime
    """When the account got this role."""
    added_by: str


@dataclass(frozen=True, slots=True)
class StaffBook:
    """Who may do what, and as whom the asker counts."""

    open: bool
    """No staff are registered: whoever can open the database acts as admin."""
    account: str
    """The asker's account; behind a sudo the one who called it."""
    role: Role
    members: tuple[StaffMember, ...]


@dataclass(frozen=True, slots=True)
class StaffChange:
    """What `staff add`, `remove` or `recover` has done."""

    account: str
    before: Role | None
    now: Role | None
    """None: the account has no role any more."""
    known_here: bool
    """Whether this machine knows an account of that name; on a server staff may work from another."""
    first_admin: str | None = None
    """The database was open until now; this account closed it and is its first admin."""
    shut_out: tuple[str, ...] = ()
    """Accounts that have worked here, or can open the file, and have no role now that it is closed."""
