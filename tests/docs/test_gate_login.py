"""The right that docs/gate.md gives to a website's login: given as written, it reads the view and nothing else, and outlives upgrades."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from core.desk import Desk
from core.store.engine import parse_url

PAGE = Path(__file__).parents[2] / "docs" / "gate.md"
GRANT = re.compile(r"^-- (PostgreSQL|MariaDB).*\n(GRANT .*);$", re.MULTILINE)
OTHERS = ("customers", "kvkk_blocks", "kvkk_consents", "kvkk_settings", "kvkk_requests", "kvkk_audit")
OLD_VIEW = "CREATE VIEW kvkk_access AS SELECT email AS customer, 'x' AS allowed, 1 AS reason FROM customers"
"""What no `CREATE OR REPLACE` of PostgreSQL can turn into ours."""
OWNED = "ALTER VIEW kvkk_access OWNER TO {site}"
LOST = "ALTER DEFINER = 'nobody'@'nowhere' VIEW kvkk_access AS SELECT id AS customer, 1 AS allowed, NULL AS reason FROM customers"


@pytest.fixture(params=["postgresql", "mariadb"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite has no logins."""
    return str(request.param)


class Site:
    """A website's login on the database of a desk."""

    def __init__(self, desk: Desk, engine: str) -> None:
        self.desk, self.engine = desk, engine
        self.name, self.password = f"site_{secrets.token_hex(4)}", secrets.token_hex(8)
        self.database = str(parse_url(desk.target.database).database)
        self.connection: Engine | None = None

    def owner(self, *statements: str) -> None:
        with self.desk.store.alone() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement.replace("%", "%%"))

    def make(self) -> None:
        if self.engine == "postgresql":
            self.owner(f"CREATE ROLE {self.name} LOGIN PASSWORD '{self.password}'")
        else:
            self.owner(f"CREATE USER {self.name}@'%' IDENTIFIED BY '{self.password}'")
        self.grant()
        url = parse_url(self.desk.target.database).set(username=self.name, password=self.password)
        self.connection = create_engine(url)

    def grant(self) -> None:
        """The page's line, with the names of this test."""
        lines = {engine.lower(): line for engine, line in GRANT.findall(PAGE.read_text(encoding="utf-8"))}
        line = lines[self.engine].replace("panel.", f"{self.database}.").replace("'site'@'localhost'", f"{self.name}@'%'")
        self.owner(re.sub(r"\bsite$", self.name, line))

    def answer(self, customer: int) -> Any:
        assert self.connection is not None
        with self.connection.connect() as conn:
            row = conn.execute(text("SELECT allowed, reason FROM kvkk_access WHERE customer = :key"), {"key": customer}).one_or_none()
        return row and tuple(row)

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.dispose()
        if self.engine == "postgresql":
            self.owner(f"DROP OWNED BY {self.name}", f"DROP ROLE {self.name}")
        else:
            self.owner(f"DROP USER {self.name}@'%'")


@pytest.fixture
def site(desk: Desk, engine_name: str) -> Iterator[Site]:
    desk.upkeep.init(desk.actor, "sample")
    made = Site(desk, engine_name)
    made.make()
    yield made
    made.drop()


def findings(desk: Desk) -> dict[str, str]:
    return {one.code: one.grade for one in desk.upkeep.doctor(desk.actor) if one.code.startswith("view-")}


def test_the_sites_login_reads_the_view_and_nothing_else_and_goes_on_doing_so(site: Site, engine_name: str) -> None:
    desk = site.desk
    assert (site.answer(200), site.answer(10**9)) == ((1, None), None)
    desk.settings.set(desk.actor, "enforce-consent", "on")
    assert site.answer(200) == (0, "consent-required")
    assert site.connection is not None
    for table in OTHERS:
        with pytest.raises(DBAPIError), site.connection.connect() as conn:
            conn.execute(text(f"SELECT * FROM {table}"))
    with pytest.raises(DBAPIError), site.connection.begin() as conn:
        conn.execute(text("UPDATE kvkk_access SET allowed = 1"))
    desk.upkeep.init(desk.actor)
    assert site.answer(200) == (0, "consent-required")
    # The company alters its customer table, and `init` is run again.
    site.owner("ALTER TABLE customers ADD COLUMN loyalty VARCHAR(10)")
    desk.upkeep.init(desk.actor)
    assert site.answer(200) == (0, "consent-required")
    # An older release had other columns: the view is dropped and made, and whoever could read it still can.
    site.owner("DROP VIEW kvkk_access", OLD_VIEW)
    site.grant()
    assert findings(desk)["view-wrong" if engine_name == "mariadb" else "view-unreadable"] == "error"
    desk.upkeep.init(desk.actor)
    assert site.answer(200) == (0, "consent-required")
    assert "view-ok" in findings(desk)


def test_doctor_says_when_the_view_is_missing_or_cannot_be_read(site: Site, engine_name: str) -> None:
    desk = site.desk
    assert findings(desk)["view-ok"] == "ok"
    site.owner("DROP VIEW kvkk_access")
    assert findings(desk) == {"view-missing": "warning"}
    desk.upkeep.init(desk.actor)
    # Its owner has lost the rights on what it reads; or (MariaDB) is no login any more.
    site.owner(OWNED.format(site=site.name) if engine_name == "postgresql" else LOST)
    assert findings(desk)["view-unreadable"] == "error"
    site.owner("DROP VIEW kvkk_access")
    desk.upkeep.init(desk.actor)
    if engine_name == "postgresql":  # a dropped view takes its rights with it: the page says so
        with pytest.raises(DBAPIError):
            site.answer(200)
        site.grant()
    assert site.answer(200) == (1, None)
