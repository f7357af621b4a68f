"""After masks and erases: the database's own files are cleaned, once for all requests that wait, and each certificate says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StillPending
from core.model.records import Actor, Failure, JobDone, Role, Scrubbed
from core.services.context import persistent
from core.services.gate import needs
from core.store import certificates, certify, scrub, scrub_sqlite, scrubs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.certificate import Level
    from core.services.context import Context


STUCK = frozenset({"scrub-no-room", "scrub-failed"})
"""Reasons for which somebody has to do something: `kvkk run` would otherwise put it off silently for ever."""


class Scrubs:
    """Level B of the certificates."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def settle(self, actor: Actor) -> Scrubbed:
        """After a command or a batch: clean now where the setting says so; otherwise `kvkk run` does it, or nobody."""
        with self._context.reading() as conn:
            now = self._policy(conn) == "now" and scrubs.count(conn)
        return self._clean(actor) if now else Scrubbed()

    @needs(Role.OPERATOR)
    def finish(self, actor: Actor) -> Scrubbed:
        """Clean whatever waits, unless the setting is off. Raises KeyFileError."""
        with self._context.reading() as conn:
            wanted = self._policy(conn) != "off" and scrubs.count(conn)
        return self._clean(actor) if wanted else Scrubbed()

    @needs(Role.OPERATOR)
    def job(self, actor: Actor) -> JobDone:
        """`finish` as a job of `kvkk run`. What goes away by itself (a reader, an old snapshot) is only put off."""
        cleaned = self.finish(actor)
        if cleaned.why in STUCK:
            return JobDone(len(cleaned.done), failed=(Failure.of(StillPending(cleaned.why, count=len(cleaned.pending))),))
        return JobDone(len(cleaned.done), len(cleaned.pending))

    def _policy(self, conn: Connection) -> str:
        store = self._context.store
        size = scrub_sqlite.size_of(Path(str(store.url.database))) if store.file else 0
        return scrubs.when(self._context.settings.get(conn, "scrub"), store.name, size)

    def _clean(self, actor: Actor) -> Scrubbed:
        with self._context.reading() as conn:
            orders = scrubs.pending(conn, self._context.keyring)
        levels = scrub.clean(self._context.store, orders, self._standing)
        again = {number: level for number, level in levels.items() if level.why in scrub.AGAIN}
        done = {number: level for number, level in levels.items() if number not in again}
        if done:
            self._told(actor, done)
        why = next((level.why for level in again.values()), "")
        if again:
            self._put_off(actor, tuple(again), why)
        return Scrubbed(tuple(done), tuple(again), why)

    def _standing(self, values: Sequence[str]) -> set[str]:
        with self._context.reading() as conn:
            return scrub.standing(conn, self._context.atlas.schema(conn), values)

    @persistent
    def _told(self, actor: Actor, levels: dict[int, Level]) -> None:
        with self._context.writing(actor) as unit:
            for number, level in levels.items():
                if scrubs.close(unit.conn, number):
                    certificates.append(unit.conn, certify.scrubbed(number, unit.at, str(unit.actor), level))
                    figures = {"hits": level.hits, "files": level.files, "bytes": level.bytes}
                    unit.record("certificate.scrub", number, status=level.status.value, why=level.why, **figures)

    @persistent
    def _put_off(self, actor: Actor, numbers: tuple[int, ...], why: str) -> None:
        with self._context.writing(actor) as unit:
            scrubs.put_off(unit.conn, numbers, why, unit.at)
