"""A list of requests as CSV, the way a spreadsheet writes one: UTF-8 with or without its mark, `;` or `,` or tabs, days as
2026-12-31 or 31.12.2026, words of ours as codes or as the labels that people read.

The whole file is read before anything is filed. What makes every line doubtful (no header, no UTF-8, a quotation mark that never
ends, too long) refuses the file; what is wrong with one line is told of that line. An error names line and column, never a value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import BinaryIO

from core.errors import KvkkError, UsageError
from core.locale import LANGUAGES
from core.locale.labels import LABELS, label
from core.model.folding import fold
from core.model.records import Channel, FileLine, Kind, NewRequest, Regime
from core.model.words import checked

COLUMNS = ("customer", "kind", "channel", "received", "regime", "verified_by", "note")
NEEDED = ("customer", "kind")
DELIMITERS = (";", ",", "\t")
LINE_MOST = 1 << 16
"""Bytes of one line of the file; a note has at most 4,000 characters."""
LINES_MOST = 100_000
FILE_MOST = 64 << 20
BOM = b"\xef\xbb\xbf"
SAID_BY_EXCEL = re.compile(r"sep=(.)\r?\n?")
DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MORE = {"anonymize": "anonymise", "anonim": "anonymise", "anonimleştir": "anonymise", "yok et": "erase", "yok etme": "erase"}
"""Words that are neither codes nor labels and mean only one thing."""


def read(stream: BinaryIO) -> tuple[FileLine, ...]:
    """Every line that is not empty. Raises UsageError `csv-…` for a file that cannot be trusted."""
    lines = _Lines(stream)
    header, delimiter = _header(lines)
    found: list[FileLine] = []
    for number, cells in _records(lines, delimiter):
        if not any(cell.strip() for cell in cells):
            continue
        if len(found) == LINES_MOST:
            raise UsageError("csv-too-many-lines", most=LINES_MOST)
        found.append(_line(number, header, cells))
    if not found:
        raise UsageError("csv-empty")
    return tuple(found)


class _Lines:
    """Lines of text, counted. Raises UsageError `csv-not-utf8`, `csv-line-too-long`, `csv-too-large`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._bytes = 0
        self.number = 0
        """Of the last line that was given out."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(LINE_MOST + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        self._bytes += len(raw)
        if len(raw) > LINE_MOST:
            raise UsageError("csv-line-too-long", line=self.number, most=LINE_MOST)
        if self._bytes > FILE_MOST:
            raise UsageError("csv-too-large", most=FILE_MOST)
        try:
            return (raw.removeprefix(BOM) if self.number == 1 else raw).decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError("csv-not-utf8", line=self.number) from None


def _header(lines: _Lines) -> tuple[tuple[str, ...], str]:
    """(the columns in their order, the delimiter). Raises UsageError `csv-empty`, `csv-no-header`, `csv-column`, `csv-column-twice`."""
    first = next(lines, None)
    said = SAID_BY_EXCEL.fullmatch(first or "")
    text = next(lines, None) if said else first
    if text is None:
        raise UsageError("csv-empty")
    tried = {sign: _names(text, sign) for sign in ((said[1],) if said else DELIMITERS)}
    delimiter, names = max(tried.items(), key=lambda one: sum(name in COLUMNS for name in one[1]))
    if not set(NEEDED) <= set(names):
        raise UsageError("csv-no-header", line=lines.number, required=NEEDED, allowed=COLUMNS)
    for place, name in enumerate(names, 1):
        if name and name not in COLUMNS:
            raise UsageError("csv-column", column=place, allowed=COLUMNS)
        if name and names.index(name) != place - 1:
            raise UsageError("csv-column-twice", column=name)
    return names, delimiter


def _names(text: str, delimiter: str) -> tuple[str, ...]:
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except (csv.Error, TypeError):  # TypeError: `sep=` with a sign that can be none
        return ()
    return tuple(cell.strip().lower().replace("-", "_") for cell in cells)


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    """(line where it begins, cells). Raises UsageError `csv-broken`."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        begin = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise UsageError("csv-broken", line=begin) from None
        yield begin, cells


def _line(number: int, header: Sequence[str], cells: Sequence[str]) -> FileLine:
    try:
        if any(cell.strip() for cell in cells[len(header) :]):
            raise UsageError("csv-cells", cells=len(cells), columns=len(header))
        said = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
        return FileLine(number, new=_request(said))
    except KvkkError as error:
        return FileLine(number, error=error)


def _request(said: Mapping[str, str]) -> NewRequest:
    """Raises UsageError `csv-value-missing`, `csv-bad-value`, `csv-bad-day`, `text-…`."""
    for name in NEEDED:
        if not said.get(name):
            raise UsageError("csv-value-missing", column=name)
    kind = _coded("kind", said["kind"], tuple(one.value for one in Kind))
    channel = _coded("channel", said.get("channel") or Channel.OTHER.value, tuple(one.value for one in Channel))
    regime = _coded("regime", said["regime"], tuple(one.value for one in Regime)) if said.get("regime") else None
    return NewRequest(
        customer=said["customer"],
        kind=Kind(kind),
        channel=Channel(channel),
        received_on=_day(said.get("received", "")),
        regime=Regime(regime) if regime else None,
        verified_by=checked("verified_by", said.get("verified_by")),
        note=checked("note", said.get("note")),
    )


def _coded(column: str, text: str, allowed: tuple[str, ...]) -> str:
    """The code of a word: the code itself, or a label of it in any language."""
    groups = [group for group in (column, f"{column}-short") if group in LABELS]
    told = {fold(label(group, code, language)): code for group in groups for code in allowed for language in LANGUAGES}
    told |= {fold(word): code for word, code in MORE.items() if code in allowed}
    plain = text.lower().replace("_", "-")
    found = plain if plain in allowed else told.get(fold(text))
    if found is None:
        raise UsageError("csv-bad-value", column=column, allowed=allowed)
    return found


def _day(text: str) -> date | None:
    if not text:
        return None
    local = DAY.fullmatch(text)
    try:
        if local:
            return date(int(local[3]), int(local[2]), int(local[1]))
        if ISO.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError("csv-bad-day", column="received")
