"""Who may call a verb: every public verb of a service says which role it needs, and is refused before anything else happens.

Verbs of the customers themselves ask for no role but for a `Visitor`: staff cannot come in by them, nor a visitor by those of staff.
One verb asks for more than a role: `staff recover`, which is for the machine's root when no admin can help.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from core.errors import NotAllowed
from core.model.records import Role, Visitor

if TYPE_CHECKING:
    from core.model.records import Actor
    from core.services.context import Context

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Service(Protocol):
    """Whatever holds a context."""

    _context: Context


Self = TypeVar("Self", bound=Service)
Verb = Callable[Concatenate[Self, "Actor", Arguments], Answer]
CustomersVerb = Callable[Concatenate[Self, Visitor, Arguments], Answer]
ROLE = "needs_role"
"""Attribute of a verb that names its role, for lists and tests."""
CUSTOMER = "customer"
"""What stands there for a verb of the customers themselves: no role opens it."""
ROOT = "root"
"""What stands there for the verb that is root's."""


def needs(role: Role) -> Callable[[Verb[Self, Arguments, Answer]], Verb[Self, Arguments, Answer]]:
    """A verb for staff of this role or a higher one. Raises NotAllowed `role-too-low`, `not-staff` before its first step."""

    def gated(verb: Verb[Self, Arguments, Answer]) -> Verb[Self, Arguments, Answer]:
        @wraps(verb)
        def carried_out(self: Self, actor: Actor, /, *args: Arguments.args, **more: Arguments.kwargs) -> Answer:
            self._context.permit(actor, role)
            return verb(self, actor, *args, **more)

        marked: Any = carried_out
        setattr(marked, ROLE, role)
        return carried_out

    return gated


def for_customers(verb: CustomersVerb[Self, Arguments, Answer]) -> CustomersVerb[Self, Arguments, Answer]:
    """A verb of customers, at a front of theirs. Raises NotAllowed `only-customers` for staff, whatever their role."""

    @wraps(verb)
    def carried_out(self: Self, visitor: Visitor, /, *args: Arguments.args, **more: Arguments.kwargs) -> Answer:
        if not isinstance(visitor, Visitor):
            raise NotAllowed("only-customers")
        return verb(self, visitor, *args, **more)

    marked: Any = carried_out
    setattr(marked, ROLE, CUSTOMER)
    return carried_out


def root_only(verb: Verb[Self, Arguments, Answer]) -> Verb[Self, Arguments, Answer]:
    """A verb for the machine's root, with or without a role. Raises NotAllowed `recover-needs-root` before its first step."""

    @wraps(verb)
    def carried_out(self: Self, actor: Actor, /, *args: Arguments.args, **more: Arguments.kwargs) -> Answer:
        if not actor.is_root:
            raise NotAllowed("recover-needs-root", account=actor.person)
        return verb(self, actor, *args, **more)

    marked: Any = carried_out
    setattr(marked, ROLE, ROOT)
    return carried_out
