"""Cleaning the database's own files: what is found afterwards in the raw bytes, and what the certificate may say, on each engine."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, create_engine, insert, select, text

from core.desk import Desk
from core.model.certificate import LevelStatus, Subject
from core.model.records import Kind, NewRequest, Resolution, ResolveOptions, Wanted
from core.store import filescan, scrubs
from core.store.engine import parse_url

ERASE, MASK = Resolution(erase=True), Resolution(mask=True)
SURE = ResolveOptions(force="test", waive_residue="test")


def values_of(desk: Desk, customer: str) -> list[str]:
    row = desk.customers.show(desk.actor, customer).row
    return [value for value in (row.email, row.phone) if value]


def resolved(desk: Desk, customer: str, resolution: Resolution) -> tuple[int, list[str]]:
    """(number, identifying values of the customer) of a request that is resolved now."""
    values = values_of(desk, customer)
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    number = desk.requests.add(desk.actor, NewRequest(customer, kind)).number
    desk.resolutions.resolve(desk.actor, number, resolution, SURE)
    return number, values


def raw_hits(url: str, values: list[str]) -> dict[str, int]:
    """File → how often the values stand in its bytes, read past the product."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return counted({file.name: file.read_bytes() for file in Path(url).parent.glob(Path(url).name + "*")}, values)
    engine = create_engine(parsed, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        if parsed.get_backend_name() == "postgresql":
            conn.execute(text("CHECKPOINT"))
            folder = conn.execute(text("SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")).scalar_one()
            names = conn.execute(text("SELECT f FROM pg_ls_dir(:folder) f"), {"folder": folder}).scalars().all()
            read = text("SELECT pg_read_binary_file(:file, 0, 1000000000, true)")
            blocks = {named(conn, n): bytes(conn.execute(read, {"file": f"{folder}/{n}"}).scalar() or b"") for n in names}
        else:
            folder = Path(conn.execute(text("SELECT @@datadir")).scalar_one(), str(parsed.database))
            every = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'"
            names = ", ".join(f"`{name}`" for name in conn.execute(text(every)).scalars())
            conn.exec_driver_sql(f"FLUSH TABLES {names} FOR EXPORT")
            blocks = {file.name: file.read_bytes() for file in folder.glob("*.ibd")}
            conn.exec_driver_sql("UNLOCK TABLES")
    engine.dispose()
    return counted(blocks, values)


def named(conn: Connection, file: str) -> str:
    """A file of PostgreSQL with the table or index that it belongs to."""
    node = file.split("_", maxsplit=1)[0].split(".", maxsplit=1)[0]
    query = text("SELECT pg_filenode_relation(0, CAST(:node AS oid))")
    return f"{file} {conn.execute(query, {'node': node}).scalar()}" if node.isdigit() else file


def counted(blocks: dict[str, bytes], values: list[str]) -> dict[str, int]:
    found = {name: sum(block.count(value.encode()) for value in values) for name, block in blocks.items()}
    return {name: count for name, count in found.items() if count}


def finished(desk: Desk) -> tuple[int, ...]:
    """Requests that were cleaned; on a server others may be in the way for a moment."""
    done: tuple[int, ...] = ()
    for _ in range(10):
        done = done or desk.scrubs.finish(desk.actor).done
    return done


@contextmanager
def somebody_reads(url: str) -> Iterator[None]:
    """A program that began to read before the change and has not ended yet."""
    engine = create_engine(parse_url(url), isolation_level="SERIALIZABLE" if "sqlite" in str(parse_url(url)) else "REPEATABLE READ")
    with engine.connect() as conn:
        if engine.dialect.name == "sqlite":
            conn.exec_driver_sql("BEGIN")
        conn.execute(text("SELECT count(*) FROM customers")).scalar()
        yield
    engine.dispose()


@pytest.mark.parametrize("resolution", [ERASE, MASK], ids=["erase", "mask"])
def test_after_cleaning_no_value_is_left_in_the_files_and_the_certificate_says_what_was_searched(
    desk: Desk, sample_url: str, resolution: Resolution
) -> None:
    desk.settings.set(desk.actor, "scrub", "now")
    customers = ("250", "251", "252")
    values = [value for key in customers for value in values_of(desk, key)]
    assert len(values) >= 5
    assert raw_hits(sample_url, values)  # else this test would prove nothing
    done = [resolved(desk, key, resolution) for key in customers]
    assert finished(desk) == tuple(number for number, _ in done)
    assert raw_hits(sample_url, values) == {}
    for number, _ in done:
        paper = desk.papers.certificate(desk.actor, number, "en")
        assert paper.certificate.levels[1].why == "scrub-pending"
        [level] = [level for part in paper.addenda if part.about is Subject.SCRUB for level in part.levels]
        assert (level.name, level.status, level.hits) == ("B", LevelStatus.DONE, 0)
        assert (level.files or 0) > 0
        assert (level.bytes or 0) > 10_000
    assert desk.audit.verify(desk.actor).entries > 0


@pytest.mark.parametrize("engine_name", ["mariadb"])
def test_values_that_the_server_keeps_as_statistics_are_cleaned_too(desk: Desk, sample_url: str) -> None:
    email, last = "zz.last@zz.example", text("UPDATE customers SET email = :email WHERE id = 250")
    with desk.store.alone() as conn:
        conn.execute(last, {"email": email})
        conn.exec_driver_sql("ANALYZE TABLE customers PERSISTENT FOR COLUMNS (email, status) INDEXES ()").all()
    assert kept_as_statistics(sample_url) == {"email", "status", email}
    desk.settings.set(desk.actor, "scrub", "now")
    number, _ = resolved(desk, "250", ERASE)
    assert finished(desk) == (number,)
    assert kept_as_statistics(sample_url) == {"email", "status"}
    [level] = [
        one for part in desk.papers.certificate(desk.actor, number, "en").addenda if part.about is Subject.SCRUB for one in part.levels
    ]
    assert level.status is LevelStatus.DONE


def kept_as_statistics(url: str) -> set[str]:
    """The columns of which there are statistics, and the greatest value of the addresses where it is that of the test."""
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT column_name, max_value FROM mysql.column_stats WHERE db_name = DATABASE()")).all()
    engine.dispose()
    return {name for name, _ in rows} | {value.decode() for _, value in rows if b"zz.last" in (value or b"")}


def test_a_reader_in_the_way_leaves_it_pending_and_it_is_finished_later(desk: Desk, sample_url: str, engine_name: str) -> None:
    desk.settings.set(desk.actor, "scrub", "now")
    if engine_name == "sqlite":
        with desk.store.alone() as conn:
            conn.exec_driver_sql("PRAGMA journal_mode=WAL")
    with somebody_reads(sample_url):
        number, values = resolved(desk, "250", ERASE)
        left = desk.scrubs.settle(desk.actor)
        assert left.pending == (number,)
    assert finished(desk) == (number,)
    assert raw_hits(sample_url, values) == {}
    assert desk.scrubs.finish(desk.actor).done == ()


def test_by_default_a_small_file_is_cleaned_and_a_server_is_left_alone(desk: Desk, engine_name: str) -> None:
    number, _ = resolved(desk, "250", ERASE)
    left = desk.scrubs.settle(desk.actor)
    why = desk.papers.certificate(desk.actor, number, "en").certificate.levels[1].why
    if engine_name == "sqlite":
        assert (left.done, why) == ((number,), "scrub-pending")
    else:
        assert (left.done, why) == ((), "scrub-server")


def test_switched_off_nothing_is_cleaned_and_nothing_waits(desk: Desk) -> None:
    desk.settings.set(desk.actor, "scrub", "off")
    number, _ = resolved(desk, "250", ERASE)
    assert desk.scrubs.settle(desk.actor).done == ()
    assert desk.papers.certificate(desk.actor, number, "en").certificate.levels[1].why == "scrub-off"
    with desk.context.reading() as conn:
        assert scrubs.count(conn) == 0


def test_left_to_the_timed_job_it_waits_for_it(desk: Desk, sample_url: str) -> None:
    desk.settings.set(desk.actor, "scrub", "run")
    number, values = resolved(desk, "250", MASK)
    assert desk.scrubs.settle(desk.actor).done == ()
    assert finished(desk) == (number,)
    assert raw_hits(sample_url, values) == {}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_timed_job_says_that_there_is_no_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.settings.set(desk.actor, "scrub", "run")
    number, _ = resolved(desk, "250", MASK)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 1))
        [failure] = desk.scrubs.job(desk.actor).failed
        assert (failure.code, dict(failure.facts)) == ("scrub-no-room", {"count": 1})
        assert desk.automation.run(desk.actor).exit_code == 7
    assert desk.scrubs.job(desk.actor).done == 1
    assert number


