"""After a restored backup: who came back is found, and what was done to them is done again.

    look     the tombstone files, then one snapshot: what only they know, and one pass over the customers for who came back
    file     each of them gets a request (or keeps the open one that the backup brought), which says what it repeats
    resolve  runs as any other: the same plan, search for remaining values, certificate, audit; nobody is told a second time
    settle   the database gets back tombstones and fingerprints of the blacklist; the audit notes the lost end of the chain

Every step may be cut off: the next `replay` finds what is left. Whoever has the key and no proof is listed, never acted on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.errors import Conflict, KeyFileError, KvkkError, NotFound, Refused, UsageError
from core.model import lifecycle, preview
from core.model.records import (
    Actor,
    Channel,
    Doubtful,
    JobDone,
    Kind,
    Regime,
    ReplayEnd,
    ReplayPlan,
    Resolution,
    ResolveOptions,
    Returned,
    Role,
    RunEnd,
    TableCount,
    Wanted,
)
from core.model.residue import Judged
from core.model.returning import Doubt
from core.model.tombstone import CLOSING, Deed, Tombstone, digest
from core.services.context import persistent
from core.services.gate import needs
from core.store import customers, requests, stonebook, stonefile, survey
from core.store.returned import Match, Search
from core.store.sql import chunks
from core.store.stonebook import Book

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context

PAGE = 200
COUNTED_MOST = 200
"""Customers whose rows a preview counts; a run counts the others when it comes to them."""
NOTHING_REMAINS = Judged((), (), frozenset())
FORCE = "kvkk replay"
"""Why guards are passed: it was decided once, and carried out."""
Run = Callable[..., RunEnd]
"""`Bulk.resolve`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a replay is asked for."""

    since: date
    files: tuple[Path, ...]
    undated: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look came to."""

    plan: ReplayPlan
    book: Book
    settled: list[Tombstone]
    """Lost tombstones whose customers are not back: the table may have them again. Those of the others must be found again."""


