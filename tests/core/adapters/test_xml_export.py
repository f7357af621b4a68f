"""The export's XML: valid for two validators, exact for every value, flat in memory."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Any
from uuid import UUID, uuid4

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.adapters.cells import read_value
from core.adapters.xml_export import NAMESPACE, Header, Written, write_export
from core.model.certificate import Controller
from core.model.records import Regime

NS = {"e": NAMESPACE}
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@dataclass(frozen=True)
class Column:
    name: str
    kind: str = ""
    label: str = ""


@dataclass(frozen=True)
class Rows:
    table: str
    columns: tuple[Column, ...]
    rows: Iterator[tuple[Any, ...]]


@cache
def _schema_text() -> str:
    return files("core.adapters").joinpath("export.xsd").read_text(encoding="utf-8")


@cache
def _lxml() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(_schema_text().encode()))


@cache
def _other() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(_schema_text())


def header(**changes: Any) -> Header:
    facts: dict[str, Any] = {
        "id": "7",
        "created": datetime(2026, 11, 23, 21, 5, tzinfo=timezone(timedelta(hours=3))),
        "controller": Controller(name="Örnek Barındırma A.Ş.", email="kvkk@firma.example"),
        "regime": Regime.KVKK,
        "subject": "77",
        "language": "en",
    }
    return Header(**facts | changes)


def export(*tables: Rows, **changes: Any) -> tuple[bytes, Written]:
    target = io.BytesIO()
    written = write_export(target, header(**changes), tables)
    return target.getvalue(), written


def of(*values: Any) -> Rows:
    """One table with one row of these values."""
    return Rows("t", tuple(Column(f"c{i}") for i in range(len(values))), iter([values]))


def parse(content: bytes) -> Any:
    root = etree.fromstring(content)
    _lxml().assertValid(root)
    return root


def fields(content: bytes) -> list[Any]:
    return parse(content).findall(".//e:field", NS)


def back(value: Any) -> Any:
    content, _ = export(of(value))
    return read_value(fields(content)[0])


def test_two_validators_accept_a_document_with_every_type() -> None:
    everything = of(
        *("text", 7, 1.5, Decimal("2.50"), True, date(2026, 1, 2), datetime(2026, 1, 2, 3), time(3, 4)),
        *(timedelta(1), uuid4(), {"a": 1}, b"\0", None, "", "\0", "\ud800", ip_address("192.0.2.1")),
    )
    content, _ = export(everything, Rows("leer", (), iter([])), regime=Regime.GDPR, language="tr")
    parse(content)
    _other().validate(io.BytesIO(content))


def test_a_document_that_was_cut_is_not_valid() -> None:
    root = parse(export(of("a"))[0])
    root.remove(root.find("e:summary", NS))
    assert not _lxml().validate(root)
    assert not _other().is_valid(etree.tostring(root).decode())


@given(ANY_TEXT)
def test_every_text_comes_back_exactly(text: str) -> None:
    assert back(text) == text


@given(st.binary())
def test_bytes_that_a_text_column_held_come_back_exactly(raw: bytes) -> None:
    stored = raw.decode("utf-8", "surrogateescape")
    assert back(stored) == stored


@given(
    st.one_of(
        st.binary(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False),
        st.decimals(allow_nan=False, min_value=-(10**30), max_value=10**30),
        st.booleans(),
        st.dates(),
        st.times(),
        st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=3))])),
        st.timedeltas(),
        st.uuids(),
        st.none(),
    )
)
def test_every_other_value_comes_back_with_its_type(value: Any) -> None:
    got = back(value)
    assert got == value
    assert type(got) is type(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | ANY_TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
        max_leaves=8,
    ).filter(lambda value: isinstance(value, list | dict))
)
def test_documents_come_back_whole(value: Any) -> None:
    assert back(value) == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (float("inf"), "INF"),
        (float("-inf"), "-INF"),
        (float("nan"), "NaN"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.50"), "12.50"),
        (Decimal("NaN"), "NaN"),
        (timedelta(hours=-1), "-P0DT3600S"),
        (timedelta(days=2, microseconds=5), "P2DT0.000005S"),
        (True, "true"),
        ([date(2026, 1, 2), b"\0"], '["2026-01-02", "AA=="]'),
        ({"ş": "\x1b\u200d"}, '{"ş": "\\u001b\u200d"}'),
        ({"ş": "\uffff"}, '{"\\u015f": "\\uffff"}'),
    ],
)
def test_spelling_is_that_of_xml_schema(value: Any, spelled: str) -> None:
    assert fields(export(of(value))[0])[0].text == spelled


@pytest.mark.parametrize("text", ["a\r\nb", "\r", " lead and trail \t", "\n", "a\tb", "\x85\u2028", "<&]]>\"'", "İıŞğ 👩‍👩‍👧", "\x7f"])
def test_blanks_and_line_ends_are_exact(text: str) -> None:
    content, written = export(of(text))
    assert fields(content)[0].text == text
    assert written.marked == 0


def test_null_differs_from_empty() -> None:
    null, empty = fields(export(of(None, ""))[0])
    assert (null.get("nil"), null.get("type")) == ("true", None)
    assert (empty.get("nil"), empty.get("type")) == (None, "string")
    assert read_value(null) is None
    assert read_value(empty) == ""


@pytest.mark.parametrize("text", ["a\0b", "\x1b]52;c;\x07", "\ufffe", "\uffff", "\ud800", "\udcc3\udca9", "ok\udcff"])
def test_what_xml_cannot_hold_is_marked_counted_and_decodes_to_the_same(text: str) -> None:
    content, written = export(of("before", text, "after"))
    assert written.marked == 1
    assert parse(content).find("e:summary", NS).get("marked") == "1"
    assert [read_value(field) for field in fields(content)] == ["before", text, "after"]
    assert fields(content)[1].get("encoding") == "base64"


def test_a_pair_of_lone_surrogates_is_not_joined() -> None:
    pair = "\ud83d" + "\ude00"
    assert back(pair) == pair != "😀"


def test_a_text_that_is_no_utf8_is_written_as_the_bytes_of_the_database() -> None:
    stored = b"caf\xe9".decode("utf-8", "surrogateescape")
    field = fields(export(of(stored))[0])[0]
    assert (field.text, field.get("charset")) == ("Y2Fm6Q==", None)


def test_a_marked_value_leaves_no_trace_on_the_next_row() -> None:
    rows = Rows("t", (Column("c"),), iter([("\ud800",), ("plain",), (None,), (b"x",), (5,), ("\0",), ("",)]))
    content, written = export(rows)
    assert [read_value(field) for field in fields(content)] == ["\ud800", "plain", None, b"x", 5, "\0", ""]
    assert [dict(field.attrib) for field in fields(content)][1] == {"name": "c", "type": "string"}
    assert written.marked == 3


def test_names_of_columns_are_never_elements() -> None:
    names = ("first name", "select", "a<b", "bıgınt", "x" * 64, 'q"u', "tab\tnew\nline", "nul\0")
    rows = Rows("Order <Details>", tuple(Column(name) for name in names), iter([tuple(range(len(names)))]))
    content, _ = export(rows)
    assert [field.get("name") for field in fields(content)] == [*names[:-1], "nul‹U+0000›"]
    assert parse(content).find("e:table", NS).get("name") == "Order <Details>"


def test_only_personal_columns_have_a_kind_and_a_label() -> None:
    columns = (Column("id"), Column("mail", "email", "E-mail"))
    number, mail = fields(export(Rows("t", columns, iter([(1, "a@x.example")])))[0])
    assert dict(number.attrib) == {"name": "id", "type": "integer"}
    assert (mail.get("kind"), mail.get("label")) == ("email", "E-mail")


def test_the_header_says_who_hands_out_what_to_whom() -> None:
    root = parse(export(subject="a\0", regime=Regime.GDPR)[0])
    assert root.get("created") == "2026-11-23T21:05:00+03:00"
    assert (root.get("id"), root.get("language")) == ("7", "en")
    assert root.find("e:controller", NS).get("name") == "Örnek Barındırma A.Ş."
    assert root.find("e:regime", NS).get("code") == "gdpr"
    assert read_value(root.find("e:subject", NS)) == "a\0"


def test_counts_size_and_hash_are_those_of_the_file() -> None:
    content, written = export(of(1, 2), of("a", "\0"))
    assert (written.records, written.fields, written.marked) == (2, 4, 1)
    assert (written.bytes, written.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert dict(parse(content).find("e:summary", NS).attrib) == {"records": "2", "fields": "4", "marked": "1"}


def test_a_target_that_takes_little_at_a_time_gets_everything() -> None:
    class Slow(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data[:100]))

    slow = Slow()
    written = write_export(slow, header(), [of("x" * 10_000)])
    assert len(slow.getvalue()) == written.bytes
    parse(slow.getvalue())


def test_a_target_that_fails_and_rows_that_fail_are_heard() -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        write_export(Full(), header(), [of("x")])

    def broken() -> Iterator[tuple[Any, ...]]:
        yield ("a",)
        raise KeyError("gone")

    target = io.BytesIO()
    with pytest.raises(KeyError, match="gone"):
        write_export(target, header(), [Rows("t", (Column("c"),), broken())])
    assert b"<summary" not in target.getvalue()


def _peak(rows: int) -> int:
    class Nowhere(io.RawIOBase):
        def write(self, data: Any) -> int:
            return len(data)

    table = Rows("t", (Column("id"), Column("a", "name", "Name")), ((i, "değer" * 5) for i in range(rows)))
    tracemalloc.start()
    write_export(Nowhere(), header(), [table])  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_customer() -> None:
    _peak(10)
    assert _peak(50_000) < 1.2 * _peak(5_000) + 64_000


@given(st.lists(st.tuples(ANY_TEXT, st.none() | st.binary(), st.integers() | ANY_TEXT), max_size=5))
def test_rows_of_any_values_come_back_in_order(values: list[tuple[Any, ...]]) -> None:
    content, _ = export(Rows("t", (Column("a"), Column("b"), Column("c")), iter(values)))
    got = [read_value(field) for field in fields(content)]
    assert got == [value for row in values for value in row]


def test_uuid_reads_back_as_one() -> None:
    assert back(UUID(int=5)) == UUID(int=5)
