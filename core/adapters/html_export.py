"""Writes one customer's data as a page for people, made from the XML by export.xsl: here, since browsers give up XSLT.

The page loads nothing and runs nothing. It is transformed piece by piece (head, heading of a table, some hundred rows), so that
memory does not grow with the customer. What XML cannot hold stands there encoded and is counted, as in the XML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.resources import files
from itertools import islice
from typing import Any, BinaryIO

from core.adapters.table_names import table_name
from core.adapters.xml_export import LAWS, NAMESPACE, Header, Meter, Record, Rows, Written, put_text
from core.locale import N_, Translator, translator

ROWS = 200
"""Rows that are transformed together."""
WORDS = {
    "title": N_("Your personal data"),
    "controller": N_("Data controller"),
    "law": N_("Legal basis of the request"),
    "made": N_("Made on"),
    "nothing": N_("no value"),
    "coded": N_("(encoded)"),
}


class Page:
    """The stylesheet, with its words in one language. It may read no file and no network."""

    def __init__(self, say: Translator) -> None:
        from lxml import etree

        sheet = etree.fromstring(files("core.adapters").joinpath("export.xsl").read_bytes())
        transform: Any = etree.XSLT  # the stubs do not know its access control, nor parameters by name
        self._transform = transform(sheet, access_control=getattr(etree.XSLTAccessControl, "DENY_ALL"))  # noqa: B009 - nor this
        self._words = {name: etree.XSLT.strparam(say(text)) for name, text in WORDS.items()}

    def pieces(self, element: Any, mark: str) -> tuple[bytes, bytes]:
        """The transformed piece, cut where the comment `mark` stands."""
        before, _, after = self.whole(element).partition(f"<!--{mark}-->".encode())
        return before, after

    def whole(self, element: Any) -> bytes:
        return bytes(self._transform(element, **self._words))


def writer() -> Callable[[BinaryIO, Header, Iterable[Rows]], Written]:
    """`write_export` for many files: the stylesheet is read once a language."""
    return partial(write_export, page=cache(Page))


def write_export(target: BinaryIO, header: Header, tables: Iterable[Rows], page: Callable[[Translator], Page] = Page) -> Written:
    """Write the whole page. Raises OSError of the target, and whatever reading the rows raises."""
    meter, say = Meter(target), translator(header.language)
    sheet = page(say)
    records = marked = fields = 0
    before, after = sheet.pieces(_head(header, say), "tables")
    meter.write(b"<!DOCTYPE html>\n" + before)
    for table in tables:
        opened, closed = sheet.pieces(_heading(table, say), "rows")
        rows, coded = 0, 0
        for some in _batches(table.rows):
            element, found = _records(table, some, say)
            if not rows:
                meter.write(opened)
            meter.write(sheet.whole(element))
            rows, coded = rows + len(some), coded + found
        if rows:  # a table without rows is no news to the customer
            meter.write(closed)
        records, marked, fields = records + rows, marked + coded, fields + rows * len(table.columns)
    meter.write(after)
    return Written(records, fields, marked, meter.bytes, meter.sha256)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while some := list(islice(rows, ROWS)):
        yield some


def _head(header: Header, say: Translator) -> Any:
    from lxml import etree

    created = header.created.isoformat(sep=" ", timespec="seconds")
    root = etree.Element(f"{{{NAMESPACE}}}export", language=header.language, created=created)
    if header.controller.name:
        put_text(etree.SubElement(root, f"{{{NAMESPACE}}}controller"), "name", header.controller.name)
    etree.SubElement(root, f"{{{NAMESPACE}}}regime").text = say(LAWS[header.regime])
    return root


def _heading(table: Rows, say: Translator) -> Any:
    from lxml import etree

    root = etree.Element(f"{{{NAMESPACE}}}table")
    put_text(root, "label", table_name(table.table, say))
    root.append(_spaced(Record(table.columns, say).element))
    return root


def _records(table: Rows, rows: list[tuple[Any, ...]], say: Translator) -> tuple[Any, int]:
    """The rows as one element, and how many of their values had to be encoded."""
    from copy import deepcopy

    from lxml import etree

    record, marked = Record(table.columns, say), 0
    root = etree.Element(f"{{{NAMESPACE}}}records")
    for row in rows:
        marked += record.fill(row)
        root.append(_spaced(deepcopy(record.element)))
    return root, marked


def _spaced(element: Any) -> Any:
    """A record with the export's namespace, which the stream gives it only in passing."""
    for one in element.iter():
        one.tag = f"{{{NAMESPACE}}}{one.tag}"
    element.tail = None
    return element
