"""The queue's columns: few words where the terminal is narrow, whole sentences where it is wide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core import N_, NONE
from kvkk_tui.lines import Piece, piece
from kvkk_tui.sift import OPEN
from kvkk_tui.widgets.grid import Column
from kvkk_tui.words import _, forms

if TYPE_CHECKING:
    from core import RequestRow

WIDE = 118
"""Cells from which services and invoices are told in words."""
EVERY = (*OPEN, "resolved", "rejected", "cancelled")
"""Names of states."""
SHORT = {"anonymise": N_("Anonymise"), "erase": N_("Erase")}


def urgency(row: RequestRow, near: int) -> str:
    """Style of a request's deadline."""
    if row.state not in OPEN:
        return "dim"
    return "bad" if row.days_left < 0 else "near" if row.days_left <= near else "text"


def left(row: RequestRow, near: int) -> Piece:
    """Days left: a sign, words and a colour, so that none of them is needed."""
    style = urgency(row, near)
    if style == "dim":
        return Piece(NONE, "dim")
    if row.days_left == 0:
        return Piece("! " + _("due today"), "near")
    sign = {"bad": "⚠ ", "near": "! "}.get(style, "  ")
    return Piece(sign + forms().days_left(row), style)


def whose(row: RequestRow) -> Piece:
    """The customer's name; the key where there is no name; after an erase, that."""
    if row.customer is None:
        return Piece(_("(erased)"), "dim")
    return piece(row.customer_name or row.customer)


def columns(width: int, digits: int, near: int, states: Sequence[str]) -> tuple[Column[RequestRow], ...]:
    """For a grid of so many cells; `digits` of the longest number; `states` that the filter lets through, none: every one."""
    names = [forms().named("state", state) for state in states or EVERY]
    found = [
        _column(N_("No"), max(digits, 3), lambda row: Piece(str(row.number), "key"), right=True),
        _column(N_("Customer"), 0, whose),
        _column(N_("Type"), 9, lambda row: Piece(_(SHORT.get(row.kind, row.kind)))),
        _column(N_("Received"), 10, lambda row: Piece(forms().day(row.received_on))),
    ]
    if not states or set(states) & set(OPEN):  # what is decided has no time left
        found.append(_column(N_("Time left"), 17, lambda row: left(row, near)))
    if width < WIDE:
        found.append(_column(N_("Svc"), 3, _running, right=True))
        found.append(_column(N_("Inv"), 3, _owing, right=True))
    else:
        found.append(_column(N_("Service status"), 20, lambda row: Piece(forms().services(row.services))))
        found.append(_column(N_("Invoice status"), 40, lambda row: piece(forms().invoices(row.invoices))))
    found.append(_column(N_("State"), max(map(len, names)), lambda row: Piece(forms().named("state", row.state))))
    return tuple(found)


def _column(title: str, width: int, cell: Callable[[RequestRow], Piece], *, right: bool = False) -> Column[RequestRow]:
    return Column(title, width, cell, right)


def _running(row: RequestRow) -> Piece:
    if row.services is None:
        return Piece(NONE, "dim")
    return Piece(str(row.services.active), "text" if row.services.active else "dim")


def _owing(row: RequestRow) -> Piece:
    if row.invoices is None:
        return Piece(NONE, "dim")
    return Piece(str(row.invoices.unpaid), "near" if row.invoices.unpaid else "dim")
