"""Leftovers: exports that broke off without a word, temporary files, tokens and attempts that have ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.adapters.files import sweep
from core.model.records import Actor, JobDone, Role
from core.services.context import persistent
from core.services.gate import needs
from core.store import download_log, stale

if TYPE_CHECKING:
    from core.services.context import Context

ABANDONED = timedelta(days=1)
"""An export that has not ended after so long was killed."""
PAGE = 200


class Tidy:
    """A job of `kvkk run`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def sweep(self, actor: Actor) -> JobDone:
        """Everything that others have left lying."""
        done = self._stale(actor) + self._files()
        while number := self._downloads(actor):
            self._context.between()
            done += number
        return JobDone(done=done)

    @persistent
    def _downloads(self, actor: Actor) -> int:
        with self._context.writing(actor) as unit:
            numbers = download_log.abandoned(unit.conn, unit.at - ABANDONED, PAGE)
            for number in numbers:
                download_log.break_off(unit, number, "abandoned")
            return len(numbers)

    @persistent
    def _stale(self, actor: Actor) -> int:
        with self._context.writing(actor) as unit:
            return stale.purge(unit.conn, unit.at)

    def _files(self) -> int:
        """Our temporary files, where ours may lie: beside the key file and beside a SQLite database."""
        store = self._context.store
        folders = {self._context.keyring.path.parent, *([store.file.parent] if store.file else [])}
        return sum(sweep(folder) for folder in folders)
