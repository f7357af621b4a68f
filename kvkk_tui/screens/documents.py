"""Onay metni ve aydınlatma metni: what customers are shown, every version in every language with its SHA-256, kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from core import N_, NONE, ConsentText, Desk, SettingChange, TextKind
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, zone

NAMES = {TextKind.CONSENT: N_("Consent text"), TextKind.NOTICE: N_("Privacy notice")}
WIDE = 110
HASH = 16
"""Digits of a hash that the table shows; all stand below it."""


class DocumentsScreen(ListPage[ConsentText]):
    """Above the settings and above the list of consents: the newest version first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "open", N_("Edit"), id="documents.open", tooltip=N_("The text beside what customers read; an older one as a draft.")
        ),
        Binding("d", "reset", N_("Built-in one"), id="documents.reset", tooltip=N_("A new version that is the built-in text.")),
        Binding("escape,q", "leave", N_("Back"), id="documents.leave"),
    ]
    ROLES: ClassVar[dict[str, str]] = {"reset": "admin"}
    TELLS = True

    def key_of(self, row: ConsentText) -> Any:
        return row.kind, row.version, row.language

    def page(self, desk: Desk, after: None, limit: int) -> tuple[Sequence[ConsentText], None]:
        return [one for kind in TextKind for one in desk.consent.texts(desk.actor, kind)], None

    def columns(self, width: int) -> Sequence[Column[ConsentText]]:
        found = [
            Column[ConsentText](N_("Text"), 16, lambda row: Piece(_(NAMES[row.kind]), "text" if row.current else "dim")),
            Column[ConsentText](N_("Version"), 7, lambda row: Piece(str(row.version), "key"), right=True),
            Column[ConsentText](N_("Language"), 9, lambda row: Piece(forms().named("language", row.language))),
            Column[ConsentText](N_("State"), 12, _state),
            Column[ConsentText](N_("Origin"), 0, lambda row: Piece(_origin(row), "text" if row.built_in else "near")),
            Column[ConsentText](N_("Made"), 16, lambda row: Piece(forms().moment(row.made_at, zone()))),
        ]
        if width >= WIDE:
            found.append(Column[ConsentText](N_("By"), 24, lambda row: piece(row.made_by or NONE)))
            found.append(Column[ConsentText](N_("SHA-256"), HASH, lambda row: Piece(row.sha256[:HASH], "dim")))
        return found

    def about(self, lines: Lines, row: ConsentText) -> None:
        made = f"{forms().moment(row.made_at, zone())}, {row.made_by}" if row.made_by else _("not fixed yet: nobody has answered it")
        lines.fields(
            (
                (_("Made"), made),
                (_("Characters"), forms().whole(len(row.text))),
                ("SHA-256", row.sha256, "dim"),
                (_("Begins"), row.text.strip().partition("\n")[0]),
            )
        )

    def why_not(self, action: str) -> str | None:
        row = self.grid.row
        if action in ("open", "reset") and row is None:
            return _("There is no text here.")
        return None

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        from kvkk_tui.screens.document import DocumentScreen

        row = self.grid.row
        if row is not None:
            self.app.push_screen(DocumentScreen(row.kind, row.language, row.version))

    @work(group="verb")
    async def action_reset(self) -> None:
        row = self.grid.row
        if row is None:
            return
        kind = row.kind
        title = f"{_('Built-in one')} · {_(NAMES[kind])} · {self.console.standing.database}"
        question = _("The built-in text becomes a new version in both languages and counts from now on. The company's own text is kept.")
        if await self.confirm(title, question):
            await self.carry_out(lambda desk: desk.settings.reset(desk.actor, kind.setting), lambda done: changed(kind, done))
            await self.changed()

    def action_leave(self) -> None:
        self.dismiss()


def changed(kind: TextKind, done: SettingChange) -> str:
    """What became of a text, and what that means to others."""
    if done.now == done.before:
        return _("{text}: it reads so already; nothing was changed.").format(text=_(NAMES[kind]))
    said = [_("{text}: version {version} counts from now on.").format(text=_(NAMES[kind]), version=done.now)]
    if done.carried:
        some = forms().listed(forms().named("language", one) for one in done.carried)
        said.append(_("Not changed: {languages}. Change it too.").format(languages=some))
    if done.locked_out:
        said.append(_("{n} customers have not accepted and cannot use their account now.").format(n=done.locked_out))
    return " ".join(said)


def _state(row: ConsentText) -> Piece:
    return Piece(_("in force"), "good") if row.current else Piece(_("replaced"), "dim")


def _origin(row: ConsentText) -> str:
    return _("built in") if row.built_in else _("own text")
