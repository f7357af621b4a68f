"""Databases that are missing, damaged, full, locked, foreign or out of reach: one clear error, its exit code, nothing changed."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from core.config import Target
from core.desk import Desk
from core.errors import KvkkError
from core.model.records import Actor, Kind, NewRequest, RequestFilter, Resolution, ResolveOptions
from core.sample import build
from core.store.engine import Store, parse_url

LONG = os.environ.get("KVKK_TEST_LONG") == "1"
NUMBER = 23
CUSTOMER = "183"
FREE = "200"
ERASE = Resolution(erase=True, blacklist=True)
MASK = Resolution(mask=True)
OWNED = (("customers", "id"), ("services", "customer_id"), ("invoices", "customer_id"), ("contacts", "customer_id"))
FORCE = ResolveOptions(force="test", waive_residue="test")
OF_A_DRIVER = ("sqlite3.", "psycopg", "pymysql", "sqlalche.me", "[SQL", "SELECT", "UPDATE", "INSERT", "BEGIN", "@firma", "@posta")

Verb = Callable[[Desk, Path], Any]
READING: dict[str, Verb] = {
    "list": lambda desk, _: desk.requests.list(desk.actor, RequestFilter()),
    "show": lambda desk, _: desk.requests.show(desk.actor, NUMBER),
    "find": lambda desk, _: desk.customers.find(desk.actor, "a", 5),
    "preview": lambda desk, _: desk.resolutions.preview(desk.actor, NUMBER, ERASE, FORCE),
    "verify": lambda desk, _: desk.audit.verify(desk.actor, None),
    "settings": lambda desk, _: desk.settings.list(desk.actor, "en"),
}
WRITING: dict[str, Verb] = {
    "add": lambda desk, _: desk.requests.add(desk.actor, NewRequest(FREE, Kind.ERASE)),
    "access": lambda desk, _: desk.resolutions.resolve(desk.actor, NUMBER, Resolution(), FORCE),
    "mask": lambda desk, _: desk.resolutions.resolve(desk.actor, NUMBER, MASK, FORCE),
    "erase": lambda desk, _: desk.resolutions.resolve(desk.actor, NUMBER, ERASE, FORCE),
    "cancel": lambda desk, _: desk.requests.cancel(desk.actor, NUMBER),
    "set": lambda desk, _: desk.settings.set(desk.actor, "near-days", "3"),
    "export": lambda desk, folder: desk.exports.export(desk.actor, CUSTOMER, folder / "out.xml"),
}
EVERY = READING | WRITING


@contextmanager
def opened(url: str, folder: Path, wait: float = 0.2, map_: str = "sample") -> Iterator[Desk]:
    with Desk(Target(url, map_, folder / "kvkk.key", "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.store.wait = wait
        yield desk


def refused(url: str, folder: Path, verb: Verb, **more: Any) -> KvkkError:
    """The error of the verb, whose traceback holds nothing of a driver and nothing of a person."""
    with opened(url, folder, **more) as desk, pytest.raises(KvkkError) as caught:
        verb(desk, folder)
    error = caught.value
    told = "".join(traceback.format_exception_only(error)) + str(error) + repr(error.facts)
    assert not [word for word in OF_A_DRIVER if word in told], told
    assert error.__suppress_context__ or error.__context__ is None or isinstance(error.__context__, KvkkError), "driver's error shows"
    assert not list(folder.glob("*.xml*"))
    return error


def fill_sample(url: str) -> None:
    store = Store(parse_url(url))
    build(store)
    store.close()


def check(url: str, folder: Path, verbs: dict[str, Verb], code: str, status: int, **more: Any) -> None:
    for name, verb in verbs.items():
        error = refused(url, folder, verb, **more)
        assert (name, error.code, error.exit_code) == (name, code, status)


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


# -- files ------------------------------------------------------------------------------------------------------------------------


def test_missing(tmp_path: Path) -> None:
    check(str(tmp_path / "none.db"), tmp_path, EVERY, "database-missing", 9)
    check(str(tmp_path / "no" / "none.db"), tmp_path, READING, "database-missing", 9)
    assert list(tmp_path.iterdir()) == []


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    check(str(tmp_path / "empty.db"), tmp_path, EVERY, "not-initialised", 2)
    assert (tmp_path / "empty.db").stat().st_size == 0
    assert [path.name for path in tmp_path.iterdir()] == ["empty.db"]


@pytest.mark.parametrize("content", [b"name;phone\nAli;5551112233\n" * 500, b"SQLite format 3\0" + b"\xff" * 5000, os.urandom(9000)])
def test_not_a_database(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    check(str(file), tmp_path, EVERY, "not-a-database", 9)
    assert file.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_folder_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        check(str(tmp_path / name), tmp_path, EVERY, "not-a-database", 9)


@pytest.mark.parametrize("rest", [0, 100, 4096, 0.5, 0.99])
def test_truncated(sample_url: str, tmp_path: Path, rest: float) -> None:
    file = Path(sample_url)
    whole = file.read_bytes()
    kept = whole[: int(rest if rest > 1 else rest * len(whole))]
    file.write_bytes(kept)
    for verb in EVERY.values():
        error = refused(sample_url, tmp_path, verb)
        assert error.code in ("database-damaged", "not-a-database", "not-initialised")
        assert error.exit_code in (2, 9)
        assert file.read_bytes() == kept


def test_damaged_pages(sample_url: str, tmp_path: Path, tools: Any) -> None:
    """A page of noise anywhere: an erase refuses and changes nothing, or it does not meet the page and is right."""
    template = Path(sample_url).read_bytes()
    size = int.from_bytes(template[16:18], "big")
    pages = range(1, len(template) // size)
    for page in pages if tools.long else pages[:: len(pages) // 7]:
        file = tmp_path / f"{page}.db"
        spoiled = template[: page * size] + b"\xa5" * size + template[(page + 1) * size :]
        file.write_bytes(spoiled)
        with opened(str(file), tmp_path) as desk:
            status = erased(desk)
        assert status in (0, 2, 6, 9)
        assert status != 9 or file.read_bytes() == spoiled
        if status == 0:
            check_gone(file)
        file.unlink()
        (tmp_path / "kvkk.key").unlink(missing_ok=True)


def erased(desk: Desk) -> int:
    """The exit code of an erase."""
    try:
        desk.resolutions.resolve(desk.actor, NUMBER, ERASE, FORCE)
    except KvkkError as error:
        return error.exit_code
    return 0


def check_gone(file: Path) -> None:
    """No row of the customer, read without indexes, wherever the pages can still be read."""
    from contextlib import closing, suppress

    with closing(sqlite3.connect(file)) as raw:
        for table, column in OWNED:
            with suppress(sqlite3.DatabaseError):
                found = raw.execute(f"SELECT count(*) FROM {table} NOT INDEXED WHERE +{column} = 183").fetchone()
                assert found == (0,), table


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_locked_by_another_program(sample_url: str, tmp_path: Path, journal: str) -> None:
    other = sqlite3.connect(sample_url, isolation_level=None)
    other.execute(f"PRAGMA journal_mode={journal}")
    other.execute("BEGIN EXCLUSIVE")
    before = Path(sample_url).read_bytes()
    check(sample_url, tmp_path, EVERY if journal == "delete" else WRITING, "database-locked", 9, wait=0.02)
    other.execute("ROLLBACK")
    assert Path(sample_url).read_bytes() == before
    with opened(sample_url, tmp_path) as desk:
        assert desk.requests.show(desk.actor, NUMBER).row.last_error is None
    other.close()


def test_a_lock_that_goes_away_is_waited_for(sample_url: str, tmp_path: Path) -> None:
    import threading

    other = sqlite3.connect(sample_url, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.4, other.execute, ["ROLLBACK"])
    timer.start()
    with opened(sample_url, tmp_path, wait=10) as desk:
        desk.requests.cancel(desk.actor, NUMBER)
    timer.join()
    other.close()


@pytest.mark.parametrize("what", ["file", "folder", "unreadable"])
@pytest.mark.parametrize("verb", [("add", {"customer": FREE}), ("resolve", {"kind": "erase", "number": NUMBER})])
def test_no_rights(crew: Any, sample_url: str, tmp_path: Path, what: str, verb: tuple[str, Any]) -> None:
    """Without root's right to pass over modes, which a child gives up."""
    folder = tmp_path / "data"
    folder.mkdir()
    file = shutil.copyfile(sample_url, folder / "company.db")
    file.chmod({"file": 0o400, "folder": 0o600, "unreadable": 0o000}[what])
    folder.chmod(0o500 if what == "folder" else 0o700)
    before = file.read_bytes()
    answer = crew.one({"database": str(file), "key": str(tmp_path / "k"), "verb": verb[0], "args": verb[1], "humble": True, "wait": 0.1})
    folder.chmod(0o700)
    expected = "database-no-permission" if what == "unreadable" else "database-read-only"
    assert (answer["error"]["code"], answer["error"]["exit"]) == (expected, 9)
    assert file.read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["company.db"]
    assert answer["stderr"] == ""


