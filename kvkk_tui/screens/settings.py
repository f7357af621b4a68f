"""Ayarlar: every setting with its value, edited with the same checks as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from core import N_, NONE, SETTINGS, Desk, KvkkError, SettingChange, SettingRow, parse_setting
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.page import LONG_S
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, language, zone

KNOWN = {one.key: one for one in SETTINGS}


class SettingsScreen(ListPage[SettingRow]):
    """All settings. A wrong value is refused with the values that would be right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", N_("Change"), id="settings.edit"),
        Binding("d", "reset", N_("Default"), id="settings.reset", tooltip=N_("Back to the value that it has by itself.")),
        Binding("t", "templates", N_("Templates"), id="settings.templates", tooltip=N_("Texts of the messages, with a live preview.")),
        Binding("m", "texts", N_("Texts"), id="settings.texts", tooltip=N_("The consent text and the privacy notice, with every version.")),
    ]

    ROLES: ClassVar[dict[str, str]] = {"edit": "admin", "reset": "admin"}
    TELLS = True

    def key_of(self, row: SettingRow) -> str:
        return row.key

    def page(self, desk: Desk, after: int | None, limit: int) -> tuple[Sequence[SettingRow], int | None]:
        return desk.settings.list(desk.actor, language()), None

    def columns(self, width: int) -> Sequence[Column[SettingRow]]:
        return [
            Column[SettingRow](N_("Setting"), 38 if width < 110 else 52, lambda row: piece(row.label)),
            Column[SettingRow](N_("Value"), 0, _value),
            Column[SettingRow](N_("Name"), 24, lambda row: Piece(row.key, "dim")),
        ]

    def spoken(self) -> None:
        super().spoken()
        self.action_start()

    def about(self, lines: Lines, row: SettingRow) -> None:
        lines.text(_(KNOWN[row.key].about))
        lines.fields(((_("May be"), row.allowed), (_("Default"), _said(row.key, row.default))))
        if row.proposed is not None:
            told = _("{account} proposes {value}; it counts when another admin sets the same until {at}.")
            until = forms().moment(row.proposed.until, zone())
            lines.text(told.format(account=row.proposed.by, value=_said(row.key, row.proposed.value), at=until), "near")

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_edit()

    @work(exclusive=True, group="edit")
    async def action_edit(self) -> None:
        """Ask for a value; one that would be refused says so while it is typed."""
        row = self.grid.row
        if row is None:
            return
        known = KNOWN[row.key]
        if row.is_document:
            self.action_texts()
            return
        title = f"{row.label} · {self.console.standing.database}"
        wanted = ("on", "off") if known.kind == "switch" else known.choices
        if wanted:
            text = await self.choose(title, [(one, _said(row.key, one)) for one in wanted], row.value)
        else:
            question = f"{_(known.about)}\n{_('May be')}: {row.allowed}"
            text = await self.ask(title, question, row.value, needed=not known.optional, check=lambda text: _wrong(row, text))
        if text is not None:
            await self._set(row, lambda desk: desk.settings.set(desk.actor, row.key, text))

    def action_templates(self) -> None:
        from kvkk_tui.screens.templates import TemplatesScreen

        self.app.push_screen(TemplatesScreen())

    def action_texts(self) -> None:
        from kvkk_tui.screens.documents import DocumentsScreen

        self.app.push_screen(DocumentsScreen())

    @work(exclusive=True, group="edit")
    async def action_reset(self) -> None:
        """Back to the default."""
        row = self.grid.row
        if row is None:
            return
        if row.is_document:
            self.action_texts()  # a text is gone back to where all its versions stand
        else:
            await self._set(row, lambda desk: desk.settings.reset(desk.actor, row.key))

    async def _set(self, row: SettingRow, verb: Callable[[Desk], SettingChange]) -> None:
        try:
            done = await self.lanes.change(verb)
        except KvkkError as error:
            self.complain(error)
            return
        await self._changed_to(row, done)

    async def _changed_to(self, row: SettingRow, done: SettingChange) -> None:
        said = " ".join((f"{row.label}: {_said(row.key, done.now)}", *_consequences(done)))
        grave = bool(done.locked_out or done.proposed or done.stale or done.approvers is not None)
        self.console.tell(said, severity="warning" if grave else "information", timeout=LONG_S if grave else None)
        await self.console.moved()
        await self.changed()

    def why_not(self, action: str) -> str | None:
        row = self.grid.row
        if action == "reset" and row is not None and row.is_default:
            return _("It has its default value.")
        return None


def _consequences(done: SettingChange) -> Iterator[str]:
    """What the change means to others, or what it waits for."""
    if done.proposed is not None:
        day = forms().moment(done.proposed.until, zone())
        yield _("Nothing has changed yet: another admin must set the same until {at}.").format(at=day)
    if done.withdrawn is not None:
        told = _("What {account} had proposed, {key} = {value}, is off the table.")
        yield told.format(account=done.withdrawn.by, key=done.key, value=done.withdrawn.value)
    if done.approvers is not None:
        told = _("From now on somebody else approves a permanent erase before it is carried out. Members of staff who may: {count}.")
        yield told.format(count=done.approvers)
    if done.locked_out is not None:
        yield _("{n} customers have not accepted and cannot use their account now.").format(n=done.locked_out)
    if done.stale:
        yield _("The built-in texts do not name the company as it is named now: the key m, then d, makes a new version.")


def _value(row: SettingRow) -> Piece:
    return piece(_said(row.key, row.value), "dim" if row.is_default else "near")


def _said(key: str, value: str) -> str:
    """A value as it is read; a switch is on or off in the language."""
    if KNOWN[key].kind == "switch":
        return _("on") if value == "on" else _("off")
    return value or NONE


def _wrong(row: SettingRow, text: str) -> str | None:
    """What is wrong with a value. An empty one unsets."""
    try:
        parse_setting(row.key, text or "unset")
    except KvkkError:
        return "✗ " + _("This cannot be set. Possible: {allowed}").format(allowed=row.allowed)
    return None
