"""The consent text or the notice in one language, being written: beside it what customers read, its SHA-256, and the versions.

What is saved is a new version. An older version can be opened as a draft: it counts again only as a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import ConsentText, TextKind, check_document, document_sha256
from kvkk_tui.drafting import DraftPage
from kvkk_tui.lines import Lines, Piece
from kvkk_tui.screens.documents import HASH, NAMES, changed
from kvkk_tui.words import _, forms, zone

if TYPE_CHECKING:
    from core import Desk


@dataclass(frozen=True)
class Checked:
    """A draft that may be kept."""

    text: str
    sha256: str


class DocumentScreen(DraftPage[Checked]):
    """One language; the other one is carried over unchanged, and that is said."""

    def __init__(self, kind: TextKind, spoken: str, version: int) -> None:
        super().__init__()
        self._kind, self._language, self._version = kind, spoken, version
        self._texts: Sequence[ConsentText] = ()
        self._renewed = False

    def read(self, desk: Desk) -> str:
        self._texts = desk.consent.texts(desk.actor, self._kind)
        self._renewed = self._kind is TextKind.CONSENT and desk.settings.get(desk.actor, "consent-renewal") == "on"
        return next((one.text for one in self._own() if one.version == self._version), "")

    def look(self, desk: Desk, text: str) -> Checked:
        plain = check_document(self._kind.setting, text)
        return Checked(plain, document_sha256(plain))

    def heading(self) -> str:
        draft = "" if self._is_current() else " · " + _("draft from version {version}").format(version=self._version)
        return f"{_(NAMES[self._kind])} · {forms().named('language', self._language)}{draft}"

    def draw(self, lines: Lines, seen: Checked) -> None:
        same = next((one.version for one in self._own() if one.sha256 == seen.sha256), None)
        known = _("the same as version {version}").format(version=same) if same is not None else _("a new version when it is saved")
        count = _("{n} characters").format(n=forms().whole(len(seen.text)))
        lines.text(f"{count}, {known}; SHA-256:", "text" if same is not None else "near")
        lines.text(seen.sha256, "dim")
        lines.title(_("What customers read"))
        lines.document(seen.text)

    def below(self, lines: Lines) -> None:
        if self._texts:
            lines.title(_("Versions"))
            lines.table((_("Version"), _("State"), _("Made"), "SHA-256"), [_row(one) for one in self._own()], right=(0,))

    def counts_now(self) -> str | None:
        return next((one.text for one in self._own() if one.current), None)

    async def save(self, text: str) -> None:
        kind, spoken = self._kind, self._language
        title = f"{_(NAMES[kind])} · {forms().named('language', spoken)} · {self.console.standing.database}"
        question = _("It becomes a new version and counts from now on. Every version is kept. The other language stays as it is.")
        if self._renewed:
            question += "\n" + _("Consent is renewed: whoever accepted an older version must accept this one.")
        if not await self.confirm(title, question):
            return
        done = await self.carry_out(
            lambda desk: desk.settings.set(desk.actor, kind.setting, text, spoken), lambda done: changed(kind, done), stays=True
        )
        if done is not None:
            self._version = int(done.now)
            self._texts = await self.lanes.quick(lambda desk: desk.consent.texts(desk.actor, kind))
            self._look()

    def _own(self) -> list[ConsentText]:
        """Versions in this language, newest first."""
        return [one for one in self._texts if one.language == self._language]

    def _is_current(self) -> bool:
        return any(one.current and one.version == self._version for one in self._texts)


def _row(one: ConsentText) -> tuple[str, Piece, str, str]:
    state = Piece(_("in force"), "good") if one.current else Piece(_("replaced"), "dim")
    return str(one.version), state, forms().moment(one.made_at, zone()), one.sha256[:HASH]
