"""The rights that docs/panel.md gives to the panel's own login: as written, they are enough for what customers do, and no more."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.desk import Desk
from core.model import passwords
from core.model.records import Kind, NewAccount, State, TextKind, Visitor
from core.store import tables
from core.store.engine import parse_url

PAGE = Path(__file__).parents[2] / "docs" / "panel.md"
BLOCK = re.compile(r"^```sql\n-- (PostgreSQL|MariaDB)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VISITOR = Visitor("panel", "web.example", address="203.0.113.7")
WHO, EMAIL, PASSWORD = "77", "iraz.aslan77@aslan-iraz77.example", "ornek-parola"
FORBIDDEN = (
    "UPDATE kvkk_settings SET value = value",
    "INSERT INTO kvkk_staff SELECT * FROM kvkk_staff",
    "DELETE FROM kvkk_blocks",
    "INSERT INTO kvkk_blocks SELECT * FROM kvkk_blocks",
    "UPDATE kvkk_audit SET actor = actor",
    "DELETE FROM kvkk_audit",
    "DELETE FROM kvkk_requests",
    "DELETE FROM kvkk_blacklist",
    "UPDATE kvkk_keys SET id = id",
    "UPDATE kvkk_templates SET subject = subject",
    "SELECT * FROM kvkk_certificates",
    "SELECT * FROM kvkk_tombstones",
    "UPDATE customers SET email = email",
    "DELETE FROM customers",
    "UPDATE invoices SET total = 0",
    "SELECT * FROM staff_members",
    "CREATE TABLE kvkk_more (id INTEGER)",
)


@pytest.fixture(params=["postgresql", "mariadb"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite has no logins."""
    return str(request.param)


@pytest.fixture
def panel(desk: Desk, engine_name: str) -> Iterator[Desk]:
    """A desk over the login that the page makes; the owner's desk has prepared the database."""
    name, password = f"kvkk_panel_{secrets.token_hex(4)}", secrets.token_hex(8)
    body = next(body for engine, body in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if engine.lower() == engine_name)
    known = passwords.written("bcrypt", PASSWORD, b"x" * 16)
    with desk.store.writer.begin() as conn:
        conn.execute(text("UPDATE customers SET password_hash = :hash WHERE id = 77"), {"hash": known})
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    run(desk, body, name, password)
    url = parse_url(desk.target.database).set(username=name, password=None)
    plain = url.render_as_string(hide_password=False).replace("+psycopg", "").replace("+pymysql", "")
    try:
        with Desk(replace(desk.target, database=plain, password=password), clock=desk.store.clock) as opened:
            yield opened
    finally:
        with desk.store.alone() as conn:
            for line in (f"DROP OWNED BY {name}", f"DROP ROLE {name}") if engine_name == "postgresql" else (f"DROP USER {name}@'%%'",):
                conn.exec_driver_sql(line)


def run(desk: Desk, body: str, name: str, password: str) -> None:
    """Statement by statement; the mapped tables of the page's company are those of the sample."""
    mapped = [table for table, rules in desk.context.atlas.map.tables.items() if rules.link.kind.value != "none"]
    base = str(parse_url(desk.target.database).database)
    with desk.store.alone() as conn:
        for line in re.sub(r"--[^\n]*", "", body).split(";"):
            statement = " ".join(line.split()).replace("kvkk_panel", name).replace("…", password)
            statement = statement.replace("customers, invoices", ", ".join(mapped))
            each = mapped if statement.startswith("GRANT SELECT ON panel.customers") else ["customers"]
            for table in each:
                if statement:
                    named = statement.replace("panel.customers", f"panel.{table}").replace("panel.", f"{base}.")
                    conn.exec_driver_sql(named.replace("%", "%%"))


def link(panel: Desk, event: str) -> str:
    """The token of the latest link in the outbox."""
    key = panel.context.keyring.if_present()
    assert key is not None
    query = select(tables.outbox.c.sealed).where(tables.outbox.c.event == event).order_by(tables.outbox.c.id.desc()).limit(1)
    with panel.store.reading() as conn:
        sealed: Any = conn.execute(query).scalar_one()
    return str(json.loads(key.open(sealed))["fields"]["link"].rpartition("/")[2])


def test_everything_that_customers_do_can_be_done_with_the_panels_login_and_nothing_else(panel: Desk) -> None:
    assert panel.panel.ready(VISITOR).login_is_email
    done = panel.accounts.sign_in(VISITOR, EMAIL, PASSWORD)
    assert panel.accounts.session(VISITOR, done.token).customer == WHO
    assert panel.panel.page(VISITOR, WHO).name
    assert panel.consent.shown(VISITOR, TextKind.CONSENT, "tr").text
    panel.consent.answer(VISITOR, WHO, TextKind.CONSENT, seen=1, language="tr")
    panel.consent.answer(VISITOR, WHO, TextKind.NOTICE)
    panel.consent.answer(VISITOR, WHO, TextKind.CONSENT, given=False)
    filed = panel.panel.file(VISITOR, WHO, Kind.ERASE)
    assert panel.panel.cancel(VISITOR, WHO, filed.number).state is State.CANCELLED
    assert panel.panel.export(VISITOR, WHO, io.BytesIO(), "xml").rows > 10
    panel.accounts.ask_link(VISITOR, EMAIL)
    panel.accounts.sign_in_by_link(VISITOR, link(panel, "signin"))
    panel.accounts.ask_reset(VISITOR, EMAIL)
    panel.accounts.reset(VISITOR, link(panel, "reset"), "another sentence")
    panel.accounts.sign_out(VISITOR, done.token)
    panel.registration.ask(VISITOR, "yeni@posta.example", "tr")
    new = NewAccount("yeni@posta.example", "another sentence", details={"first_name": "Yeni", "last_name": "Biri"})
    assert panel.registration.open(VISITOR, link(panel, "register"), new, "tr").session.customer
    posted = panel.post(VISITOR)
    assert posted is not None
    assert posted.trouble is not None
    assert posted.trouble.code == "mail-not-set"
    for statement in FORBIDDEN:
        with panel.store.writer.connect() as conn, pytest.raises(DBAPIError), conn.begin():
            conn.execute(text(statement))