@pytest.mark.parametrize("kind", ["mask", "erase"])
def test_full(crew: Any, sample_url: str, tmp_path: Path, tools: Any, kind: str) -> None:
    """No page more, two pages more …: refused wherever it is met; and with enough of them it goes through."""
    before = tools.snapshot(sample_url)
    codes = []
    for room in range(0, 60, 3 if tools.long else 6):
        job = {"database": sample_url, "key": str(tmp_path / "k"), "verb": "resolve", "args": {"kind": kind, "number": NUMBER}}
        answer = crew.one(job | {"room": room})
        if "value" in answer:
            break
        codes.append((answer["error"]["code"], answer["error"]["exit"]))
        assert tools.snapshot(sample_url) == before
        assert answer["stderr"] == ""
    assert set(codes) == {("database-full", 9)}
    assert "value" in answer


def test_a_limit_on_the_size_of_files(crew: Any, sample_url: str, tmp_path: Path, tools: Any) -> None:
    before = tools.snapshot(sample_url)
    for limit in (0, 4096, 60_000):
        job = {"database": sample_url, "key": str(tmp_path / "k"), "verb": "resolve", "args": {"kind": "mask", "number": NUMBER}}
        (tmp_path / "k").write_text("0a" * 32 + "\n")
        (tmp_path / "k").chmod(0o600)
        answer = crew.one(job | {"filesize": limit})
        assert answer["error"]["exit"] == 9, answer
        assert answer["error"]["code"] in ("database-full", "database-io")
        assert tools.snapshot(sample_url) == before


