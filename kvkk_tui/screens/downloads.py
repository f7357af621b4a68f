"""Who downloaded whose data: newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from core import N_, NONE, Desk, Download
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, zone

STYLES = {"done": "good", "broken": "bad", "started": "near"}


class DownloadsScreen(ListPage[Download]):
    """Every export of a customer's data."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "customer", N_("Customer"), id="downloads.customer", tooltip=N_("Everything about the customer.")),
    ]
    TELLS = True
    NOTHING = N_("Nobody's data were downloaded yet.")

    def key_of(self, row: Download) -> int:
        return row.id

    def page(self, desk: Desk, after: int | None, limit: int) -> tuple[Sequence[Download], int | None]:
        found = desk.downloads.list(desk.actor, after=after, limit=limit)
        return found.rows, found.cursor

    def columns(self, width: int) -> Sequence[Column[Download]]:
        always = [
            Column[Download](N_("Started"), 16, lambda row: Piece(forms().moment(row.started_at, zone()))),
            Column[Download](N_("Customer"), 10, _whose),
            Column[Download](N_("By"), 0, lambda row: piece(row.by)),
            Column[Download](N_("State"), 12, lambda row: Piece(forms().named("download", row.state), STYLES.get(row.state, "text"))),
            Column[Download](N_("Rows"), 7, lambda row: Piece("–" if row.rows is None else forms().whole(row.rows)), right=True),
            Column[Download](N_("Size"), 9, lambda row: Piece(forms().size(row.bytes)), right=True),
        ]
        if width >= 110:
            always.append(Column[Download](N_("Reason"), 30, lambda row: piece(row.reason or "–")))
        return always

    def about(self, lines: Lines, row: Download) -> None:
        asked = [
            forms().named("channel", row.channel) if row.channel else None,
            forms().day(row.received_on) if row.received_on else None,
            row.verified_by,
        ]
        lines.fields(
            (
                (_("By"), row.by),
                (_("Format"), f"{row.format}, {forms().size(row.bytes)}"),
                ("SHA-256", row.sha256 or NONE, "dim"),
                (_("Asked"), ", ".join(one for one in asked if one) or NONE),
                (_("Reason"), row.reason or NONE),
            )
        )

    def why_not(self, action: str) -> str | None:
        row = self.grid.row
        if action != "customer":
            return None
        if row is None:
            return _("There is no download here.")
        return _("The customer's data were erased.") if row.customer is None else None

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_customer()

    def action_customer(self) -> None:
        from kvkk_tui.screens.customer import CustomerScreen

        row = self.grid.row
        if row is not None and row.customer is not None:
            self.app.push_screen(CustomerScreen(row.customer))


def _whose(row: Download) -> Piece:
    return Piece(_("(erased)"), "dim") if row.customer is None else piece(row.customer, "key")
