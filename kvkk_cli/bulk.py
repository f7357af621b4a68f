"""Many requests in one run: which, how sure, what is seen meanwhile, how it ends. `kvkk resolve` hands over to here."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from core import Exit, KvkkError, UsageError, explain_code
from kvkk_cli import failures, outcomes, values, words
from kvkk_cli.jsonable import jsonable
from kvkk_cli.progress import Progress
from kvkk_cli.report import Report
from kvkk_cli.session import here
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, ItemDone, Preview, Resolution, ResolveOptions, RunEnd, Wanted, Watch

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.TERMINATED}


@dataclass
class Stop:
    """Set by a signal; the run ends whole behind the request that is worked on."""

    by: int | None = None
    _before: dict[int, object] = field(default_factory=dict)

    def asked(self) -> bool:
        return self.by is not None

    def heard(self, number: int, _frame: FrameType | None) -> None:
        self.by = number


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Ctrl-C, SIGTERM and SIGHUP ask the run to end between two requests. A second Ctrl-C is as hard as ever."""
    stop = Stop()
    before = {one: signal.getsignal(one) for one in STOPS}

    def heard(number: int, frame: FrameType | None) -> None:
        if stop.asked():
            signal.signal(number, before[signal.Signals(number)])
            signal.raise_signal(number)
        stop.heard(number, frame)

    for one in STOPS:
        signal.signal(one, heard)
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def numbers_from_stdin() -> tuple[int, ...]:
    """One number a line; blank lines and what follows a # are passed over. Raises UsageError `line-not-a-number`, `no-numbers`."""
    found: list[int] = []
    for line, whole in enumerate(here().out.lines(), 1):
        text = whole.partition("#")[0].strip()
        if text and not values.is_number(text):
            raise UsageError("line-not-a-number", line=line)
        found += [int(text)] if text else []
    if not found:
        raise UsageError("no-numbers")
    return tuple(found)


def resolve(desk: Desk, wanted: Wanted, choice: Resolution, options: ResolveOptions, report: Path | None, *, yes: bool) -> None:
    """A new run. Raises UsageError `bulk-not-confirmed`, `report-…`, and what the run raises."""
    chosen = desk.bulk.choose(desk.actor, wanted)
    if chosen:
        _be_sure(desk, len(chosen), choice, yes=yes)
    exactly = replace(wanted, numbers=chosen)  # what comes in while somebody is asked was not meant
    with Report.opened(report, fresh=True) as kept:
        if not chosen:
            _nothing_fits()
            return
        with stoppable() as stop, Progress(here().out) as bar:
            end = desk.bulk.resolve(desk.actor, exactly, choice, options, watching(kept, stop, bar))
    _told(end, stop, kept)


def preview(desk: Desk, wanted: Wanted, choice: Resolution, options: ResolveOptions) -> None:
    """What such a run would do: a preview of each after one pass over the database. Ends as the run would."""
    from core import Watch

    session, out, previews = here(), here().out, list[object]()
    numbers = desk.bulk.choose(desk.actor, wanted)
    if not numbers:
        out.say(_("No request fits. Nothing was changed."))

    with stoppable() as stop, Progress(out) as bar:

        def seen(number: int, found: Preview | KvkkError) -> None:
            bar.make_room()
            if isinstance(found, KvkkError):
                failures.of_request(out, number, found)
            elif out.as_json:
                previews.append(jsonable(found))
            else:
                outcomes.preview(out, found)
            if isinstance(found, KvkkError) or found.refusals:
                session.status = Exit.PARTLY

        desk.bulk.preview(desk.actor, numbers, choice, options, seen, Watch(progress=bar.at, stop=stop.asked, foreseen=bar.foreseen))
    if out.as_json:
        out.data = previews
    if stop.by is not None:
        session.status = CODES[signal.Signals(stop.by)]


def resume(desk: Desk, run: str, report: Path | None) -> None:
    """Go on with a run that did not come to its end."""
    with Report.opened(report, fresh=False) as kept, stoppable() as stop, Progress(here().out) as bar:
        end = desk.bulk.resume(desk.actor, run, watching(kept, stop, bar))
    _told(end, stop, kept)


def _nothing_fits() -> None:
    """No run is begun; a script gets the same figures."""
    out = here().out
    out.say(_("No request fits. Nothing was changed."))
    if out.as_json:
        out.data = {"id": None, "state": "done", "total": 0, "done": 0, "failed": 0, "skipped": 0}


def _be_sure(desk: Desk, count: int, choice: Resolution, *, yes: bool) -> None:
    out = here().out
    if yes:
        return
    question = _("{name}: {count} requests, {choice}. Type their number to go on:")
    told = question.format(name=desk.label, count=count, choice=outcomes.chosen(choice))
    if not out.can_ask or not out.ask_number(told, count):
        raise UsageError("bulk-not-confirmed", count=count)


def watching(report: Report, stop: Stop, bar: Progress, cut_off: str | None = None) -> Watch:
    """Who looks at a run: the report, the bar, and whoever asks it to stop. `cut_off` says how to go on, where it is another way."""
    from core import Watch

    out = here().out

    def told(item: ItemDone) -> None:
        _keep(report, bar, item)
        if item.state != "done":
            what, _then = explain_code(item.code or "", dict(item.facts), words.language(), TEXTS)
            bar.aside(_("Request {number}: ").format(number=item.number) + what)

    def begun(run: str, count: int) -> None:
        usual = _("Run {run}: {count} requests. If it is cut off: kvkk resolve --resume {run}")
        out.say(cut_off or usual.format(run=run, count=count))

    return Watch(told=told, progress=bar.at, stop=stop.asked, begun=begun, foreseen=bar.foreseen)


def _keep(report: Report, bar: Progress, item: ItemDone) -> None:
    """What the report cannot take any more is told here, so that it is lost nowhere."""
    whole = report.broken is None
    line = report.add(item)
    if line is None:
        return
    if whole:
        told = _("The report cannot be written any more ({kind}); the run goes on. The lines that it lacks follow here.")
        bar.aside(told.format(kind=report.broken))
    bar.aside(line)


def settle(desk: Desk) -> None:
    """Once for the whole command: the database's own files."""
    left = desk.scrubs.settle(desk.actor)
    if left.pending:
        here().status = here().status or Exit.PENDING
        here().out.warn(_("Committed; cleaning the database's own files is still pending. `kvkk run` does it."))


def _told(end: RunEnd, stop: Stop, report: Report) -> None:
    session, row = here(), end.row
    pairs = [
        (_("Run"), row.id),
        (_("Done"), str(row.done)),
        (_("Failed"), str(row.failed)),
        (_("Skipped, of another kind"), str(row.skipped)),
        (_("Still waiting"), str(row.waiting)),
        (_("Audit checkpoint"), end.checkpoint),
    ]
    session.out.show(end, lambda: session.out.fields(pairs))
    for number, hits in end.found_after:
        session.out.warn(_("Request {number}: values were found in {hits} places after the run.").format(number=number, hits=hits))
    if row.waiting:
        session.out.warn(_("Stopped between two requests; what is done stands. Go on: kvkk resolve --resume {run}").format(run=row.id))
    if stop.by is not None:
        session.status = CODES[signal.Signals(stop.by)]
    elif row.failed or row.skipped or end.found_after:
        session.status = Exit.PARTLY
    elif end.pending or report.broken:
        session.status = Exit.PENDING
