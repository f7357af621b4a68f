"""How a preview and a result look: table by table, what a law holds, what would remain, a masked sample, the refusals."""

from __future__ import annotations

from collections.abc import Sequence

from core import N_, HoldLine, Preview, Refusal, ResidueLine, Resolution, Resolved, TableCount
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.words import _, ahead, forms

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
    what, then = ahead(refusal.code, dict(refusal.facts))
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


HEADS = (N_("Deleted"), N_("Masked rows"), N_("Held"), N_("Kept"), N_("Shared"), N_("Blocked"), N_("Cells redacted"))
"""Titles of the numbers of a table."""
STYLES = ("bad", "text", "near", "near", "near", "text", "text")


def counts(lines: Lines, tables: Sequence[TableCount]) -> None:
    """Tables and numbers of rows, with their sums; what nothing happens to is left out."""
    lines.title(_("Tables"))
    touched = [one for one in tables if sum(numbers(one))]
    if not touched:
        lines.text(_("No row is touched."), "dim")
        return
    sums = [sum(column) for column in zip(*map(numbers, touched), strict=True)]
    used = [i for i, total in enumerate(sums) if total]
    rows: list[list[object]] = [[one.table, *(_number(numbers(one)[i], i) for i in used), "; ".join(one.because)] for one in touched]
    if len(touched) > 1:
        rows.append([Piece(_("Total"), "head"), *(Piece(forms().whole(sums[i]), "head") for i in used), ""])
    titles = [_("Table"), *(_(HEADS[i]) for i in used), _("Because")]
    if not any(one.because for one in touched):
        rows, titles = [row[:-1] for row in rows], titles[:-1]
    lines.table(titles, rows, right=range(1, len(used) + 1))


def _number(count: int, place: int) -> Piece:
    return Piece(forms().whole(count) if count else "", STYLES[place])


def numbers(one: TableCount) -> tuple[int, ...]:
    """The counts of a table, in the order of `HEADS`; the last counts cells."""
    return (one.deleted, one.masked, one.held, one.kept, one.shared, one.blocked, one.cells_redacted)


def rows_of(one: TableCount) -> int:
    """How many rows of a table something is said of."""
    return sum(numbers(one)[:-1])


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
    old, new = ({one.table: one for one in seen.tables} for seen in (before, now))
    changed = [name for name in dict.fromkeys((*new, *old)) if _numbers(old.get(name)) != _numbers(new.get(name))]
    for name in changed:
        was, is_ = sum(_numbers(old.get(name))), sum(_numbers(new.get(name)))
        lines.add(piece(f"  {name}: ", "near"), piece(_("{was} → {now} rows").format(was=was, now=is_)))
    others = (
        (before.holds != now.holds, _("What a law holds is another.")),
        (before.residue != now.residue, _("Other values of the customer would remain elsewhere.")),
        (before.refusals != now.refusals, _("Other guards speak against it.")),
    )
    for differs, said in others:
        if differs:
            lines.text(said, "near", indent=2)
    if not changed and not any(differs for differs, _said in others):
        lines.text(_("The same rows, but other values in them."), "near", indent=2)
    lines.blank()


def _numbers(one: TableCount | None) -> tuple[int, ...]:
    return numbers(one) if one else (0,)


def _blacklist(lines: Lines, kinds: Sequence[str], left_out: Sequence[str]) -> None:
    if kinds or left_out:
        lines.title(_("Blacklist"))
        say = forms()
        pairs = [(_("Blacklisted"), say.listed(say.named("value", kind) for kind in kinds))]
        if left_out:
            pairs.append((_("Left out: shared with another customer"), say.listed(say.named("value", kind) for kind in left_out)))
        lines.fields(pairs)
