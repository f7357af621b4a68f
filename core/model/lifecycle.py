"""States of a request, the moves between them, and the day by which it must be answered. Pure.

| regime | answer due                                             | source              |
|--------|--------------------------------------------------------|---------------------|
| kvkk   | `response-days` after receipt, 30 at most; no extension | Law 6698 art. 13/2  |
| gdpr   | one calendar month after receipt; up to two more, once, told before the first is over | Art. 12(3) |
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import UsageError
from core.model.records import OPEN_STATES, Kind, Move, Regime, Role, State

KVKK_DAYS_MOST = 30
GDPR_MONTHS = 1
GDPR_EXTENSION_MONTHS = 2
OLDEST_RECEIPT = {Regime.KVKK: date(2016, 10, 7), Regime.GDPR: date(2018, 5, 25)}
"""The day on which the right came into force (Law 6698 art. 32; GDPR art. 99(2)): nobody can have asked earlier."""

AFTER: dict[str, State | None] = {
    "resolve": State.RESOLVED,
    "reject": State.REJECTED,
    "cancel": State.CANCELLED,
    "approve": State.APPROVED,
    "extend": None,
}
"""Each verb and the state it leads to; None: the state stays. The order is the one in which fronts offer them."""

ALLOWED: dict[State, frozenset[str]] = {
    State.PENDING: frozenset(AFTER),
    State.APPROVED: frozenset(AFTER) - {"approve"},
    State.RESOLVED: frozenset(),
    State.REJECTED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""Nothing leaves a final state."""
MOVERS = Role.OPERATOR
"""The least role that moves a request."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about the moves of one request."""

    kind: Kind
    state: State
    regime: Regime
    received_on: date
    extended_to: date | None
    today: date
    approval_stale: bool = False
    """What was approved is not what would happen now, as the last try has shown: it may be approved anew."""


def receipt(said: date | None, today: date, regime: Regime) -> date:
    """The day on which a customer's word came in; today when nobody says. Raises UsageError `received-in-future`, `received-too-old`."""
    received, oldest = said or today, OLDEST_RECEIPT[regime]
    if received > today:
        raise UsageError("received-in-future", received=received.isoformat(), today=today.isoformat())
    if received < oldest:
        raise UsageError("received-too-old", received=received.isoformat(), oldest=oldest.isoformat())
    return received


def months_later(day: date, months: int) -> date:
    """The same day so many calendar months later; the last day of the month where there is no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def due_on(regime: Regime, received_on: date, response_days: int) -> date:
    """Last day for the answer. `response_days` counts under KVKK only, and never more than the law's 30."""
    if regime is Regime.GDPR:
        return months_later(received_on, GDPR_MONTHS)
    return received_on + timedelta(days=min(response_days, KVKK_DAYS_MOST))


def extended_due_on(received_on: date) -> date:
    """Last day after an extension: the first month and two more, counted from receipt."""
    return months_later(received_on, GDPR_MONTHS + GDPR_EXTENSION_MONTHS)


def days_left(state: State, due: date, today: date) -> int:
    """Calendar days until the last day, negative when overdue; 0 for a request that is final."""
    return (due - today).days if state in OPEN_STATES else 0


def moves(facts: Facts, role: Role) -> tuple[Move, ...]:
    """Every move for an actor of this role, allowed or with the code of the reason why not."""
    against_role = None if role.covers(MOVERS) else "move-needs-operator"
    found = ((verb, why_not(verb, facts) or against_role) for verb in AFTER)
    return tuple(Move(verb, reason is None, reason) for verb, reason in found)


def why_not(verb: str, facts: Facts) -> str | None:
    """Code of the reason against a move now, None when it is allowed."""
    if facts.state not in OPEN_STATES:
        return "already-decided"
    if verb not in ALLOWED[facts.state] and not facts.approval_stale:
        return "already-approved"
    if verb == "approve" and facts.kind is not Kind.ERASE:
        return "approve-only-erase"
    return _against_extension(facts) if verb == "extend" else None


def _against_extension(facts: Facts) -> str | None:
    if facts.regime is not Regime.GDPR:
        return "extend-only-gdpr"
    if facts.extended_to is not None:
        return "already-extended"
    return "extend-too-late" if facts.today > months_later(facts.received_on, GDPR_MONTHS) else None
