"""Templates of messages: the company's own where there is one, else the built-in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select

from core.locale import LANGUAGES
from core.locale.templates import built_in
from core.model.notices import EVENTS, Template
from core.model.records import TemplateRow
from core.store import tables
from core.store.upsert import keep

if TYPE_CHECKING:
    from core.store.engine import Unit

_BOOK = tables.templates


def load(conn: Connection, event: str, language: str) -> Template:
    """The template that counts now."""
    row = conn.execute(select(_BOOK.c.subject, _BOOK.c.body).where(_BOOK.c.event == event, _BOOK.c.language == language)).one_or_none()
    return Template(row.subject, row.body) if row else original(event, language)


def original(event: str, language: str) -> Template:
    """The built-in one."""
    return Template(*built_in(event, language))


def rows(conn: Connection) -> tuple[TemplateRow, ...]:
    """Every event in every language, whether it is the company's own, since when and by whom."""
    own = {(row.event, row.language): row for row in conn.execute(select(_BOOK))}
    found = []
    for event in EVENTS.values():
        for language in LANGUAGES:
            row = own.get((event.name, language))
            subject = row.subject if row else original(event.name, language).subject
            changed = (row.changed_at, row.changed_by) if row else (None, None)
            found.append(TemplateRow(event.name, language, event.staff, subject, row is None, *changed))
    return tuple(found)


def set_own(unit: Unit, event: str, language: str, template: Template) -> None:
    """From now on this one counts."""
    fresh = {"subject": template.subject, "body": template.body, "changed_at": unit.at, "changed_by": str(unit.actor)}
    keep(unit.conn, _BOOK, {"event": event, "language": language}, fresh)


def drop_own(unit: Unit, event: str, language: str) -> bool:
    """Back to the built-in one; False when it counted already."""
    return unit.conn.execute(delete(_BOOK).where(_BOOK.c.event == event, _BOOK.c.language == language)).rowcount > 0
