"""Until when a law keeps a row. Pure.

A row is held by its own date (an issued invoice), with the row that it points at (its lines, its payments), or as long as any
invoice of the customer is held (the customer's own row, where an invoice stores no buyer). A date on record counts, whatever
the setting and the row say now: it stands on the certificate and in the letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from core.model.datamap import Hold, holds_condition

if TYPE_CHECKING:
    from core.model.plan import Decided, Rules


def release(rules: Rules, table: str, hold: Hold, record: dict[str, Any], known: date | None) -> date | None:
    """The day on which an invoice's hold ends, None when it is not held (any more). `known`: the day on record.

    Raises Refused `hold-not-chosen`, `hold-without-date`.
    """
    day = known or (_by_law(rules, table, hold, record) if holds_condition(record, hold.when) else None)
    return day if day is not None and day > rules.today else None


def latest(rows: Iterable[Decided]) -> date | None:
    """The last day on which any of the rows is still held."""
    return max((d.release_on for d in rows if d.release_on is not None), default=None)


def _by_law(rules: Rules, table: str, hold: Hold, record: dict[str, Any]) -> date | None:
    """1 January of (year of issue + years + 1)."""
    if rules.years is None:
        raise Refused("hold-not-chosen", table=table, because=hold.because)
    if rules.years == 0:
        return None
    invoices = rules.mapping.invoices
    issued = as_date(record.get(invoices.issued)) if invoices else None
    if issued is None:
        raise Refused("hold-without-date", table=table, column=invoices.issued if invoices else "")
    return date(issued.year + rules.years + 1, 1, 1)


def as_date(value: Any) -> date | None:
    """A cell as a day, None when it is none; what lies before 1901 stands for nothing."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        found = date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return found if found.year > 1900 else None
