"""The data of many customers in one run: a file each, and a manifest by which the run goes on after any kind of end.

Each customer is an export of its own, recorded as such, though some dozen are worked on together (`core.services.export_pages`); a
customer who is gone is told and does not stop the others. What is wrong with the database or the disk ends the run, to be resumed in
the same folder.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.adapters.files import LEFTOVER_AFTER_S, sweep, told
from core.adapters.manifest import Manifest
from core.errors import UsageError
from core.model.records import Actor, ExportEnd, Role, Word
from core.model.words import checked
from core.services.export_pages import AT_ONCE, ExportPages, Task
from core.services.exports import FORMATS, NOBODY_ASKED, heard
from core.services.gate import needs
from core.services.pages import Watch
from core.store import runs, subjects
from core.store.sql import chunks

if TYPE_CHECKING:
    from core.services.context import Context


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """Whose data, where to, how. `names`: as `kvkk export` takes them; None: every customer."""

    folder: Path
    names: tuple[str, ...] | None = None
    form: str = "xml"
    reason: str | None = None
    resume: str | None = None
    """Id of a run that was cut off in this folder."""
    word: Word = NOBODY_ASKED
    """How all of them asked, when staff export on their behalf."""


class ExportRuns:
    """`kvkk export` for many customers."""

    def __init__(self, context: Context, at_once: int = AT_ONCE) -> None:
        self._context = context
        self._at_once = at_once

    @needs(Role.OPERATOR)
    def export(self, actor: Actor, order: ExportOrder, watch: Watch | None = None) -> ExportEnd:
        """Write a file a customer. Raises UsageError (`unknown-format`, `text-…`, `received-…`, `manifest-…`, `output-…`), NotFound
        (`run-no-id`, `manifest-…`), Conflict `manifest-in-use`, NotAllowed `customers-off`, Unavailable; what is wrong with one
        customer is counted and stands in the manifest."""
        if order.form not in FORMATS:
            raise UsageError("unknown-format", allowed=tuple(FORMATS))
        if order.resume is not None and not runs.ID.fullmatch(order.resume):
            raise runs.no_run(order.resume)
        why = checked("reason", order.reason)
        run, watch = order.resume or secrets.token_hex(4), watch or Watch()
        with self._context.reading() as conn:
            word = heard(self._context, conn, order.word)
        names = self._every_key() if order.names is None else order.names
        if order.resume is None:
            _folder(order.folder)
        sweep(order.folder, LEFTOVER_AFTER_S if order.resume is None else 0)
        done = failed = 0
        with Manifest(order.folder, run, order.form, resume=order.resume is not None) as book:
            watch.begun(run, len(names))
            pages = ExportPages(self._context, Task(actor, order.folder, order.form, why, word, watch.stop), book)
            for some in chunks(tuple(enumerate(names, 1)), self._at_once):
                if watch.stop():
                    break
                went, refused = pages.write(some)
                done, failed = done + went, failed + refused
                watch.progress("export", some[-1][0], len(names))
            return ExportEnd(run, str(order.folder), len(names), done, failed, stopped=done + failed < len(names))

    @needs(Role.OPERATOR)
    def count(self, actor: Actor) -> int:
        """How many customers there are: whom `--all` would export."""
        return len(self._every_key())

    def _every_key(self) -> tuple[str, ...]:
        with self._context.reading() as conn:
            return tuple(subjects.every_key(conn, self._context.atlas))


def _folder(folder: Path) -> None:
    """The folder of the run, made for its owner alone where it is not there."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        raise UsageError("output-not-a-folder") from None
    except OSError as error:
        raise told(error) from None
