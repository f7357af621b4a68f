"""What every test stands on: a machine without the developer's traces, a fixed clock, and an empty database on each engine.

Servers are found at KVKK_TEST_POSTGRESQL and KVKK_TEST_MARIADB (URLs without a database, of a login that may create
databases; default: servers in memory that a run of several workers starts for itself, else this host, `postgres` and `root`,
no password). A server that is away skips its tests with one line;
with KVKK_TEST_REQUIRE_SERVERS=1 it fails them. Databases have random names and are dropped by the run that made them, so
that several runs and workers share one server.

KVKK_TEST_LONG=1 (`./check long`) runs everything; else what is marked `long` is left out, and above the store a test runs on
SQLite with all its cases and with one of them, by turns, on one of the two servers.
"""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import signal
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.sample import REFERENCE_DAY, build
from core.store import migrate
from core.store.engine import Store, parse_url
from tests.private_server import both

ENGINES = ("sqlite", "postgresql", "mariadb")
SERVERS = {"postgresql": "KVKK_TEST_POSTGRESQL", "mariadb": "KVKK_TEST_MARIADB"}
LONG = os.environ.get("KVKK_TEST_LONG") == "1"
EVERY_ENGINE = ("tests/core/store/", "tests/docs/", "tests/core/services/test_nothing_else_changes")
"""What speaks SQL itself, or proves the promise of the whole, runs on each engine always: on a server with some of many cases."""
SOME = 4
NOON = datetime.combine(REFERENCE_DAY, time(9), tzinfo=UTC)
"""Noon in Istanbul on the day of the sample."""


