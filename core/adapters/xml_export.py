"""Writes one customer's data as XML, row by row, against export.xsd (one schema for every data map).

Promises: every value is written exactly and comes back by `cells.read_value`; what XML cannot hold is Base64 and counted;
memory does not grow with the customer; `<summary>` stands last, so a file that was cut is not valid. The bytes are hashed
on their way.
Refuses nothing but a target that cannot be written. A reader needs `huge_tree` for a cell above 10 MB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, Protocol

from core.adapters.cells import encode_text, spelling
from core.adapters.table_names import table_name
from core.locale import N_, Translator, translator
from core.model.certificate import Controller
from core.model.records import Regime
from core.visible import safe

NAMESPACE = "urn:kvkk-desk:export:1"
VERSION = "1.0"
LAWS = {
    Regime.KVKK: N_("Personal Data Protection Law no. 6698 (KVKK), article 11"),
    Regime.GDPR: N_("General Data Protection Regulation (EU) 2016/679, articles 15 and 20"),
}
BINARY = frozenset({bytes, bytearray, memoryview})


class Column(Protocol):
    """A column as the stream names it: `kind` of the data map and the msgid of its label, both empty if not personal."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...


class Rows(Protocol):
    """The customer's rows of one table."""

    @property
    def table(self) -> str: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def rows(self) -> Iterator[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class Header:
    """Who hands out what to whom."""

    id: str
    created: datetime
    """Aware; written with its own offset."""
    controller: Controller
    regime: Regime
    subject: str
    """Key of the customer."""
    language: str


@dataclass(frozen=True, slots=True)
class Written:
    """What went out."""

    records: int
    fields: int
    marked: int
    bytes: int
    sha256: str


class Meter:
    """A binary file that counts and hashes what it passes on."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._hash = hashlib.sha256()
        self._failure: BaseException | None = None
        self.bytes = 0

    def write(self, data: bytes) -> int:
        """All of `data`, also to a target that takes it in pieces. Raises what the target raises."""
        try:
            self._pass_on(memoryview(data))
        except BaseException as error:
            self._failure = error
            raise
        self._hash.update(data)
        self.bytes += len(data)
        return len(data)

    def _pass_on(self, left: memoryview) -> None:
        while left:
            left = left[self._target.write(left) or 0 :]

    def check(self) -> None:
        """Raise what a write has raised: lxml swallows it when it comes from the last one, at the end of the document."""
        if self._failure is not None:
            raise self._failure

    @property
    def sha256(self) -> str:
        """Of everything so far, 64 hex digits."""
        return self._hash.hexdigest()


class Cell:
    """One element that takes value after value. Its attributes are touched only when the Python type changes."""

    __slots__ = ("_binary", "_element", "_kind", "_present", "_write")

    def __init__(self, element: Any) -> None:
        self._element = element
        self._kind: type[Any] | None = None
        """Type that the attributes stand for; None: none yet, or a marked text."""
        self._write: Callable[[Any], str] | None = None
        """None: the value is its own text (str), or there is none (NULL)."""
        self._binary = False
        self._present: tuple[str, ...] = ()

    def put(self, value: Any) -> bool:
        """Write the value; True when it had to be marked. Text is assigned and looked at only when XML refuses it."""
        kind = type(value)
        if kind is not self._kind:
            self._shape(kind)
        text = value if self._write is None else self._write(value)
        try:
            self._element.text = text
        except ValueError:
            self._mark(text)
            return True
        return self._binary

    def _shape(self, kind: type[Any]) -> None:
        element = self._element
        for name in self._present:
            del element.attrib[name]
        self._kind, self._write, self._binary = kind, None, kind in BINARY
        if kind is type(None):  # no type: NULL of a text and NULL of a number are the same
            element.set("nil", "true")
            self._present = ("nil",)
            return
        name, write = spelling(kind)
        element.set("type", name)
        self._present = ("type",)
        if kind is not str:
            self._write = write
        if self._binary:
            element.set("encoding", "base64")
            self._present = ("type", "encoding")

    def _mark(self, text: str) -> None:
        self._element.text, charset = encode_text(text)
        self._element.set("encoding", "base64")
        self._present = ("type", "encoding")
        if charset:
            self._element.set("charset", charset)
            self._present = ("type", "encoding", "charset")
        self._kind = None


class Record:
    """One `<record>` that is filled again for each row: making elements anew costs three times as much.

    Its elements carry no namespace of their own; in the stream they stand inside `<export xmlns=…>` and have its.
    """

    def __init__(self, columns: Sequence[Column], say: Translator) -> None:
        from lxml import etree

        self.columns = columns
        self.element = etree.Element("record")
        self.element.tail = "\n"
        self._cells = [Cell(_field(etree.SubElement(self.element, "field"), column, say)) for column in columns]

    def fill(self, row: Sequence[Any]) -> int:
        """Write a row over the one before; returns how many values were marked."""
        marked = 0
        for cell, value in zip(self._cells, row, strict=True):
            if cell.put(value):
                marked += 1
        return marked


class Records:
    """The records of every table, for a writer of many files: made once and filled again. Of one writer in one thread."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, Translator], tuple[Record, dict[str, str]]] = {}

    def of(self, table: Rows, say: Translator) -> tuple[Record, dict[str, str]]:
        """The record of this table, and the attributes of its heading."""
        found = self._made.get((table.table, say))
        if found is None or (found[0].columns is not table.columns and found[0].columns != table.columns):
            found = self._made[table.table, say] = Record(table.columns, say), _heading(table, say)
        return found


def writer() -> Callable[[BinaryIO, Header, Iterable[Rows]], Written]:
    """`write_export` for many files, one after the other."""
    return partial(write_export, records=Records())


def _field(field: Any, column: Column, say: Translator) -> Any:
    put_text(field, "name", column.name)
    if column.kind:
        put_text(field, "kind", column.kind)
        put_text(field, "label", say(column.label) if column.label else column.kind)
    return field


def put_text(element: Any, name: str, text: str) -> None:
    """A word of the schema or the company as an attribute; a character that XML cannot hold stands there as its code."""
    try:
        element.set(name, text)
    except ValueError:
        element.set(name, safe(text, limit=len(text) * 10))


def write_export(target: BinaryIO, header: Header, tables: Iterable[Rows], records: Records | None = None) -> Written:
    """Write the whole document. Raises OSError of the target, and whatever reading the rows raises."""
    from lxml import etree

    meter, say, made = Meter(target), translator(header.language), records or Records()
    count = fields = 0
    with etree.xmlfile(meter, encoding="UTF-8") as out:
        out.write_declaration()
        with out.element(f"{{{NAMESPACE}}}export", attrib=_attributes(header), nsmap={None: NAMESPACE}):
            marked = _write_head(out, header, say)
            for table in tables:
                rows, coded = _write_table(out, table, *made.of(table, say))
                count, marked, fields = count + rows, marked + coded, fields + rows * len(table.columns)
            summary = {"records": str(count), "fields": str(fields), "marked": str(marked)}
            out.write(etree.Element("summary", summary), "\n")
    meter.check()
    return Written(count, fields, marked, meter.bytes, meter.sha256)


def _attributes(header: Header) -> dict[str, str]:
    created = header.created.isoformat(timespec="seconds")
    return {"version": VERSION, "id": header.id, "created": created, "language": header.language}


def _write_head(out: Any, header: Header, say: Translator) -> int:
    """Controller, law, subject; returns how many values were marked (a natural key may be any text)."""
    from lxml import etree

    controller = etree.Element("controller")
    for name in ("name", "address", "kep", "mersis", "email"):
        text = getattr(header.controller, name)
        if text:
            put_text(controller, name, text)
    regime = etree.Element("regime", code=header.regime.value)
    regime.text = say(LAWS[header.regime])
    subject = etree.Element("subject")
    marked = Cell(subject).put(header.subject)
    for element in (controller, regime, subject):
        out.write("\n", element)
    out.write("\n")
    return int(marked)


def _heading(table: Rows, say: Translator) -> dict[str, str]:
    from lxml import etree

    about = etree.Element("table")
    put_text(about, "name", table.table)
    put_text(about, "label", table_name(table.table, say))
    return {str(name): str(text) for name, text in about.items()}


def _write_table(out: Any, table: Rows, record: Record, heading: dict[str, str]) -> tuple[int, int]:
    """(rows, marked values) of one table."""
    count = marked = 0
    with out.element(f"{{{NAMESPACE}}}table", attrib=heading):
        out.write("\n")
        for row in table.rows:
            marked += record.fill(row)
            out.write(record.element)
            count += 1
    out.write("\n")
    return count, marked
