"""The tombstone file outside: what is done to it is found, what a crash leaves does no harm, and it follows the table."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from core.errors import Unavailable
from core.model.records import Actor
from core.model.tombstone import Deed
from core.store import stonefile, tables, tombstones
from core.store.audit import sealer
from core.store.engine import Store
from core.store.keyring import Key, Keyring
from core.store.person import Witness
from core.store.stonefile import StoneFile
from core.store.stonelines import Reading


class Office:
    """A database, its key, and the tombstone file of one host."""

    def __init__(self, store: Store, actor: Actor, folder: Path) -> None:
        self.store, self.actor = store, actor
        self.keyring = Keyring(folder / "x.key")
        self.file = StoneFile(folder / "x.tombstones", folder / "x.key")

    @property
    def key(self) -> Key:
        found = self.keyring.if_present()
        assert found is not None
        return found

    def keys(self, key_id: str) -> Key | None:
        return self.key if self.key.id == key_id else None

    def done(self, *customers: str) -> list[int]:
        """A tombstone for each, committed, and not yet in the file."""
        ids = []
        for customer in customers:
            with self.store.writing(self.actor, sealer(self.keyring.if_present)) as unit:
                key = self.keyring.obtain(unit.conn)
                witness = Witness("2024-03-01T10:20:30", (("email", f"{customer}@x.example"),))
                ids.append(tombstones.keep(unit, 7, customer, Deed.MASK, key, witness))
                unit.record("test.done")
        return ids

    def sync(self, own: list[int] | None = None, *, whole: bool = False, file: StoneFile | None = None) -> int:
        with self.store.reading() as conn:
            return (file or self.file).sync(conn, self.key, self.keys, self.store.clock(), own=own or (), whole=whole)

    def read(self) -> Reading:
        return self.file.read(self.keys)

    def uids(self) -> set[str]:
        with self.store.reading() as conn:
            return {stone.uid for _, stone in tombstones.every(conn)}

    @property
    def lines(self) -> list[bytes]:
        return self.file.path.read_bytes().splitlines(keepends=True)

    def rewrite(self, lines: list[bytes]) -> None:
        self.file.path.write_bytes(b"".join(lines))


@pytest.fixture
def office(store: Store, actor: Actor, tmp_path: Path) -> Office:
    return Office(store, actor, tmp_path)


@pytest.fixture
def engine_name() -> str:
    """Files do not depend on the engine; the verbs that fill one are tried on all three elsewhere."""
    return "sqlite"


def test_it_holds_what_the_table_holds_and_names_nobody(office: Office) -> None:
    office.done("77", "78")
    assert office.sync() == 2
    reading = office.read()
    assert set(reading.stones()) == office.uids()
    assert (reading.problems, reading.keyless) == ([], {})
    assert stat.S_IMODE(office.file.path.stat().st_mode) == 0o600
    text = office.file.path.read_text("ascii")
    assert "@x.example" not in text
    assert '"77"' not in text
    assert all(json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")) == line for line in text.splitlines())


def test_nothing_is_made_before_anything_is_done(office: Office) -> None:
    with office.store.writing(office.actor, sealer(office.keyring.if_present)) as unit:
        office.keyring.obtain(unit.conn)
        unit.record("test.key")
    assert office.sync(whole=True) == 0
    assert not office.file.path.exists()


def test_a_second_look_adds_nothing(office: Office) -> None:
    office.done("77")
    assert [office.sync(), office.sync(), office.sync(whole=True)] == [1, 0, 0]


def test_what_a_crash_left_out_comes_with_the_next(office: Office) -> None:
    office.done("77")
    office.sync()
    office.done("78")  # killed here: committed, not in the file
    own = office.done("79")
    assert office.sync(own) == 2
    assert set(office.read().stones()) == office.uids()


def test_a_row_that_was_committed_late_is_not_missed(office: Office) -> None:
    """Numbers are given when a transaction begins to write, not when it commits."""
    early, _late = office.done("77", "78")
    with office.store.reading() as conn:
        rows = dict(tombstones.every(conn))
    with office.store.writer.begin() as conn:
        conn.execute(delete(tables.tombstones).where(tables.tombstones.c.id == early))
    office.sync()
    with office.store.writer.begin() as conn:  # now the earlier one commits
        conn.execute(tables.tombstones.insert().values(id=early, **tombstones._values(rows[early])))
    assert office.sync([early]) == 1
    assert office.sync([early]) == 0  # it is there already
    assert set(office.read().stones()) == office.uids()


def test_a_line_that_broke_off_is_left_behind(office: Office) -> None:
    office.done("77")
    office.sync()
    whole = office.lines
    office.rewrite([*whole, whole[0][:100]])
    assert office.read().problems == []
    office.done("78")
    assert office.sync() == 1
    reading = office.read()
    assert reading.problems == []
    assert set(reading.stones()) == office.uids()
    assert len(office.lines) == 3


def test_an_end_that_was_cut_comes_back_from_the_table(office: Office) -> None:
    office.done("77", "78", "79")
    office.sync()
    office.rewrite(office.lines[:1])
    assert office.sync() == 2
    assert set(office.read().stones()) == office.uids()


def swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1], lines[3]]


def edited(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"deed":"mask"', b'"deed":"erase"'), *lines[2:]]


def forged(lines: list[bytes]) -> list[bytes]:
    """A line of another key between two of ours."""
    said = json.loads(lines[1])
    said["key_id"] = "0" * 16
    return [*lines[:2], json.dumps(said).encode() + b"\n", *lines[2:]]


@pytest.mark.parametrize(
    ("harm", "found", "proven"),
    [
        (lambda lines: [lines[0], *lines[2:]], (2, "gap"), 3),
        (lambda lines: lines[1:], (1, "gap"), 3),
        (swapped, (2, "gap"), 4),
        (edited, (2, "edited"), 3),
        (lambda lines: [lines[0], b"\x00\xff rubbish\n", *lines[2:]], (2, "edited"), 3),
        (lambda lines: [lines[0], b"[" * 60000 + b"\n", *lines[2:]], (2, "edited"), 3),
        (lambda lines: [lines[0], b"x" * (3 << 20) + b"\n", *lines[2:]], (2, "edited"), 3),
        (lambda lines: [lines[0], lines[1].replace(b'"v":1', b'"v":2'), *lines[2:]], (2, "edited"), 3),
        (forged, (3, "gap"), 4),
    ],
)
def test_what_was_done_to_it_is_named(office: Office, harm: Callable[..., list[bytes]], found: tuple[int, str], proven: int) -> None:
    office.done("1", "2", "3", "4")
    office.sync()
    office.rewrite(harm(office.lines))
    reading = office.read()
    if harm is not forged:
        assert reading.problems[0] == found
    assert len(reading.stones()) == proven
    office.sync(whole=True)  # what is gone from the file and stands in the table comes again
    assert set(office.read().stones()) == office.uids()


def test_a_forged_line_proves_nothing(office: Office) -> None:
    office.done("1", "2", "3", "4")
    office.sync()
    office.rewrite(forged(office.lines))
    reading = office.read()
    assert reading.keyless == {"0" * 16: 1}
    assert len(reading.stones()) == 4


def test_a_line_that_is_there_twice_is_one_tombstone(office: Office) -> None:
    office.done("1")
    office.sync()
    office.done("2")
    office.file.path.rename(office.file.path.with_name("kept"))
    office.sync()
    kept = office.file.path.with_name("kept").read_bytes()
    office.rewrite([kept, *office.lines])
    assert len(office.read().stones()) == 2


def test_many_lines_are_found_from_the_end_alone(office: Office) -> None:
    office.done(*map(str, range(120)))
    office.sync()
    assert office.file.path.stat().st_size > stonefile.TAIL
    office.done("one more")
    assert office.sync() == 1
    assert set(office.read().stones()) == office.uids()


def test_after_a_restore_the_whole_file_is_compared(office: Office) -> None:
    """Numbers are given again: what comes first must not be taken for what is there."""
    office.done("1", "2", "3")
    office.sync()
    with office.store.writer.begin() as conn:
        conn.execute(delete(tables.tombstones))
    own = office.done("4")
    office.done("5")
    assert office.sync(own) == 2
    assert len(office.read().stones()) == 5


def test_a_line_of_a_day_says_how_far_the_chain_has_come(office: Office, clock: Any) -> None:
    office.done("1")
    office.sync()
    with office.store.writing(office.actor, sealer(office.keyring.if_present)) as unit:
        unit.record("test.other")
    assert office.sync(whole=True) == 0
    clock.move(hours=25)
    assert office.sync(whole=True) == 1
    assert office.sync(whole=True) == 0
    last = office.read().lines[-1]
    assert (last.stone, last.seq) == (None, 2)
    clock.move(hours=25)
    assert office.sync(whole=True) == 0  # nothing has happened since
    office.done("2")
    assert office.sync() == 1


def test_lines_of_another_database_are_kept_apart(office: Office, servers: Any, copies: Any, actor: Actor, tmp_path: Path) -> None:
    from core.store import migrate
    from core.store.engine import parse_url

    office.done("1")
    office.sync()
    other_store = Store(parse_url(servers.make("sqlite")), office.store.clock)
    migrate.upgrade(other_store)
    other = Office(other_store, actor, tmp_path)
    other.done("2")
    assert other.sync() == 1
    office.done("3")
    assert office.sync() == 1
    reading = office.read()
    origins = {line.origin for line in reading.lines}
    assert len(origins) == 2
    assert sorted(len(reading.stones(origin)) for origin in origins) == [1, 2]
    assert reading.problems == []
    other_store.close()


def test_a_key_that_a_group_may_read_gives_a_file_that_the_group_may_write(office: Office) -> None:
    office.done("1")
    office.keyring.path.chmod(0o640)
    office.sync()
    assert stat.S_IMODE(office.file.path.stat().st_mode) == 0o660


@pytest.mark.parametrize("kind", ["folder", "pipe", "no folder"])
def test_a_place_that_is_no_file_is_told_and_does_not_hang(office: Office, kind: str, tmp_path: Path) -> None:
    office.done("1")
    if kind == "folder":
        office.file.path.mkdir()
    elif kind == "pipe":
        os.mkfifo(office.file.path)
    else:
        (tmp_path / "plain").write_text("")
        office.file = StoneFile(tmp_path / "plain" / "x", office.keyring.path)
    with pytest.raises(Unavailable) as refused:
        office.sync()
    assert refused.value.code == "tombstones-unwritable"
    assert kind == "pipe" or not office.file.is_writable()
    if kind != "no folder":
        with pytest.raises(Unavailable, match="tombstones-unreadable"):
            office.read()


def test_whoever_holds_it_too_long_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    office.done("1")
    office.sync()
    office.done("2")
    monkeypatch.setattr(stonefile, "LOCK_S", 0.1)
    with office.file.path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="tombstones-locked"):
            office.sync()
    assert office.sync() == 1


def test_several_at_once_leave_one_unbroken_file(office: Office) -> None:
    office.done("0")
    office.sync()
    ids = office.done(*map(str, range(1, 25)))
    failed: list[BaseException] = []

    def one(own: int) -> None:
        try:
            office.sync([own])
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test fails
            failed.append(error)

    threads = [threading.Thread(target=one, args=(own,)) for own in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    reading = office.read()
    assert reading.problems == []
    assert set(reading.stones()) == office.uids()
    assert len(reading.lines) == len(office.uids())


def test_the_hosts_have_a_file_each_and_each_is_whole(office: Office, tmp_path: Path) -> None:
    other = StoneFile(tmp_path / "other-host" / "x.tombstones", office.keyring.path)
    office.sync(office.done("1"))
    office.sync(office.done("2"), file=other)
    office.sync(office.done("3"))
    office.sync(whole=True, file=other)
    assert set(office.read().stones()) == set(other.read(office.keys).stones()) == office.uids()


def test_a_moment_of_the_file_is_that_of_the_clock(office: Office) -> None:
    office.done("1")
    office.sync()
    assert office.read().lines[0].at == office.store.clock()
    assert office.read().lines[0].at.utcoffset() == timedelta(0)
