"""What `doctor` asks about the texts that customers are shown, the settings that the gate obeys, and its view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from core.model.records import Finding, TextKind
from core.store import accessview, consenttexts
from core.store.faults import MACHINE, reason

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.settingsbook import SettingsBook


def of_texts(conn: Connection, settings: SettingsBook) -> Iterator[Finding]:
    """Settings that somebody wrote by hand, and texts that name no company or another one."""
    if odd := settings.odd(conn):
        yield Finding("settings-by-hand", "warning", (("keys", odd),))
        return
    built_in = any(text.built_in for kind in TextKind for text in consenttexts.texts(conn, kind).values())
    if built_in and settings.get(conn, "enforce-consent") and settings.get(conn, "company-name") is None:
        yield Finding("texts-nameless", "warning")
    for kind in TextKind:
        if consenttexts.is_stale(conn, kind):
            yield Finding("texts-stale", "warning", (("key", kind.setting), ("field", kind.setting)))


def of_view(conn: Connection, atlas: Atlas) -> Iterator[Finding]:
    """Whether websites can ask, and are answered as we would."""
    if not accessview.is_there(conn):
        yield Finding("view-missing", "warning")
        return
    if not accessview.is_current(conn, atlas):
        yield Finding("view-old", "warning")
    if conn.dialect.name == "postgresql":
        yield Finding("view-holds-columns", "note", (("table", atlas.map.customer.table),))
    try:  # last: on PostgreSQL nothing can be read behind a statement that failed
        asked, wrong = accessview.differing(conn, atlas)
    except DBAPIError as error:
        if reason(error) in MACHINE - {"database-error", "database-no-permission"}:
            raise
        yield Finding("view-unreadable", "error")
        return
    yield Finding("view-wrong", "error", (("count", wrong),)) if wrong else Finding("view-ok", "ok", (("count", asked),))
