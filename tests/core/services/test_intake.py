"""Requests from a list: each line is a request or a reason why not, on each engine; a file that cannot be trusted files nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.adapters import request_csv
from core.desk import Desk
from core.errors import NotAllowed, UsageError
from core.model.records import Actor, Channel, FiledFile, Kind, Role
from core.store import locating, requests, tables

HEAD = "customer;kind;channel;received;regime;verified_by;note\n"


def file(desk: Desk, text: str | bytes, **more: Any) -> FiledFile:
    raw = text.encode("utf-8") if isinstance(text, str) else text
    return desk.intake.add_file(desk.actor, io.BytesIO(raw), **more)


def codes(done: FiledFile) -> dict[int, str | None]:
    return {line.line: line.code for line in done.lines}


def count(desk: Desk) -> int:
    with desk.store.reading() as conn:
        return int(conn.execute(select(func.count()).select_from(tables.requests)).scalar_one())


def refused(text: str | bytes) -> UsageError:
    with pytest.raises(UsageError) as found:
        request_csv.read(io.BytesIO(text.encode("utf-8") if isinstance(text, str) else text))
    return found.value


def test_each_line_is_a_request_or_a_reason_why_not(desk: Desk) -> None:
    text = (
        HEAD
        + "200;anonymise;letter;20.10.2026;;signature compared;a note\n"
        + "ADEM.CAN@mektup.test;erase;kep;2026-10-21;gdpr;;\n"
        + "phone:0512 000 24 04;Verilerin yok edilmesi;KEP;;;;\n"
        + "nobody@x.test;erase;;;;;\n"
        + "id:10000021240;anonymise;;;;;\n"
        + "200;erase;;;;;\n"
        + "5;erase;;2026-11-02;;;\n"
        + "6;erase;;1999-01-01;;;\n"
    )
    done = file(desk, text)
    assert codes(done) == {
        2: None,
        3: None,
        4: None,
        5: "customer-not-found",
        6: "open-request-exists",
        7: "open-request-exists",
        8: "received-in-future",
        9: "received-too-old",
    }
    assert (done.done, len(done.failures)) == (3, 5)
    numbers = [line.number for line in done.lines if line.number]
    first, second, third = (desk.requests.show(desk.actor, number) for number in numbers)
    assert (first.row.customer, first.row.channel, first.verified_by, first.note) == ("200", Channel.LETTER, "signature compared", "a note")
    assert (first.row.received_on.isoformat(), first.row.due_on.isoformat()) == ("2026-10-20", "2026-11-19")
    assert (second.row.customer, second.row.kind, second.row.regime.value) == ("250", Kind.ERASE, "gdpr")
    assert (third.row.customer, third.row.kind, third.row.channel) == ("77", Kind.ERASE, Channel.KEP)
    assert dict(done.failures[1].facts)["number"] == 19
    desk.audit.verify(desk.actor)
    with desk.store.reading() as conn:
        told = conn.execute(select(func.count()).select_from(tables.outbox).where(tables.outbox.c.request.in_(numbers))).scalar_one()
    assert told == 3


def test_a_second_time_it_changes_nothing(desk: Desk) -> None:
    text = HEAD + "".join(f"{key};anonymise;letter;;;;\n" for key in range(200, 220))
    first = file(desk, text)
    before = count(desk)
    again = file(desk, text)
    assert first.done > 0
    assert (again.done, count(desk)) == (0, before)


def test_a_dry_run_comes_to_the_same_and_files_nothing(desk: Desk) -> None:
    text = HEAD + "200;anonymise;;;;;\n200;anonymise;;;;;\nnobody;erase;;;;;\n12;erase;;;;;\n"
    before = count(desk)
    seen = file(desk, text, dry_run=True)
    assert codes(seen) == {2: None, 3: "csv-customer-twice", 4: "customer-not-found", 5: "open-request-exists"}
    assert (seen.dry_run, count(desk)) == (True, before)
    assert [line.due_on for line in seen.lines if line.code is None] == [
        line.due_on for line in file(desk, text).lines if line.code is None
    ]


def test_what_undoes_a_page_has_it_done_line_by_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody files for one of the customers between our look and our insert."""
    true = requests.open_of_many
    blind = [3 + 1]  # every try of the page, then the first line

    def late(conn: Any, customers: Any) -> dict[str, int]:
        if len(customers) > 1:
            blind[0] -= 1
            return {}
        return true(conn, customers)

    monkeypatch.setattr(requests, "open_of_many", late)
    done = file(desk, HEAD + "200;anonymise;;;;;\n12;anonymise;;;;;\n204;anonymise;;;;;\n")
    assert blind[0] == 0
    assert codes(done) == {2: None, 3: "open-request-exists", 4: None}


