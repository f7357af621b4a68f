"""Bildirim Şablonları: the messages of each event in each language, and which of them are the company's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from core import N_, Desk, TemplateRow, TemplateView
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, language, zone


class TemplatesScreen(ListPage[TemplateRow]):
    """Above the settings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Edit"), id="templates.open", tooltip=N_("The text beside a preview of what it will read like.")),
        Binding("d", "reset", N_("Built-in one"), id="templates.reset", tooltip=N_("The built-in template counts again.")),
        Binding("escape,q", "leave", N_("Back"), id="templates.leave"),
    ]
    ROLES: ClassVar[dict[str, str]] = {"reset": "admin"}
    TELLS = True

    def key_of(self, row: TemplateRow) -> Any:
        return row.event, row.language

    def page(self, desk: Desk, after: None, limit: int) -> tuple[Sequence[TemplateRow], None]:
        return desk.templates.list(desk.actor), None

    def columns(self, width: int) -> Sequence[Column[TemplateRow]]:
        return [
            Column[TemplateRow](N_("Message"), 24, lambda row: Piece(forms().named("event", row.event))),
            Column[TemplateRow](N_("Language"), 9, lambda row: Piece(forms().named("language", row.language))),
            Column[TemplateRow](N_("For"), 9, lambda row: Piece(forms().named("recipient", "staff" if row.for_staff else "customer"))),
            Column[TemplateRow](N_("Subject"), 0, lambda row: piece(row.subject, "text" if row.is_default else "near")),
        ]

    def about(self, lines: Lines, row: TemplateRow) -> None:
        changed = _("built in") if row.is_default else f"{forms().moment(row.changed_at, zone())}, {row.changed_by}"
        lines.fields(((_("Name"), f"{row.event} {row.language}", "dim"), (_("Subject"), row.subject), (_("Changed"), changed)))

    def why_not(self, action: str) -> str | None:
        row = self.grid.row
        if action == "reset" and row is not None and row.is_default:
            return _("It is the built-in one already.")
        return None

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        from kvkk_tui.screens.template import TemplateScreen

        row = self.grid.row
        if row is not None:
            self.app.push_screen(TemplateScreen(row.event, row.language))

    @work(group="verb")
    async def action_reset(self) -> None:
        row = self.grid.row
        if row is None:
            return
        named = f"{forms().named('event', row.event)} ({forms().named('language', row.language)})"
        title = f"{_('Built-in one')} · {named} · {self.console.standing.database}"
        if await self.confirm(title, _("The company's own text is thrown away.")):
            await self.carry_out(lambda desk: desk.templates.reset(desk.actor, row.event, row.language, language()), changed)

    def action_leave(self) -> None:
        self.dismiss()


def changed(view: TemplateView) -> str:
    """What became of a template."""
    row = view.row
    told = _("{event} ({language}): the built-in template counts.") if row.is_default else _("{event} ({language}) is changed.")
    return told.format(event=forms().named("event", row.event), language=forms().named("language", row.language))
