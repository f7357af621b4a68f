"""Holds to the end: on the day the rows that a law has kept are masked or erased, as the request was resolved.

One request is one transaction: its holds are closed first (this is the lock), the rows read and decided over again against the
live schema, carried out, and an addendum to the certificate, the audit entry and what is left to scrub are written with them.
A request that fails keeps its holds and is reported; the next run tries it again. After the commit the touched tables are read
again, once for many requests: level A, another addendum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import KvkkError, Refused
from core.model.certificate import Addendum, Subject
from core.model.records import Actor, Failure, HoldLine, JobDone, Resolution, Role
from core.model.residue import Judged
from core.services.context import AGAIN, TRIES, pause
from core.services.gate import needs
from core.store import certificates, certify, forget, holdbook, person, requests, residue, scrubs, survey
from core.store.faults import MACHINE
from core.store.holdsurvey import Ending, ending
from core.store.mutate import Hand
from core.store.rollback import without_rollback
from core.store.whose import customer_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context
    from core.store.engine import Unit

MOVED = AGAIN | {"rows-moved", "holds-moved", "customer-not-found"}
"""Failures that undid everything and may not come again: somebody else was at the same rows."""
PAGE = 100
"""Requests whose tables are read again together."""


@dataclass(frozen=True, slots=True)
class Finished:
    """One request that is committed."""

    number: int
    end: Ending


class Holds:
    """A job of `kvkk run`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def finish(self, actor: Actor) -> JobDone:
        """Finish every hold whose day has come. Raises MapError, Drift, KeyFileError, Refused `engine-without-rollback`."""
        done, failed, after = 0, list[Failure](), 0
        while page := self._page(after):
            finished: list[Finished] = []
            for number in page:
                self._context.between()
                try:
                    finished += self._again(actor, number)
                except KvkkError as error:
                    if error.code in MACHINE:
                        raise
                    failed.append(Failure.of(error, number))
            failed += self._reread(actor, finished)
            done, after = done + len(finished), page[-1]
        return JobDone(done=done, failed=tuple(failed))

    def _page(self, after: int) -> Sequence[int]:
        """The next requests, when the data map and the tables allow anything at all."""
        context = self._context
        with context.reading() as conn:
            found = holdbook.due(conn, context.today(conn), after, PAGE)
            if found and not after:
                context.atlas.proof(conn)
                if unsafe := without_rollback(conn, context.atlas.map.tables):
                    raise Refused("engine-without-rollback", tables=unsafe)
        return found

    def _again(self, actor: Actor, number: int) -> list[Finished]:
        for _ in range(TRIES - 1):
            try:
                return self._one(actor, number)
            except KvkkError as error:
                if error.code not in MOVED:
                    raise
                pause()
        return self._one(actor, number)

    # -- one request ------------------------------------------------------------------------------------------------

    def _one(self, actor: Actor, number: int) -> list[Finished]:
        """The transaction; nothing when another run was quicker."""
        context = self._context
        with context.writing(actor) as unit:
            conn, setting = unit.conn, context.settings.reader(unit.conn)
            held = holdbook.open_of(conn, number)
            today = context.today(conn)
            due = [one.id for one in held if one.release_on <= today]
            if not due:
                return []
            holdbook.close(unit, due)
            row = requests.one(conn, number)
            key = customer_of(conn, context.atlas, context.keyring, row, held)
            if key is not None:
                requests.wait_for_resolution(conn, key)
            resolution = Resolution(mask=row.outcome == "mask", erase=row.outcome == "erase")
            years = setting("invoice-retention-years")
            end = ending(conn, context.atlas, held, key, resolution, years if resolution.erase else years or 0, today)
            self._carry_out(unit, number, key, end)
            self._papers(unit, number, end, setting)
        return [Finished(number, end)]

    def _carry_out(self, unit: Unit, number: int, key: str | None, end: Ending) -> None:
        context, conn, seen = self._context, unit.conn, end.seen
        names = tuple(needle for name in end.names for needle in person.name_needles(name))
        Hand(unit.pile, context.atlas, seen.proof, seen.plan, seen.needles, names).carry_out()
        holdbook.keep(unit.pile, number, context.atlas.map, seen.plan, seen.who.parts, end.fresh)
        if key is not None and end.last:
            forget.replace_key(conn, key, context.keyring.obtain(conn))

    def _papers(self, unit: Unit, number: int, end: Ending, setting: Callable[[str], Any]) -> None:
        context = self._context
        paper = Addendum(
            number=number,
            at=unit.at,
            actor=str(unit.actor),
            about=Subject.HOLD,
            tables=end.counts,
            holds=tuple(_lines(context.atlas.map, end)),
            gone=end.gone,
        )
        certificates.append(unit.conn, paper)
        changed = {line.table: line.deleted + line.masked for line in paper.tables}
        unit.record("hold.finish", number, tables=changed, holds=len(end.due), gone=end.gone, last=end.last)
        if changed and scrubs.when(setting("scrub"), context.store.name, 0) != "off":
            values = tuple(value for _, value in end.seen.identifiers)
            scrubs.queue_more(unit, context.keyring, number, changed, values)

    # -- after the commit -------------------------------------------------------------------------------------------

    def _reread(self, actor: Actor, finished: Sequence[Finished]) -> list[Failure]:
        """Level A: the touched tables again, row by row and not through indexes; what is still there is reported."""
        touched = {name for one in finished for name in one.end.changed}
        whose = {id(needle): one.number for one in finished for needle in one.end.seen.needles}
        if not touched:
            return []
        failed = []
        with self._context.reading() as conn:
            schema = self._context.atlas.schema(conn)
            wanted = [needle for one in finished for needle in one.end.seen.needles]
            hits = list(residue.search(conn, schema, wanted, only=touched))
            left = {one.number: self._left(conn, one, [h for h in hits if whose[id(h.needle)] == one.number]) for one in finished}
        for number, count in left.items():
            self._measured(actor, number, count)
            if count:
                failed.append(Failure.of(Refused("hold-remains", number=number, cells=count), number))
        return failed

    def _left(self, conn: Connection, one: Finished, hits: Sequence[residue.Hit]) -> int:
        """Cells that should have gone: masked cells, and cells that no exception explains."""
        seen = one.end.seen
        rules = self._context.atlas.map.tables
        masked = {(name, seen.plan.found[name].key(d.row)) for name, rows in one.end.changed.items() for d in rows}
        still = {
            (h.table, h.address, h.column)
            for h in hits
            if (h.table, h.address) in masked and not h.needle.common and h.column in {rule.name for rule in rules[h.table].personal}
        }
        judged: Judged = survey.judged(conn, self._context.atlas, seen, hits)
        return len(still) + sum(line.cells for line in judged.refused)

    def _measured(self, actor: Actor, number: int, count: int) -> None:
        with self._context.writing(actor) as unit:
            certificates.append(unit.conn, certify.reread(number, unit.at, str(unit.actor), count))
            unit.record("certificate.reread", number, hits=count)


def _lines(mapping: Any, end: Ending) -> Iterator[HoldLine]:
    """The holds that have ended: those on record, and rows that were held with them."""
    recorded = Counter((one.table, one.because, one.release_on) for one in end.due)
    last = max((one.release_on for one in end.due), default=None)
    for (table, because, until), count in recorded.items():
        yield HoldLine(table, count, because, until)
    for name, rows in end.changed.items():
        hold = mapping.tables[name].hold
        if hold is not None and hold.with_invoices:
            yield HoldLine(name, len(rows), hold.because, last)
