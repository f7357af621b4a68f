"""Periyodik imha raporları: what was destroyed in each period, as the regulation asks for it (art. 11), without personal data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from core import N_, Desk, ReportRow
from kvkk_tui.lines import Piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, zone


class ReportsScreen(ListPage[ReportRow]):
    """Above the audit, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Read it"), id="reports.open"),
        Binding("escape,q", "leave", N_("Back"), id="reports.leave"),
    ]
    NOTHING = N_("No report yet: `kvkk run` writes one when it is due.")

    def key_of(self, row: ReportRow) -> int:
        return row.number

    def page(self, desk: Desk, after: None, limit: int) -> tuple[Sequence[ReportRow], None]:
        return desk.reports.list(desk.actor), None

    def columns(self, width: int) -> Sequence[Column[ReportRow]]:
        return [
            Column[ReportRow](N_("No"), 5, lambda row: Piece(str(row.number), "key"), right=True),
            Column[ReportRow](N_("From"), 12, lambda row: Piece(forms().day(row.since))),
            Column[ReportRow](N_("To"), 12, lambda row: Piece(forms().day(row.until - timedelta(days=1)))),
            Column[ReportRow](N_("Made"), 0, lambda row: Piece(forms().moment(row.made_at, zone()))),
        ]

    def why_not(self, action: str) -> str | None:
        return _("There is no report here.") if action == "open" and self.grid.row is None else None

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        from kvkk_tui.screens.paper import PaperScreen

        row = self.grid.row
        if row is not None:
            self.app.push_screen(PaperScreen(row.number, "report"))

    def action_leave(self) -> None:
        self.dismiss()