def test_a_value_that_stands_inside_another_customers_value_is_not_counted(desk: Desk, sample_url: str, engine_name: str) -> None:
    """`250`'s address is the end of another one: its bytes go on standing there, and prove nothing."""
    if engine_name != "sqlite":
        pytest.skip("the rule is the same on each engine; SQLite is enough")
    desk.settings.set(desk.actor, "scrub", "now")
    conn = sqlite3.connect(sample_url)
    conn.execute("UPDATE customers SET email = 'veli.ali@somewhere.example' WHERE id = 251")
    conn.execute("UPDATE customers SET email = 'ali@somewhere.example' WHERE id = 250")
    conn.commit()
    conn.close()
    number, _ = resolved(desk, "250", ERASE)
    desk.scrubs.settle(desk.actor)
    [level] = [p.levels[0] for p in desk.papers.certificate(desk.actor, number, "en").addenda if p.about is Subject.SCRUB]
    assert (level.status, level.hits) == (LevelStatus.DONE, 0)


def test_what_stands_across_two_blocks_is_found_once() -> None:
    word = b"musteri@firma.example"
    for cut in range(len(word) + 1):
        text_ = b"x" * 50 + word + b"y" * 50
        blocks = [text_[: 50 + cut], text_[50 + cut :]]
        assert filescan.count(iter(blocks), [word]).hits == {word: 1}
        many = (word, *(b"other%04d" % i for i in range(100)))
        assert filescan.count(iter(blocks), many).hits == {word: 1}


