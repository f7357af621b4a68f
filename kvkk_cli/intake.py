"""`kvkk requests add --from-file`: a list of requests, and what became of each line. No value of the file is ever repeated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core import Exit, UsageError, explain_code
from kvkk_cli import words
from kvkk_cli.progress import Progress
from kvkk_cli.session import here
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import FiledFile, FiledLine


def from_file(named: str, *, dry_run: bool, alone: bool) -> None:
    """Raises UsageError `from-file-alone` when the call says more than the file, and what the file raises."""
    if not alone:
        raise UsageError("from-file-alone")
    session = here()
    source = session.out.binary_input() if named == "-" else Path(named).expanduser()
    with session.desk() as desk, Progress(session.out) as bar:
        done = desk.intake.add_file(desk.actor, source, dry_run=dry_run, progress=bar.at)
    session.out.show(done, lambda: _told(done))
    for line in done.failures:
        if not session.out.as_json:
            session.out.warn(_("Line {line}: ").format(line=line.line) + _why(line))
    if done.by_phone:
        told = _("{count} came by phone, which is no valid channel under KVKK: ask the customers for a written confirmation.")
        session.out.warn(told.format(count=done.by_phone))
    if done.failures:
        session.status = Exit.PARTLY


def _told(done: FiledFile) -> None:
    """On a terminal the sums; elsewhere a line for each: line, number, day of answer, code."""
    out = here().out
    if not out.on_terminal:
        for one in done.lines:
            cells = (one.line, one.number or "", one.due_on.isoformat() if one.due_on else "", one.code or "")
            out.line("\t".join(map(str, cells)))
    if done.dry_run:
        out.say(_("{count} requests would be filed, {failed} lines would fail. Nothing was changed.").format(**_sums(done)))
        return
    out.say(_("{count} requests were filed, {failed} lines failed.").format(**_sums(done)))
    numbers = [line.number for line in done.lines if line.number is not None]
    if numbers:
        out.say(_("Their numbers: {first} to {last}.").format(first=min(numbers), last=max(numbers)))


def _sums(done: FiledFile) -> dict[str, int]:
    return {"count": done.done, "failed": len(done.failures)}


def _why(line: FiledLine) -> str:
    return explain_code(line.code or "", dict(line.facts), words.language(), TEXTS)[0]
