"""Customers: found by a piece of their name, e-mail, phone or id; then everything about one, and acting on their behalf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from core import N_, NONE, CustomerRow, Desk
from kvkk_tui.lines import Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.entry import Entry
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms

MOST = 200


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

    def action_search(self) -> None:
        self.set_focus(self.query_one("#find"))

    def action_back(self) -> None:
        self.set_focus(self.grid)

    @on(Input.Submitted, "#find")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._text = event.value.strip()
        self._read = False
        self.grid.show((), 0, 0)
        if self._text:
            self.action_start()
            self.set_focus(self.grid)

    def key_of(self, row: CustomerRow) -> str:
        return row.key

    def page(self, desk: Desk, after: int | None, limit: int) -> tuple[Sequence[CustomerRow], int | None]:
        text = self._text
        return (desk.customers.find(desk.actor, text, MOST) if text else ()), None

    async def changed(self) -> None:
        if self._text:
            await super().changed()
            if len(self.grid.rows) == MOST:
                self.console.tell(_("More than {n} customers fit; only these are shown. Say more of the name.").format(n=MOST))

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
            Column[CustomerRow](N_("Service status"), 18, lambda row: Piece(forms().services(row.services))),
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
