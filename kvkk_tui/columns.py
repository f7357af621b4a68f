"""The queue's columns: few words where the terminal is narrow, whole sentences where it is wide."""

from __future__ import annotations

from collections.abc import Sequence

from core import N_, NONE, OPEN_STATES, RequestRow, State
from kvkk_tui.lines import Piece, piece
from kvkk_tui.widgets.grid import Column
from kvkk_tui.words import _, forms

WIDE = 118
"""Cells from which services and invoices are told in words."""
SHORT = {"anonymise": N_("Anonymise"), "erase": N_("Erase")}


def urgency(row: RequestRow, near: int) -> str:
    """Style of a request's deadline."""
    if row.state not in ("pending", "approved"):
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


def columns(width: int, digits: int, near: int, states: Sequence[State]) -> tuple[Column[RequestRow], ...]:
    """For a grid of so many cells; `digits` of the longest number; `states` that the filter lets through."""
    names = [forms().named("state", state) for state in states or tuple(State)]
    found = [
        Column[RequestRow](N_("No"), max(digits, 3), lambda row: Piece(str(row.number), "key"), right=True),
        Column[RequestRow](N_("Customer"), 0, whose),
        Column[RequestRow](N_("Type"), 9, lambda row: Piece(_(SHORT.get(row.kind, row.kind)))),
        Column[RequestRow](N_("Received"), 10, lambda row: Piece(forms().day(row.received_on))),
    ]
    if not states or set(states) & set(OPEN_STATES):  # what is decided has no time left
        found.append(Column[RequestRow](N_("Time left"), 17, lambda row: left(row, near)))
    if width < WIDE:
        found.append(Column[RequestRow](N_("Svc"), 3, _running, right=True))
        found.append(Column[RequestRow](N_("Inv"), 3, _owing, right=True))
    else:
        found.append(Column[RequestRow](N_("Service status"), 20, lambda row: Piece(forms().services(row.services))))
        found.append(Column[RequestRow](N_("Invoice status"), 40, lambda row: piece(forms().invoices(row.invoices))))
    found.append(Column[RequestRow](N_("State"), max(map(len, names)), lambda row: Piece(forms().named("state", row.state))))
    return tuple(found)


def _running(row: RequestRow) -> Piece:
    if row.services is None:
        return Piece(NONE, "dim")
    return Piece(str(row.services.active), "text" if row.services.active else "dim")


def _owing(row: RequestRow) -> Piece:
    if row.invoices is None:
        return Piece(NONE, "dim")
    return Piece(str(row.invoices.unpaid), "near" if row.invoices.unpaid else "dim")
