"""Requests from a list that somebody wrote down: filed page by page, each line a request or a reason why not.

The file is read whole and every customer is found before the first request is filed. A page is one transaction; what stands in
the way of one line is told of that line. Whatever undoes a page (somebody files for the same customer at this moment) has it
done again line by line. Run twice, a file changes nothing the second time: everybody has an open request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from core.adapters import request_csv
from core.errors import Conflict, KvkkError, NotFound, UsageError
from core.model import lifecycle
from core.model.records import Actor, Channel, CustomerRow, FiledFile, FiledLine, FileLine, NewRequest, Regime, Role
from core.services.context import persistent
from core.services.gate import needs
from core.store import acknowledge, customers, locating, requests
from core.store.faults import MACHINE
from core.store.sql import chunks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context
    from core.store.engine import Unit

PAGE = 200
Progress = Callable[[str, int, int], None]
"""(stage, done, total)"""
Placed = tuple[FileLine, str]
"""A sound line, and the key of its customer."""


class Intake:
    """`kvkk requests add --from-file`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def add_file(self, actor: Actor, source: Path | BinaryIO, *, dry_run: bool = False, progress: Progress = lambda *_: None) -> FiledFile:
        """File every line. Raises UsageError `csv-…` for a file that cannot be trusted, Unavailable; a line that fails is told."""
        lines = _read(source)
        with self._context.reading() as conn:
            found = locating.many(conn, self._context.atlas, [line.new.customer for line in lines if line.new])
        told: dict[int, FiledLine] = {}
        placed: list[Placed] = []
        for line in lines:
            key = found[line.new.customer] if line.new else line.error
            if isinstance(key, str):
                placed.append((line, key))
            elif key is not None:
                told[line.line] = FiledLine.failed(line.line, key)
        open_: dict[str, int | None] = {}
        for done, page in enumerate(chunks(placed, PAGE)):
            progress("file", done * PAGE, len(placed))
            filed = self._look(page, open_) if dry_run else self._page(actor, page)
            told |= {line.line: line for line in filed}
        phone = {line.line for line, _ in placed if line.new and line.new.channel is Channel.PHONE}
        by_phone = sum(1 for line in phone if told[line].code is None)
        return FiledFile(tuple(told[line.line] for line in lines), dry_run, by_phone)

    def _look(self, page: Sequence[Placed], open_: dict[str, int | None]) -> list[FiledLine]:
        """What filing would come to; `open_` remembers whom earlier lines of the file are for."""
        with self._context.reading() as conn:
            book = _Book(self._context, conn, [key for _, key in page], open_)
            return [book.judged(line, key) for line, key in page]

    def _page(self, actor: Actor, page: Sequence[Placed]) -> list[FiledLine]:
        try:
            return self._transaction(actor, page)
        except KvkkError as error:
            if error.code in MACHINE:
                raise
        return [self._alone(actor, one) for one in page]

    def _alone(self, actor: Actor, one: Placed) -> FiledLine:
        try:
            return self._transaction(actor, [one])[0]
        except KvkkError as error:
            if error.code in MACHINE:
                raise
            return FiledLine.failed(one[0].line, error)

    @persistent
    def _transaction(self, actor: Actor, page: Sequence[Placed]) -> list[FiledLine]:
        with self._context.writing(actor) as unit:
            keys = [key for _, key in page]
            requests.wait_for_resolutions(unit.conn, keys)
            book = _Book(self._context, unit.conn, keys, {})
            return [self._file(unit, book, line, key) for line, key in page]

    def _file(self, unit: Unit, book: _Book, line: FileLine, key: str) -> FiledLine:
        judged = book.judged(line, key)
        if judged.code is not None or line.new is None:
            return judged
        new = line.new
        values = book.values(new)
        number = requests.add(unit, customer=key, open_customer=key, **values)
        book.open[key] = number
        said = {name: values[name] for name in ("kind", "regime", "channel")}
        unit.record("request.add", number, listed=True, **said)
        if book.setting("notify"):
            row = acknowledge.Filed(number, **said, received_on=values["received_on"], due_on=values["due_on"])
            acknowledge.tell(unit, self._context.keyring, book.setting, "received", row, book.known[key], book.languages.get(key))
        return FiledLine(line.line, number, judged.due_on)


class _Book:
    """What a page needs to know, read once for all its lines."""

    def __init__(self, context: Context, conn: Connection, keys: Sequence[str], open_: dict[str, int | None]) -> None:
        self.setting: Callable[[str], Any] = context.settings.reader(conn)
        self.today = context.today(conn)
        self.known: Mapping[str, CustomerRow] = customers.rows_for(conn, context.atlas, keys)
        self.languages = customers.languages(conn, context.atlas, keys)
        self.open = open_
        """Customer → number of the open request; None where a dry run has not given it one."""
        self.open |= requests.open_of_many(conn, keys)

    def judged(self, line: FileLine, key: str) -> FiledLine:
        """Whether the line can be filed: its day of answer, or what stands against it. A dry run remembers that it would be."""
        try:
            if line.new is None or key not in self.known:
                raise NotFound("customer-not-found")
            due = self.values(line.new)["due_on"]
            if key in self.open:
                number = self.open[key]
                raise Conflict("open-request-exists", number=number) if number else Conflict("csv-customer-twice")
        except KvkkError as error:
            return FiledLine.failed(line.line, error)
        self.open[key] = None
        return FiledLine(line.line, due_on=due)

    def regime(self, new: NewRequest) -> Regime:
        return new.regime or Regime(self.setting("regime"))

    def values(self, new: NewRequest) -> dict[str, Any]:
        """The columns of the request. Raises UsageError `received-in-future`, `received-too-old`."""
        regime = self.regime(new)
        received = lifecycle.receipt(new.received_on, self.today, regime)
        return {
            "kind": new.kind.value,
            "regime": regime.value,
            "channel": new.channel.value,
            "received_on": received,
            "due_on": lifecycle.due_on(regime, received, self.setting("response-days")),
            "verified_by": new.verified_by,
            "note": new.note,
        }


def _read(source: Path | BinaryIO) -> tuple[FileLine, ...]:
    if not isinstance(source, Path):
        return request_csv.read(source)
    try:
        with source.open("rb") as stream:
            return request_csv.read(stream)
    except FileNotFoundError:
        raise UsageError("csv-missing-file") from None
    except OSError as error:
        raise UsageError("csv-unreadable", kind=type(error).__name__) from None