def test_many_are_found_as_one_would_be(desk: Desk) -> None:
    wanted = [
        "200", " 200 ", "ADEM.CAN@mektup.test", "phone:+905120002404", "phone:0 512 000 24 04", "id:10000021240", "id:100000 21240",
        "nobody@x.test", "phone:123", "id:", "email:adem.can@mektup.test", "77a", "0", "id:0000105398",
    ]  # fmt: skip
    with desk.context.reading() as conn:
        found = locating.many(conn, desk.context.atlas, wanted)
        alone = locating._one_by_one(conn, desk.context.atlas, wanted)
    assert {text: str(key) for text, key in found.items()} == {text: str(key) for text, key in alone.items()}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_several_customers_with_one_value_are_named_by_their_keys(desk: Desk) -> None:
    with desk.store.writer.begin() as conn:
        conn.exec_driver_sql("UPDATE customers SET phone = '0512 000 24 04' WHERE id IN (200, 77)")
    done = file(desk, HEAD + "phone:05120002404;erase;;;;;\n" + "nobody1;erase;;;;;\nnobody2;erase;;;;;\nnobody3;erase;;;;;\n")
    assert done.lines[0].code == "customer-ambiguous"
    assert dict(done.lines[0].facts)["keys"] == ("200", "77")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_it_is_an_operators_verb(desk: Desk) -> None:
    desk.staff.add(desk.actor, "ayse", Role.ADMIN)
    desk.staff.add(desk.actor, "veli", Role.VIEWER)
    with pytest.raises(NotAllowed, match="role-too-low"):
        desk.intake.add_file(Actor("veli", "desk.example"), io.BytesIO(HEAD.encode()))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_hostile_words_are_stored_as_they_are_or_refused(desk: Desk) -> None:
    formula = "=cmd|' /C calc'!A0"
    done = file(
        desk, HEAD + f'200;erase;;;;;"{formula}\n\x1b]0;x\x07[/bold]"\n' + "204;erase;;;;a\x00b;\n" + f"206;erase;;;;{'x' * 4001};\n"
    )
    assert codes(done) == {2: None, 4: "text-unreadable", 5: "text-too-long"}
    number = done.lines[0].number
    assert number is not None
    assert desk.requests.show(desk.actor, number).note == f"{formula}\n\x1b]0;x\x07[/bold]"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("customer,kind\n7,erase\n", 1),
        ("﻿customer;kind\r\n7;erase\r\n8;anonymize\r\n", 2),
        ("sep=;\r\nkind;customer\nerase;7\n", 1),
        ("CUSTOMER;Kind;Verified-By\n7;ERASE;x\n\n;;\n", 1),
        ("customer\tkind\n7\tVerilerin anonimleştirilmesi\n", 1),
        ('"customer","kind","note"\n"7","erase","a ""quoted"" word, and\na line"\n', 1),
        ("customer;kind;;\n7;erase;;\n", 1),
        ("customer;kind;note\n7;erase\n", 1),
    ],
)
def test_what_spreadsheets_write_is_read(text: str, rows: int) -> None:
    lines = request_csv.read(io.BytesIO(text.encode("utf-8")))
    assert len(lines) == rows
    assert [line.error for line in lines] == [None] * rows
    assert lines[0].new is not None
    assert lines[0].new.customer == "7"


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("", "csv-empty", {}),
        ("customer;kind\n", "csv-empty", {}),
        ("customer;kind\n;;\n\n", "csv-empty", {}),
        ("ali@x.example;erase\n", "csv-no-header", {"line": 1}),
        ("customer;note\n7;x\n", "csv-no-header", {"line": 1}),
        ("customer;kind;Ali Veli\n7;erase;x\n", "csv-column", {"column": 3}),
        ("customer;kind;kind\n7;erase;x\n", "csv-column-twice", {"column": "kind"}),
        (b"customer;kind\n7;erase\n\xfeli;erase\n", "csv-not-utf8", {"line": 3}),
        ("customer;kind\n7;erase\n".encode("utf-16"), "csv-not-utf8", {"line": 1}),
        ("customer;kind;note\n7;erase;yıldız\n".encode("cp1254"), "csv-not-utf8", {"line": 2}),
        ('customer;kind\n7;erase\n8;"erase\n9;erase\n', "csv-broken", {"line": 3}),
        ('customer;kind\n7;"er"ase\n', "csv-broken", {"line": 2}),
        ("customer;kind\n" + "x" * (request_csv.LINE_MOST + 1), "csv-line-too-long", {"line": 2}),
        ('customer;kind\n"' + "x\n" * 200_000, "csv-broken", {"line": 2}),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_whole(text: str | bytes, code: str, facts: dict[str, Any]) -> None:
    error = refused(text)
    assert error.code == code
    assert facts.items() <= error.facts.items()


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ("7;sil;;;;;", "csv-bad-value", "kind"),
        ("7;erase;pigeon;;;;", "csv-bad-value", "channel"),
        ("7;erase;;;hipaa;;", "csv-bad-value", "regime"),
        ("7;erase;;31.02.2026;;;", "csv-bad-day", "received"),
        ("7;erase;;yesterday;;;", "csv-bad-day", "received"),
        ("7;erase;;20261101;;;", "csv-bad-day", "received"),
        (";erase;;;;;", "csv-value-missing", "customer"),
        ("7;;;;;;", "csv-value-missing", "kind"),
        ("7;erase;;;;;;more", "csv-cells", None),
    ],
)
def test_what_is_wrong_with_one_line_names_its_column(cells: str, code: str, column: str | None) -> None:
    (line,) = request_csv.read(io.BytesIO((HEAD + cells + "\n").encode()))
    assert line.error is not None
    assert (line.line, line.error.code, line.error.facts.get("column")) == (2, code, column)


