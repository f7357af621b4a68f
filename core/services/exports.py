"""Verileri indir: everything a company holds about one customer, as one XML file.

Promises: the intent is on record before the first byte and its end after the last; the file is whole at its name or not
there at all, whatever fails, an interruption included; a customer who is erased meanwhile is exported whole or not found.
Refused before the first side effect: an unknown or ambiguous customer, a target that exists or cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.adapters.files import Atomic, default_name, sweep, told
from core.adapters.xml_export import Header, Written
from core.errors import KvkkError, NotFound, UsageError
from core.locale import LANGUAGES
from core.model import lifecycle
from core.model.certificate import Controller
from core.model.records import Actor, Channel, Exported, Regime, Role, Word
from core.model.words import checked
from core.services.context import persistent
from core.services.gate import needs
from core.store import customers, download_log, outbox, requests, rows

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from core.services.context import Context
    from core.store.engine import Unit

    Admit = Callable[[Unit, str], None]

FORMATS = {
    "xml": ("core.adapters.xml_export", "xml"),
    "json": ("core.adapters.json_export", "json"),
    "csv": ("core.adapters.csv_export", "zip"),
    "html": ("core.adapters.html_export", "html"),
}
"""Format → module whose `write_export` writes it, and the ending of its files."""
NOBODY_ASKED = Word()
"""Staff act of their own accord."""


class Exports:
    """The verbs of `kvkk export`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._exporting = Exporting(context)

    @needs(Role.OPERATOR)
    def export(
        self,
        actor: Actor,
        customer: str,
        target: Path | BinaryIO | None = None,
        *,
        overwrite: bool = False,
        reason: str | None = None,
        word: Word = NOBODY_ASKED,
        form: str = "xml",
    ) -> Exported:
        """Export to a file, into a folder, to an open binary stream, or (None) to a new file in the current folder.

        `word` says how the customer asked, when staff export on the customer's behalf; `form` is xml, json, csv (a ZIP of
        one file a table) or html.

        Raises NotFound, NotAllowed `customers-off`, UsageError (customer, `output-…`, `unknown-format`), Unavailable (`disk-full`,
        `output-failed`, the database's), BrokenPipeError when a stream's reader went away. A front turns SIGTERM
        into an exception, so that it is recorded.
        """
        if form not in FORMATS:
            raise UsageError("unknown-format", allowed=tuple(FORMATS))
        why = checked("reason", reason)
        with self._context.reading() as conn:
            today = self._context.today(conn)
            asked = heard(self._context, conn, word)
            key = customers.locate(conn, self._context.atlas, customer)
        begin = partial(self._exporting.begin, actor, key, why, asked, form)
        if target is None or isinstance(target, Path):
            return self._exporting.to_file(actor, key, _place(target, today, form), overwrite, begin, form)
        return self._exporting.to_stream(actor, key, target, begin, form)


