"""One template: its text beside a live preview with a made-up request, and the fields that it may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import TemplatePreview, TemplateView
from kvkk_tui.drafting import DraftPage
from kvkk_tui.lines import Lines
from kvkk_tui.screens.templates import changed
from kvkk_tui.words import _, forms, language

if TYPE_CHECKING:
    from core import Desk


class TemplateScreen(DraftPage[TemplatePreview]):
    """What would not render is refused, with its line, while it is written."""

    def __init__(self, event: str, spoken: str) -> None:
        super().__init__()
        self._event, self._language = event, spoken
        self._view: TemplateView | None = None

    def read(self, desk: Desk) -> str:
        self._view = desk.templates.show(desk.actor, self._event, self._language, language())
        return self._view.text

    def look(self, desk: Desk, text: str) -> TemplatePreview:
        return desk.templates.preview(desk.actor, self._event, self._language, text)

    def heading(self) -> str:
        return f"{forms().named('event', self._event)} ({forms().named('language', self._language)})"

    def draw(self, lines: Lines, seen: TemplatePreview) -> None:
        lines.text(seen.subject, "head")
        lines.blank()
        lines.document(seen.body)

    def below(self, lines: Lines) -> None:
        if self._view is not None:
            lines.title(_("Fields"))
            rows = [(one.name, "✓" if one.needed else "", one.about) for one in self._view.fields]
            lines.table((_("Field"), _("Needed"), _("What it says")), rows)

    def counts_now(self) -> str | None:
        return self._view.text if self._view is not None else None

    async def save(self, text: str) -> None:
        event, spoken, ours = self._event, self._language, language()
        view = await self.carry_out(lambda desk: desk.templates.edit(desk.actor, event, spoken, text, ours), changed)
        if view is not None:
            self._view = view
