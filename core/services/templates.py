"""Templates of messages (Bildirim Şablonları): read, changed, tried on a made-up request. What would not render is not kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.adapters import notice
from core.locale import translator
from core.model import notices
from core.model.certificate import Controller
from core.model.records import Actor, Role, TemplateField, TemplatePreview, TemplateRow, TemplateView
from core.services.context import persistent
from core.services.gate import needs
from core.store import templates

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context


class Templates:
    """The verbs of `kvkk templates`. `spoken` is the language in which the fields are explained."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor) -> tuple[TemplateRow, ...]:
        """Every event in every language."""
        with self._context.reading() as conn:
            return templates.rows(conn)

    @needs(Role.VIEWER)
    def show(self, actor: Actor, event: str, language: str, spoken: str | None = None) -> TemplateView:
        """One template, with the fields that it may name. Raises NotFound `template-not-found`, UsageError."""
        of, language = notices.event(event), notices.language(language)
        with self._context.reading() as conn:
            return self._view(conn, of, language, spoken)

    @needs(Role.ADMIN)
    @persistent
    def edit(self, actor: Actor, event: str, language: str, text: str, spoken: str | None = None) -> TemplateView:
        """Keep what somebody wrote: `Subject: …`, a blank line, the body. Raises NotFound, UsageError `template-…` with the line."""
        of, language = notices.event(event), notices.language(language)
        template = notices.read(of, text)
        with self._context.writing(actor) as unit:
            templates.set_own(unit, of.name, language, template)
            unit.record("template.edit", None, event=of.name, language=language)
            return self._view(unit.conn, of, language, spoken)

    @needs(Role.ADMIN)
    @persistent
    def reset(self, actor: Actor, event: str, language: str, spoken: str | None = None) -> TemplateView:
        """Back to the built-in one; nothing happens where it counts already. Raises NotFound, UsageError."""
        of, language = notices.event(event), notices.language(language)
        with self._context.writing(actor) as unit:
            if templates.drop_own(unit, of.name, language):
                unit.record("template.reset", None, event=of.name, language=language)
            return self._view(unit.conn, of, language, spoken)

    @needs(Role.VIEWER)
    def preview(self, actor: Actor, event: str, language: str, text: str | None = None) -> TemplatePreview:
        """A template filled with a made-up request: the one that counts, or `text` before it is kept. Raises as `edit`."""
        of, language = notices.event(event), notices.language(language)
        own = None if text is None else notices.read(of, text)
        with self._context.reading() as conn:
            template = own or templates.load(conn, of.name, language)
            setting = self._context.settings.reader(conn)
            facts = notice.sample(of, language, self._context.today(conn))
        controller = Controller.read(setting)
        known = replace(controller, name=controller.name or translator(language)(notice.NO_COMPANY))
        written = notices.fill(template, notice.values(of, facts, language, known, ZoneInfo(setting("timezone"))))
        return TemplatePreview(of.name, language, written.subject, written.body)

    def _view(self, conn: Connection, of: notices.Event, language: str, spoken: str | None) -> TemplateView:
        template = templates.load(conn, of.name, language)
        row = next(row for row in templates.rows(conn) if (row.event, row.language) == (of.name, language))
        _ = translator(spoken or language)
        fields = (
            TemplateField(f"${name}", _(notices.FIELDS[name]), name in of.needed, name in notices.SUBJECT_FIELDS) for name in of.fields
        )
        return TemplateView(row, template.body, template.text(language), tuple(fields))
