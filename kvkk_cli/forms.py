"""How dates, amounts and statuses read in the language of this run. Machines get ISO dates and plain numbers instead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core import label
from kvkk_cli import words
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import InvoiceStatus, RequestRow, ServiceStatus

NONE = "–"


def day(value: date | None) -> str:
    """23.11.2026 in Turkish, 2026-11-23 in English."""
    if value is None:
        return NONE
    return value.strftime("%d.%m.%Y") if words.language() == "tr" else value.isoformat()


def moment(value: datetime | None, zone: str) -> str:
    """Day and minute in the set time zone."""
    if value is None:
        return NONE
    from zoneinfo import ZoneInfo

    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())} {local:%H:%M}"


def amount(value: Decimal, currency: str) -> str:
    """1.234,50 TRY in Turkish, 1,234.50 TRY in English."""
    text = f"{value:,.2f}"
    if words.language() == "tr":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{text} {currency}".strip()


def services(status: ServiceStatus | None) -> str:
    """Hizmet Durumu."""
    if status is None:
        return NONE
    return _("{active} active, {passive} passive").format(active=status.active, passive=status.passive)


def invoices(status: InvoiceStatus | None) -> str:
    """Fatura Durumu, with what is unpaid."""
    if status is None:
        return NONE
    text = _("{paid} paid, {unpaid} unpaid").format(paid=status.paid, unpaid=status.unpaid)
    sums = ", ".join(amount(value, currency) for currency, value in status.unpaid_amounts)
    return f"{text} ({sums})" if sums else text


def running(status: ServiceStatus | None) -> str:
    """Services in a list: how many still run."""
    return NONE if status is None else str(status.active)


def owing(status: InvoiceStatus | None) -> str:
    """Invoices in a list: how many are still owed."""
    return NONE if status is None else str(status.unpaid)


def days_left(row: RequestRow) -> str:
    """Days until the deadline, in words; a final request has none."""
    if row.state not in ("pending", "approved"):
        return NONE
    if row.days_left < 0:
        return _("{days} days overdue").format(days=-row.days_left)
    return _("{days} days left").format(days=row.days_left)


def named(group: str, code: str | None) -> str:
    """The label of a code, – for none."""
    return label(group, code, words.language()) if code else NONE


def listed(values: Iterable[str]) -> str:
    """Values with commas, – for none."""
    return ", ".join(values) or NONE


def yes_no(value: bool) -> str:
    """Yes or no."""
    return _("yes") if value else _("no")


def size(count: int | None) -> str:
    """Bytes as people read them."""
    if count is None:
        return NONE
    amount_ = float(count)
    for unit in ("B", "KB", "MB"):
        if amount_ < 1024:
            return f"{amount_:.0f} {unit}" if unit == "B" else f"{amount_:.1f} {unit}"
        amount_ /= 1024
    return f"{amount_:.1f} GB"
