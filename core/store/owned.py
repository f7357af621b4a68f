"""Rows of our own tables that belong to a customer: by the key while the customer is there, by a keyed token after an erase."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, or_

if TYPE_CHECKING:
    from core.store.keyring import Keyring

PURPOSE = "customer"
"""Purpose of the token in `subject`; whoever erases writes it with the same."""


def subjects(keyring: Keyring, customer: str) -> tuple[str, ...]:
    """The tokens that stand for an erased customer, one a key: the erase may lie before a rotation. None without a key file."""
    return tuple(key.token(PURPOSE, customer) for key in keyring.held())


def of(table: Table, customer: str | None, tokens: Collection[str]) -> ColumnElement[bool]:
    """Condition: rows of this customer, erased or not. An erased key that was given anew finds both persons' rows."""
    marks: list[Any] = []
    if customer is not None:
        marks.append(table.c.customer == customer)
    if tokens:
        marks.append(table.c.subject.in_(tokens))
    return or_(*marks) if marks else table.c.customer.in_(())


def known(subject: str | None) -> tuple[str, ...]:
    """The token of one row, for `of`."""
    return (subject,) if subject is not None else ()
