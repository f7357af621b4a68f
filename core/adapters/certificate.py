"""A certificate and its addenda as XML, valid against certificate.xsd: codes, with words of a language beside them.

Claims no more than the document does: a level that was not measured is called `not done`, with its reason. Pure: nothing
is read but the document. certificate_text.py prints the same for people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.adapters import papers
from core.locale import N_, translator
from core.locale.labels import label
from core.model.certificate import Addendum, Certificate, Controller, Level
from core.model.records import HoldLine, TableCount
from core.visible import safe

NAMESPACE = "urn:kvkk-desk:certificate:1"
VERSION = "1.1"
_DEFAULT: dict[Any, str] = {None: NAMESPACE}  # its stubs want a name, lxml takes None for the default namespace
COUNTS = ("deleted", "masked", "held", "kept", "shared", "blocked")
RESIDUE = {
    "none": N_("No identifying value of the customer was found outside what this document lists."),
    "remains": N_("Identifying values of the customer remain in the columns named here."),
    "waived": N_("Identifying values of the customer remain in the columns named here; this was accepted."),
    "not-searched": N_("Not searched: only access was blocked."),
}


def to_xml(certificate: Certificate, addenda: Sequence[Addendum], language: str) -> bytes:
    """The document as UTF-8 XML with a declaration, indented for readers."""
    from lxml import etree

    root = _Xml(language).document(certificate, addenda)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def residue_result(certificate: Certificate) -> str:
    """Code of what the residue search came to."""
    if certificate.remains:
        return "waived" if certificate.waived else "remains"
    return "none" if certificate.resolution.mask or certificate.resolution.erase else "not-searched"


class _Xml:
    """Builds the tree. Texts that XML cannot hold (a map may say anything) stand there as visible codes."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._say = translator(language)

    def document(self, certificate: Certificate, addenda: Sequence[Addendum]) -> Any:
        from lxml import etree

        root = etree.Element(f"{{{NAMESPACE}}}certificate", nsmap=_DEFAULT)
        root.set("version", VERSION)
        root.set("language", self._language)
        parts: tuple[Callable[[Any, Certificate], None], ...] = (self._head, self._rows, self._residue, self._foot)
        for part in parts:
            part(root, certificate)
        for addendum in addenda:
            self._addendum(root, addendum)
        return root

    def _head(self, root: Any, certificate: Certificate) -> None:
        one, say = certificate, self._say
        self._add(root, "title", say(papers.TITLES[one.title]), code=one.title.value)
        self._add(root, "controller", None, **_controller(one.controller))
        kind = label("kind", one.kind, self._language)
        received = one.received_on.isoformat()
        self._add(root, "request", kind, number=one.number, received=received, kind=one.kind.value, regime=one.regime.value)
        if one.channel:
            self._add(root, "channel", label("channel", one.channel, self._language), code=one.channel.value)
        if one.verified:
            self._add(root, "verified", one.verified)
        done, at = one.resolution.name, one.decided_at.isoformat()
        words = label("outcome", done, self._language)
        self._add(root, "decision", words, at=at, by=one.actor, approvedBy=one.approved_by, resolution=done)
        self._add(root, "grade", label("grade", one.grade, self._language), code=one.grade.value)

    def _rows(self, root: Any, certificate: Certificate) -> None:
        tables = self._add(root, "tables", None, redactedCells=certificate.redacted)
        for count in certificate.tables:
            self._table(tables, count)
        holds = self._add(root, "holds", None)
        for hold in certificate.holds:
            self._hold(holds, hold)

    def _residue(self, root: Any, certificate: Certificate) -> None:
        waived, code = certificate.waived, residue_result(certificate)
        by, reason = (waived.by, waived.reason) if waived else (None, None)
        residue = self._add(root, "residue", None, waivedBy=by, waiver=reason)
        self._add(residue, "result", self._say(RESIDUE[code]), code=code)
        for line in certificate.residue:
            words = label("verdict", line.verdict, self._language)
            place = {"table": line.table, "column": line.column}
            self._add(residue, "found", words, **place, kind=line.kind, cells=line.cells, verdict=line.verdict)

    def _foot(self, root: Any, certificate: Certificate) -> None:
        one = certificate
        blacklist = self._add(root, "blacklist", None)
        for name, kinds in (("kept", one.blacklisted), ("leftOut", one.left_out)):
            for kind in kinds:
                self._add(blacklist, name, label("value", kind, self._language), code=kind)
        outside = self._add(root, "outside", None)
        for step in one.outside:
            self._add(outside, "step", step)
        levels = self._add(root, "levels", None)
        for level in one.levels:
            self._level(levels, level)
        self._add(root, "map", None, name=one.map_name, sha256=one.map_sha256)
        self._add(root, "product", None, name=one.product, engine=one.engine)
        self._add(root, "checkpoint", one.checkpoint)

    def _addendum(self, root: Any, addendum: Addendum) -> None:
        part = self._add(root, "addendum", None, at=addendum.at.isoformat(), by=addendum.actor, gone=addendum.gone or None)
        self._add(part, "title", self._say(papers.SUBJECTS[addendum.about]), code=addendum.about.value)
        for level in addendum.levels:
            self._level(part, level)
        for count in addendum.tables:
            self._table(part, count)
        for hold in addendum.holds:
            self._hold(part, hold)

    def _table(self, parent: Any, count: TableCount) -> None:
        numbers = {name: getattr(count, name) for name in COUNTS}
        table = self._add(parent, "table", None, name=count.table, **numbers, redactedCells=count.cells_redacted)
        for because in count.because:
            self._add(table, "because", because)

    def _hold(self, parent: Any, hold: HoldLine) -> None:
        release = hold.release_on.isoformat() if hold.release_on else None
        self._add(parent, "hold", hold.because, table=hold.table, rows=hold.rows, release=release)

    def _level(self, parent: Any, level: Level) -> None:
        measured = {"hits": level.hits, "files": level.files, "bytes": level.bytes}
        about = {"name": level.name, "status": level.status.value, "why": level.why}
        self._add(parent, "level", papers.level_text(level, self._say), **about, **measured)

    def _add(self, parent: Any, tag: str, text: str | None, **attributes: str | int | None) -> Any:
        from lxml import etree

        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
        element.text = None if text is None else _holdable(text)
        for name, value in attributes.items():
            if value is not None:
                element.set(name, _holdable(str(value)))
        return element


def _holdable(text: str) -> str:
    return text if text.isprintable() else safe(text, limit=len(text) * 10)


def _controller(controller: Controller) -> dict[str, str | None]:
    return {name: getattr(controller, name) for name in ("name", "address", "kep", "mersis", "email")}
