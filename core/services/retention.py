"""Retention of our own tables: the audit is closed, archived and cut; closed requests and what belongs to them go.

    archive   the segment is proven, written to a file beside the key file and synced; then closed in one transaction with the
              audit entry that names it; its rows go in later ones. Killed anywhere, the next run goes on: the same file again
    requests  whole with certificate and messages; never while a hold of theirs is not finished

Whole calendar years: one segment a year, and nothing is younger than `audit-retention-years`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.adapters import archives
from core.errors import ChainBroken
from core.model.records import Actor, JobDone, Role
from core.services.context import persistent
from core.services.gate import needs
from core.store import chain, expired, segments

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context


class Retention:
    """A job of `kvkk run`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def purge(self, actor: Actor) -> JobDone:
        """Archive and remove what is past its retention. Raises ChainBroken when what is to be archived does not verify,
        Conflict `archive-differs`, UsageError and Unavailable of the file system."""
        done = self._archive(actor) + self._cut(actor)
        while number := self._requests(actor):
            self._context.between()
            done += number
        while number := self._others(actor):
            self._context.between()
            done += number
        return JobDone(done=done)

    # -- the audit --------------------------------------------------------------------------------------------------

    def _archive(self, actor: Actor) -> int:
        context = self._context
        with context.reading() as conn:
            segment = segments.due(conn, self._before(conn))
            if segment is None:
                return 0
            chain.verify(conn, context.keyring.held(), None, context.clock())
            path = self._folder / segment.file
            write = archives.same if path.exists() else archives.write
            sha256 = write(path, segments.lines(conn, segment))
        self._prove(path, segment, sha256)
        self._close(actor, segment, sha256)
        return 1

    def _prove(self, path: Path, segment: segments.Segment, sha256: str) -> None:
        """What stands on the disk gives the hashes of the chain: only then may the rows go."""
        last = segment.before
        for entry in archives.read(path, segment.first, sha256):
            last = chain.next_hash(last, entry)
        if last != segment.hash:
            raise ChainBroken("audit-broken", seq=segment.first, why="archive")

    @persistent
    def _close(self, actor: Actor, segment: segments.Segment, sha256: str) -> None:
        with self._context.writing(actor) as unit:
            closed = segments.last_closed(unit.conn)
            if closed is None or closed.last_seq < segment.last:
                segments.close(unit, segment, sha256)

    def _cut(self, actor: Actor) -> int:
        """Rows of closed segments; more than one transaction, since an engine carries only so much in one."""
        done = 0
        while number := self._cut_some(actor):
            self._context.between()
            done += number
        return 1 if done else 0

    @persistent
    def _cut_some(self, actor: Actor) -> int:
        with self._context.writing(actor) as unit:
            closed = segments.last_closed(unit.conn)
            return segments.remove(unit, closed) if closed else 0

    @property
    def _folder(self) -> Path:
        """Beside the key file: what proves an archive, and who may read it, is there."""
        return self._context.keyring.path.parent

    # -- requests ---------------------------------------------------------------------------------------------------

    @persistent
    def _requests(self, actor: Actor) -> int:
        with self._context.writing(actor) as unit:
            numbers = expired.closed_before(unit.conn, self._before(unit.conn))
            if numbers:
                expired.remove(unit, numbers)
                unit.record("retention.requests", None, first=min(numbers), last=max(numbers), count=len(numbers))
            return len(numbers)

    @persistent
    def _others(self, actor: Actor) -> int:
        with self._context.writing(actor) as unit:
            before = self._before(unit.conn)
            downloads, messages = expired.remove_downloads(unit, before), expired.remove_messages(unit, before)
            if downloads or messages:
                unit.record("retention.others", None, downloads=downloads, messages=messages)
            return downloads + messages

    def _before(self, conn: Connection) -> datetime:
        """1 January of the year so many years ago, in the set time zone."""
        setting = self._context.settings.reader(conn)
        year = self._context.today(conn).year - setting("audit-retention-years")
        return datetime.combine(date(year, 1, 1), datetime.min.time(), ZoneInfo(setting("timezone"))).astimezone(UTC)