class Replay:
    """The verb `kvkk replay`."""

    def __init__(self, context: Context, run: Run) -> None:
        self._context = context
        self._run = run

    @needs(Role.ADMIN)
    def plan(self, actor: Actor, since: date, files: Sequence[Path] = (), *, undated: bool = False) -> ReplayPlan:
        """What would be done; changes nothing. `undated`: also customers of whom nobody knows when the account was made.

        Raises UsageError `tombstones-missing-file`, Unavailable `tombstones-unreadable`, KeyFileError, MapError.
        """
        plan = self._look(Asked(since, tuple(files), undated)).plan
        with self._context.reading() as conn:
            shown = tuple(replace(one, tables=self._rows_of(conn, one)) for one in plan.returned[:COUNTED_MOST])
        return replace(plan, returned=shown + plan.returned[COUNTED_MOST:])

    @needs(Role.ADMIN)
    def carry_out(
        self, actor: Actor, since: date, files: Sequence[Path] = (), *, fingerprint: str, undated: bool = False, watch: Any = None
    ) -> ReplayEnd:
        """Do it. Raises Conflict `replay-moved` when it is not what was shown, and what a run raises; `watch` looks at the runs."""
        asked = Asked(since, tuple(files), undated)
        plan = self._look(asked).plan
        if plan.fingerprint != fingerprint:
            raise Conflict("replay-moved")
        numbers: list[int] = []
        runs: list[RunEnd] = []
        for deed in CLOSING:
            some = [one for one in plan.returned if one.deed == deed.value]
            filed = [number for page in chunks(some, PAGE) for number in self._file(actor, page)]
            numbers += filed
            if filed:
                runs.append(self._again(actor, deed, filed, watch))
            if runs and runs[-1].row.waiting:
                return ReplayEnd(tuple(numbers), tuple(runs), settled=False, left=len(plan.returned))
        return self._settled(actor, asked, tuple(numbers), tuple(runs))

    @needs(Role.OPERATOR)
    def job(self, actor: Actor) -> JobDone:
        """Bring this host's tombstone file up to the table: a job of `kvkk run`. Raises Unavailable, KeyFileError."""
        return JobDone(self._context.keep_outside(whole=True))

    # -- looking ----------------------------------------------------------------------------------------------------

    def _look(self, asked: Asked) -> Seen:
        """The files first: what they know and the table, read after them, does not is lost."""
        context = self._context
        keys = context.keyring.held()
        if not keys:
            raise KeyFileError("replay-needs-key", path=str(context.keyring.path))
        for path in asked.files:
            if not path.is_file():
                raise UsageError("tombstones-missing-file", path=str(path))
        own = context.stones.read(context.keyring.if_present)
        others = [stonefile.read(path, context.keyring.if_present) for path in asked.files]
        with context.reading() as conn:
            begin = self._midnight(conn, asked.since)
            book = stonebook.look(conn, own, others, begin, context.today(conn), [key.id for key in keys])
            search = Search(context.atlas, keys, book.stones.values(), book.kept, begin)
            return self._judged(conn, asked, book, begin, list(search.matches(conn)))

    def _rows_of(self, conn: Connection, one: Returned) -> tuple[TableCount, ...] | None:
        """What will happen to the customer's rows, the search for remaining values left out. What stands in the way is told by the run."""
        years, today = self._context.settings.get(conn, "invoice-retention-years"), self._context.today(conn)
        try:
            seen = survey.survey(conn, self._context.atlas, one.customer, _resolution(Deed(one.deed)), years, today)
        except (NotFound, Refused):
            return None
        return preview.counts(seen.plan, NOTHING_REMAINS)

    def _midnight(self, conn: Connection, since: date) -> datetime:
        zone = ZoneInfo(self._context.settings.get(conn, "timezone"))
        return datetime.combine(since, time(), zone).astimezone(UTC)

    def _judged(self, conn: Connection, asked: Asked, book: Book, begin: datetime, matches: Sequence[Match]) -> Seen:
        names: dict[str, str] = {}
        for some in chunks([one.customer for one in matches], PAGE):
            names |= {key: row.name for key, row in customers.rows_for(conn, self._context.atlas, some).items()}
        sure = [one for one in matches if one.verdict.doubt is None or (asked.undated and one.verdict.doubt is Doubt.UNDATED)]
        returned = tuple(_returned(one, names.get(one.customer), requests.open_of(conn, one.customer)) for one in sure)
        lost = book.lost(begin)
        what = [[one.customer, one.deed, one.at.isoformat()] for one in returned]
        marks = [mark.fingerprint for mark in (*book.back, *book.off)]
        plan = ReplayPlan(
            since=asked.since,
            files=book.files,
            returned=returned,
            doubtful=tuple(_doubtful(one, names.get(one.customer)) for one in matches if one not in sure),
            lost=len(lost),
            fingerprints=len(marks),
            restored=bool(book.lost_places),
            fingerprint=digest([what, [stone.uid for stone in lost], marks, list(book.lost_places)]),
        )
        back = {one.verdict.stone.subject for one in sure}
        return Seen(plan, book, [stone for stone in lost if stone.subject not in back])

    # -- doing ------------------------------------------------------------------------------------------------------

    @persistent
    def _file(self, actor: Actor, page: Sequence[Returned]) -> list[int]:
        """A request for each. An open one of the customer is taken: there can be no second."""
        with self._context.writing(actor) as unit:
            setting = self._context.settings.reader(unit.conn)
            today, regime = self._context.today(unit.conn), Regime(setting("regime"))
            due = lifecycle.due_on(regime, today, setting("response-days"))
            numbers = []
            for one in page:
                requests.wait_for_resolution(unit.conn, one.customer)
                number = requests.open_of(unit.conn, one.customer)
                if number is None:
                    kind = Kind.ERASE if one.deed == Deed.ERASE else Kind.ANONYMISE
                    number = requests.add(
                        unit,
                        customer=one.customer,
                        open_customer=one.customer,
                        kind=kind.value,
                        regime=regime.value,
                        channel=Channel.OTHER.value,
                        received_on=today,
                        due_on=due,
                        note=f"{FORCE}: {one.request} ({one.at.date().isoformat()}, {one.deed})",
                    )
                    unit.record("request.add", number, kind=kind.value, regime=regime.value, channel="other", repeats=one.request)
                numbers.append(number)
            return numbers

    def _again(self, actor: Actor, deed: Deed, numbers: Sequence[int], watch: Any) -> RunEnd:
        return self._run(actor, Wanted(tuple(numbers)), _resolution(deed), ResolveOptions(notify=False, force=FORCE), watch)

    def _settled(self, actor: Actor, asked: Asked, numbers: tuple[int, ...], runs: tuple[RunEnd, ...]) -> ReplayEnd:
        seen = self._look(asked)
        self._give_back(actor, asked.since, seen)
        pending = {step for run in runs for step in run.pending} - {"tombstones"}
        try:
            self._context.keep_outside(whole=True)
        except KvkkError:
            pending.add("tombstones")
        return ReplayEnd(
            requests=numbers,
            runs=runs,
            settled=True,
            left=len(seen.plan.returned),
            put_back=len(seen.settled),
            fingerprints=seen.plan.fingerprints,
            pending=tuple(sorted(pending)),
        )

    @persistent
    def _give_back(self, actor: Actor, since: date, seen: Seen) -> None:
        """And from here on the end of the audit chain that was lost is no fault of anybody: the entry names it."""
        with self._context.writing(actor) as unit:
            reason = self._context.settings.get(unit.conn, "blacklist-reason")
            stonebook.give_back(unit, seen.settled, seen.book, reason)
            counted = {"tombstones": len(seen.settled), "fingerprints": seen.plan.fingerprints, "left": len(seen.plan.returned)}
            unit.record("replay", None, since=since.isoformat(), lost=list(seen.book.lost_places), **counted)


def _resolution(deed: Deed) -> Resolution:
    return Resolution(mask=deed is Deed.MASK, erase=deed is Deed.ERASE)


def _returned(one: Match, name: str | None, open_request: int | None) -> Returned:
    stone = one.verdict.stone
    return Returned(one.customer, name, stone.deed.value, stone.at, stone.request, one.verdict.matched, open_request)


def _doubtful(one: Match, name: str | None) -> Doubtful:
    stone, why = one.verdict.stone, one.verdict.doubt or Doubt.UNPROVEN
    return Doubtful(one.customer, name, stone.deed.value, stone.at, stone.request, why.value)