@pytest.mark.parametrize(
    "stored", [(12345678901).to_bytes(6, "big"), (12345678901).to_bytes(8, "little"), (12345678901 | 1 << 63).to_bytes(8, "big")]
)
def test_a_number_is_found_in_the_bytes_in_which_engines_keep_it(stored: bytes) -> None:
    page = b"\xff" * 9 + stored + b"\xff"
    assert filescan.count(iter([page]), filescan.patterns(["12345678901"])).hits
    assert not filescan.count(iter([page]), filescan.patterns(["12345678902"])).hits


@pytest.mark.long
def test_after_a_thousand_of_ten_thousand_no_value_is_left(desk: Desk, sample_url: str) -> None:
    """Rows that came and went in pages that were split, long texts out of line, indexes, statistics."""
    made, gone = 10_000, 1_000
    values = grown(desk, made)
    desk.settings.set(desk.actor, "scrub", "now")
    chosen = {str(FIRST + n): values[n] for n in range(0, made, made // gone)}
    numbers = [desk.requests.add(desk.actor, NewRequest(key, Kind.ERASE)).number for key in chosen]
    wanted = [value for some in chosen.values() for value in some]
    assert raw_hits(sample_url, wanted)
    end = desk.bulk.resolve(desk.actor, Wanted(tuple(numbers)), ERASE, ResolveOptions(notify=False))
    assert (end.row.done, end.found_after) == (gone, ())
    assert len(finished(desk)) == gone
    assert raw_hits(sample_url, wanted) == {}
    assert raw_hits(sample_url, values[1])  # who stays is still there


FIRST = 500_000


def grown(desk: Desk, count: int) -> list[list[str]]:
    """So many customers more, each with a long note; their values, in their order."""
    tables = MetaData()
    with desk.store.alone() as conn:
        tables.reflect(conn, only=["customers", "notes"])
        people, notes = tables.tables["customers"], tables.tables["notes"]
        one = dict(conn.execute(select(people).where(people.c.id == 250)).mappings().one())
        values = [[f"churn{n:05d}@ornek.example", f"+9055577{n:05d}"] for n in range(count)]
        fresh = [one | {"id": FIRST + n, "email": mail, "phone": phone} for n, (mail, phone) in enumerate(values)]
        words = [
            {
                "about_type": "customer",
                "about_id": FIRST + n,
                "author": "ayse",
                "written_at": one["created_at"],
                "text": f"{mail} {n}" * 200,
            }
            for n, (mail, _) in enumerate(values)
        ]
        for some in range(0, count, 500):
            conn.execute(insert(people), [unique(row, n) for n, row in enumerate(fresh[some : some + 500], some)])
            conn.execute(insert(notes), words[some : some + 500])
        if desk.store.name != "mariadb":
            conn.exec_driver_sql("ANALYZE")
    return values


def unique(row: dict[str, Any], n: int) -> dict[str, Any]:
    """What must not stand twice, or would be another person's value."""
    return row | {"user_name": f"churner{n:05d}", "identity_no": None, "tax_no": None, "preferences": None, "notes": None}
