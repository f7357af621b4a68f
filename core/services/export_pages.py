"""The pages of a run of exports: what a single export does, a step at a time for some dozen customers.

    intents        one transaction: all are on record before the first byte of any of them
    files          one read snapshot; the data, then the names, then the folder are on the disk
    ends           one transaction; when it fails, no file of the page stays
    manifest       the lines of the page

So whatever stands in the manifest is on record as done, and whatever is on record as done is on the disk; a kill loses the lines of one
page at most. Customers with so many rows that they cannot be held together, and pages in which anything fails, go one by one, each as
a single export: what is wrong with one is told of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from core.adapters.files import default_name, told
from core.adapters.manifest import Line, Manifest, refused, written
from core.adapters.sheaf import Sheaf
from core.errors import KvkkError, NotFound, UsageError
from core.locale import LANGUAGES
from core.model.records import Exported, Role
from core.services.context import persistent
from core.services.exports import FORMATS, Exporting, letterhead
from core.store import customers, download_log, outbox, pagerows, requests
from core.store.download_log import Ended

if TYPE_CHECKING:
    from core.adapters.xml_export import Written
    from core.model.records import Actor, Word
    from core.services.context import Context
    from core.store.engine import Unit

AT_ONCE = 50
"""Customers of a page: as many files are open together, twice, and as many are written again after a kill."""
GONE = "customer-not-found"
STOPPED = "stopped"
"""How the intents of a page end on record that are not carried out any more because the run was asked to stop."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for every customer of a run."""

    actor: Actor
    folder: Path
    form: str
    reason: str | None
    word: Word
    stop: Callable[[], bool]


@dataclass(slots=True)
class Page:
    """A page that is worked on."""

    places: dict[str, int]
    """Key → place in the run, of those who are to be exported."""
    lines: dict[int, Line] = field(default_factory=dict)
    """Place → line of the manifest."""
    open: dict[str, int] = field(default_factory=dict)
    """Key → number of the download, of those whose end is not on record."""
    done: int = 0
    """Those whose file is there."""
    failed: int = 0

    def refuse(self, key: str, code: str) -> None:
        self.lines[self.places[key]] = refused(self.places[key], code)

    def add(self, key: str, file: str, rows: int, size: int, sha256: str) -> None:
        self.lines[self.places[key]] = written(key, file, rows, size, sha256)

    def put_down(self, book: Manifest) -> None:
        """The lines that are not there yet, in the order of the run."""
        book.add(line for _, line in sorted(self.lines.items()))
        self.done += sum("key" in line for line in self.lines.values())
        self.failed += sum("error" in line for line in self.lines.values())
        self.lines.clear()