class Exporting:
    """An export from its record to its last byte, for whoever was let through: staff by `Exports`, customers by the panel."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._swept: set[Path] = set()

    def streamed(self, actor: Actor, key: str, stream: BinaryIO, word: Word, form: str, admit: Admit) -> Exported:
        """`export` to a stream for whoever may: `admit` is asked about the customer with this key inside the transaction that
        records the intent, and refuses by raising."""
        if form not in FORMATS:
            raise UsageError("unknown-format", allowed=tuple(FORMATS))
        with self._context.reading() as conn:
            asked = _asked(word, None, self._context.today(conn), Regime(self._context.settings.get(conn, "regime")))
        return self.to_stream(actor, key, stream, partial(self.begin, actor, key, None, asked, form, admit), form)

    def to_file(self, actor: Actor, key: str, path: Path, overwrite: bool, begin: Callable[[], int], form: str) -> Exported:
        place = Atomic(path, overwrite=overwrite)
        place.check()
        self._sweep(place.target.parent)
        number = begin()
        with self._recorded(actor, number), place as file:
            written = self._write(file, number, key, form)
            place.keep()
            self._finish(actor, number, key, written)
        return _exported(number, key, str(path), written)

    def to_stream(self, actor: Actor, key: str, stream: BinaryIO, begin: Callable[[], int], form: str) -> Exported:
        number = begin()
        with self._recorded(actor, number):
            try:
                written = self._write(stream, number, key, form)
                stream.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise told(error) from None
            self._finish(actor, number, key, written)
        return _exported(number, key, None, written)

    def _sweep(self, folder: Path) -> None:
        """Once a folder: a run of thousands of exports must not read its own folder thousands of times."""
        if folder not in self._swept:
            self._swept.add(folder)
            sweep(folder)

    @persistent
    def begin(self, actor: Actor, key: str, reason: str | None, asked: Word, form: str, admit: Admit | None = None) -> int:
        """The intent, on record. What the notice will need is made sure of now, not after the last byte."""
        with self._context.writing(actor) as unit:
            requests.wait_for_resolution(unit.conn, key)
            if not customers.exists(unit.conn, self._context.atlas, key):
                raise NotFound("customer-not-found")
            if admit is not None:
                admit(unit, key)
            if self._address(unit.conn, key):
                self._context.keyring.obtain(unit.conn)
            return download_log.begin(unit, key, form, reason, asked)

    def _write(self, target: BinaryIO, number: int, key: str, form: str) -> Written:
        """One read transaction: one moment of the customer's data."""
        with self._context.reading() as conn:
            if not customers.exists(conn, self._context.atlas, key):
                raise NotFound("customer-not-found")
            header = self._header(conn, number, key)
            written: Written = import_module(FORMATS[form][0]).write_export(target, header, rows.stream(conn, self._context.atlas, key))
            return written

    def _header(self, conn: Connection, number: int, key: str) -> Header:
        return letterhead(self._context, conn)(number, key, customers.language(conn, self._context.atlas, key))

    def _language(self, conn: Connection, key: str) -> str:
        own = customers.language(conn, self._context.atlas, key)
        return own if own in LANGUAGES else str(self._context.settings.get(conn, "language"))

    @persistent
    def _finish(self, actor: Actor, number: int, key: str, written: Written) -> None:
        size = {"rows": written.records, "size": written.bytes, "marked": written.marked}
        with self._context.writing(actor) as unit:
            download_log.finish(unit, number, **size, sha256=written.sha256)
            self._notify(unit, key)

    def _notify(self, unit: Unit, key: str) -> None:
        """Tell the customer that their data were downloaded; nobody is told who was erased meanwhile."""
        address = self._address(unit.conn, key)
        if address:
            name, email = address
            fields: dict[str, outbox.Field] = {"name": name, "at": unit.at.isoformat()}
            outbox.queue(unit, self._context.keyring, "downloaded", None, self._language(unit.conn, key), email, fields)

    def _address(self, conn: Connection, key: str) -> tuple[str, str] | None:
        """(name, e-mail) of whom a notice would go to; None when it is switched off or there is no address."""
        if not self._context.settings.get(conn, "notify"):
            return None
        row = customers.rows_for(conn, self._context.atlas, [key]).get(key)
        return (row.name, row.email) if row and row.email else None

    @contextmanager
    def _recorded(self, actor: Actor, number: int) -> Iterator[None]:
        """Whatever ends the block early, a signal included, is recorded, when the database can still be reached."""
        try:
            yield
        except BaseException as error:
            code = error.code if isinstance(error, KvkkError) else type(error).__name__
            with suppress(KvkkError), self._context.writing(actor) as unit:
                download_log.break_off(unit, number, code)
            raise


def letterhead(context: Context, conn: Connection) -> Callable[[int, str, str | None], Header]:
    """(number of the download, key, the customer's own language) → header. What does not depend on the customer is read once."""
    from zoneinfo import ZoneInfo

    setting = context.settings.reader(conn)
    zone, controller, regime = ZoneInfo(setting("timezone")), Controller.read(setting), Regime(setting("regime"))

    def header(number: int, key: str, own: str | None) -> Header:
        language = own if own in LANGUAGES else str(setting("language"))
        return Header(str(number), context.clock().astimezone(zone), controller, regime, key, language)

    return header


def heard(context: Context, conn: Connection, word: Word) -> Word:
    """The word that came to staff, whole. Raises UsageError `text-…`, `received-…`, NotAllowed `customers-off`."""
    verified_by = checked("verified_by", word.verified_by)
    if word.channel is not None:
        context.customers_may(conn, word.channel)
    return _asked(word, verified_by, context.today(conn), Regime(context.settings.get(conn, "regime")))


def _asked(word: Word, verified_by: str | None, today: date, regime: Regime) -> Word:
    """The customer's word whole: once anything is said of it, there is a channel and a day. Raises UsageError `received-…`."""
    if word == NOBODY_ASKED:
        return word
    return Word(word.channel or Channel.OTHER, lifecycle.receipt(word.received_on, today, regime), verified_by)


def _place(target: Path | None, today: date, form: str) -> Path:
    """The file to write: a name that is given, or a new one, in the current folder or in one that is given."""
    name = default_name(today, FORMATS[form][1])
    if target is None:
        return Path(name)
    return target / name if target.is_dir() else target


def _exported(number: int, key: str, path: str | None, written: Written) -> Exported:
    return Exported(
        download=number,
        customer=key,
        path=path,
        rows=written.records,
        bytes=written.bytes,
        sha256=written.sha256,
        marked=written.marked,
    )
