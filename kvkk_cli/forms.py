"""How dates, amounts and statuses read in the language of this run: `core`'s forms, and two columns of our own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from core import NONE as EMPTY
from core import Forms
from kvkk_cli import words

if TYPE_CHECKING:
    from core import ConsentStatus, InvoiceStatus, RequestRow, ServiceStatus

NONE = EMPTY
"""What stands where there is nothing."""


@cache
def _of(language: str) -> Forms:
    return Forms(language)


def day(value: date | None) -> str:
    """23.11.2026 in Turkish, 2026-11-23 in English."""
    return _of(words.language()).day(value)


def moment(value: datetime | None, zone: str) -> str:
    """Day and minute in the set time zone."""
    return _of(words.language()).moment(value, zone)


def amount(value: Decimal, currency: str) -> str:
    """1.234,50 TRY in Turkish, 1,234.50 TRY in English."""
    return _of(words.language()).amount(value, currency)


def services(status: ServiceStatus | None) -> str:
    """Hizmet Durumu."""
    return _of(words.language()).services(status)


def invoices(status: InvoiceStatus | None) -> str:
    """Fatura Durumu, with what is unpaid."""
    return _of(words.language()).invoices(status)


def consent(status: ConsentStatus, zone: str) -> str:
    """Whether the text is accepted, and since when."""
    return _of(words.language()).consent(status, zone)


def running(status: ServiceStatus | None) -> str:
    """Services in a list: how many still run."""
    return NONE if status is None else str(status.active)


def owing(status: InvoiceStatus | None) -> str:
    """Invoices in a list: how many are still owed."""
    return NONE if status is None else str(status.unpaid)


def days_left(row: RequestRow) -> str:
    """Days until the deadline, in words; a final request has none."""
    return _of(words.language()).days_left(row)


def trouble(code: str | None) -> str:
    """Why a message has not arrived."""
    return _of(words.language()).trouble(code)


def named(group: str, code: str | None) -> str:
    """The label of a code, – for none."""
    return _of(words.language()).named(group, code)


def listed(values: Iterable[str]) -> str:
    """Values with commas, – for none."""
    return _of(words.language()).listed(values)


def yes_no(value: bool) -> str:
    """Yes or no."""
    return _of(words.language()).yes_no(value)


def size(count: int | None) -> str:
    """Bytes as people read them."""
    return _of(words.language()).size(count)
