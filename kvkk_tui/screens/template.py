"""One template: its text beside a live preview with a made-up request, and the fields that it may name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from core import N_, KvkkError, TemplatePreview, TemplateView
from kvkk_tui.lines import Lines
from kvkk_tui.page import Page
from kvkk_tui.screens.templates import changed
from kvkk_tui.widgets.draft import Draft
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms, language, told

CALM_S = 0.25
"""Time without a letter before the preview is made anew."""
SIDE_BY_SIDE = 110


class TemplateScreen(Page):
    """What would not render is refused, with its line, while it is written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("Save"), id="template.save"),
        Binding("f3", "other", N_("Preview"), id="template.other", tooltip=N_("From the text to its preview and back.")),
        Binding("escape", "leave", N_("Back"), id="template.leave"),
    ]
    ROLES: ClassVar[dict[str, str]] = {"save": "admin"}

    def __init__(self, event: str, spoken: str) -> None:
        super().__init__()
        self._event, self._language = event, spoken
        self._view: TemplateView | None = None
        self._seen: TemplatePreview | KvkkError | None = None
        self._calm: Timer | None = None

    def body(self) -> Iterable[Widget]:
        yield Container(Draft(id="draft"), Sheet(self._draw, id="rendered"), id="editor")

    def on_mount(self) -> None:
        self._lay_out()
        self.query_one(Draft).focus()
        self._read()

    def on_resize(self, _event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self.query_one("#editor").set_class(self.size.width >= SIDE_BY_SIDE, "-wide")

    @work(exclusive=True, group="detail")
    async def _read(self) -> None:
        event, spoken, ours = self._event, self._language, language()
        try:
            self._view = await self.lanes.quick(lambda desk: desk.templates.show(desk.actor, event, spoken, ours))
        except KvkkError as error:
            self.complain(error)
            return
        self.query_one(Draft).put(self._view.text)
        self._look()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(CALM_S, self._look)

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        """Make the preview of what is written now."""
        event, spoken, text = self._event, self._language, self.query_one(Draft).text
        try:
            self._seen = await self.lanes.quick(lambda desk: desk.templates.preview(desk.actor, event, spoken, text))
        except KvkkError as error:
            self._seen = error
        self.query_one(Sheet).again()
        self.refresh_bindings()

    def _draw(self, lines: Lines) -> None:
        lines.text(f"{forms().named('event', self._event)} ({self._language})", "title")
        if isinstance(self._seen, KvkkError):
            what, then = told(self._seen)
            lines.text("✗ " + what, "bad")
            lines.text(then, "near", indent=2)
        elif self._seen is not None:
            lines.text(self._seen.subject, "head")
            lines.blank()
            lines.document(self._seen.body)
        if self._view is not None:
            lines.title(_("Fields"))
            rows = [(one.name, "✓" if one.needed else "", one.about) for one in self._view.fields]
            lines.table((_("Field"), _("Needed"), _("What it says")), rows)

    def why_not(self, action: str) -> str | None:
        if action != "save":
            return None
        if isinstance(self._seen, KvkkError):
            return told(self._seen)[0]
        return None if self._is_changed else _("Nothing was changed.")

    @property
    def _is_changed(self) -> bool:
        return self._view is not None and self.query_one(Draft).text.strip() != self._view.text.strip()

    def action_other(self) -> None:
        draft, sheet = self.query_one(Draft), self.query_one(Sheet)
        (sheet if draft.has_focus else draft).focus()

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        event, spoken, text, ours = self._event, self._language, self.query_one(Draft).text, language()
        view = await self.carry_out(lambda desk: desk.templates.edit(desk.actor, event, spoken, text, ours), changed)
        if view is not None:
            self._view = view
            self.refresh_bindings()

    @work(exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """What was written and not saved is thrown away only on purpose."""
        if self._is_changed and not await self.confirm(_("Back"), _("What you wrote is not saved. Throw it away?")):
            return
        self.dismiss()
