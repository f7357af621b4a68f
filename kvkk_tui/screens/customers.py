"""Customers: found by a piece of their name, e-mail, phone or id; then everything about one, and acting on their behalf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from core import N_, NONE, CustomerRow, Desk
from kvkk_tui.lines import Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.bars import Told
from kvkk_tui.widgets.entry import Entry
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms

MOST = 500
"""Customers that are asked for at once."""


class CustomersScreen(ListPage[CustomerRow]):
    """What the search finds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open it"), id="customers.open"),
        Binding("slash", "search", N_("Search"), id="customers.search"),
        Binding("escape", "back", N_("To the list"), show=False, id="customers.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def body(self) -> Iterable[Widget]:
        yield Entry(id="find")
        yield Told(self._standing, id="filter")
        yield self.grid

    def begin(self) -> None:
        self._hint()
        self.lay_out()
        self.action_search()

    def _hint(self) -> None:
        self.query_one("#find", Entry).placeholder = _("Name, e-mail, phone or id; Enter searches")

    def spoken(self) -> None:
        super().spoken()
        self._hint()

    def _standing(self) -> list[tuple[str, bool]]:
        """What the line above the table says."""
        if not self._text:
            return [(_("Enter searches, Esc goes to the list, / comes back here"), False)]
        return [(_("search: {text}").format(text=self._text), True), (self.how_many(), False)]

    def came(self) -> None:
        self.query_one(Told).refresh()

    def action_search(self) -> None:
        entry = self.query_one("#find", Entry)
        entry.select_all()  # so that the next word takes the place of the last
        self.set_focus(entry)

    def action_back(self) -> None:
        self.set_focus(self.grid)

    @on(Input.Submitted, "#find")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._text = event.value.strip()
        self.restart()
        if self._text:
            self.set_focus(self.grid)

    def key_of(self, row: CustomerRow) -> str:
        return row.key

    @property
    def searches(self) -> bool:
        return True

    def page(self, desk: Desk, after: Any, limit: int) -> tuple[Sequence[CustomerRow], Any]:
        if not self._text:
            return (), None
        part = desk.customers.search(desk.actor, self._text, after, min(limit, MOST))
        return part.rows, part.onward

    def empty(self) -> Sequence[str]:
        if not self._text:
            return [_("Type a piece of a name, an e-mail address, a phone number or an id above.")]
        return [_("Nobody found.")] if self._read else [_("Searching…")]

    def columns(self, width: int) -> Sequence[Column[CustomerRow]]:
        some = [
            Column[CustomerRow](N_("Key"), 8, lambda row: piece(row.key, "key"), right=True),
            Column[CustomerRow](N_("Name"), 0, lambda row: piece(row.name)),
            Column[CustomerRow](N_("E-mail"), 30, lambda row: piece(row.email or NONE)),
        ]
        if width < 110:
            return [*some, Column[CustomerRow](N_("Svc"), 3, _running, right=True), Column[CustomerRow](N_("Inv"), 3, _owing, right=True)]
        return [
            *some,
            Column[CustomerRow](N_("Phone"), 16, lambda row: piece(row.phone or NONE)),
            Column[CustomerRow](N_("Service status"), 20, lambda row: Piece(forms().services(row.services))),
            Column[CustomerRow](N_("Invoice status"), 34, lambda row: piece(forms().invoices(row.invoices))),
        ]

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        from kvkk_tui.screens.customer import CustomerScreen

        row = self.grid.row
        if row is not None:
            self.app.push_screen(CustomerScreen(row.key))

    def why_not(self, action: str) -> str | None:
        return _("There is no customer here.") if action == "open" and self.grid.row is None else None


def _running(row: CustomerRow) -> Piece:
    return Piece(NONE, "dim") if row.services is None else Piece(str(row.services.active))


def _owing(row: CustomerRow) -> Piece:
    return Piece(NONE, "dim") if row.invoices is None else Piece(str(row.invoices.unpaid), "near" if row.invoices.unpaid else "dim")
