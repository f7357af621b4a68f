"""Writes one customer's data as JSON, row by row: the same contract as the XML, in ASCII.

    {"format": "urn:kvkk-desk:export:1", "version": "1.0", "id": …, "created": …, "language": …, "controller": {…},
     "regime": {"code": …, "law": …}, "subject": …,
     "tables": [{"name": …, "label": …, "columns": [{"name": …, "kind": …, "label": …}], "records": [{column: value}]}],
     "summary": {"records": …, "fields": …, "marked": 0}}

Text, whole numbers, booleans and NULL are JSON's own; everything else is {"type": …, "value": text}, typed and spelled as in the
XML. JSON holds every text, so nothing has to be marked. The summary stands last: a file that was cut is no JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, BinaryIO

from core.adapters.cells import spell
from core.adapters.table_names import table_name
from core.adapters.xml_export import LAWS, NAMESPACE, VERSION, Column, Header, Meter, Rows, Written
from core.locale import Translator, translator

OWN = (str, int, bool, type(None))
"""Types that are JSON's own, by exact type."""


def writer() -> Callable[[BinaryIO, Header, Iterable[Rows]], Written]:
    """`write_export` for many files: nothing here is worth making once."""
    return write_export


def write_export(target: BinaryIO, header: Header, tables: Iterable[Rows]) -> Written:
    """Write the whole document. Raises OSError of the target, and whatever reading the rows raises."""
    meter, say = Meter(target), translator(header.language)
    records = fields = 0
    meter.write(_text(_head(header, say))[:-1] + b', "tables": [')
    for place, table in enumerate(tables):
        about = {"name": table.table, "label": table_name(table.table, say), "columns": [_column(c, say) for c in table.columns]}
        meter.write((b",\n" if place else b"\n") + _text(about)[:-1] + b', "records": [')
        rows = _write_rows(meter, table)
        meter.write(b"]}")
        records, fields = records + rows, fields + rows * len(table.columns)
    summary = {"records": records, "fields": fields, "marked": 0}
    meter.write(b'], "summary": ' + _text(summary) + b"}\n")
    return Written(records, fields, 0, meter.bytes, meter.sha256)


def _write_rows(meter: Meter, table: Rows) -> int:
    names, count = [column.name for column in table.columns], 0
    for row in table.rows:
        record = {name: _value(value) for name, value in zip(names, row, strict=True)}
        meter.write((b",\n" if count else b"\n") + _text(record))
        count += 1
    return count


def _value(value: Any) -> Any:
    if type(value) in OWN:
        return value
    kind, text = spell(value)
    return {"type": kind, "value": text}


def _head(header: Header, say: Translator) -> dict[str, Any]:
    parts = ("name", "address", "kep", "mersis", "email")
    return {
        "format": NAMESPACE,
        "version": VERSION,
        "id": header.id,
        "created": header.created.isoformat(timespec="seconds"),
        "language": header.language,
        "controller": {part: text for part in parts if (text := getattr(header.controller, part))},
        "regime": {"code": header.regime.value, "law": say(LAWS[header.regime])},
        "subject": header.subject,
    }


def _column(column: Column, say: Translator) -> dict[str, str]:
    label = say(column.label) if column.label else column.kind
    return {"name": column.name} | ({"kind": column.kind, "label": label} if column.kind else {})


def _text(value: dict[str, Any] | Sequence[Any]) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode("ascii")
