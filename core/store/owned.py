"""Rows of our own tables that belong to a customer: by the key while the customer is there, by a keyed token after an erase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, or_

if TYPE_CHECKING:
    from core.store.keyring import Keyring

PURPOSE = "customer"
"""Purpose of the token in `subject`; whoever erases writes it with the same."""


def subject(keyring: Keyring, customer: str) -> str | None:
    """The token that stands for an erased customer; None while there is no key file, when nobody was erased yet."""
    key = keyring.if_present()
    return key.token(PURPOSE, customer) if key else None


def of(table: Table, customer: str | None, token: str | None) -> ColumnElement[bool]:
    """Condition: rows of this customer, erased or not. An erased key that was given anew finds both persons' rows."""
    marks: list[Any] = []
    if customer is not None:
        marks.append(table.c.customer == customer)
    if token is not None:
        marks.append(table.c.subject == token)
    return or_(*marks) if marks else table.c.customer.in_(())
