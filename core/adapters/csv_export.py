"""Writes one customer's data as a ZIP of CSV files, one a table, row by row: for people who go on working with it.

Exact (RFC 4180, UTF-8): every text is quoted, an empty text is `""`, NULL is nothing at all, line breaks stay as they are; what is
neither text nor NULL is spelled as in the XML. `columns.csv` says what each column is, `about.csv` who hands out what to
whom. Cells are not changed for a spreadsheet: one that begins with `=` begins with `=` (open the file as text).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from core.adapters.cells import spell
from core.adapters.table_names import table_name
from core.adapters.xml_export import LAWS, Header, Meter, Rows, Written
from core.locale import Translator, translator

END = "\r\n"
_SAFE = re.compile(r"[^0-9A-Za-z_-]+")


class _Pipe:
    """What `zipfile` needs of a stream that cannot be wound back."""

    def __init__(self, meter: Meter) -> None:
        self.write = meter.write

    def flush(self) -> None:
        """Everything has been passed on already."""


def writer() -> Callable[[BinaryIO, Header, Iterable[Rows]], Written]:
    """`write_export` for many files: nothing here is worth making once."""
    return write_export


def write_export(target: BinaryIO, header: Header, tables: Iterable[Rows]) -> Written:
    """Write the whole archive. Raises OSError of the target, and whatever reading the rows raises."""
    meter, say = Meter(target), translator(header.language)
    known: list[tuple[str, ...]] = []
    records = fields = 0
    with zipfile.ZipFile(_Pipe(meter), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for number, table in enumerate(tables, 1):
            name = file_name(number, table.table)
            rows = _member(archive, name, _rows(table))
            records, fields = records + rows, fields + rows * len(table.columns)
            known += _described(name, table, say)
        _member(archive, "columns.csv", iter([_row(("file", "table", "table_label", "column", "kind", "label")), *map(_row, known)]))
        _member(archive, "about.csv", (_row(pair) for pair in _about(header, say, records)))
    return Written(records, fields, 0, meter.bytes, meter.sha256)


def file_name(number: int, table: str) -> str:
    """`01-customers.csv`: a name of the schema, made safe for every file system; never made from data."""
    return f"{number:02d}-{_SAFE.sub('_', table)[:60]}.csv"


def _member(archive: zipfile.ZipFile, name: str, lines: Iterator[str]) -> int:
    """Write one file; returns its lines without the heading."""
    count = -1
    about = zipfile.ZipInfo(name)  # its moment is 1980: the same data give the same bytes
    about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    with archive.open(about, "w", force_zip64=True) as member:
        for line in lines:
            member.write(encoded(line))
            count += 1
    return count


def encoded(line: str) -> bytes:
    """UTF-8; bytes of a database that are none go back as they were, other lone surrogates as WTF-8."""
    try:
        return line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return line.encode("utf-8", "surrogatepass")


def _rows(table: Rows) -> Iterator[str]:
    yield _row(tuple(column.name for column in table.columns))
    for row in table.rows:
        yield _row(row)


def _row(cells: Iterable[Any]) -> str:
    return ",".join(_cell(cell) for cell in cells) + END


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if type(value) is str else spell(value)[1]
    return '"' + text.replace('"', '""') + '"'


def _described(name: str, table: Rows, say: Translator) -> Iterator[tuple[str, ...]]:
    for column in table.columns:
        label = say(column.label) if column.label else column.kind
        yield (name, table.table, table_name(table.table, say), column.name, column.kind, label)


def _about(header: Header, say: Translator, records: int) -> Iterator[tuple[str, Any]]:
    yield "key", "value"
    yield "id", header.id
    yield "created", header.created.isoformat(timespec="seconds")
    for part in ("name", "address", "kep", "mersis", "email"):
        if text := getattr(header.controller, part):
            yield f"controller_{part}", text
    yield "law", say(LAWS[header.regime])
    yield "subject", header.subject
    yield "records", records
