"""How what a resolution would do, or has done, looks to people: rows per table, holds, what remains. Records in, lines out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import explain_ahead
from kvkk_cli import words
from kvkk_cli.forms import day, listed, named
from kvkk_cli.output import SENTENCE, Cell
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import (
        HoldLine,
        Preview,
        ResidueLine,
        Resolution,
        Resolved,
        TableCount,
    )
    from kvkk_cli.output import Output


def preview(out: Output, seen: Preview) -> None:
    """What a resolution would do, table by table."""
    out.sentence(_("Preview of request {number}: {what}. Nothing is changed.").format(number=seen.number, what=chosen(seen.resolution)))
    counts(out, seen.tables)
    holds(out, seen.holds)
    residue(out, seen.residue)
    if seen.sample:
        out.heading(_("After the mask"))
        out.table(
            (_("Table"), _("Column"), _("Would read")),
            [(s.table, s.column, "NULL" if s.after is None else s.after) for s in seen.sample],
            headed=True,
        )
    _outside(out, seen.outside)
    if seen.blacklist or seen.left_out:
        out.heading(_("Blacklist"))
        out.fields(_listed(seen.blacklist, seen.left_out))
    for refusal in seen.refusals:
        what, then = explain_ahead(refusal.code, dict(refusal.facts), words.language(), TEXTS)
        out.heading(_("Would be refused: {why}").format(why=what))
        out.sentence(then)
    out.line("")
    out.fields(((_("Fingerprint"), seen.fingerprint),))


def resolved(out: Output, done: Resolved) -> None:
    """A resolution that is committed."""
    out.sentence(_("Request {number} is resolved: {grade}.").format(number=done.number, grade=named("grade", done.grade)))
    counts(out, done.tables)
    holds(out, done.holds)
    residue(out, done.residue)
    _outside(out, done.outside)
    out.line("")
    pairs = _listed(done.blacklisted, done.left_out) if done.blacklisted or done.left_out else []
    pairs += [
        (_("Message to the customer"), _("queued") if done.notified else _("none")),
        (_("Audit entry"), f"{done.audit_seq} {done.audit_hash}"),
        (_("Certificate"), f"kvkk certificate {done.number}"),
    ]
    out.fields(pairs)


def chosen(resolution: Resolution) -> str:
    """What was chosen and has not happened yet, in words."""
    text = named("plan", resolution.name)
    return ", ".join((text, _("put on the blacklist"))) if resolution.blacklist else text


def counts(out: Output, tables: Sequence[TableCount]) -> None:
    """Tables and numbers of rows; what nothing happens to is left out."""
    touched = [one for one in tables if _sum(one)]
    out.heading(_("Tables"))
    if not touched:
        out.sentence(_("No row is touched."))
        return
    titles = (
        _("Table"),
        _("Deleted"),
        _("Masked rows"),
        _("Held"),
        _("Kept"),
        _("Shared"),
        _("Blocked"),
        _("Cells redacted"),
        _("Because"),
    )
    rows = [(one.table, *(str(n or "") for n in _numbers(one)), "; ".join(one.because)) for one in touched]
    used = [i for i in range(len(titles)) if i == 0 or any(row[i] for row in rows)]
    out.table([titles[i] for i in used], [[row[i] for i in used] for row in rows], cell=SENTENCE, headed=True)


def _numbers(one: TableCount) -> tuple[int, ...]:
    return (one.deleted, one.masked, one.held, one.kept, one.shared, one.blocked, one.cells_redacted)


def _sum(one: TableCount) -> int:
    return sum(_numbers(one))


def holds(out: Output, lines: Sequence[HoldLine]) -> None:
    """What a law keeps, and until when."""
    if lines:
        out.heading(_("Held by law"))
        out.table(
            (_("Table"), _("Rows"), _("Because"), _("Until")),
            [(one.table, str(one.rows), one.because, day(one.release_on) if one.release_on else _("for good")) for one in lines],
            cell=SENTENCE,
            headed=True,
        )


def residue(out: Output, lines: Sequence[ResidueLine]) -> None:
    """Values of the customer that would remain; the values themselves are never shown."""
    if lines:
        out.heading(_("Values of the customer elsewhere"))
        out.table(
            (_("Table"), _("Column"), _("Kind"), _("Cells"), _("Verdict")),
            [
                (
                    one.table,
                    one.column,
                    named("value", one.kind),
                    str(one.cells),
                    Cell(named("verdict", one.verdict), "bold red" if one.verdict == "residue" else ""),
                )
                for one in lines
            ],
            headed=True,
        )


def _outside(out: Output, steps: Sequence[str]) -> None:
    if steps:
        out.heading(_("By hand, outside this database"))
        for step in steps:
            out.sentence(f"- {step}")


def _listed(kinds: Sequence[str], left_out: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [(_("Blacklisted"), listed(named("value", kind) for kind in kinds))]
    if left_out:
        pairs.append((_("Left out: shared with another customer"), listed(named("value", kind) for kind in left_out)))
    return pairs
