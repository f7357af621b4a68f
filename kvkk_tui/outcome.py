"""How a form's requests look: one with its preview or result, several with a line each. A batch in, lines out."""

from __future__ import annotations

from core import Preview, RequestRow, Resolution
from kvkk_tui import previews
from kvkk_tui.batch import Batch, Stage
from kvkk_tui.columns import SHORT, whose
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.words import _, forms, told, told_code

BAR = 30
"""Cells of the progress bar."""


def draw(lines: Lines, batch: Batch, resolution: Resolution, about: str) -> None:
    """What is known of the requests of a form; `about` says what the chosen resolution means."""
    one = batch.one
    if one is None:
        _several(lines, batch, about)
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
    return told_code(first.code, dict(first.facts))[0]


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


def _several(lines: Lines, batch: Batch, about: str) -> None:
    if batch.stage is Stage.CHOOSING:
        lines.text(about, "dim")
    _progress(lines, batch)
    lines.blank()
    rows = [(str(row.number), whose(row), _(SHORT.get(row.kind, row.kind)), _rows(batch, row), _said(batch, row)) for row in batch.rows]
    lines.table((_("No"), _("Customer"), _("Type"), _("Rows"), _("Result")), rows, right=(0, 3))


def _progress(lines: Lines, batch: Batch) -> None:
    if batch.stage is Stage.FINISHED:
        words = _("{done} resolved, {left} not. Each that is not stands as it did before.")
        lines.text(words.format(done=len(batch.done), left=len(batch.rows) - len(batch.done)), "near")
    elif batch.stage is Stage.RUNNING or not batch.complete:
        full = round(BAR * batch.known / max(len(batch.rows), 1))
        words = _("carried out") if batch.stage is Stage.RUNNING else _("previews")
        lines.add(Piece("█" * full, "good"), Piece("░" * (BAR - full), "dim"), Piece(f"  {batch.known}/{len(batch.rows)} {words}"))
    else:
        words = _("{ready} of {all} can be carried out.")
        lines.text(words.format(ready=len(batch.ready), all=len(batch.rows)), "near")


def _rows(batch: Batch, row: RequestRow) -> str:
    seen = batch.done.get(row.number) or batch.previews.get(row.number)
    return forms().whole(sum(previews.rows_of(one) for one in seen.tables)) if seen else ""


def _said(batch: Batch, row: RequestRow) -> Piece:
    if row.number in batch.done:
        return piece("✓ " + forms().named("outcome", batch.done[row.number].resolution.name), "good")
    if row.number in batch.failures:
        return piece("✗ " + told(batch.failures[row.number])[0], "bad")
    seen = batch.previews.get(row.number)
    if seen is None:
        return Piece("…", "dim")
    if seen.refusals:
        return piece("✗ " + _refusal(seen), "bad")
    return piece(_("not carried out") if batch.stage is Stage.FINISHED else _("ready"), "dim")