# -- schemas ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"] if LONG else ["sqlite"])
def any_url(request: pytest.FixtureRequest, servers: Any, copies: Any) -> Iterator[str]:
    """A copy of the sample on each engine."""
    url = copies(request.param, "sample", fill_sample)
    yield url
    servers.drop(request.param, url)


def test_no_tables_of_ours(any_url: str, tmp_path: Path, tools: Any) -> None:
    tools.execute(any_url, "DROP TABLE kvkk_alembic_version")
    check(any_url, tmp_path, EVERY, "not-initialised", 2)


@pytest.mark.parametrize(("version", "code"), [("0000", "schema-newer"), ("9999", "schema-newer")])
def test_another_version_of_ours(any_url: str, tmp_path: Path, tools: Any, version: str, code: str) -> None:
    tools.execute(any_url, f"UPDATE kvkk_alembic_version SET version_num = '{version}'")
    before = tools.snapshot(any_url)
    check(any_url, tmp_path, EVERY, code, 9)
    with opened(any_url, tmp_path) as desk, pytest.raises(KvkkError, match=code):
        desk.upkeep.init(desk.actor)
    assert tools.snapshot(any_url) == before


def test_an_older_version_of_ours(sample_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.migrate.REVISIONS", ("0001", "0002", "0003"))
    check(sample_url, tmp_path, EVERY, "schema-old", 9)


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ("DROP TABLE api_tokens", "map-unproven", 2),
        ("ALTER TABLE notes RENAME TO remarks", "map-unproven", 2),
        ("ALTER TABLE customers DROP COLUMN notify_phone", "map-unproven", 2),
        ("ALTER TABLE customers ADD COLUMN mother_name VARCHAR(40)", "drift", 6),
        ("CREATE TABLE loyalty (id INTEGER PRIMARY KEY, customer_id INTEGER, card VARCHAR(20))", "drift", 6),
    ],
)
def test_a_schema_that_has_moved(any_url: str, tmp_path: Path, tools: Any, change: str, code: str, status: int) -> None:
    if "notify_phone" in change:
        change = f"ALTER TABLE customers DROP COLUMN {droppable(any_url)}"
    tools.execute(any_url, change)
    before = business(any_url)
    for name in ("access", "mask", "erase", "preview"):
        error = refused(any_url, tmp_path, EVERY[name])
        assert (name, error.code, error.exit_code) == (name, code, status)
    assert business(any_url) == before