def test_an_error_never_repeats_what_stood_in_the_file() -> None:
    secret = "Sıdıka-4711"
    found = [refused(f"{secret};kind\n7;erase\n"), refused(f"customer;kind;{secret}\n7;erase;x\n")]
    for cells in (f"{secret};{secret};;;;;", f"7;erase;{secret};;;;", f"7;erase;;{secret};;;", f"7;erase;;;{secret};;"):
        (line,) = request_csv.read(io.BytesIO((HEAD + cells + "\n").encode()))
        assert line.error is not None
        found.append(line.error)  # type: ignore[arg-type]
    assert not [error for error in found if secret.lower() in str(error).lower()]


class Endless(io.RawIOBase):
    """A hundred megabytes of one line, made as they are read."""

    def __init__(self, size: int, text: bytes) -> None:
        self.left, self.text, self.given = size, text, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self.text[: min(len(buffer), self.left)] if self.text else b"x" * min(len(buffer), self.left)
        self.text = self.text[len(part) :]
        self.left -= len(part)
        self.given += len(part)
        buffer[: len(part)] = part
        return len(part)


def test_a_line_of_a_hundred_megabytes_is_refused_at_once() -> None:
    endless = Endless(100 << 20, b"customer;kind\n")
    with pytest.raises(UsageError, match="csv-line-too-long"):
        request_csv.read(io.BufferedReader(endless))
    assert endless.given < 1 << 20


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_csv, "LINES_MOST", 3)
    assert refused("customer;kind\n" + "7;erase\n" * 4).code == "csv-too-many-lines"
    monkeypatch.setattr(request_csv, "FILE_MOST", 30)
    assert refused("customer;kind\n" + "7;erase\n" * 4).code == "csv-too-large"


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_a_file_that_cannot_be_read_is_told(desk: Desk, tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "list.csv"
    make(path)
    with pytest.raises(UsageError, match=r"csv-missing-file|csv-unreadable"):
        desk.intake.add_file(desk.actor, path)
