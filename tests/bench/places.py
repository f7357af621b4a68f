"""Databases to measure on: copies of the company on SQLite, PostgreSQL or MariaDB, dropped when the run ends.

Servers as the tests find them: KVKK_TEST_POSTGRESQL and KVKK_TEST_MARIADB, else this host.
"""

from __future__ import annotations

import os
import secrets
import shutil
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.bench import company

if TYPE_CHECKING:
    from core.desk import Desk

SERVERS = {"postgresql": "postgresql://postgres@127.0.0.1:5432", "mariadb": "mariadb://root@127.0.0.1:3306"}
SLICE = 5000


class Places:
    """Copies of one company. A context manager: leaving it drops what it has made."""

    def __init__(self, engine: str, customers: int, folder: Path) -> None:
        self.engine, self.customers, self._folder = engine, customers, folder
        self._name = f"kvkk_bench_{secrets.token_hex(4)}"
        self._numbers = count(1)
        self._made: list[str] = []
        (folder / "map.toml").write_text(company.MAP, encoding="utf-8")

    def __enter__(self) -> Self:
        if self.engine != "sqlite":
            from tests.bench.measure import child

            self._made.append(self._name)
            try:
                child("places:fill", engine=self.engine, name=self._name, customers=self.customers)
            except BaseException:
                self.__exit__()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._made:
            from tests.bench.measure import child

            child("places:drop", engine=self.engine, names=self._made)

    def new(self) -> str:
        """A fresh copy: a file name, or a URL."""
        if self.engine == "sqlite":
            path = self._folder / f"copy-{next(self._numbers)}.db"
            shutil.copyfile(company.cached(self.customers), path)
            path.chmod(0o600)
            return str(path)
        from tests.bench.measure import child

        name = f"{self._name}_{next(self._numbers)}"
        self._made.append(name)
        child("places:copy", engine=self.engine, source=self._name, target=name)
        return f"{server(self.engine)}/{name}"

    def gone(self, url: str) -> None:
        """A copy that is done with: a million customers take gigabytes."""
        if self.engine == "sqlite":
            for file in self._folder.glob(f"{Path(url).name}*"):
                file.unlink()


def server(engine: str) -> str:
    return os.environ.get(f"KVKK_TEST_{engine.upper()}", SERVERS[engine]).rstrip("/")


def fill(engine: str, name: str, customers: int) -> None:
    """The company on a server, from its generator."""
    _administer(engine, f"CREATE DATABASE {name}")
    raw = _connected(engine, name)
    cursor = raw.cursor()
    for statement in company.TABLES.replace("lines", _quoted(engine)).split(";"):
        if statement.strip():
            cursor.execute(statement)
    for table, (columns, _) in company.ROWS.items():
        _load(engine, cursor, table.replace("lines", _quoted(engine)), columns, company.rows(table, customers))
    for statement in company.INDEXES.replace("lines", _quoted(engine)).split(";"):
        if statement.strip():
            cursor.execute(statement)
    raw.commit()
    raw.close()


def _load(engine: str, cursor: Any, table: str, columns: int, rows: Any) -> None:
    if engine == "postgresql":
        with cursor.copy(f"COPY {table} FROM STDIN") as copying:
            for row in rows:
                copying.write_row(row)
        return
    insert = f"INSERT INTO {table} VALUES ({', '.join(['%s'] * columns)})"
    while some := list(islice(rows, SLICE)):
        cursor.executemany(insert, some)


def copy(engine: str, source: str, target: str) -> None:
    """MariaDB has no templates: tables with their keys, then their rows."""
    if engine == "postgresql":
        _administer(engine, f"CREATE DATABASE {target} TEMPLATE {source}")
        return
    _administer(engine, f"CREATE DATABASE {target}")
    raw = _connected(engine, target)
    cursor = raw.cursor()
    for table in company.ROWS:
        cursor.execute(f"CREATE TABLE `{table}` LIKE {source}.`{table}`")
        cursor.execute(f"INSERT INTO `{table}` SELECT * FROM {source}.`{table}`")
    raw.commit()
    raw.close()


def drop(engine: str, names: list[str]) -> None:
    for name in names:
        _administer(engine, f"DROP DATABASE IF EXISTS {name}" + (" WITH (FORCE)" if engine == "postgresql" else ""))


def opened(url: str, folder: str) -> Desk:
    """The desk of a copy; its key file and everything else of it lies in the folder."""
    from core.desk import open_desk

    env = {"XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
    return open_desk(url, str(Path(folder) / "map.toml"), env, Path(folder))


def prepare(url: str, folder: str, kind: str | None = None, keys: list[int] | None = None) -> dict[str, Any]:
    """Our tables in a copy, and an open request of each of these customers. Returns the numbers of the requests."""
    from datetime import timedelta

    from core.store import requests

    with opened(url, folder) as desk:
        desk.upkeep.init(desk.actor)
        desk.settings.set(desk.actor, "invoice-retention-years", "0")
        desk.settings.set(desk.actor, "notify", "off")
        with desk.context.writing(desk.actor) as unit:
            today = desk.context.today(unit.conn)
            said = {"kind": kind, "regime": "kvkk", "channel": "panel", "received_on": today, "due_on": today + timedelta(30)}
            named = ((str(key), str(key)) for key in keys or ())
            return {"numbers": [requests.add(unit, customer=a, open_customer=b, **said) for a, b in named]}


def _quoted(engine: str) -> str:
    return "`lines`" if engine == "mariadb" else '"lines"'


def _connected(engine: str, name: str) -> Any:
    from tests.bench.floors import connect

    raw = connect(engine, f"{server(engine)}/{name}")
    raw.autocommit(False) if engine == "mariadb" else setattr(raw, "autocommit", False)
    return raw


def _administer(engine: str, statement: str) -> None:
    from tests.bench.floors import connect

    raw = connect(engine, server(engine) + ("/postgres" if engine == "postgresql" else "/"))
    raw.cursor().execute(statement)
    raw.close()
