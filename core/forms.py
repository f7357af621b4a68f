"""How dates, amounts and statuses read to people, in one language. Machines get ISO dates and plain numbers instead.

Every front reads from here, so that a day looks the same in the command line, the console and the panel.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.locale import translator
from core.locale.labels import label

if TYPE_CHECKING:
    from core.model.records import ConsentStatus, Download, InvoiceStatus, RequestRow, ServiceStatus

NONE = "–"
_SWAP = str.maketrans(",.", ".,")


class Forms:
    """The forms of one language (`tr` or `en`)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._say = translator(language)

    def day(self, value: date | None) -> str:
        """23.11.2026 in Turkish, 2026-11-23 in English."""
        if value is None:
            return NONE
        return value.strftime("%d.%m.%Y") if self.language == "tr" else value.isoformat()

    def moment(self, value: datetime | None, zone: str) -> str:
        """Day and minute in the time zone."""
        if value is None:
            return NONE
        from zoneinfo import ZoneInfo

        local = value.astimezone(ZoneInfo(zone))
        return f"{self.day(local.date())} {local:%H:%M}"

    def whole(self, value: int) -> str:
        """1.234.567 in Turkish, 1,234,567 in English."""
        text = f"{value:,}"
        return text.translate(_SWAP) if self.language == "tr" else text

    def amount(self, value: Decimal, currency: str) -> str:
        """1.234,50 TRY in Turkish, 1,234.50 TRY in English."""
        text = f"{value:,.2f}"
        return f"{text.translate(_SWAP) if self.language == 'tr' else text} {currency}".strip()

    def services(self, status: ServiceStatus | None) -> str:
        """Hizmet Durumu."""
        if status is None:
            return NONE
        _ = self._say
        return _("{active} active, {passive} passive").format(active=status.active, passive=status.passive)

    def invoices(self, status: InvoiceStatus | None) -> str:
        """Fatura Durumu, with what is unpaid."""
        if status is None:
            return NONE
        _ = self._say
        text = _("{paid} paid, {unpaid} unpaid").format(paid=status.paid, unpaid=status.unpaid)
        sums = ", ".join(self.amount(value, currency) for currency, value in status.unpaid_amounts)
        return f"{text} ({sums})" if sums else text

    def days_left(self, row: RequestRow) -> str:
        """Days until the deadline, in words; a final request has none."""
        if row.state not in ("pending", "approved"):
            return NONE
        _ = self._say
        if row.days_left == 1:
            return _("1 day left")
        if row.days_left == -1:
            return _("1 day overdue")
        if row.days_left < 0:
            return _("{days} days overdue").format(days=-row.days_left)
        return _("{days} days left").format(days=row.days_left)

    def consent(self, status: ConsentStatus, zone: str) -> str:
        """Whether the current text is accepted, and since when."""
        _ = self._say
        at = self.moment(status.at, zone)
        if status.given:
            text = _("given {at}, version {version}, {channel}; the text has changed since") if status.outdated else None
            text = text or _("given {at}, version {version}, {channel}")
            return text.format(at=at, version=status.version, channel=self.named("channel", status.channel))
        if status.outdated:
            return _("version {version} was accepted {at}; the new text was not").format(at=at, version=status.version)
        return _("not given") if status.at is None else _("withdrawn {at}").format(at=at)

    def download(self, last: Download | None, zone: str) -> str:
        """When the data were exported last, and by whom."""
        if last is None:
            return NONE
        return f"{self.moment(last.started_at, zone)}, {last.by} ({self.named('download', last.state)})"

    def trouble(self, code: str | None) -> str:
        """Why a message has not arrived, from the code that is kept with it (`mail-refused-550`)."""
        if code is None:
            return NONE
        from core.locale.explain import explain_code  # with the sentences of every code

        name, _, reply = code.rpartition("-")
        told = (name, {"reply": reply}) if reply.isdigit() else (code, {})
        return explain_code(*told, self.language)[0]

    def named(self, group: str, code: str | None) -> str:
        """The label of a code, – for none."""
        return label(group, code, self.language) if code else NONE

    def listed(self, values: Iterable[str]) -> str:
        """Values with commas, – for none."""
        return ", ".join(values) or NONE

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        _ = self._say
        return _("yes") if value else _("no")

    def size(self, count: int | None) -> str:
        """Bytes as people read them."""
        if count is None:
            return NONE
        size = float(count)
        for unit in ("B", "KB", "MB"):
            if size < 1024:
                return f"{size:.0f} {unit}" if unit == "B" else f"{self._tenths(size)} {unit}"
            size /= 1024
        return f"{self._tenths(size)} GB"

    def _tenths(self, value: float) -> str:
        return f"{value:.1f}".replace(".", "," if self.language == "tr" else ".")
