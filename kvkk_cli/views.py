"""How records look to people: the queue, a request, a customer. Records in, lines out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import explain_code, needs
from kvkk_cli import words
from kvkk_cli.forms import NONE, consent, day, days_left, invoices, listed, moment, named, owing, running, services
from kvkk_cli.output import Cell
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import (
        CustomerDetail,
        CustomerRow,
        Download,
        RequestDetail,
        RequestRow,
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
