"""A certificate and its addenda as text for print, in Turkish or English: what certificate.xsd says in codes, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from core.adapters import papers
from core.adapters.certificate import COUNTS, RESIDUE, residue_result
from core.locale import N_, translator
from core.locale.labels import label
from core.model.certificate import Addendum, Certificate, Level
from core.model.records import Channel, HoldLine, ResidueLine, TableCount
from core.visible import safe

COUNT_NAMES = {
    "deleted": N_("deleted"),
    "masked": N_("masked"),
    "held": N_("held"),
    "kept": N_("kept"),
    "shared": N_("shared"),
    "blocked": N_("blocked"),
}
DIVIDER = "-" * papers.WIDTH


def to_text(certificate: Certificate, addenda: Sequence[Addendum], language: str, zone: tzinfo) -> str:
    """The document as lines of at most 78 columns (a checkpoint is never broken); `zone` is where its times are told."""
    return "\n".join(_Text(language, zone).document(certificate, addenda)) + "\n"


class _Text:
    """Builds the lines."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self._language = language
        self._zone = zone
        self._say = translator(language)

    def document(self, certificate: Certificate, addenda: Sequence[Addendum]) -> Iterator[str]:
        yield from papers.letterhead(certificate.controller, self._say)
        yield ""
        yield self._say(papers.TITLES[certificate.title]).center(papers.WIDTH).rstrip()
        yield ""
        yield from self._head(certificate)
        yield from self._rows(certificate.tables, certificate.redacted)
        yield from self._holds(certificate.holds)
        yield from self._residue(certificate)
        yield from self._foot(certificate)
        for number, addendum in enumerate(addenda, start=1):
            yield from self._addendum(number, addendum)

    def _head(self, one: Certificate) -> list[str]:
        _ = self._say
        came_in = [(_("Channel"), label("channel", one.channel, self._language))] if one.channel else []
        came_in += [(_("Identity verified by"), self._verified(one))] if one.channel else []
        approved = [(_("Approved by"), one.approved_by)] if one.approved_by else []
        return papers.paired(
            [
                (_("Request"), str(one.number)),
                (_("Asked for"), label("kind", one.kind, self._language)),
                (_("Law"), _(papers.LAWS[one.regime])),
                (_("Received on"), papers.day(one.received_on, self._language)),
                *came_in,
                (_("Carried out"), self._moment(one)),
                (_("Carried out by"), one.actor),
                *approved,
                (_("What was done"), label("outcome", one.resolution.name, self._language)),
                (_("Result"), label("grade", one.grade, self._language)),
            ]
        )

    def _verified(self, one: Certificate) -> str:
        if one.verified:
            return one.verified
        _ = self._say
        return _("signed in to the customer panel") if one.channel is Channel.PANEL else _("nothing was noted")

    def _moment(self, one: Certificate) -> str:
        return papers.moment(one.decided_at, self._language, self._zone)

    def _section(self, title: str) -> list[str]:
        return ["", title, DIVIDER]

    def _rows(self, tables: Sequence[TableCount], redacted: int) -> Iterator[str]:
        _ = self._say
        yield from self._section(_("Rows of the customer, by table"))
        yield from self._grid(tables)
        because = dict.fromkeys((count.table, reason) for count in tables for reason in count.because)
        if because:
            yield from ["", _("Why rows or cells stay:")]
            yield from papers.listed(f"{table}: {reason}" for table, reason in because)
        if redacted:
            yield ""
            told = _("Cells of remaining rows in which the customer's values were blanked: {count}")
            yield from papers.wrapped(told.format(count=redacted))

    def _grid(self, tables: Sequence[TableCount]) -> Iterator[str]:
        """Only the columns in which something happened; a long table name has a line of its own."""
        used = [name for name in COUNTS if any(getattr(count, name) for count in tables)]
        if not used:
            yield self._say("none")
            return
        heads = [self._say(COUNT_NAMES[name]) for name in used]
        widths = [max(len(head), 7) + 2 for head in heads]
        names = papers.WIDTH - sum(widths)
        yield " " * names + "".join(head.rjust(width) for head, width in zip(heads, widths, strict=True))
        for count in tables:
            figures = "".join(str(getattr(count, name)).rjust(width) for name, width in zip(used, widths, strict=True))
            name = safe(count.table, limit=papers.WIDTH)
            if len(name) > names:
                yield name
                name = ""
            yield name.ljust(names) + figures

    def _holds(self, holds: Sequence[HoldLine]) -> Iterator[str]:
        _ = self._say
        if holds:
            yield from self._section(_("What stays, until when and why"))
            yield from papers.listed(papers.hold_text(hold, _, self._language) for hold in holds)

    def _residue(self, one: Certificate) -> Iterator[str]:
        _ = self._say
        yield from self._section(_("Search for remaining values"))
        yield from papers.wrapped(_(RESIDUE[residue_result(one)]))
        yield from papers.listed(self._found(line) for line in one.residue)
        if one.waived:
            yield from papers.wrapped(_("Accepted by {by} (reason code: {reason})").format(by=one.waived.by, reason=one.waived.reason))

    def _found(self, line: ResidueLine) -> str:
        told = self._say("{place}: {kind}, {cells} cells, {verdict}")
        kind, verdict = label("value", line.kind, self._language), label("verdict", line.verdict, self._language)
        return told.format(place=f"{line.table}.{line.column}", kind=kind, cells=line.cells, verdict=verdict)

    def _foot(self, one: Certificate) -> Iterator[str]:
        _ = self._say
        if one.blacklisted or one.left_out:
            yield from self._section(_("Blacklist"))
            yield from self._kinds(_("Keyed fingerprints kept of: {kinds}"), one.blacklisted)
            yield from self._kinds(_("Left out, because another customer has the same value: {kinds}"), one.left_out)
        if one.outside:
            yield from self._section(_("Manual steps in other systems"))
            yield from papers.listed(one.outside)
        yield from self._section(_("How far it is gone"))
        yield from self._levels(one.levels)
        yield from self._section(_("Proof"))
        yield from self._proof(one)

    def _kinds(self, told: str, kinds: Sequence[str]) -> list[str]:
        names = ", ".join(label("value", kind, self._language) for kind in kinds)
        return papers.wrapped(told.format(kinds=names)) if kinds else []

    def _levels(self, levels: Sequence[Level]) -> Iterator[str]:
        for level in levels:
            told = f"{level.name} ({self._say(papers.LEVEL_NAMES[level.name])}): {papers.level_text(level, self._say)}"
            yield from papers.wrapped(told, "   ", "")

    def _proof(self, one: Certificate) -> Iterator[str]:
        _ = self._say
        yield from papers.paired(
            [
                (_("Data map"), one.map_name),
                (_("Product"), one.product),
                (_("Database"), papers.ENGINES.get(one.engine, one.engine)),
            ]
        )
        # Each on a line of its own and whole, whatever its length: they are there to be copied.
        yield from [_("SHA-256 of the map:"), safe(one.map_sha256), _("Audit checkpoint:"), safe(one.checkpoint)]
        yield from papers.wrapped(_("The checkpoint names the audit entry before this action; `kvkk audit verify --checkpoint` takes it."))

    def _addendum(self, number: int, addendum: Addendum) -> Iterator[str]:
        _ = self._say
        title = _("Addendum {number}: {about}").format(number=number, about=_(papers.SUBJECTS[addendum.about]))
        yield from self._section(title)
        at = papers.moment(addendum.at, self._language, self._zone)
        yield from papers.paired([(_("Time"), at), (_("Carried out by"), addendum.actor)])
        yield from self._levels(addendum.levels)
        if addendum.tables:
            yield from self._grid(addendum.tables)
        yield from papers.listed(papers.hold_text(hold, _, self._language) for hold in addendum.holds)
        if addendum.gone:
            yield from papers.wrapped(_("{count} of these rows had been deleted or handed on before.").format(count=addendum.gone))
