"""How a preview and a result look: table by table, what a law holds, what would remain, a masked sample, the refusals."""

from __future__ import annotations

from collections.abc import Sequence

from core import HoldLine, Preview, Refusal, ResidueLine, Resolution, Resolved, TableCount
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.words import _, forms, told_code

SAMPLE_MOST = 12


def preview(lines: Lines, seen: Preview) -> None:
    """What a resolution would do."""
    for refusal in seen.refusals:
        refused(lines, refusal)
    counts(lines, seen.tables)
    holds(lines, seen.holds)
    residue(lines, seen.residue)
    _blacklist(lines, seen.blacklist, seen.left_out)
    if seen.sample:
        lines.title(_("After the mask"))
        rows = [(s.table, s.column, piece("NULL", "dim") if s.after is None else s.after) for s in seen.sample[:SAMPLE_MOST]]
        lines.table((_("Table"), _("Column"), _("Would read")), rows)
    outside(lines, seen.outside)
    lines.blank()
    lines.fields(((_("Fingerprint"), seen.fingerprint, "dim"),))


def refused(lines: Lines, refusal: Refusal) -> None:
    """A guard's no, and what passes it."""
    what, then = told_code(refusal.code, dict(refusal.facts))
    lines.text("✗ " + what, "bad")
    if then:
        lines.text(then, "near", indent=2)


def resolved(lines: Lines, done: Resolved) -> None:
    """A resolution that is committed."""
    told = _("Request {number} is resolved: {grade}.")
    lines.text("✓ " + told.format(number=done.number, grade=forms().named("grade", done.grade)), "good")
    for step in done.pending:
        lines.text(_("Still to be done: {step}.").format(step=forms().named("pending", step)), "near")
    counts(lines, done.tables)
    holds(lines, done.holds)
    residue(lines, done.residue)
    _blacklist(lines, done.blacklisted, done.left_out)
    outside(lines, done.outside)
    lines.title(_("Proof"))
    lines.fields(
        (
            (_("Message to the customer"), _("queued") if done.notified else _("none")),
            (_("Audit entry"), f"{done.audit_seq} {done.audit_hash}"),
            (_("Certificate"), _("yes (key p)")),
        )
    )


def chosen(resolution: Resolution) -> str:
    """What was chosen, in words."""
    text = forms().named("plan", resolution.name)
    return ", ".join((text, _("put on the blacklist"))) if resolution.blacklist else text


def counts(lines: Lines, tables: Sequence[TableCount]) -> None:
    """Tables and numbers of rows; what nothing happens to is left out."""
    lines.title(_("Tables"))
    touched = [one for one in tables if sum(numbers(one))]
    if not touched:
        lines.text(_("No row is touched."), "dim")
        return
    heads = (_("Deleted"), _("Masked rows"), _("Held"), _("Kept"), _("Shared"), _("Blocked"), _("Cells redacted"))
    used = [i for i in range(len(heads)) if any(numbers(one)[i] for one in touched)]
    rows = [[one.table, *(_number(numbers(one)[i], i) for i in used), "; ".join(one.because)] for one in touched]
    titles = [_("Table"), *(heads[i] for i in used), _("Because")]
    if not any(row[-1] for row in rows):
        rows, titles = [row[:-1] for row in rows], titles[:-1]
    lines.table(titles, rows, right=range(1, len(used) + 1))


def _number(count: int, place: int) -> Piece:
    style = "bad" if place == 0 else "near" if place in (2, 3, 4) else "text"
    return Piece(forms().whole(count) if count else "", style)


def numbers(one: TableCount) -> tuple[int, ...]:
    """The counts of a table, in the order of the columns."""
    return (one.deleted, one.masked, one.held, one.kept, one.shared, one.blocked, one.cells_redacted)


def holds(lines: Lines, held: Sequence[HoldLine]) -> None:
    """What a law keeps, and until when."""
    if held:
        lines.title(_("Held by law"))
        say = forms()
        rows = [(h.table, str(h.rows), say.day(h.release_on) if h.release_on else _("for good"), h.because) for h in held]
        lines.table((_("Table"), _("Rows"), _("Until"), _("Because")), rows, right=(1,))


def residue(lines: Lines, found: Sequence[ResidueLine]) -> None:
    """Values of the customer that would remain; the values themselves are never shown."""
    if found:
        lines.title(_("Values of the customer elsewhere"))
        say = forms()
        rows = [
            (
                one.table,
                one.column,
                say.named("value", one.kind),
                str(one.cells),
                piece(say.named("verdict", one.verdict), "bad" if one.verdict == "residue" else "text"),
            )
            for one in found
        ]
        lines.table((_("Table"), _("Column"), _("Kind"), _("Cells"), _("Verdict")), rows, right=(3,))


def outside(lines: Lines, steps: Sequence[str]) -> None:
    """What people must do elsewhere."""
    if steps:
        lines.title(_("By hand, outside this database"))
        for step in steps:
            lines.text(f"– {step}")


def moved(lines: Lines, before: Preview, now: Preview) -> None:
    """What is different in a new preview of the same resolution."""
    lines.text("⚠ " + _("Something has changed since the preview you saw. Nothing was changed by you. Look again:"), "bad")
    old = {one.table: one for one in before.tables}
    for one in now.tables:
        then = old.get(one.table)
        if then is None or numbers(then) != numbers(one):
            was, is_ = sum(numbers(then)) if then else 0, sum(numbers(one))
            lines.add(piece(f"  {one.table}: ", "near"), piece(_("{was} → {now} rows").format(was=was, now=is_)))
    same = all(numbers(one) == numbers(old[one.table]) for one in now.tables if one.table in old)
    if same:
        lines.text(_("The same rows, but other values in them."), "near", indent=2)
    lines.blank()


def _blacklist(lines: Lines, kinds: Sequence[str], left_out: Sequence[str]) -> None:
    if kinds or left_out:
        lines.title(_("Blacklist"))
        say = forms()
        pairs = [(_("Blacklisted"), say.listed(say.named("value", kind) for kind in kinds))]
        if left_out:
            pairs.append((_("Left out: shared with another customer"), say.listed(say.named("value", kind) for kind in left_out)))
        lines.fields(pairs)
