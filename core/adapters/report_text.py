"""A destruction report as text for print, in Turkish or English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, tzinfo

from core.adapters import papers
from core.locale import Translator, translator
from core.locale.labels import label
from core.model.report import Report
from core.visible import safe


def to_text(number: int, report: Report, language: str, zone: tzinfo) -> str:
    """The document as lines of at most 78 columns (a checkpoint is never broken)."""
    return "\n".join(_lines(number, report, language, zone)) + "\n"


def _lines(number: int, report: Report, language: str, zone: tzinfo) -> Iterator[str]:
    _ = translator(language)
    yield from papers.letterhead(report.controller, _)
    yield ""
    yield _("Periodic destruction report").center(papers.WIDTH).rstrip()
    yield ""
    last = report.until - timedelta(days=1)
    yield from papers.paired(
        [
            (_("Report number"), str(number)),
            (_("Period"), f"{papers.day(report.since, language)} – {papers.day(last, language)}"),
            (_("Made"), papers.moment(report.made_at, language, zone)),
            (_("By"), report.by),
            (_("Product"), report.product),
        ]
    )
    yield ""
    yield from _what(report, _, language)
    yield ""
    yield from papers.wrapped(
        _(
            "Added up from the certificates of destruction of the period, which are kept with their requests (Regulation RG "
            "28.10.2017 no. 30224, art. 7/3 and 11). It holds no personal data."
        )
    )
    yield from ["", _("Audit checkpoint:"), safe(report.checkpoint)]


def _what(report: Report, _: Translator, language: str) -> Iterator[str]:
    if not report.requests and not report.holds:
        yield from papers.wrapped(_("Nothing was destroyed in this period."))
        return
    yield from papers.paired([(label("outcome", name, language), str(count)) for name, count in report.requests])
    if report.holds:
        yield from papers.wrapped(_("Rows whose time by law had ended: {count}.").format(count=report.holds))
    if report.waived:
        yield from papers.wrapped(_("Requests in which values that remain were accepted: {count}.").format(count=report.waived))
    if report.tables:
        yield ""
        told = _("{table}: {deleted} rows deleted, {masked} masked, {redacted} cells redacted")
        lines = (told.format(table=t.table, deleted=t.deleted, masked=t.masked, redacted=t.redacted) for t in report.tables)
        yield from papers.listed(lines)
