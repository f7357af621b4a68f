"""`kvkk export` for many customers: who, where to, how sure, and how it ended."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import Exit, UsageError
from kvkk_cli.bulk import CODES, stoppable
from kvkk_cli.progress import Progress
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import ExportEnd, Word


def names(customer: str, file: Path | None, *, everybody: bool) -> tuple[str, ...] | None:
    """The customers as they were named, None for everybody. Raises UsageError `one-source`, `stdin-empty`, `list-unreadable`."""
    sources = sum((bool(customer), file is not None, everybody))
    if not sources:
        raise UsageError("missing-argument", argument="CUSTOMER", command="kvkk export")
    if sources > 1:
        raise UsageError("one-source")
    if everybody:
        return None
    if file is not None:
        if not (listed := _lines(_read(file))):
            raise UsageError("list-empty")
        return listed
    if customer == "-":
        if not (given := _lines(here().out.lines())):
            raise UsageError("stdin-empty")
        return given
    return (customer,)


@dataclass(frozen=True, slots=True)
class How:
    """What is the same for every customer of a run."""

    form: str
    reason: str | None
    resume: str | None
    word: Word


def run(wanted: tuple[str, ...] | None, output: str | None, how: How, *, yes: bool) -> None:
    """A file each. Raises UsageError `run-needs-folder`, `exports-not-confirmed`, and what the run raises."""
    from core import ExportOrder, Watch

    session, out = here(), here().out
    if output in (None, "-"):
        raise UsageError("run-needs-folder")
    order = ExportOrder(Path(str(output)).expanduser(), wanted, how.form, how.reason, how.resume, how.word)
    with session.desk() as desk, stoppable() as stop, Progress(out) as bar:
        if wanted is None and not yes:  # also of a run that is resumed: it may have been begun for fewer
            _be_sure(desk.label, desk.export_runs.count(desk.actor))

        def begun(name: str, count: int) -> None:
            told = _("Run {run}: {count} customers. If it is cut off, the same call with --resume {run} goes on.")
            out.say(told.format(run=name, count=count))

        end = desk.export_runs.export(desk.actor, order, Watch(progress=bar.at, stop=stop.asked, begun=begun))
    out.show(end, lambda: out.fields(_end(end)))
    if end.failed:
        out.warn(_("Who failed, and why, stands in manifest.jsonl, by the place among those that were named."))
    if end.stopped:
        out.warn(_("Stopped before the end; the same call with --resume {run} goes on.").format(run=end.run))
    if stop.by is not None:
        session.status = CODES[signal.Signals(stop.by)]
    elif end.failed:
        session.status = Exit.PARTLY


def _end(end: ExportEnd) -> list[tuple[str, str]]:
    counts = {_("Done"): end.done, _("Failed"): end.failed, _("Left"): end.total - end.done - end.failed}
    return [(_("Run"), end.run), (_("Folder"), end.folder), *((name, str(count)) for name, count in counts.items())]


def _be_sure(database: str, count: int) -> None:
    out = here().out
    question = _("{name}: export the data of {count} customers. Type their number to go on:").format(name=database, count=count)
    if not out.can_ask or not out.ask_number(question, count):
        raise UsageError("exports-not-confirmed", count=count)


def _read(file: Path) -> list[str]:
    try:
        return file.expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError("list-unreadable") from None


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for one in lines if (line := one.strip()))
