"""How a form's requests look: one with its preview or result, several with a line each. A batch in, lines out."""

from __future__ import annotations

from core import N_, ItemDone, Preview, RequestRow, Resolution, needs
from kvkk_tui import previews
from kvkk_tui.batch import Batch, Stage
from kvkk_tui.columns import SHORT, whose
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.words import _, forms, told
from kvkk_tui.words import against as against_code

BAR = 30
"""Cells of the progress bar."""
STAGES = {
    "locate": N_("Reading the customers"),
    "search": N_("Searching the database"),
    "look": N_("Previews"),
    "resolve": N_("Resolving"),
    "verify": N_("Searching once more"),
}
"""What a run is at -> words."""


def draw(lines: Lines, batch: Batch, resolution: Resolution, about: str) -> None:
    """What is known of the requests of a form; `about` says what the chosen resolution means."""
    one = batch.one
    if one is None:
        _several(lines, batch, resolution, about)
    elif one.number in batch.done:
        previews.resolved(lines, batch.done[one.number])
    else:
        _one(lines, batch, one, resolution, about)


def against(batch: Batch) -> str | None:
    """The sentence that says why nothing can be carried out now."""
    if not batch.complete:
        return _("The preview is still being worked out.")
    if batch.ready:
        return None
    one = batch.one
    if one is None:
        return _("None of these requests can be resolved like this.")
    if one.number in batch.failures:
        return told(batch.failures[one.number])[0]
    return _refusal(batch.previews[one.number])


def _refusal(seen: Preview) -> str:
    first = seen.refusals[0]
    return against_code(first.code, dict(first.facts))


def _one(lines: Lines, batch: Batch, row: RequestRow, resolution: Resolution, about: str) -> None:
    if batch.stage is Stage.RUNNING:
        lines.text(_("Being carried out…"), "near")
        return
    if row.number in batch.failures:
        what, then = told(batch.failures[row.number])
        lines.text("✗ " + what, "bad")
        lines.text(then, "near", indent=2)
        lines.text(_("The key r looks again."), "dim", indent=2)
        return
    lines.text(about, "dim")
    if row.number not in batch.previews:
        lines.text(_("Working out the preview…"), "dim")
        return
    if batch.before is not None:
        previews.moved(lines, batch.before, batch.previews[row.number])
    previews.preview(lines, batch.previews[row.number])


def _several(lines: Lines, batch: Batch, resolution: Resolution, about: str) -> None:
    if batch.stage is Stage.CHOOSING:
        lines.text(about, "dim")
    _progress(lines, batch)
    lines.blank()
    rows = [
        (str(row.number), whose(row), _(SHORT.get(row.kind, row.kind)), _rows(batch, row), _said(batch, row, resolution))
        for row in batch.rows
    ]
    lines.table((_("No"), _("Customer"), _("Type"), _("Rows"), _("Result")), rows, right=(0, 3))


def _progress(lines: Lines, batch: Batch) -> None:
    if batch.stage is Stage.FINISHED:
        _finished(lines, batch)
    elif batch.stage is Stage.RUNNING or not batch.complete:
        stage, done, total = batch.progress
        full = round(BAR * done / max(total, 1))
        words = f"  {_(STAGES.get(stage, N_('Previews')))}: {forms().whole(done)}/{forms().whole(total)}"
        lines.add(Piece("█" * full, "good"), Piece("░" * (BAR - full), "dim"), Piece(words))
        if batch.run:
            lines.text(_("Run {run}: should the line drop, it goes on from the runs (key 8).").format(run=batch.run), "dim")
    else:
        words = _("{ready} of {all} can be carried out.")
        lines.text(words.format(ready=len(batch.ready), all=len(batch.rows)), "near")


def _finished(lines: Lines, batch: Batch) -> None:
    """How the run ended, and how it can go on where it did not come to its end."""
    done = len(batch.resolved)
    words = _("{done} resolved, {left} not. Each that is not stands as it did before.")
    lines.text(words.format(done=done, left=len(batch.rows) - done), "near")
    end = batch.end
    if end is None or end.row.waiting:
        lines.text(_("Run {run} has stopped: under the runs (key 8) the key o goes on with it.").format(run=batch.run), "bad")
        return
    lines.text(_("Run {run}").format(run=batch.run), "dim")
    for number, hits in end.found_after:
        told = _("Request {number}: values were found in {hits} places after the run.")
        lines.text(told.format(number=number, hits=hits), "bad")


def _rows(batch: Batch, row: RequestRow) -> str:
    seen = batch.previews.get(row.number)
    return forms().whole(sum(previews.rows_of(one) for one in seen.tables)) if seen else ""


def _said(batch: Batch, row: RequestRow, resolution: Resolution) -> Piece:
    item = batch.items.get(row.number)
    if item is not None:
        return became(item, resolution)
    if row.number in batch.failures:
        return piece("✗ " + told(batch.failures[row.number])[0], "bad")
    seen = batch.previews.get(row.number)
    if seen is None:
        return Piece("…", "dim")
    if seen.refusals:
        return piece("✗ " + _refusal(seen), "bad")
    return piece(_("not carried out") if batch.stage is Stage.FINISHED else _("ready"), "dim")


def became(item: ItemDone, resolution: Resolution) -> Piece:
    """What became of one request of a run."""
    if item.state == "done":
        return piece("✓ " + forms().named("outcome", resolution.name), "good")
    return piece("✗ " + why(item), "bad")


def why(item: ItemDone) -> str:
    """Why it was not done: the sentence of its code, where its facts are known still; else the code."""
    facts: dict[str, object] = {"number": item.number, **dict(item.facts)}
    code = item.code or ""
    return against_code(code, facts) if code and needs(code) <= facts.keys() else code
