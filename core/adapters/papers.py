"""Wording and layout that certificate and letter share: sentences for codes, dates of a language, wrapped lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from core.locale import N_, Translator
from core.model.certificate import Controller, Level, LevelStatus, Subject, Title
from core.model.records import HoldLine, Regime
from core.visible import safe

WIDTH = 78
"""Columns of a printed line; 80 minus a margin."""

TITLES = {
    Title.ACTION: N_("Record of action"),
    Title.DESTRUCTION: N_("Certificate of destruction"),
}

LAWS = {
    Regime.KVKK: N_("Personal Data Protection Law no. 6698 (KVKK)"),
    Regime.GDPR: N_("General Data Protection Regulation (EU) 2016/679 (GDPR)"),
}

CITED = {
    "VUK": N_("Tax Procedure Law no. 213 (VUK)"),
    "TTK": N_("Turkish Commercial Code no. 6102 (TTK)"),
}
"""Laws that the reasons of data maps cite, by the initials that their readers know and customers do not."""
_CITATION = re.compile(rf"\b({'|'.join(CITED)})\s+(?:m\.\s*)?([0-9]+)\b")

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB/MySQL"}

LEVEL_NAMES = {
    "A": N_("gone from the application"),
    "B": N_("gone from the database's own files"),
    "C": N_("outside this tool"),
}

STATUSES = {
    LevelStatus.DONE: N_("measured, nothing found"),
    LevelStatus.FOUND: N_("measured, something remains"),
    LevelStatus.NOT_DONE: N_("not done"),
    LevelStatus.OUTSIDE: N_("not reached by this tool"),
}

LEVEL_REASONS = {
    "measured-after-commit": N_("It is measured after the commit; the result follows as an addendum."),
    "read-again": N_("The touched tables were read again after the commit, not through their indexes."),
    "read-in-transaction": N_("The touched tables were read again inside the transaction."),
    "read-failed": N_("The tables could not be read again."),
    "nothing-destroyed": N_("Only access was blocked; no data were to disappear."),
    "scrub-off": N_("Cleaning the database's files is switched off (setting `scrub`)."),
    "scrub-pending": N_("Cleaning the database's files is still pending; `kvkk run` does it."),
    "scrub-server": N_("Cleaning a database server locks its tables and is switched off by default (setting `scrub`)."),
    "scrub-busy": N_("Another program had the database open, so its files could not be cleaned."),
    "scrub-no-room": N_("There was not enough free disk space to clean the database's files."),
    "scrub-failed": N_("Cleaning the database's files failed."),
    "scrub-not-wal": N_("The database's files were cleaned; without the WAL journal nothing proves it."),
    "scrub-not-owner": N_("The database login does not own the tables, so their files could not be cleaned."),
    "scrub-old-snapshot": N_("Somebody was still reading an older state of the database, which keeps the old bytes."),
    "rebuilt-not-searched": N_("The tables' files were written anew; their bytes could not be searched from here."),
    "rebuilt-no-values": N_("The database's files were cleaned; the customer left no value by which they could be searched."),
    "files-searched": N_("The database's files were cleaned and their bytes searched."),
    "outside-sqlite": N_("Free blocks of the disk, solid-state drives, backups and copies of the database file."),
    "outside-postgresql": N_("Write-ahead log and its archive, replicas, dumps, backups, and the server's log."),
    "outside-mariadb": N_("Undo and redo log, binary log, replicas, dumps and backups."),
}
"""Every code that `Level.why` may hold. A code of a newer version is shown as it is."""

SUBJECTS = {
    Subject.REREAD: N_("Read again after the commit"),
    Subject.SCRUB: N_("Database files"),
    Subject.HOLD: N_("End of a retention period"),
    Subject.RESTORE: N_("Access given back"),
}

CONTROLLER_LABELS = {
    "address": N_("Address"),
    "kep": N_("KEP"),
    "mersis": N_("MERSIS"),
    "email": N_("E-mail"),
}


def day(value: date, language: str) -> str:
    """`23 Kasım 2026`, `23 November 2026`."""
    from babel.dates import format_date

    return format_date(value, "d MMMM y", locale=language)


def moment(value: datetime, language: str, zone: tzinfo) -> str:
    """The day in words and the time with its offset: `23 Kasım 2026 21:05:00 (UTC+03:00)`."""
    local = value.astimezone(zone)
    return f"{day(local.date(), language)} {local:%H:%M:%S} (UTC{local.isoformat()[-6:]})"


def wrapped(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Lines of one paragraph, made safe; a word is broken only when it is longer than a line."""
    start = indent if first is None else first
    return textwrap.wrap(safe(text, limit=5000), WIDTH, initial_indent=start, subsequent_indent=indent) or [start.rstrip()]


def listed(items: Iterable[str], bullet: str = "  - ") -> list[str]:
    """One wrapped entry an item."""
    return [line for item in items for line in wrapped(item, " " * len(bullet), bullet)]


def paired(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """`label: value` with the values in one column; long values go on below theirs."""
    known = [(f"{name}:", value) for name, value in pairs]
    width = max((len(name) for name, _ in known), default=0) + 2
    return [line for name, value in known for line in wrapped(value, " " * width, name.ljust(width))]


def letterhead(controller: Controller, _: Translator) -> list[str]:
    """The company as far as it is set; the name stands first."""
    lines = wrapped(controller.name) if controller.name else []
    for part, label in CONTROLLER_LABELS.items():
        text = getattr(controller, part)
        if text:
            lines += wrapped(text) if part == "address" else wrapped(f"{_(label)}: {text}")
    return lines


def hold_text(hold: HoldLine, _: Translator, language: str) -> str:
    """One hold in a sentence."""
    until = day(hold.release_on, language) if hold.release_on else None
    told = _("{table}: {rows} rows until {until} ({because})") if until else _("{table}: {rows} rows, for good ({because})")
    return told.format(table=hold.table, rows=hold.rows, until=until, because=hold.because)


def laws_named(because: str, _: Translator) -> str:
    """A reason of the data map with its laws by their names: `VUK 253` means nothing to a customer."""
    return _CITATION.sub(lambda found: _("{law}, article {article}").format(law=_(CITED[found[1]]), article=found[2]), because)


def level_text(level: Level, _: Translator) -> str:
    """Status and reason in words, and the figures that were measured."""
    words = [f"{_(STATUSES[level.status])}.", _(LEVEL_REASONS.get(level.why, level.why))]
    if level.hits is not None:
        words.append(_("Places found: {count}.").format(count=level.hits))
    if level.files is not None:
        words.append(_("Files: {files}, bytes: {bytes}.").format(files=level.files, bytes=level.bytes or 0))
    return " ".join(words)