def droppable(url: str) -> str:
    """A plain personal column of the customers that nothing else needs."""
    from sqlalchemy import inspect

    engine = create_engine(parse_url(url))
    names = [column["name"] for column in inspect(engine).get_columns("customers")]
    engine.dispose()
    return next(name for name in ("company", "company_name", "city", "phone2", "last_ip", "birth_date") if name in names)


def business(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every cell of the company's tables and of the requests but `last_error`."""
    from sqlalchemy import inspect

    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        names = [name for name in inspect(conn).get_table_names() if not name.startswith("kvkk_")]
        taken = {name: sorted(map(repr, conn.execute(text(f"SELECT * FROM {name}")))) for name in names}
        taken["requests"] = list(map(repr, conn.execute(text("SELECT number, state, customer, decided_at FROM kvkk_requests ORDER BY 1"))))
    engine.dispose()
    return taken  # type: ignore[return-value]


def test_a_failure_is_noted_on_the_request(any_url: str, tmp_path: Path, tools: Any) -> None:
    """What is no fault of the machine stays on the request, with an audit entry."""
    tools.execute(any_url, "ALTER TABLE customers ADD COLUMN mother_name VARCHAR(40)")
    refused(any_url, tmp_path, WRITING["erase"])
    with opened(any_url, tmp_path) as desk:
        assert desk.requests.show(desk.actor, NUMBER).row.last_error == "drift"
        assert desk.audit.list(desk.actor, request=NUMBER).rows[0].verb == "request.failed"
        desk.audit.verify(desk.actor, None)


# -- servers ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_server_that_is_away(server: str, tmp_path: Path) -> None:
    scheme = {"postgresql": "postgresql", "mariadb": "mysql"}[server]
    check(f"{scheme}://kvkk@127.0.0.1:1/company", tmp_path, EVERY, "database-gone", 9)
    check(f"{scheme}://kvkk@nowhere.invalid/company", tmp_path, {"list": READING["list"]}, "database-gone", 9)


def test_an_unknown_database(server: str, servers: Any, tmp_path: Path) -> None:
    url = servers.admin(server).url.set(database="kvkk_no_such_database").render_as_string(hide_password=False)
    check(url, tmp_path, EVERY, "database-missing", 9)


def test_an_unknown_login(server: str, servers: Any, tmp_path: Path) -> None:
    url = servers.admin(server).url.set(username="kvkk_no_such_login", password="planted-password", database="company")
    check(url.render_as_string(hide_password=False), tmp_path, EVERY, "database-login", 9)


@pytest.mark.parametrize("any_url", ["postgresql", "mariadb"], indirect=True)
def test_a_login_that_may_only_read(any_url: str, servers: Any, tmp_path: Path, tools: Any) -> None:
    engine = parse_url(any_url).get_backend_name()
    login, password = f"kvkk_test_{secrets.token_hex(4)}", secrets.token_hex(8)
    name = parse_url(any_url).database
    grants = {
        "postgresql": [f"CREATE ROLE {login} LOGIN PASSWORD '{password}'", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {login}"],
        "mariadb": [f"CREATE USER '{login}'@'%%' IDENTIFIED BY '{password}'", f"GRANT SELECT ON {name}.* TO '{login}'@'%%'"],
    }[engine]
    tools.execute(any_url, *grants)
    before = tools.snapshot(any_url)
    try:
        url = parse_url(any_url).set(username=login, password=password).render_as_string(hide_password=False)
        with opened(url, tmp_path) as desk:
            assert desk.requests.list(desk.actor, RequestFilter()).rows
        check(url, tmp_path, WRITING, "database-no-permission", 9)
        if engine == "mariadb":
            wrong = parse_url(url).set(password="planted-password").render_as_string(hide_password=False)
            check(wrong, tmp_path, {"list": READING["list"]}, "database-login", 9)
        assert tools.snapshot(any_url) == before
    finally:
        revoke = {"postgresql": [f"DROP OWNED BY {login}", f"DROP ROLE {login}"], "mariadb": [f"DROP USER '{login}'@'%%'"]}
        tools.execute(any_url, *revoke[engine])


@pytest.mark.parametrize("any_url", ["postgresql", "mariadb"], indirect=True)
def test_a_driver_that_quotes_a_customer(any_url: str, tmp_path: Path, tools: Any) -> None:
    """A trigger of the company's refuses, with the customer's address in its words."""
    quoting = {
        "postgresql": [
            "CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'kept for a@firma.example' USING DETAIL = 'Key (email)=(a@firma.example)'; END $$",
            "CREATE TRIGGER quote BEFORE DELETE ON services FOR EACH ROW EXECUTE FUNCTION quote()",
        ],
        "mariadb": [
            "CREATE TRIGGER quote BEFORE DELETE ON services FOR EACH ROW "
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kept for a@firma.example'"
        ],
    }[parse_url(any_url).get_backend_name()]
    tools.execute(any_url, *quoting)
    before = business(any_url)
    error = refused(any_url, tmp_path, WRITING["erase"])
    assert (error.code, error.exit_code) == ("database-error", 9)
    assert business(any_url) == before


@pytest.mark.parametrize("any_url", ["mariadb"], indirect=True)
@pytest.mark.parametrize(("table", "kind"), [("notes", "MyISAM"), ("kvkk_outbox", "Aria")])
def test_tables_that_ignore_rollback(any_url: str, tmp_path: Path, tools: Any, table: str, kind: str) -> None:
    tools.execute(any_url, f"ALTER TABLE {table} ENGINE={kind}")
    before = business(any_url)
    for verb in ("access", "mask", "erase"):
        error = refused(any_url, tmp_path, WRITING[verb])
        assert (error.code, error.exit_code, error.facts["tables"]) == ("engine-without-rollback", 6, (table,))
    assert business(any_url) == before
    with opened(any_url, tmp_path) as desk:
        seen = desk.resolutions.preview(desk.actor, NUMBER, ERASE, FORCE)
        assert [one.code for one in seen.refusals] == ["engine-without-rollback"]


def test_a_table_nobody_maps_may_be_of_any_engine(servers: Any, copies: Any, tmp_path: Path, tools: Any) -> None:
    from core.store.rollback import without_rollback

    url = servers.make("mariadb")
    tools.execute(url, "CREATE TABLE counters (a INT) ENGINE=MyISAM", "CREATE TABLE books (a INT) ENGINE=InnoDB")
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        assert without_rollback(conn, ("books", "other")) == ()
        assert without_rollback(conn, ("books", "counters")) == ("counters",)
    engine.dispose()
    servers.drop("mariadb", url)
