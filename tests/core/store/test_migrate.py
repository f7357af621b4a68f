"""Our tables in the company's database."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, text

from core.errors import Unavailable, UsageError
from core.store import meta, migrate, tables
from core.store.engine import Store, parse_url

NOON = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def empty(engine_url: str):
    store = Store(parse_url(engine_url))
    yield store
    store.close()


def differences(store: Store) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.reading() as conn:
        return list(compare_metadata(MigrationContext.configure(conn, opts=migrate.options()), tables.metadata))


def test_every_table_is_made_as_it_is_described(empty: Store) -> None:
    assert migrate.upgrade(empty) == "none"
    assert differences(empty) == []
    with empty.reading() as conn:
        assert migrate.state(conn) == "current"
        assert conn.execute(select(tables.audit_head.c.seq, tables.audit_head.c.hash)).one() == (0, "0" * 64)
        assert len(meta.read(conn, "origin") or "") == 16


def test_an_upgrade_of_what_is_current_changes_nothing(empty: Store) -> None:
    migrate.upgrade(empty)
    with empty.reading() as conn:
        origin = meta.read(conn, "origin")
    assert migrate.upgrade(empty) == "current"
    with empty.reading() as conn:
        assert meta.read(conn, "origin") == origin


def test_a_first_try_that_broke_is_finished(empty: Store) -> None:
    """MariaDB commits each CREATE TABLE by itself."""
    with empty.writer.begin() as conn:
        tables.settings.create(conn)
        tables.audit_head.create(conn)
    assert migrate.upgrade(empty) == "none"
    assert differences(empty) == []


NEW_COLUMNS = {"kvkk_consents": {"kind", "sha256", "received_on", "verified_by", "current_of"}, "kvkk_requests": {"reminded"}}
NEW_TABLES = {"kvkk_consent_texts", "kvkk_blocks", "kvkk_tokens", "kvkk_templates", "kvkk_leases", "kvkk_staff"}


def as_of_0001(store: Store) -> None:
    """The tables of the first release, as far as an upgrade has to do with them."""
    then = MetaData()
    for table in tables.metadata.sorted_tables:
        kept = [column for column in table.columns if column.name not in NEW_COLUMNS.get(table.name, ())]
        if table.name not in NEW_TABLES:
            Table(table.name, then, *(Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in kept))
    with store.writer.begin() as conn:
        then.create_all(conn)
        conn.execute(text(f"CREATE TABLE {tables.VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        conn.execute(text(f"INSERT INTO {tables.VERSION_TABLE} VALUES ('0001')"))
        words = [("1", True), ("2", True), ("1", False), ("3", False), ("3", True), (None, True)]
        for number, (customer, given) in enumerate(words, 1):
            word = {"id": number, "customer": customer, "given": given, "version": 1, "at": NOON, "channel": "panel", "recorded_by": "ayse"}
            conn.execute(insert(then.tables["kvkk_consents"]).values(**word))
        asked = {"kind": "anonymise", "regime": "kvkk", "channel": "panel", "received_on": NOON.date(), "due_on": NOON.date()}
        asked |= {"blacklisted": False, "version": 1, "filed_at": NOON, "filed_by": "ayse", "decided_at": NOON}
        done = [
            ("1", "resolved", "mask"),
            ("2", "rejected", None),
            ("1", "resolved", "access"),
            (None, "resolved", "erase"),
            ("3", "pending", None),
        ]
        for number, (customer, state, outcome) in enumerate(done, 1):
            row = asked | {"number": number, "customer": customer, "state": state, "outcome": outcome}
            conn.execute(insert(then.tables["kvkk_requests"]).values(**row))


def test_an_upgrade_fills_what_the_first_release_did_not_know(empty: Store) -> None:
    """Which word on consent counts, and who is blocked: the gate answers after it as if both had always been there."""
    as_of_0001(empty)
    with empty.reading() as conn:
        assert migrate.state(conn) == "old"
    assert migrate.upgrade(empty) == "old"
    with empty.reading() as conn:
        book, blocked = tables.consents.c, tables.blocks.c
        marked = conn.execute(select(book.id, book.current_of).where(book.current_of.is_not(None)).order_by(book.id)).all()
        assert [tuple(row) for row in marked] == [(2, "2"), (3, "1"), (5, "3")]
        assert conn.execute(select(book.kind).distinct()).scalars().all() == ["consent"]
        assert [tuple(row) for row in conn.execute(select(blocked.customer, blocked.request, blocked.before))] == [("1", 3, "{}")]
    missing = [one for one in differences(empty) if one[0] in ("add_table", "add_column", "add_index")]
    assert missing == []
    assert migrate.upgrade(empty) == "current"


def test_the_companys_tables_and_migrations_are_not_looked_at(empty: Store) -> None:
    with empty.writer.begin() as conn:
        conn.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        conn.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
        conn.execute(text("CREATE TABLE customers (id INTEGER PRIMARY KEY)"))
    migrate.upgrade(empty)
    assert differences(empty) == []
    with empty.reading() as conn:
        assert conn.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["theirs"]


def test_a_database_without_our_tables_is_refused_in_words(empty: Store) -> None:
    with empty.reading() as conn, pytest.raises(UsageError, match="not-initialised"):
        migrate.require_current(conn)


def test_a_later_release_is_left_alone(store: Store) -> None:
    with store.writer.begin() as conn:
        conn.execute(text(f"UPDATE {tables.VERSION_TABLE} SET version_num = '9999'"))
    with store.reading() as conn:
        assert migrate.state(conn) == "newer"
        with pytest.raises(Unavailable, match="schema-newer"):
            migrate.require_current(conn)
    with pytest.raises(Unavailable, match="schema-newer"):
        migrate.upgrade(store)


def test_several_at_once_make_one(engine_url: str) -> None:
    def one(_: int) -> str:
        store = Store(parse_url(engine_url))
        try:
            return migrate.upgrade(store)
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == ["current"] * 3 + ["none"]


@pytest.mark.parametrize("engine_name", ["mariadb"])
def test_tables_of_mariadb_obey_rollback_and_hold_every_letter(store: Store) -> None:
    query = (
        "SELECT DISTINCT ENGINE, CCSA.CHARACTER_SET_NAME FROM information_schema.TABLES T"
        " JOIN information_schema.COLLATION_CHARACTER_SET_APPLICABILITY CCSA ON CCSA.FULL_COLLATION_NAME = T.TABLE_COLLATION"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'kvkk%' AND TABLE_NAME <> 'kvkk_alembic_version'"
    )
    with store.reading() as conn:
        assert conn.execute(text(query)).all() == [("InnoDB", "utf8mb4")]


def test_the_revisions_are_those_of_the_folder() -> None:
    from alembic.script import ScriptDirectory

    folder = ScriptDirectory(str(migrate.FOLDER))
    assert tuple(script.revision for script in reversed(list(folder.walk_revisions()))) == migrate.REVISIONS


def test_the_check_before_a_verb_loads_no_alembic() -> None:
    code = "import sys, core.store.migrate; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False).returncode == 0


def test_every_column_of_ours_says_what_it_holds_of_a_person() -> None:
    kinds = {"none", "key", "keyed", "sealed", "text"}
    for table in tables.metadata.sorted_tables:
        assert table.comment, table.name
        for column in table.c:
            assert column.comment, column
            assert column.info["data"].split(":")[0] in kinds, column