# Properties run on some hundred cases, the same in every run; by ./check long on twenty thousand new ones.
hypothesis.settings.register_profile("check", max_examples=150, derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile(
    "long",
    max_examples=int(os.environ.get("KVKK_TEST_CASES", "20000")),
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("long" if LONG else "check")


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the workers also starts the servers they share, and leaves with them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background of a script: what tests start would inherit that
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not getattr(config.option, "numprocesses", None) or any(os.environ.get(variable) for variable in SERVERS.values()):
        return
    servers = ExitStack()
    for engine, url in servers.enter_context(both()).items():
        os.environ[SERVERS[engine]] = url
    config.add_cleanup(servers.close)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `./check long` runs."""
    if LONG:
        return
    turns = _turns(items)
    left_out = [item for item in items if item.get_closest_marker("long") or item.nodeid in turns]
    config.hook.pytest_deselected(items=left_out)
    gone = {item.nodeid for item in left_out}
    items[:] = [item for item in items if item.nodeid not in gone]


def pytest_collection_finish() -> None:
    """Thousands of tests are collected for good: the garbage collector need not walk over them again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _turns(items: list[pytest.Item]) -> set[str]:
    """Of the runs of one test on servers all but one: which engine and which of its cases is told by the name, the same in
    every run. What runs on one server only (a matter of that engine) stays."""
    runs: dict[str, list[tuple[str, str]]] = {}
    for item in items:
        engine = getattr(item, "callspec", None) and item.callspec.params.get("engine_name")  # type: ignore[attr-defined]
        if engine in ENGINES[1:]:
            runs.setdefault(item.nodeid.partition("[")[0], []).append((str(engine), item.nodeid))
    out: set[str] = set()
    for test, found in runs.items():
        if test.startswith(EVERY_ENGINE):
            for one in ENGINES[1:]:
                cases = [nodeid for engine, nodeid in found if engine == one]
                out |= set(cases) - set(cases[:: max(1, len(cases) // SOME)])
        elif len({engine for engine, _ in found}) == 2:
            chosen = found[zlib.crc32(test.encode()) % len(found)][1]
            out |= {nodeid for _, nodeid in found} - {chosen}
    return out


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Servers:
    """Makes and drops databases. What a session made and no test dropped is dropped at its end."""

    folder: Path
    _admins: dict[str, Engine | str] = field(default_factory=dict)
    _made: list[tuple[str, str]] = field(default_factory=list)
    _left: tuple[str, str] | None = None
    """What the last test has left: dropped with the next one. PostgreSQL lets wait whoever drops while a connection still ends."""

    def admin(self, engine: str) -> Engine:
        """An autocommit engine on the server, or the test skips (fails, where servers are required)."""
        if engine not in self._admins:
            self._admins[engine] = _probe(engine)
        found = self._admins[engine]
        if isinstance(found, str):
            if os.environ.get("KVKK_TEST_REQUIRE_SERVERS") == "1":
                pytest.fail(found, pytrace=False)
            pytest.skip(found)
        return found

    def make(self, engine: str, template: str | None = None) -> str:
        """URL of a new database: empty, or a copy of the database at `template`."""
        name = f"kvkk_test_{secrets.token_hex(6)}"
        if engine == "sqlite":
            return self._file(name, template)
        admin = self.admin(engine)
        self._made.append((engine, name))
        with admin.connect() as conn:
            if engine == "postgresql":
                conn.execute(text(f"CREATE DATABASE {name}{_from(admin, template)}"))
                conn.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))  # it does not outlive the run
            else:
                conn.execute(text(f"CREATE DATABASE {name}"))
                if template:
                    _copy_mariadb(conn, _name(template), name)
        return admin.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, engine: str, url: str) -> None:
        if engine == "sqlite":
            for file in self.folder.glob(Path(url).name + "*"):
                file.unlink()
            return
        self._left, before = (engine, _name(url)), self._left
        if before:
            self._drop(*before)
            self._made.remove(before)

    def close(self) -> None:
        for engine, name in self._made:
            self._drop(engine, name)
        for admin in self._admins.values():
            if isinstance(admin, Engine):
                admin.dispose()

    def _file(self, name: str, template: str | None) -> str:
        path = self.folder / f"{name}.db"
        if template:
            shutil.copyfile(template, path)
        else:
            path.touch(mode=0o600)
        path.chmod(0o600)
        return str(path)

    def _drop(self, engine: str, name: str) -> None:
        force = " WITH (FORCE)" if engine == "postgresql" else ""
        with self.admin(engine).connect() as conn:
            conn.execute(text(f"DROP DATABASE IF EXISTS {name}{force}"))


def _probe(engine: str) -> Engine | str:
    default = {"postgresql": "postgresql://postgres@127.0.0.1:5432", "mariadb": "mariadb://root@127.0.0.1:3306"}[engine]
    url: URL = parse_url(os.environ.get(SERVERS[engine], default))
    admin = create_engine(url.set(database="postgres" if engine == "postgresql" else None), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as conn:
            conn.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as error:
        admin.dispose()
        return f"no {engine} server ({type(error).__name__}); set {SERVERS[engine]}"
    return admin


def _from(admin: Engine, template: str | None) -> str:
    """How PostgreSQL copies a template: as files, where it can do otherwise; that is half the work for so small a one."""
    files = " STRATEGY FILE_COPY" if (admin.dialect.server_version_info or ())[:1] >= (15,) else ""
    return f" TEMPLATE {_name(template)}{files}" if template else ""


def _name(url: str) -> str:
    return str(parse_url(url).database)


def _copy_mariadb(conn: Any, source: str, target: str) -> None:
    """MariaDB has no templates: tables with their keys, then their rows, checks of foreign keys off meanwhile."""
    if source not in _mariadb_shapes:
        _mariadb_shapes[source] = _mariadb_shape(conn, source)
    conn.execute(text("SET SESSION foreign_key_checks = 0"))
    conn.execute(text(f"USE {target}"))
    for table, made, has_rows in _mariadb_shapes[source]:
        conn.exec_driver_sql(made)
        if has_rows:
            conn.exec_driver_sql(f"INSERT INTO `{target}`.`{table}` SELECT * FROM `{source}`.`{table}`")
    conn.execute(text("SET SESSION foreign_key_checks = 1"))


_mariadb_shapes: dict[str, list[tuple[str, str, bool]]] = {}


def _mariadb_shape(conn: Any, source: str) -> list[tuple[str, str, bool]]:
    """(table, its CREATE TABLE, whether it has rows) of a template, which nobody changes."""
    query = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = :s AND TABLE_TYPE = 'BASE TABLE'"
    found = []
    for table in conn.execute(text(query), {"s": source}).scalars().all():
        made = conn.exec_driver_sql(f"SHOW CREATE TABLE `{source}`.`{table}`").one()[1].replace("%", "%%")
        found.append((table, made, conn.exec_driver_sql(f"SELECT 1 FROM `{source}`.`{table}` LIMIT 1").first() is not None))
    return found


@pytest.fixture(autouse=True)
def away_from_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No test reads or writes the developer's home, configuration or environment. Returns the home of this test."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if (name.startswith(("KVKK_", "XDG_", "LC_")) and not name.startswith("KVKK_TEST_")) or name in ("LANG", "LANGUAGE"):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "SUDO_UID", "SUDO_USER", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("core.config.SITE_FOLDER", home / "etc")
    return home


@pytest.fixture
def clock() -> Clock:
    """Stands still at noon in Istanbul on the day of the sample."""
    return Clock()


@pytest.fixture
def actor() -> Actor:
    """A member of staff."""
    return Actor("ayse", "desk.example")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Makes and drops databases on every engine."""
    found = Servers(tmp_path_factory.mktemp("databases"))
    yield found
    found.close()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
def engine_url(engine_name: str, servers: Servers) -> Iterator[str]:
    """A new, empty database on each engine: a file name, or a URL."""
    url = servers.make(engine_name)
    yield url
    servers.drop(engine_name, url)


@pytest.fixture(scope="session")
def copies(servers: Servers) -> Callable[[str, str, Callable[[str], None]], str]:
    """`copies(engine, what, fill)` is the URL of a new copy of a database that `fill(url)` has filled once a session."""
    templates: dict[tuple[str, str], str] = {}

    def copy(engine: str, what: str, fill: Callable[[str], None]) -> str:
        if (engine, what) not in templates:
            url = servers.make(engine)
            fill(url)
            templates[engine, what] = url
        return servers.make(engine, templates[engine, what])

    return copy


def _fill_ours(url: str) -> None:
    store = Store(parse_url(url), Clock())
    migrate.upgrade(store)
    store.close()


@pytest.fixture
def store(engine_name: str, servers: Servers, copies: Any, clock: Clock) -> Iterator[Store]:
    """An open database that holds our tables and nothing else, on each engine."""
    url = copies(engine_name, "ours", _fill_ours)
    opened = Store(parse_url(url), clock)
    yield opened
    opened.close()
    servers.drop(engine_name, url)


def _fill_sample(url: str) -> None:
    store = Store(parse_url(url), Clock())
    build(store)
    store.close()


@pytest.fixture
def sample_url(engine_name: str, servers: Servers, copies: Any) -> Iterator[str]:
    """A copy of the sample company's database, on each engine: a file name, or a URL."""
    url = copies(engine_name, "sample", _fill_sample)
    yield url
    servers.drop(engine_name, url)


@pytest.fixture
def sample_store(sample_url: str, clock: Clock) -> Iterator[Store]:
    """The sample company's database, open."""
    opened = Store(parse_url(sample_url), clock)
    yield opened
    opened.close()


@pytest.fixture
def target(sample_url: str, tmp_path: Path) -> Target:
    """The sample company's database as `core.config` would name it, with a key file that is not there yet."""
    return Target(sample_url, "sample", tmp_path / "kvkk.key", "--db", "en")


@pytest.fixture
def desk(target: Target, actor: Actor, clock: Clock) -> Iterator[Desk]:
    """The desk of the sample company, on each engine."""
    with Desk(target, actor=actor, clock=clock) as opened:
        yield opened
