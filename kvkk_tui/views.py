"""How a request looks in the magnifier: the six fields of the reference system, then everything else. Records in, lines out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvkk_tui.columns import urgency
from kvkk_tui.lines import Lines, Piece, piece, wrap
from kvkk_tui.words import _, against, forms, told_code, zone

if TYPE_CHECKING:
    from core import RequestDetail, RequestRow

VERBS = (("resolve", "s"), ("reject", "x"), ("cancel", "c"), ("approve", "a"), ("extend", "e"))
"""(move, its key), in the order in which they are offered."""


def request(lines: Lines, detail: RequestDetail, near: int) -> None:
    """Everything about one request."""
    row, say = detail.row, forms()
    lines.title(_("Request {number}").format(number=row.number))
    lines.fields(
        (
            (_("Requesting customer"), _who(row)),
            (_("Request date"), say.day(row.received_on)),
            (_("Request type"), say.named("kind", row.kind)),
            (_("Service status"), say.services(row.services)),
            (_("Invoice status"), say.invoices(row.invoices), "near" if row.invoices and row.invoices.unpaid else "text"),
            (_("Process status"), _process(detail)),
            (_("Answer due"), _due(row, near), urgency(row, near)),
        )
    )
    if detail.needs_written_confirmation:
        lines.text(_("A phone call is no valid channel under KVKK: ask the customer for a written confirmation."), "bad")
    if detail.undelivered_since:
        since = forms().moment(detail.undelivered_since, zone())
        lines.text("⚠ " + _("The answer was not delivered since {at}; the outbox (key 6) says why.").format(at=since), "bad")
    moves(lines, detail)
    _services(lines, detail)
    lines.title(_("Details"))
    lines.fields(_rest(detail))
    _earlier(lines, detail, near)


def moves(lines: Lines, detail: RequestDetail) -> None:
    """What can be done now with its key, and why the rest cannot; a reason that counts for all is said once."""
    lines.title(_("What can be done"))
    offered = [(key, move) for verb, key in VERBS for move in detail.moves if move.verb == verb]
    reasons = {move.why_not for _key, move in offered}
    shared = reasons.pop() if len(reasons) == 1 else None
    for key, move in offered:
        style = "text" if move.allowed else "dim"
        lines.add(Piece(f"  {key}  ", "key" if move.allowed else "dim"), Piece(forms().named("verb", move.verb), style))
        if move.why_not and not shared:
            lines.text(why_not(detail, move.why_not), "dim", indent=5)
    if shared:
        lines.text(why_not(detail, shared), "near", indent=2)


def why_not(detail: RequestDetail, code: str) -> str:
    """The sentence of the reason against a move."""
    row = detail.row
    facts: dict[str, object] = {"number": row.number, "state": row.state, "by": detail.decided_by or "?", "kind": row.kind}
    facts["at"] = forms().moment(detail.decided_at, zone())
    return against(code, facts)


def _who(row: RequestRow) -> str:
    if row.customer is None:
        return _("(erased)")
    return f"{row.customer_name} ({row.customer})" if row.customer_name else row.customer


def _due(row: RequestRow, near: int) -> str:
    day = forms().day(row.due_on)
    if row.state not in ("pending", "approved"):
        return day
    sign = {"bad": "⚠ ", "near": "! "}.get(urgency(row, near), "")
    return f"{day}  {sign}{forms().days_left(row) if row.days_left else _('due today')}"


def _process(detail: RequestDetail) -> str:
    state = forms().named("state", detail.row.state)
    done = [forms().named("outcome", detail.outcome)] if detail.outcome else []
    if detail.blacklisted:
        done.append(_("on the blacklist"))
    return f"{state}: {', '.join(done)}" if done else state


def _services(lines: Lines, detail: RequestDetail) -> None:
    if detail.services:
        lines.title(_("Services"))
        for one in detail.services:
            mark = Piece("  ● " if one.active else "  ○ ", "good" if one.active else "dim")
            word = _("active") if one.active else _("passive")
            for line in wrap(f"{one.title}  {word} ({one.status})", lines.width - 4):
                lines.add(mark, piece(line, "text" if one.active else "dim"))
                mark = Piece("    ")


def _rest(detail: RequestDetail) -> list[tuple[str, object] | tuple[str, object, str]]:
    row, say, none = detail.row, forms(), "–"
    pairs: list[tuple[str, object] | tuple[str, object, str]] = [
        (_("Law"), say.named("regime", row.regime)),
        (_("Channel"), say.named("channel", row.channel)),
        (_("Identity verified"), detail.verified_by or none),
        (_("Filed"), f"{say.moment(detail.filed_at, zone())}, {detail.filed_by}"),
        (_("Consent"), say.consent(detail.consent, zone())),
        (_("Last download"), say.download(detail.last_download, zone())),
        (_("Note"), detail.note or none),
    ]
    if detail.approved_by:
        pairs.append((_("Approved by"), detail.approved_by))
    if detail.decided_at:
        pairs.append((_("Decided"), f"{say.moment(detail.decided_at, zone())}, {detail.decided_by}"))
    if detail.reason:
        pairs.append((_("Reason"), detail.reason))
    if detail.certificate:
        pairs.append((_("Certificate"), _("yes (key p)")))
    if row.last_error:
        pairs.append((_("Last attempt failed"), _last_error(row, row.last_error), "bad"))
    return pairs


def _last_error(row: RequestRow, code: str) -> str:
    """The sentence of the code, when the request itself knows its facts; else the code."""
    from core import needs

    facts: dict[str, object] = {"number": row.number, "kind": row.kind.value}
    if row.services and row.invoices:
        facts |= {"active": row.services.active, "unpaid": row.invoices.unpaid}
    return told_code(code, facts)[0] if needs(code) <= facts.keys() else code


def _earlier(lines: Lines, detail: RequestDetail, near: int) -> None:
    if detail.earlier:
        lines.title(_("Earlier requests"))
        say = forms()
        rows = [
            (str(one.number), say.day(one.received_on), say.named("kind-short", one.kind), say.named("state", one.state))
            for one in detail.earlier
        ]
        lines.table((_("No"), _("Received"), _("Type"), _("State")), rows)