class ExportPages:
    """Writes page after page of one run."""

    def __init__(self, context: Context, task: Task, book: Manifest) -> None:
        self._context, self._task, self._book = context, task, book
        self._exporting = Exporting(context)
        self._write = import_module(FORMATS[task.form][0]).writer()

    def write(self, some: Sequence[tuple[int, str]]) -> tuple[int, int]:
        """Export these (place, name); returns how many files are there, and how many customers were refused.

        Both together are less than all when the run was asked to stop. Raises as a single export, but for what concerns one customer.
        """
        self._context.permit(self._task.actor, Role.OPERATOR)
        page = self._located(some)
        with self._recorded(page):
            self._begin(page)
            if page.open and not self._together(page):
                self._one_by_one(page)
            page.put_down(self._book)
        return page.done, page.failed

    def _located(self, some: Sequence[tuple[int, str]]) -> Page:
        """Who is meant, and how many of them have their file already."""
        page = Page({})
        with self._context.reading() as conn:
            atlas = self._context.atlas
            keys = customers.existing(conn, atlas, [name for _, name in some if "\0" not in name])
            for place, name in some:
                try:
                    key = name if name in keys else customers.locate(conn, atlas, name)
                except (NotFound, UsageError) as error:
                    page.lines[place] = refused(place, error.code)
                    continue
                if key in self._book.done or key in page.places:
                    page.done += 1
                else:
                    page.places[key] = place
        return page

    def _begin(self, page: Page) -> None:
        page.open = self._intend(tuple(page.places)) if page.places else {}
        for key in page.places.keys() - page.open.keys():
            page.refuse(key, GONE)

    @persistent
    def _intend(self, keys: Sequence[str]) -> dict[str, int]:
        """The intents, on record, of those who are there."""
        task = self._task
        with self._context.writing(task.actor) as unit:
            requests.wait_for_resolutions(unit.conn, keys)
            there = customers.existing(unit.conn, self._context.atlas, keys)
            if not there:
                return {}
            if self._addresses(unit, keys):
                self._context.keyring.obtain(unit.conn)
            here = [key for key in keys if key in there]
            return download_log.begin_many(unit, here, task.form, task.reason, task.word)

    def _together(self, page: Page) -> bool:
        """The whole page at once. False when it has to be done one by one; nothing of it is there then."""
        with Sheaf() as sheaf:
            try:
                done = self._files(page, sheaf)
                sheaf.keep()
            except KvkkError:
                done = None
            if done is None:
                return False
            self._finish(page, {key: about for key, (_, about) in done.items()})
        for key in page.open:
            if key in done:
                file, about = done[key]
                page.add(key, file, about.records, about.bytes, about.sha256)
            else:
                page.refuse(key, GONE)
        page.open = {}
        return True

    def _files(self, page: Page, sheaf: Sheaf) -> dict[str, tuple[str, Written]] | None:
        """Key → file and what is in it, of those who are still there."""
        context, task = self._context, self._task
        done = {}
        with context.reading() as conn:
            read = pagerows.together(conn, context.atlas, tuple(page.open))
            if read is None:
                return None
            header, languages = letterhead(context, conn), customers.languages(conn, context.atlas, read.keys)
            today = context.today(conn)
            for key, number in page.open.items():
                if key not in read.keys:
                    continue
                path = task.folder / default_name(today, FORMATS[task.form][1])
                file = sheaf.open(path)
                try:
                    done[key] = path.name, self._write(file, header(number, key, languages.get(key)), read.stream(key))
                except OSError as error:
                    raise told(error) from None
        return done

    @persistent
    def _finish(self, page: Page, done: Mapping[str, Written]) -> None:
        ends = [Ended(page.open[key], one.records, one.bytes, one.sha256, one.marked) for key, one in done.items()]
        with self._context.writing(self._task.actor) as unit:
            download_log.finish_many(unit, ends)
            for key, number in page.open.items():
                if key not in done:
                    download_log.break_off(unit, number, GONE)
            self._notify(unit, tuple(done))

    def _notify(self, unit: Unit, keys: Sequence[str]) -> None:
        """Tell the customers that their data were downloaded; nobody is told who was erased meanwhile."""
        addresses = self._addresses(unit, keys)
        if not addresses:
            return
        languages = customers.languages(unit.conn, self._context.atlas, addresses)
        fallback = str(self._context.settings.get(unit.conn, "language"))
        for key, (name, email) in addresses.items():
            own = languages.get(key)
            fields: dict[str, outbox.Field] = {"name": name, "at": unit.at.isoformat()}
            outbox.queue_later(unit, self._context.keyring, "downloaded", None, own if own in LANGUAGES else fallback, email, fields)

    def _addresses(self, unit: Unit, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Key → name and e-mail, of whom a notice would go to."""
        if not self._context.settings.get(unit.conn, "notify"):
            return {}
        rows = customers.rows_for(unit.conn, self._context.atlas, keys)
        return {key: (row.name, row.email) for key, row in rows.items() if row.email}

    def _one_by_one(self, page: Page) -> None:
        """Each of the page as a single export, whose intent is on record; the manifest hears of each at once."""
        for key in tuple(page.open):
            if self._task.stop():
                self._break_off(page, STOPPED)
                return
            try:
                done = self._single(page, key)
            except (NotFound, UsageError) as error:
                if error.code.startswith("output-"):
                    raise
                page.refuse(key, error.code)
            else:
                page.add(key, Path(done.path or "").name, done.rows, done.bytes, done.sha256)
            page.put_down(self._book)

    def _single(self, page: Page, key: str) -> Exported:
        task = self._task
        with self._context.reading() as conn:
            name = default_name(self._context.today(conn), FORMATS[task.form][1])
        # from `begin` on the export records its end itself
        return self._exporting.to_file(task.actor, key, task.folder / name, False, partial(page.open.pop, key), task.form)

    @contextmanager
    def _recorded(self, page: Page) -> Iterator[None]:
        """Whatever ends the block early, a signal included, is recorded for all that have not ended, and the lines so far are kept."""
        try:
            yield
        except BaseException as error:
            with suppress(KvkkError):
                self._break_off(page, error.code if isinstance(error, KvkkError) else type(error).__name__)
            raise

    def _break_off(self, page: Page, code: str) -> None:
        if not page.open:
            return
        with self._context.writing(self._task.actor) as unit:
            for number in page.open.values():
                download_log.break_off(unit, number, code)
        page.open = {}
