"""An export is on record before its first byte, whole at its name or not there at all, and says nothing where it should not."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree
from sqlalchemy import select, text

from core.adapters import files as file_adapter
from core.adapters.cells import read_value
from core.adapters.xml_export import NAMESPACE
from core.config import Target
from core.desk import Desk
from core.errors import Conflict, KvkkError, NotFound, Unavailable, UsageError
from core.model.records import Actor, Download
from core.services import exports
from core.store import tables

NS = {"e": NAMESPACE}
CUSTOMER = "5"
HASH = re.compile(r"\$2[aby]\$|\$argon2")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder; the key file lives beside it."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def schema() -> Any:
    return files("core.adapters").joinpath("export.xsd")


def parse(content: bytes) -> Any:
    root = etree.fromstring(content)
    etree.XMLSchema(etree.fromstring(schema().read_bytes())).assertValid(root)
    return root


def downloads(desk: Desk, since: int) -> list[Download]:
    rows = desk.downloads.list(desk.actor, limit=100).rows
    return [row for row in rows if row.id > since]


def last_download(desk: Desk) -> int:
    rows = desk.downloads.list(desk.actor, limit=1).rows
    return rows[0].id if rows else 0


def audit_since(desk: Desk, seq: int) -> list[tuple[str, str]]:
    with desk.context.reading() as conn:
        query = select(tables.audit.c.verb, tables.audit.c.detail).where(tables.audit.c.seq > seq).order_by(tables.audit.c.seq)
        return [(row.verb, row.detail) for row in conn.execute(query)]


def last_audit(desk: Desk) -> int:
    with desk.context.reading() as conn:
        return conn.execute(select(tables.audit_head.c.seq)).scalar_one()


def queued(desk: Desk) -> int:
    with desk.context.reading() as conn:
        return len(conn.execute(select(tables.outbox.c.id).where(tables.outbox.c.event == "downloaded")).all())


def change(desk: Desk, statement: str, **values: Any) -> None:
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        unit.conn.execute(text(statement), values)


def broken(desk: Desk, since: int, code: str) -> bool:
    """Whether exactly one download was begun since, and ended broken with that code."""
    rows = downloads(desk, since)
    recorded = [detail for verb, detail in audit_since(desk, 0) if verb == "export.broken"]
    return [row.state for row in rows] == ["broken"] and f'"code":"{code}"' in recorded[-1]


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise error

    return fail


def test_a_file_is_whole_valid_private_and_on_record(desk: Desk, actor: Actor, place: Path) -> None:
    before, seq = last_download(desk), last_audit(desk)
    done = desk.exports.export(actor, CUSTOMER, place / "out.xml", reason="asked by letter")
    content = (place / "out.xml").read_bytes()
    root = parse(content)
    xmlschema.XMLSchema10(schema().read_text(encoding="utf-8")).validate(io.BytesIO(content))
    assert os.listdir(place) == ["out.xml"]
    assert stat.S_IMODE((place / "out.xml").stat().st_mode) == 0o600
    assert (done.path, done.bytes, done.sha256) == (str(place / "out.xml"), len(content), hashlib.sha256(content).hexdigest())
    assert done.rows == len(root.findall(".//e:record", NS)) > 0
    [row] = downloads(desk, before)
    assert (row.id, row.customer, row.by, row.state) == (done.download, CUSTOMER, str(actor), "done")
    assert (row.rows, row.bytes, row.sha256, row.reason) == (done.rows, done.bytes, done.sha256, "asked by letter")
    assert [verb for verb, _ in audit_since(desk, seq)] == ["export.begin", "export.done"]


def test_every_mapped_row_is_there_and_no_secret(desk: Desk, actor: Actor, place: Path) -> None:
    desk.exports.export(actor, CUSTOMER, place / "out.xml")
    root = parse((place / "out.xml").read_bytes())
    counted = {table.get("name"): len(table) for table in root.findall("e:table", NS)}
    known = dict(desk.customers.show(actor, CUSTOMER).tables)
    assert {name: count for name, count in counted.items() if count} == {name: count for name, count in known.items() if count}
    names = {field.get("name") for field in root.iter(f"{{{NAMESPACE}}}field")}
    assert not names & {"password_hash", "remember_token"}
    assert not HASH.search((place / "out.xml").read_text(encoding="utf-8"))


def test_the_audit_names_nobody(desk: Desk, actor: Actor, place: Path) -> None:
    seq, who = last_audit(desk), desk.customers.show(actor, CUSTOMER).row
    desk.exports.export(actor, CUSTOMER, place / "out.xml", reason=f"{who.name} {who.email}")
    told = " ".join(detail for _, detail in audit_since(desk, seq))
    assert who.email is not None
    assert not any(value in told for value in (who.email, who.name, f'"{CUSTOMER}"'))


@pytest.mark.parametrize("notify", ["on", "off"])
def test_the_customer_is_told_only_when_notices_are_on(desk: Desk, actor: Actor, place: Path, notify: str) -> None:
    desk.settings.set(actor, "notify", notify)
    before = queued(desk)
    desk.exports.export(actor, CUSTOMER, place / "out.xml")
    assert queued(desk) - before == (notify == "on")


def test_without_a_target_a_new_file_is_made_in_the_current_folder(
    desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    named = [desk.exports.export(actor, CUSTOMER).path, desk.exports.export(actor, CUSTOMER, folder).path]
    names = [Path(str(name)).name for name in named]
    assert sorted(names) == sorted(os.listdir(folder))
    day = desk.context.clock() + timedelta(hours=3)
    assert all(name.startswith(f"kvkk-export-{day:%Y%m%d}-") for name in names)


def test_a_stream_gets_the_same_bytes(desk: Desk, actor: Actor, place: Path) -> None:
    stream = io.BytesIO()
    done = desk.exports.export(actor, CUSTOMER, stream)
    parse(stream.getvalue())
    assert (done.path, done.sha256) == (None, hashlib.sha256(stream.getvalue()).hexdigest())


def test_values_that_harm_a_terminal_or_xml_are_exported_exactly(desk: Desk, actor: Actor, place: Path) -> None:
    hostile = {"first": "[/bold]\x1b]52;c;aGk=\x07", "last": " a\r\nb "}
    change(desk, "UPDATE customers SET first_name = :first, last_name = :last WHERE id = 5", **hostile)
    done = desk.exports.export(actor, CUSTOMER, place / "out.xml")
    root = parse((place / "out.xml").read_bytes())
    cells = {field.get("name"): field for field in root.find("e:table[@name='customers']/e:record", NS)}
    assert read_value(cells["first_name"]) == hostile["first"]
    assert read_value(cells["last_name"]) == hostile["last"]
    assert done.marked == int(root.find("e:summary", NS).get("marked")) == 1


@pytest.mark.parametrize(
    ("customer", "kind"), [("999999", NotFound), ("nobody@nowhere.example", NotFound), ("", UsageError), ("\0", UsageError)]
)
def test_an_unknown_customer_leaves_no_trace(desk: Desk, actor: Actor, place: Path, customer: str, kind: type[KvkkError]) -> None:
    before, seq = last_download(desk), last_audit(desk)
    with pytest.raises(kind):
        desk.exports.export(actor, customer, place / "out.xml")
    assert (os.listdir(place), downloads(desk, before), audit_since(desk, seq)) == ([], [], [])


def test_an_existing_file_is_refused_before_anything_is_recorded(desk: Desk, actor: Actor, place: Path) -> None:
    before = last_download(desk)
    (place / "out.xml").write_bytes(b"old")
    with pytest.raises(UsageError, match="output-exists"):
        desk.exports.export(actor, CUSTOMER, place / "out.xml")
    assert (place / "out.xml").read_bytes() == b"old"
    assert downloads(desk, before) == []
    desk.exports.export(actor, CUSTOMER, place / "out.xml", overwrite=True)
    parse((place / "out.xml").read_bytes())


def test_a_reason_that_cannot_be_kept_is_refused_first(desk: Desk, actor: Actor, place: Path) -> None:
    with pytest.raises(UsageError, match="text-too-long"):
        desk.exports.export(actor, CUSTOMER, place / "out.xml", reason="x" * 10_000)
    assert os.listdir(place) == []


@pytest.mark.parametrize(
    ("error", "code", "raised"),
    [
        (OSError(errno.ENOSPC, "x"), "disk-full", Unavailable),
        (KeyboardInterrupt(), "KeyboardInterrupt", KeyboardInterrupt),
        (SystemExit(143), "SystemExit", SystemExit),
        (Unavailable("database-gone", kind="x"), "database-gone", Unavailable),
    ],
)
def test_a_failure_between_the_rows_leaves_a_broken_record_and_no_file(
    desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: str, raised: Any
) -> None:
    whole = exports.rows.stream

    def half(*args: Any) -> Iterator[Any]:
        for number, table in enumerate(whole(*args)):
            if number == 2:
                raise error
            yield table

    monkeypatch.setattr(exports.rows, "stream", half)
    before = last_download(desk)
    with pytest.raises(raised):
        desk.exports.export(actor, CUSTOMER, place / "out.xml")
    assert os.listdir(place) == []
    assert broken(desk, before, code)


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_full_disk_at_the_last_step_leaves_no_file(
    desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    desk.exports.export(actor, CUSTOMER, io.BytesIO())  # makes the key file, which needs the same calls
    before = last_download(desk)
    monkeypatch.setattr(file_adapter.os, step, raising(OSError(errno.ENOSPC, "x")))
    with pytest.raises(Unavailable, match="disk-full"):
        desk.exports.export(actor, CUSTOMER, place / "out.xml")
    assert os.listdir(place) == []
    assert broken(desk, before, "disk-full")


def test_a_record_that_cannot_be_finished_takes_the_file_back(
    desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = last_download(desk)
    monkeypatch.setattr(exports.download_log, "finish", raising(Unavailable("database-locked", kind="x")))
    with pytest.raises(Unavailable, match="database-locked"):
        desk.exports.export(actor, CUSTOMER, place / "out.xml")
    assert not (place / "out.xml").exists()
    assert broken(desk, before, "database-locked")


def test_a_database_that_is_gone_does_not_hide_the_first_failure(
    desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = last_download(desk)
    monkeypatch.setattr(exports.download_log, "finish", raising(Unavailable("database-gone", kind="x")))
    monkeypatch.setattr(exports.download_log, "break_off", raising(Conflict("constraint")))
    with pytest.raises(Unavailable, match="database-gone"):
        desk.exports.export(actor, CUSTOMER, place / "out.xml")
    assert [row.state for row in downloads(desk, before)] == ["started"]
    assert not (place / "out.xml").exists()


def test_a_reader_that_goes_away_is_recorded(desk: Desk, actor: Actor) -> None:
    class Pipe(io.BytesIO):
        def write(self, data: Any) -> int:
            raise BrokenPipeError(errno.EPIPE, "x")

    before = last_download(desk)
    with pytest.raises(BrokenPipeError):
        desk.exports.export(actor, CUSTOMER, Pipe())
    assert broken(desk, before, "BrokenPipeError")


def test_a_reader_that_goes_away_in_the_middle_of_many_rows_keeps_no_lock(desk: Desk, actor: Actor) -> None:
    """A statement that was left half read kept SQLite's lock: the record of the broken export waited half a minute and was lost."""

    class Pipe(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > 100_000:
                raise BrokenPipeError(errno.EPIPE, "x")
            return super().write(data)

    row = "(id, customer_id, user_name, success, ip, at) VALUES ({}, {}, 'x', true, '192.0.2.1', '2026-01-01 00:00:00')"
    with desk.store.writer.begin() as conn:
        for number in range(3000):
            conn.exec_driver_sql("INSERT INTO signin_log " + row.format(10_000_000 + number, CUSTOMER))
    before = last_download(desk)
    with pytest.raises(BrokenPipeError) as kept:  # its traceback keeps the generators that read
        desk.exports.export(actor, CUSTOMER, Pipe())
    assert kept.value
    assert broken(desk, before, "BrokenPipeError")


def test_a_customer_erased_after_the_gate_is_not_found_and_never_half(
    desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = exports.Exporting.begin

    def erased_meanwhile(self: exports.Exporting, *args: Any) -> int:
        number = begin(self, *args)
        monkeypatch.setattr(exports.customers, "exists", lambda *_: False)
        return number

    monkeypatch.setattr(exports.Exporting, "begin", erased_meanwhile)
    before = last_download(desk)
    with pytest.raises(NotFound, match="customer-not-found"):
        desk.exports.export(actor, CUSTOMER, place / "out.xml")
    assert not (place / "out.xml").exists()
    assert broken(desk, before, "customer-not-found")


def test_rows_erased_while_they_stream_are_exported_whole(desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if desk.store.name == "sqlite":  # without WAL the eraser waits for the reader, which is whole as well
        with desk.store.alone() as conn:
            conn.execute(text("PRAGMA journal_mode=WAL"))
    desk.exports.export(actor, CUSTOMER, place / "before.xml")
    whole = exports.rows.stream

    def erased_meanwhile(*args: Any) -> Iterator[Any]:
        for number, table in enumerate(whole(*args)):
            if number == 1:
                change(desk, "DELETE FROM sms_log WHERE customer_id = 5")
                change(desk, "DELETE FROM signin_log WHERE customer_id = 5")
            yield table

    monkeypatch.setattr(exports.rows, "stream", erased_meanwhile)
    desk.exports.export(actor, CUSTOMER, place / "during.xml")
    roots = [parse((place / name).read_bytes()) for name in ("before.xml", "during.xml")]
    counts = [[(table.get("name"), len(table)) for table in root.findall("e:table", NS)] for root in roots]
    assert counts[0] == counts[1]
    assert dict(counts[0])["signin_log"] > 0


def test_an_export_stands_behind_whoever_resolves_that_customer(desk: Desk, target: Target, actor: Actor, place: Path) -> None:
    """Otherwise a download could be recorded under a key that the resolution has just cleared from our tables."""
    with desk.context.reading() as conn:
        query = select(tables.requests.c.number, tables.requests.c.customer).where(tables.requests.c.open_customer.is_not(None))
        number, customer = conn.execute(query).first()  # type: ignore[misc]
    before = last_download(desk)
    with Desk(target, actor=replace(actor, account="mehmet"), clock=desk.context.clock) as other:
        other.exports.export(actor, CUSTOMER, io.BytesIO())  # warms up: the thread below must reach the lock at once
        thread = threading.Thread(target=other.exports.export, args=(actor, customer, place / "out.xml"))
        with desk.store.writing(actor, lambda unit: None) as unit:
            unit.conn.execute(text("UPDATE kvkk_requests SET version = version + 1 WHERE number = :n"), {"n": number})
            thread.start()
            time.sleep(0.5)
            found = unit.conn.execute(select(tables.downloads.c.id).where(tables.downloads.c.customer == customer)).all()
            assert thread.is_alive()
            assert all(row.id <= before for row in found)
        thread.join(20)
    assert (place / "out.xml").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.services import exports
whole = exports.rows.stream
def half(*args):
    for number, table in enumerate(whole(*args)):
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        yield table
exports.rows.stream = half
url, key, out = sys.argv[1:]
Desk(Target(url, "sample", Path(key), "--db", "en")).exports.export(Actor("a", "b"), "5", Path(out))
"""


def test_a_kill_leaves_the_intent_on_record_no_file_and_nothing_after_the_next_export(
    desk: Desk, target: Target, actor: Actor, place: Path
) -> None:
    before, folder = last_download(desk), place / "out"
    folder.mkdir()
    command = [sys.executable, "-c", KILLED, target.database, str(target.key_file), str(folder / "out.xml")]
    ended = subprocess.run(command, check=False, cwd=Path(exports.__file__).parents[2], capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    [leftover] = os.listdir(folder)
    assert leftover.startswith(file_adapter.TEMPORARY)
    assert [row.state for row in downloads(desk, before)] == ["started"]
    old = time.time() - 2 * file_adapter.LEFTOVER_AFTER_S
    os.utime(folder / leftover, (old, old))
    desk.exports.export(actor, CUSTOMER, folder / "out.xml")
    assert os.listdir(folder) == ["out.xml"]


def test_a_company_that_has_set_nothing_and_a_customer_without_address_are_exported(
    desk: Desk, actor: Actor, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports.customers, "rows_for", lambda *_: {})
    change(desk, "DELETE FROM kvkk_settings")
    desk.settings.set(actor, "regime", "gdpr")
    before = queued(desk)
    desk.exports.export(actor, CUSTOMER, place / "out.xml")
    root = parse((place / "out.xml").read_bytes())
    assert dict(root.find("e:controller", NS).attrib) == {}
    assert root.find("e:regime", NS).get("code") == "gdpr"
    assert queued(desk) == before
