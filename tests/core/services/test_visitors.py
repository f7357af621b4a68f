"""Customers' own verbs are no way in for staff, and staff's are none for customers."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import NotAllowed
from core.model.records import Actor, Role, Visitor
from core.services.gate import CUSTOMER, ROLE, for_customers, needs

VISITOR = Visitor("panel", "web.example", address="203.0.113.7")


class Counter:
    """A service with one verb of each sort."""

    def __init__(self, context: Any) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def staff(self, actor: Actor) -> str:
        return str(actor)

    @for_customers
    def customers(self, visitor: Visitor) -> str:
        return str(visitor)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_visitor_has_no_role_even_where_everybody_is_admin(desk: Any) -> None:
    """The sample has no staff: whoever can open it acts as admin, but for customers."""
    service = Counter(desk.context)
    assert service.staff(Actor("ayse", "desk.example")) == "ayse@desk.example"
    with pytest.raises(NotAllowed, match="only-staff"):
        service.staff(VISITOR)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_staff_cannot_act_as_a_customer(desk: Any) -> None:
    service = Counter(desk.context)
    assert service.customers(VISITOR) == "panel@web.example"
    with pytest.raises(NotAllowed, match="only-customers"):
        service.customers(Actor("panel", "web.example"))  # type: ignore[arg-type]
    assert getattr(Counter.customers, ROLE) == CUSTOMER


def test_the_address_of_a_visitor_stands_in_no_text() -> None:
    assert VISITOR.address not in f"{VISITOR} {VISITOR!r}"
