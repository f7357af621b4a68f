"""The audit chain: newest first, each entry in full, and the check of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core import N_, AuditEntry, Desk, KvkkError
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column
from kvkk_tui.words import _, forms, zone


class AuditScreen(ListPage[AuditEntry]):
    """Who did what, without personal data; nothing here is ever edited."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "verify", N_("Verify the chain"), id="audit.verify", tooltip=N_("From the first entry to the last.")),
        Binding("n", "anchor", N_("Anchor"), id="audit.anchor", tooltip=N_("The end of the chain, to be kept elsewhere.")),
        Binding("p", "reports", N_("Reports"), id="audit.reports", tooltip=N_("Periodic destruction reports.")),
    ]

    TELLS = True

    def __init__(self) -> None:
        super().__init__()
        self._said: tuple[str, str] = ("", "text")

    def key_of(self, row: AuditEntry) -> int:
        return row.seq

    def page(self, desk: Desk, after: int | None, limit: int) -> tuple[Sequence[AuditEntry], int | None]:
        found = desk.audit.list(desk.actor, after=after, limit=limit)
        return found.rows, found.cursor

    def columns(self, width: int) -> Sequence[Column[AuditEntry]]:
        return [
            Column[AuditEntry](N_("Entry"), 7, lambda row: Piece(str(row.seq), "key"), right=True),
            Column[AuditEntry](N_("When"), 16, lambda row: Piece(forms().moment(row.at, zone()))),
            Column[AuditEntry](N_("What"), 20, lambda row: piece(row.verb)),
            Column[AuditEntry](N_("Request"), 8, lambda row: Piece("–" if row.request is None else str(row.request)), right=True),
            Column[AuditEntry](N_("By"), 0, lambda row: piece(row.actor)),
        ]

    def about(self, lines: Lines, row: AuditEntry) -> None:
        if self._said[0]:
            lines.text(*self._said)
            lines.blank()
        lines.fields(((_("Hash"), row.hash, "dim"), (_("Detail"), row.detail)))

    @work(exclusive=True, group="verify")
    async def action_verify(self) -> None:
        """Walk the chain; what is found stands above the entry."""
        self._tell(_("The chain is being verified…"), "dim")
        try:
            found = await self.lanes.work(lambda desk: desk.audit.verify(desk.actor))
        except KvkkError as error:
            from kvkk_tui.words import told

            what, then = told(error)
            self._tell(f"✗ {what} {then}", "bad")
            self.complain(error)
            return
        said = _("The chain is unbroken: {n} entries. Without a checkpoint kept elsewhere its end cannot be vouched for.")
        self._tell("✓ " + said.format(n=forms().whole(found.entries)), "good")

    @work(exclusive=True, group="verify")
    async def action_anchor(self) -> None:
        """Show the checkpoint of the end of the chain."""
        try:
            found = await self.lanes.quick(lambda desk: desk.audit.anchor(desk.actor))
        except KvkkError as error:
            self.complain(error)
            return
        self._tell(_("Keep this elsewhere: {checkpoint}").format(checkpoint=found), "near")

    def action_reports(self) -> None:
        from kvkk_tui.screens.reports import ReportsScreen

        self.app.push_screen(ReportsScreen())

    def _tell(self, text: str, style: str) -> None:
        self._said = (text, style)
        self.tell_again()
