"""Ayarlar: every setting with its value, edited with the same checks as everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from core import N_, SETTINGS, Desk, KvkkError, SettingChange, SettingRow
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, language, told

KNOWN = {one.key: one for one in SETTINGS}


class SettingsScreen(ListPage[SettingRow]):
    """All settings. A wrong value is refused with the values that would be right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", N_("Change"), id="settings.edit"),
        Binding("d", "reset", N_("Default"), id="settings.reset", tooltip=N_("Back to the value that it has by itself.")),
        Binding("r", "start", N_("Refresh"), show=False, id="settings.refresh"),
    ]

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.grid, Sheet(self._draw, id="entry"))

    def action_start(self) -> None:
        self.start()

    def key_of(self, row: SettingRow) -> str:
        return row.key

    def page(self, desk: Desk, after: int | None) -> tuple[Sequence[SettingRow], int | None]:
        return desk.settings.list(desk.actor, language()), None

    def columns(self, width: int) -> Sequence[Column[SettingRow]]:
        return [
            Column[SettingRow](N_("Setting"), 38 if width < 110 else 52, lambda row: piece(row.label)),
            Column[SettingRow](N_("Value"), 0, _value),
            Column[SettingRow](N_("Name"), 24, lambda row: Piece(row.key, "dim")),
        ]

    def spoken(self) -> None:
        super().spoken()
        self.start()

    @on(Grid.Moved)
    def _moved(self, event: Grid.Moved) -> None:
        event.stop()
        self.query_one(Sheet).again()

    def _draw(self, lines: Lines) -> None:
        row = self.grid.row
        if row is not None:
            lines.text(_(KNOWN[row.key].about))
            lines.fields(((_("May be"), row.allowed), (_("Default"), row.default or "–")))

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_edit()

    @work(exclusive=True, group="edit")
    async def action_edit(self) -> None:
        """Ask until the value is right or the question is left."""
        row = self.grid.row
        if row is None:
            return
        known = KNOWN[row.key]
        title, value = f"{row.label} · {self.console.standing.database}", row.value
        question = f"{_(known.about)}\n{_('May be')}: {row.allowed}"
        wanted = ("on", "off") if known.kind == "switch" else known.choices
        while True:
            if wanted:
                text = await self.choose(title, [(one, one) for one in wanted], value)
            else:
                text = await self.ask(title, question, value, needed=not known.optional)
            if text is None:
                return
            try:
                done = await self.lanes.change(lambda desk, text=text: desk.settings.set(desk.actor, row.key, text))  # type: ignore[misc]
            except KvkkError as error:
                question, value = " ".join(told(error)), text
                self.complain(error)
                continue
            await self._changed_to(row, done)
            return

    @work(exclusive=True, group="edit")
    async def action_reset(self) -> None:
        """Back to the default."""
        row = self.grid.row
        if row is None:
            return
        try:
            done = await self.lanes.change(lambda desk: desk.settings.reset(desk.actor, row.key))
        except KvkkError as error:
            self.complain(error)
            return
        await self._changed_to(row, done)

    async def _changed_to(self, row: SettingRow, done: SettingChange) -> None:
        said = f"{row.label}: {done.now or '–'}"
        if done.locked_out is not None:
            said += " " + _("{n} customers have not accepted and cannot use their account now.").format(n=done.locked_out)
        self.console.tell(said, severity="warning" if done.locked_out else "information")
        await self.console.settings_changed()
        await self.changed()

    def why_not(self, action: str) -> str | None:
        row = self.grid.row
        if action == "reset" and row is not None and row.is_default:
            return _("It has its default value.")
        return None


def _value(row: SettingRow) -> Piece:
    return piece(row.value or "–", "dim" if row.is_default else "near")
