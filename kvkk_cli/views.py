"""How records look to people: the queue, a request, a customer, a preview, a resolution. Records in, lines out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import explain_code, needs
from kvkk_cli import words
from kvkk_cli.forms import NONE, consent, day, days_left, invoices, listed, moment, named, owing, running, services
from kvkk_cli.output import SENTENCE, Cell
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import (
        CustomerDetail,
        CustomerRow,
        Download,
        HoldLine,
        Preview,
        RequestDetail,
        RequestRow,
        ResidueLine,
        Resolution,
        Resolved,
        TableCount,
    )
    from kvkk_cli.output import Output


def queue(out: Output, rows: Sequence[RequestRow], *, near: int = 0, headed: bool = False) -> None:
    """A list of requests; those due within `near` days are marked."""
    out.table(
        (_("No"), _("Customer"), _("Type"), _("Received"), _("Deadline"), _("Active services"), _("Unpaid invoices"), _("State")),
        [
            (
                str(row.number),
                row.customer_name or row.customer or _("(erased)"),
                named("kind-short", row.kind),
                day(row.received_on),
                Cell(days_left(row), _urgency(row, near)),
                running(row.services),
                owing(row.invoices),
                named("state", row.state),
            )
            for row in rows
        ],
        None if headed else [plain_request(row) for row in rows],
        headed=headed,
    )


def plain_request(row: RequestRow) -> tuple[str, ...]:
    """A request for scripts: words and dates that do not change with the language."""
    return (
        str(row.number),
        row.customer or "",
        row.customer_name or "",
        str(row.kind),
        row.received_on.isoformat(),
        row.due_on.isoformat(),
        str(row.days_left),
        *plain_status(row),
        str(row.state),
    )


def plain_status(row: RequestRow | CustomerRow) -> tuple[str, str, str, str]:
    """Active and passive services, paid and unpaid invoices; empty where the map names none."""
    hosted, bills = row.services, row.invoices
    return (
        str(hosted.active) if hosted else "",
        str(hosted.passive) if hosted else "",
        str(bills.paid) if bills else "",
        str(bills.unpaid) if bills else "",
    )


def _urgency(row: RequestRow, near: int) -> str:
    if row.state not in ("pending", "approved"):
        return "dim"
    return "bold red" if row.days_left < 0 else "yellow" if row.days_left <= near else ""


def request(out: Output, detail: RequestDetail, zone: str) -> None:
    """The magnifier: the six fields of the reference system, then the rest."""
    row = detail.row
    out.fields(
        (
            (_("Requesting customer"), _who(row)),
            (_("Request date"), day(row.received_on)),
            (_("Request type"), named("kind", row.kind)),
            (_("Service status"), services(row.services)),
            (_("Invoice status"), invoices(row.invoices)),
            (_("Process status"), _process(detail)),
        )
    )
    out.line("")
    out.fields(_rest(detail, zone))
    if detail.services:
        out.heading(_("Services"))
        out.table(
            (_("Service"), _("Status"), _("In the database")),
            [(one.title, _("active") if one.active else _("passive"), one.status) for one in detail.services],
            headed=True,
        )
    if detail.earlier:
        out.heading(_("Earlier requests"))
        queue(out, detail.earlier, headed=True)
    _warnings(out, detail)


def _who(row: RequestRow) -> str:
    if row.customer is None:
        return _("(erased)")
    return f"{row.customer_name} ({row.customer})" if row.customer_name else row.customer


def _process(detail: RequestDetail) -> str:
    state = named("state", detail.row.state)
    done = [named("outcome", detail.outcome)] if detail.outcome else []
    if detail.blacklisted:
        done.append(_("on the blacklist"))
    return f"{state}: {', '.join(done)}" if done else state


def _rest(detail: RequestDetail, zone: str) -> list[tuple[str, str]]:
    row = detail.row
    pairs = [
        (_("Number"), str(row.number)),
        (_("Answer due"), f"{day(row.due_on)} ({days_left(row)})" if days_left(row) != NONE else day(row.due_on)),
        (_("Law"), named("regime", row.regime)),
        (_("Channel"), named("channel", row.channel)),
        (_("Identity verified"), detail.verified_by or NONE),
        (_("Filed"), f"{moment(detail.filed_at, zone)}, {detail.filed_by}"),
        *(((_("Approved by"), detail.approved_by),) if detail.approved_by else ()),
        (_("Decided"), f"{moment(detail.decided_at, zone)}, {detail.decided_by}" if detail.decided_at else NONE),
        (_("Consent"), consent(detail.consent, zone)),
        (_("Last download"), download(detail.last_download, zone)),
        (_("Note"), detail.note or NONE),
        (_("Reason"), detail.reason or NONE),
        (_("Possible now"), listed(named("verb", move.verb) for move in detail.moves if move.allowed)),
        (_("Certificate"), f"kvkk certificate {row.number}" if detail.certificate else NONE),
    ]
    if row.last_error:
        pairs.append((_("Last attempt failed"), _last_error(row, row.last_error)))
    return pairs


def _last_error(row: RequestRow, code: str) -> str:
    """The sentence of the code, when the request itself knows its facts; else the code."""
    facts: dict[str, str | int] = {"number": row.number, "kind": row.kind.value}
    if row.services and row.invoices:
        facts |= {"active": row.services.active, "unpaid": row.invoices.unpaid}
    return explain_code(code, facts, words.language(), TEXTS)[0] if needs(code) <= facts.keys() else code


def _warnings(out: Output, detail: RequestDetail) -> None:
    if detail.undelivered_since is not None:
        told = _(
            "The answer of {day} has not been delivered: `kvkk outbox list --request {number}` shows why, `kvkk letter {number}` prints it."
        )
        out.warn(told.format(day=day(detail.undelivered_since.date()), number=detail.row.number))
    if detail.needs_written_confirmation:
        out.warn(_("A phone call is no valid channel under KVKK: ask the customer for a written confirmation."))


def download(last: Download | None, zone: str) -> str:
    """When the data were exported last, and by whom."""
    if last is None:
        return NONE
    return f"{moment(last.started_at, zone)}, {last.by} ({named('download', last.state)})"


def customer(out: Output, detail: CustomerDetail, zone: str) -> None:
    """One customer."""
    row = detail.row
    out.fields(
        (
            (_("Key"), row.key),
            (_("Name"), row.name),
            (_("E-mail"), row.email or NONE),
            (_("Phone"), row.phone or NONE),
            (_("Service status"), services(row.services)),
            (_("Invoice status"), invoices(row.invoices)),
            (_("Consent"), consent(detail.consent, zone)),
            (_("Last download"), download(detail.last_download, zone)),
        )
    )
    out.heading(_("Stored rows"))
    out.table((_("Table"), _("Rows")), [(table, str(count)) for table, count in detail.tables if count], headed=True)
    if detail.requests:
        out.heading(_("Requests"))
        queue(out, detail.requests, headed=True)


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
        what, then = explain_code(refusal.code, dict(refusal.facts), words.language(), TEXTS)
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
