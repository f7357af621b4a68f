"""Who downloaded whose data: newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from core import N_, Desk, Download
from kvkk_tui.lines import Piece, piece
from kvkk_tui.listing import PAGE, ListPage
from kvkk_tui.widgets.grid import Column
from kvkk_tui.words import _, forms, zone

STYLES = {"done": "good", "broken": "bad", "started": "near"}


class DownloadsScreen(ListPage[Download]):
    """Every export of a customer's data."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "start", N_("Refresh"), id="downloads.refresh")]

    def action_start(self) -> None:
        self.start()

    def key_of(self, row: Download) -> int:
        return row.id

    def page(self, desk: Desk, after: int | None) -> tuple[Sequence[Download], int | None]:
        found = desk.downloads.list(desk.actor, after=after, limit=PAGE)
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


def _whose(row: Download) -> Piece:
    return Piece(_("(erased)"), "dim") if row.customer is None else piece(row.customer, "key")
