"""The consent text and the notice: every version of both, in every language, kept for ever.

Version 1 is the text that comes with kvkk. It names the company as the settings do, and is fixed when the first customer answers it
or when it is replaced. A change makes a whole new version; the languages that it does not name are carried over unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, select

from core.errors import NotFound
from core.locale import LANGUAGES
from core.locale.builtin_texts import built_in
from core.model.documents import sha256
from core.model.records import ConsentText, TextKind
from core.store import tables, upsert
from core.store.settingsbook import SettingsBook

if TYPE_CHECKING:
    from core.store.engine import Unit

FIRST = 1
_BOOK = tables.consent_texts


def current_version(conn: Connection, kind: TextKind) -> int:
    """The version in force."""
    return int(SettingsBook().get(conn, kind.setting))


def version_on(conn: Connection, kind: TextKind, day: date, zone: tzinfo) -> int:
    """The version in force at the end of a day; the first for a day before all of them, since paper is older than any kvkk."""
    made = conn.execute(select(_BOOK.c.version, _BOOK.c.made_at).where(_BOOK.c.kind == kind.value)).all()
    return max((row.version for row in made if row.made_at.astimezone(zone).date() <= day), default=FIRST)


def renewed(conn: Connection) -> bool:
    """Whether an older acceptance no longer counts."""
    return bool(SettingsBook().get(conn, "consent-renewal"))


def texts(conn: Connection, kind: TextKind, version: int | None = None) -> dict[str, ConsentText]:
    """Language → text of a version (None: the one in force). Raises NotFound `no-such-text-version`."""
    now = current_version(conn, kind)
    wanted = now if version is None else version
    rows = conn.execute(select(_BOOK).where(_BOOK.c.kind == kind.value, _BOOK.c.version == wanted)).all()
    if rows:
        return {row.language: _record(row, now) for row in rows}
    if wanted != FIRST:
        raise NotFound("no-such-text-version", version=wanted)
    return {language: _fresh(kind, language, text, now) for language, text in as_built(conn, kind).items()}


def text(conn: Connection, kind: TextKind, language: str, version: int | None = None) -> ConsentText:
    """A version in one language, else in whatever language it has. Raises NotFound `no-such-text-version`."""
    found = texts(conn, kind, version)
    return found.get(language) or found[min(found, key=_preferred)]


def versions(conn: Connection, kind: TextKind) -> tuple[ConsentText, ...]:
    """Every version in every language, newest first."""
    now = current_version(conn, kind)
    rows = conn.execute(select(_BOOK).where(_BOOK.c.kind == kind.value)).all()
    found = [_record(row, now) for row in rows] or list(texts(conn, kind, FIRST).values())
    return tuple(sorted(found, key=lambda one: (-one.version, _preferred(one.language))))


def as_built(conn: Connection, kind: TextKind) -> dict[str, str]:
    """Language → the text that comes with kvkk, with the company as it is named now."""
    from core.model.certificate import Controller  # every command loads this module, few need a text

    settings = SettingsBook()
    company = Controller.read(settings.reader(conn))
    named = {part: getattr(company, part) for part in ("name", "address", "mersis", "kep", "email")}
    return {language: built_in(kind.value, language, named) for language in LANGUAGES}


def is_stale(conn: Connection, kind: TextKind) -> bool:
    """What came with kvkk no longer reads as it would today: the company has another name, for one."""
    fresh = as_built(conn, kind)
    return any(one.built_in and one.text != fresh.get(one.language) for one in texts(conn, kind).values())


def fix(unit: Unit, kind: TextKind, version: int | None = None) -> dict[str, ConsentText]:
    """The texts of a version, on record from now on: what somebody has answered must be found again word by word."""
    for one in texts(unit.conn, kind, version).values():
        if one.made_at is None:
            upsert.add(unit.conn, _BOOK, _values(unit, kind, one.version, one.language, one.text, own=False))
    return texts(unit.conn, kind, version)  # somebody may have fixed them a moment earlier


def change(unit: Unit, kind: TextKind, fresh: Mapping[str, str], *, own: bool = True) -> tuple[int, int]:
    """Make a new version of these texts (language → text); returns the numbers before and now, equal when nothing differs.

    Of two who do it at once the second fails with `constraint` and finds the first's version when it tries again.
    """
    before = current_version(unit.conn, kind)
    said = {language: one.text for language, one in texts(unit.conn, kind).items()}
    if {**said, **fresh} == said:
        return before, before
    fix(unit, kind)
    now = unit.conn.execute(select(func.max(_BOOK.c.version)).where(_BOOK.c.kind == kind.value)).scalar_one() + 1
    carried = {language: one.built_in for language, one in texts(unit.conn, kind).items()}
    for language, words in {**said, **fresh}.items():
        kept = language not in fresh and carried[language]
        unit.conn.execute(insert(_BOOK).values(**_values(unit, kind, now, language, words, own=own and not kept)))
    SettingsBook().set(unit, kind.setting, str(now))
    return before, now


def _values(unit: Unit, kind: TextKind, version: int, language: str, words: str, *, own: bool) -> dict[str, Any]:
    made = {"built_in": not own, "made_at": unit.at, "made_by": str(unit.actor)}
    return {"kind": kind.value, "version": version, "language": language, "text": words, "sha256": sha256(words), **made}


def _record(row: Row[Any], now: int) -> ConsentText:
    return ConsentText(
        kind=TextKind(row.kind),
        version=row.version,
        language=row.language,
        text=row.text,
        sha256=row.sha256,
        built_in=row.built_in,
        current=row.version == now,
        made_at=row.made_at,
        made_by=row.made_by,
    )


def _fresh(kind: TextKind, language: str, words: str, now: int) -> ConsentText:
    return ConsentText(kind, FIRST, language, words, sha256(words), built_in=True, current=now == FIRST, made_at=None, made_by=None)


def _preferred(language: str) -> tuple[int, str]:
    known: Iterable[str] = LANGUAGES
    return (list(known).index(language), "") if language in known else (len(LANGUAGES), language)
