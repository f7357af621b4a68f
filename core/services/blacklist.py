"""The blacklist (kara liste): which details must not open an account again. No verb gives a value back.

Values come in as Details and are folded before they are compared; what staff write as a reason is cleared of them. The list
is the company's own: it cannot be read from another company's or handed to one, since the law forbids that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.errors import NotFound, UsageError
from core.model.identity import Identifier, blank_all, needles
from core.model.records import Actor, BlacklistPage, Checked, Details, JobDone, Listing, Removal, RemovalPage, Role
from core.model.tombstone import KINDS, Deed
from core.model.words import checked, needed
from core.services.context import persistent
from core.services.gate import needs
from core.store import blacklist, customers, entries, keybook, person, requests, tombstones

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context
    from core.store.engine import Unit

PAGE_MOST = 1000
YEARS_MOST = 30
NAMED_MOST = 10
"""Customers with a listed value who are named."""
REMOVALS_YEARS = 3
"""How long it is remembered who took an entry off, and why: the least that the regulation asks of such records."""


class BlacklistService:
    """The verbs of `kvkk blacklist`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(
        self, actor: Actor, *, kind: str | None = None, request: int | None = None, after: str | None = None, limit: int = 50
    ) -> BlacklistPage:
        """Newest first. `after` is the cursor of the page before. Raises UsageError `bad-limit`, `bad-cursor`, `bad-kind`."""
        _check_limit(limit)
        if kind is not None and kind not in KINDS:
            raise UsageError("bad-kind", allowed=KINDS)
        with self._context.reading() as conn:
            today, states = self._context.today(conn), keybook.states(conn)
            rows = entries.page(conn, after, limit + 1, kind=kind, request=request)
        more = entries.cursor(rows[limit - 1]) if len(rows) > limit else None
        return BlacklistPage(tuple(entries.record(row, today, states) for row in rows[:limit]), more)

    @needs(Role.VIEWER)
    def removals(self, actor: Actor, *, after: int | None = None, limit: int = 50) -> RemovalPage:
        """Entries that were taken off by hand, newest first. Raises UsageError `bad-limit`."""
        _check_limit(limit)
        with self._context.reading() as conn:
            rows = entries.removals(conn, after, limit + 1)
        return RemovalPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    @needs(Role.VIEWER)
    def check(self, actor: Actor, details: Details) -> Checked:
        """Whether an account with these details may be opened. Raises UsageError, KeyFileError: it is never guessed."""
        _check(details)
        with self._context.reading() as conn:
            return Checked(blacklist.listed(conn, self._context.keyring, details.values, self._context.today(conn)))

    @needs(Role.OPERATOR)
    @persistent
    def add(self, actor: Actor, details: Details, *, reason: str | None = None, expires: date | None = None) -> tuple[Listing, ...]:
        """List details by hand. Raises UsageError (`nothing-listed`, `text-needed`, `expiry-out-of-range`, …), KeyFileError."""
        _check(details)
        checked("reason", reason)
        values = blacklist.folded(details.values)
        if not values:
            raise UsageError("nothing-listed")
        left = tuple(Listing(kind, "nobody") for kind, value in details.values if not blacklist.folded([(kind, value)]))
        with self._context.writing(actor) as unit:
            terms = self._terms(unit.conn, _cleared(reason, details.values), expires)
            return self._keep(unit, values, terms) + left

    @needs(Role.OPERATOR)
    @persistent
    def add_customer(self, actor: Actor, wanted: str, *, reason: str | None = None, expires: date | None = None) -> tuple[Listing, ...]:
        """List what identifies a customer; what another customer has too is left out and named. Raises also NotFound."""
        checked("reason", reason)
        with self._context.writing(actor) as unit:
            conn, atlas = unit.conn, self._context.atlas
            key = customers.locate(conn, atlas, wanted)
            requests.wait_for_resolution(conn, key)
            if not customers.exists(conn, atlas, key):
                raise NotFound("customer-not-found")
            values, shared = person.fingerprinted(conn, atlas, key)
            name = customers.rows_for(conn, atlas, [key])[key].name
            told = blank_all(reason or "", person.name_needles(name))[0]
            left = tuple(Listing(kind, "shared") for kind in shared)
            if not values:
                raise UsageError("nothing-listed")
            return self._keep(unit, values, self._terms(conn, _cleared(told, values), expires), key) + left

    @needs(Role.OPERATOR)
    @persistent
    def remove(self, actor: Actor, entry: str, reason: str) -> Removal:
        """Take one entry off. Raises UsageError `entry-malformed`, `entry-ambiguous`, `text-needed`, NotFound `entry-not-found`."""
        told = needed("reason", reason)
        with self._context.writing(actor) as unit:
            return self._take_off(unit, [entries.named(unit.conn, entry)], told)[0]

    @needs(Role.OPERATOR)
    @persistent
    def remove_details(self, actor: Actor, details: Details, reason: str) -> tuple[Removal, ...]:
        """Take off every entry of these details, whichever key it was made with. Raises NotFound `details-not-listed`, KeyFileError."""
        _check(details)
        told = needed("reason", _cleared(needed("reason", reason), details.values))
        with self._context.writing(actor) as unit:
            conn, keyring = unit.conn, self._context.keyring
            blacklist.verifying(conn, keyring, self._context.today(conn))
            keys = keyring.held()
            rows = [row for kind, value in blacklist.folded(details.values) for row in blacklist.rows_of(conn, keys, kind, value)]
            if not rows:
                raise NotFound("details-not-listed")
            return self._take_off(unit, rows, told)

    @needs(Role.OPERATOR)
    @persistent
    def purge(self, actor: Actor) -> JobDone:
        """Remove entries that have ended, and what is past its retention; a job of `kvkk run`."""
        with self._context.writing(actor) as unit:
            today = self._context.today(unit.conn)
            gone = blacklist.purge(unit.conn, today)
            entries.forget_removals(unit.conn, unit.at - timedelta(days=blacklist.YEAR_DAYS * REMOVALS_YEARS))
            if gone:
                unit.record("blacklist.purge", None, entries=gone)
            return JobDone(done=gone)

    def _keep(self, unit: Unit, values: Sequence[tuple[str, str]], terms: blacklist.Terms, own: str | None = None) -> tuple[Listing, ...]:
        conn, context = unit.conn, self._context
        kept = blacklist.keep(unit, context.keyring, values, terms)
        tombstones.keep_listed(unit, Deed.LISTED, context.keyring.obtain(conn), [one.mark for one in kept])
        unit.record("blacklist.add", None, kinds=[one.mark.kind for one in kept], expires=terms.expires.isoformat())
        have = (sorted(customers.keys_with(conn, context.atlas, kind, value) - {own}) for kind, value in values)
        return tuple(
            Listing(one.mark.kind, one.how, one.mark.expires_on, tuple(keys[:NAMED_MOST])) for one, keys in zip(kept, have, strict=True)
        )

    def _take_off(self, unit: Unit, rows: Sequence[object], reason: str) -> tuple[Removal, ...]:
        done = entries.take_off(unit, self._context.keyring.obtain(unit.conn), rows, reason)  # type: ignore[arg-type]
        for one in done:
            unit.record("blacklist.remove", one.request, kind=one.kind)
        return done

    def _terms(self, conn: Connection, reason: str | None, expires: date | None) -> blacklist.Terms:
        """The terms of an entry made by hand: it needs a purpose and an end. Raises UsageError `text-needed`, `expiry-out-of-range`."""
        usual = blacklist.terms(self._context.settings.reader(conn), self._context.today(conn))
        last = usual.today + timedelta(days=blacklist.YEAR_DAYS * YEARS_MOST)
        if expires is not None and not usual.today <= expires <= last:
            raise UsageError("expiry-out-of-range", today=usual.today.isoformat(), until=last.isoformat())
        return blacklist.Terms(usual.today, expires or usual.expires, needed("reason", reason or usual.reason))


def _cleared(reason: str | None, values: Sequence[tuple[str, str]]) -> str | None:
    """What staff wrote, without the values themselves."""
    words = checked("reason", reason)
    return blank_all(words, needles(Identifier(kind, value) for kind, value in values))[0] if words else None


def _check(details: Details) -> None:
    """Raises UsageError `details-empty`, `bad-kind`, `text-unreadable`, `text-too-long`."""
    if not details.values:
        raise UsageError("details-empty", allowed=KINDS)
    for kind, value in details.values:
        if kind not in KINDS:
            raise UsageError("bad-kind", allowed=KINDS)
        checked(kind, value)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= PAGE_MOST:
        raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
