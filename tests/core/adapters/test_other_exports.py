"""The export as JSON, CSV and HTML: exact for every value, flat in memory, and nothing of a customer that could run."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from core.adapters import csv_export, html_export, json_export
from core.adapters.cells import READERS

from .test_xml_export import ANY_TEXT, Column, Rows, header  # type: ignore[import-not-found]

WRITERS = (json_export, csv_export, html_export)
COLUMNS = (Column("first name"), Column("email", "email", "E-mail"), Column("c"))
HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="x',
    "</td></table>",
    "=1+1",
    "a\r\nb",
    " ",
    "",
    "\0\x1b]52;c;eA==\x07",
    "\ud800",
    "<!--rows-->",
]


def written(writer: Any, *rows: tuple[Any, ...], language: str = "en") -> bytes:
    target = io.BytesIO()
    done = writer.write_export(target, header(language=language), [Rows("customers", COLUMNS, iter(rows))])
    assert (done.records, done.fields, done.bytes) == (len(rows), 3 * len(rows), len(target.getvalue()))
    return target.getvalue()


def cells(raw: bytes) -> list[dict[str, Any]]:
    """Records of a JSON export as they were."""

    def back(value: Any) -> Any:
        return READERS[value["type"]](value["value"]) if isinstance(value, dict) else value

    return [{name: back(value) for name, value in record.items()} for record in json.loads(raw)["tables"][0]["records"]]


def rows_of(raw: bytes) -> list[str]:
    """Lines of the first file of a CSV export."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return archive.read("01-customers.csv").decode("utf-8", "surrogateescape").split("\r\n")[1:-1]


@given(st.lists(st.tuples(ANY_TEXT, st.none() | st.integers() | st.booleans(), st.none() | ANY_TEXT), max_size=5))
def test_json_gives_every_value_back(rows: list[tuple[Any, ...]]) -> None:
    names = [column.name for column in COLUMNS]
    assert cells(written(json_export, *rows)) == [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("value", [1.5, Decimal("2.50"), date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC), b"\0\xff", 2**70])
def test_json_gives_types_back_that_are_not_its_own(value: Any) -> None:
    assert cells(written(json_export, (value, None, None)))[0]["first name"] == value


def test_json_is_ascii_and_no_json_when_it_is_cut() -> None:
    raw = written(json_export, ("İŞIK", "\ud800", "\u202e"))
    assert raw.isascii()
    with pytest.raises(json.JSONDecodeError):
        json.loads(raw[:-20])


@given(st.lists(st.tuples(st.text(), st.text(), st.none() | st.text()), max_size=5))
def test_csv_gives_every_text_back_and_tells_null_from_empty(rows: list[tuple[Any, ...]]) -> None:
    with zipfile.ZipFile(io.BytesIO(written(csv_export, *rows))) as archive:
        text = archive.read("01-customers.csv").decode("utf-8")
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert read == [["" if cell is None else cell for cell in row] for row in rows]
    assert text.count(",\r\n") >= sum(row[2] is None for row in rows)


def test_csv_tells_null_from_an_empty_text() -> None:
    assert rows_of(written(csv_export, ("", None, ""), (None, "a", None))) == ['"",,""', ',"a",']


def test_csv_says_what_each_column_is_and_who_hands_it_out() -> None:
    with zipfile.ZipFile(io.BytesIO(written(csv_export, ("a", "b", "c"), language="tr"))) as archive:
        columns = list(csv.DictReader(io.StringIO(archive.read("columns.csv").decode())))
        about = dict(csv.reader(io.StringIO(archive.read("about.csv").decode())))
    assert columns[1] == {
        "file": "01-customers.csv",
        "table": "customers",
        "table_label": "Müşteri",
        "column": "email",
        "kind": "email",
        "label": "E-posta",
    }
    assert (about["controller_name"], about["records"]) == ("Örnek Barındırma A.Ş.", "1")


@pytest.mark.parametrize(
    ("table", "name"), [("../../etc/passwd", "01-_etc_passwd.csv"), ("bıgınt", "01-b_g_nt.csv"), ("a" * 99, f"01-{'a' * 60}.csv")]
)
def test_names_in_the_archive_lead_nowhere(table: str, name: str) -> None:
    assert csv_export.file_name(1, table) == name


def test_the_page_shows_every_value_and_runs_none_of_them() -> None:
    raw = written(html_export, *[(value, None, value) for value in HOSTILE])
    page = html.fromstring(raw)
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "h1", "dl", "dt", "dd", "bdi", "time", "main"),
        *("section", "h2", "div", "table", "thead", "tr", "th", "tbody", "td", "span"),
    }
    assert not any(name.startswith("on") or name in ("href", "src") for element in page.iter() for name in element.attrib)
    shown = [cell.text_content() for cell in page.xpath("//tbody/tr/td[1]")]
    assert shown[:4] == HOSTILE[:4]
    assert len(shown) == len(HOSTILE)
    assert b"\x1b" not in raw
    assert b"\0" not in raw


@pytest.mark.parametrize(("language", "word"), [("tr", "değer yok"), ("en", "no value")])
def test_the_page_speaks_the_customers_language(language: str, word: str) -> None:
    page = html.fromstring(written(html_export, ("a", None, ""), language=language))
    assert page.get("lang") == language
    assert page.xpath("//td[@class='none']")[0].text_content() == word
    assert page.xpath("//th[2]")[0].text_content() == {"tr": "E-posta", "en": "E-mail"}[language]


def test_a_table_without_rows_is_no_news_to_the_customer() -> None:
    assert b"<section" not in written(html_export)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__.rpartition(".")[2])
def test_memory_does_not_grow_with_the_customer(writer: Any) -> None:
    class Nowhere(io.RawIOBase):
        def write(self, data: Any) -> int:
            return len(data)

    def peak(count: int) -> int:
        rows: Iterator[tuple[Any, ...]] = (("Ayşe", f"a{i}@x.example", "x" * 50) for i in range(count))
        tracemalloc.start()
        writer.write_export(Nowhere(), header(), [Rows("t", COLUMNS, rows)])
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert peak(20_000) < peak(2_000) * 1.5 + 200_000
