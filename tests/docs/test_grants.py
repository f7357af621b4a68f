"""The rights that docs/install.md gives to logins of a server: given as written, they are enough for each role and no more."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.desk import Desk
from core.errors import Unavailable
from core.model.records import Actor, Channel, Kind, NewRequest, RequestFilter, Resolution, ResolveOptions, Role, State, Wanted
from core.store import rights, tables
from core.store.engine import parse_url

PAGE = Path(__file__).parents[2] / "docs" / "install.md"
BLOCK = re.compile(r"^```sql\n-- (PostgreSQL|MariaDB)(.*?)^```$", re.MULTILINE | re.DOTALL)
GROUPS = ("viewer", "operator", "admin", "run")
PEOPLE = {group: Actor(f"kvkk-{group}", "desk.example") for group in GROUPS}
FORCED = ResolveOptions(force="meant", reason="asked on the phone")


@dataclass
class Logins:
    """A copy of the sample on a server, its owner's desk, and a login for each group of the page."""

    owner: Desk
    engine: str
    mark: str = field(default_factory=lambda: secrets.token_hex(4))
    password: str = field(default_factory=lambda: secrets.token_hex(8))

    def make(self) -> None:
        """Run the page's block, with names that no other run on this server has."""
        block = next(body for engine, body in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if engine.lower() == self.engine)
        rights_of_groups, _, person = block.partition("-- one login for each person")
        self._run(rights_of_groups)
        for group in GROUPS:
            self._run(person.replace("kvkk_operator", f"kvkk_{group}").replace("ayse", f"kvkk_{group}_person").replace("…", self.password))

    def desk(self, group: str, actor: Actor | None = None) -> Desk:
        """The desk over a group's login; the actor is somebody who has the role, or another."""
        url = parse_url(self.owner.target.database).set(username=self._name(f"kvkk_{group}_person"), password=None)
        plain = url.render_as_string(hide_password=False).replace("+psycopg", "").replace("+pymysql", "")
        target = replace(self.owner.target, database=plain, password=self.password)
        return Desk(target, actor=actor or PEOPLE[group], clock=self.owner.store.clock)

    def drop(self) -> None:
        people, groups = [f"kvkk_{group}_person" for group in GROUPS], [f"kvkk_{group}" for group in reversed(GROUPS)]
        with self.owner.store.alone() as conn:
            for name in map(self._name, (*people, *groups)):
                if self.engine == "postgresql":
                    conn.exec_driver_sql(f"DROP OWNED BY {name}")
                    conn.exec_driver_sql(f"DROP ROLE {name}")
                else:
                    conn.exec_driver_sql(f"DROP USER {name}@'%%'" if "person" in name else f"DROP ROLE {name}")

    def _run(self, block: str) -> None:
        """Statement by statement; the mapped tables of the page's company are those of the sample."""
        mapped = list(self.owner.context.atlas.map.tables)
        with self.owner.store.alone() as conn:
            for line in re.sub(r"--[^\n]*", "", block.partition("\n")[2]).split(";"):
                statement = " ".join(line.split())
                each = mapped if "panel.customers" in statement else [""]
                for table in each:
                    named = statement.replace("panel.customers", f"panel.{table}").replace("customers, invoices", ", ".join(mapped))
                    if named:
                        conn.exec_driver_sql(self._named(named).replace("%", "%%"))

    def _named(self, statement: str) -> str:
        own = re.sub(r"\bkvkk_(?:viewer|operator|admin|run)(?:_person)?\b", lambda found: self._name(found[0]), statement)
        return own.replace("panel.", f"{parse_url(self.owner.target.database).database}.")

    def _name(self, name: str) -> str:
        return f"{name}_{self.mark}"


@pytest.fixture(params=["postgresql", "mariadb"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite has no logins."""
    return str(request.param)


@pytest.fixture
def logins(desk: Desk, engine_name: str) -> Iterator[Logins]:
    made = Logins(desk, engine_name)
    desk.staff.add(PEOPLE["admin"], "kvkk-second", Role.ADMIN)
    for group, role in (("viewer", Role.VIEWER), ("operator", Role.OPERATOR), ("run", Role.OPERATOR)):
        desk.staff.add(PEOPLE["admin"], PEOPLE[group].account, role)
    desk.context.keyring.path.parent.mkdir(exist_ok=True)
    try:
        made.make()
        yield made
    finally:
        made.drop()


def denied(verb: Callable[[], object]) -> None:
    with pytest.raises(Unavailable) as refused:
        verb()
    assert refused.value.code == "database-no-permission"


def test_the_page_gives_each_role_what_the_program_says_it_needs_and_nothing_else(logins: Logins) -> None:
    expected = {"viewer": rights.of(Role.VIEWER), "operator": rights.of(Role.OPERATOR), "admin": rights.of(Role.ADMIN)}
    expected["run"] = expected["operator"] | {f"{right} {table}" for table, some in rights.RUN.items() for right in some}
    for group, wanted in expected.items():
        with logins.desk(group) as desk, desk.store.reading() as conn:
            assert rights.held(conn) == wanted, group
            assert rights.login(conn) == logins._name(f"kvkk_{group}_person")
    # Keys, checks and columns decide what is refused: a login that saw less would refuse less.
    with logins.owner.store.reading() as conn:
        whole = logins.owner.context.atlas.proof(conn)
    for group in GROUPS:
        with logins.desk(group) as desk, desk.store.reading() as conn:
            seen = desk.context.atlas.proof(conn)
            assert seen.schema == whole.schema, group
            assert seen.masks == whole.masks, group


def test_a_viewer_reads_everything(logins: Logins) -> None:
    with logins.desk("viewer") as desk:
        me = desk.actor
        assert len(desk.requests.list(me, RequestFilter()).rows) > 10
        assert desk.requests.show(me, 23).row.customer_name
        assert desk.requests.tally(me, RequestFilter()).open
        assert desk.requests.pulse(me).newest
        assert desk.customers.find(me, "yılmaz")
        assert desk.customers.show(me, "77").tables
        assert desk.consent.show(me, "77") is not None
        assert desk.downloads.list(me).rows
        assert desk.resolutions.preview(me, 23, Resolution(erase=True)).fingerprint
        assert desk.papers.letter(me, 1)
        assert desk.settings.list(me, "tr")
        assert desk.staff.list(me).role is Role.VIEWER
        assert desk.maps.check(me).tables
        assert desk.audit.verify(me).entries
        assert list(desk.audit.export(me))
        assert {finding.code for finding in desk.upkeep.doctor(me)}


def test_a_viewers_login_writes_nothing_whoever_uses_it_and_with_whatever_program(logins: Logins) -> None:
    with logins.desk("viewer", PEOPLE["admin"]) as desk:
        me = desk.actor
        denied(lambda: desk.requests.cancel(me, 23))
        denied(lambda: desk.settings.set(me, "near-days", "3"))
        denied(lambda: desk.staff.add(me, "kvkk-viewer", Role.ADMIN))
        denied(lambda: desk.consent.give(me, "250"))
        with desk.store.writer.connect() as conn:
            names = [*(table.name for table in tables.metadata.sorted_tables), *desk.context.atlas.map.tables]
            for name in names:
                column = _columns(logins, name)[0]
                for statement in (
                    f"UPDATE {name} SET {column} = {column}",
                    f"DELETE FROM {name}",
                    f"INSERT INTO {name} SELECT * FROM {name}",
                ):
                    with pytest.raises(DBAPIError), conn.begin():
                        conn.execute(text(statement))


def _columns(logins: Logins, table: str) -> list[str]:
    from sqlalchemy import inspect

    found = inspect(logins.owner.store.reader).get_columns(table)
    quote = logins.owner.store.reader.dialect.identifier_preparer.quote
    return [quote(column["name"]) for column in found]


def test_an_operator_does_the_days_work(logins: Logins, tmp_path: Path) -> None:
    with logins.desk("operator") as desk:
        me = desk.actor
        filed = desk.requests.add(me, NewRequest("250", Kind.ERASE, Channel.LETTER, note="by letter")).number
        assert desk.requests.approve(me, filed).state is State.APPROVED
        assert desk.requests.reject(me, filed, "not proven").state is State.REJECTED
        assert desk.requests.cancel(me, 16).state is State.CANCELLED
        assert desk.resolutions.resolve(me, 18, Resolution(), FORCED).grade == "access-blocked"
        assert desk.resolutions.resolve(me, 19, Resolution(mask=True, blacklist=True), FORCED).grade == "masked"
        assert desk.resolutions.resolve(me, 26, Resolution(erase=True, blacklist=True), FORCED).grade.startswith("deleted")
        assert desk.exports.export(me, "77", tmp_path / "77.xml").rows
        desk.consent.give(me, "251")
        desk.consent.withdraw(me, "251")
        assert desk.bulk.resolve(me, Wanted((21, 24)), Resolution(mask=True), FORCED).row.done == 2
        assert desk.papers.certificate(me, 26, "tr").xml
        assert desk.audit.verify(me).entries


def test_an_operators_login_changes_neither_settings_nor_staff_nor_what_was_recorded(logins: Logins) -> None:
    with logins.desk("operator", PEOPLE["admin"]) as desk:
        me = desk.actor
        denied(lambda: desk.settings.set(me, "near-days", "3"))
        denied(lambda: desk.staff.add(me, "kvkk-operator", Role.ADMIN))
        with desk.store.writer.connect() as conn:
            for statement in (
                "UPDATE kvkk_audit SET actor = actor",
                "DELETE FROM kvkk_audit",
                "UPDATE kvkk_certificates SET document = document",
                "DELETE FROM kvkk_certificates",
                "DELETE FROM kvkk_requests",
                "UPDATE kvkk_staff SET role = 'admin'",
                "UPDATE kvkk_settings SET value = value",
                "DROP TABLE kvkk_audit",
                "CREATE TABLE kvkk_more (id INTEGER)",
            ):
                with pytest.raises(DBAPIError), conn.begin():
                    conn.execute(text(statement))


def test_an_admin_keeps_settings_and_staff_and_the_timed_job_runs_with_a_login_of_its_own(logins: Logins) -> None:
    with logins.desk("admin") as desk:
        me = desk.actor
        assert desk.settings.set(me, "near-days", "3").now == "3"
        assert desk.settings.reset(me, "near-days").now == "7"
        assert desk.staff.add(me, "yeni", Role.VIEWER).now is Role.VIEWER
        assert desk.staff.remove(me, "yeni").now is None
        assert desk.settings.set(me, "second-person", "on").admins == 2
        assert desk.settings.set(me, "second-person", "off").proposed is not None
        assert desk.settings.set(Actor("kvkk-second", "desk.example"), "second-person", "off").now == "off"
        assert desk.requests.cancel(me, 16).state is State.CANCELLED
        with desk.store.writer.connect() as conn:
            for statement in ("UPDATE kvkk_audit SET actor = actor", "DELETE FROM kvkk_audit"):
                with pytest.raises(DBAPIError), conn.begin():
                    conn.execute(text(statement))
    with logins.desk("run") as desk:
        report = desk.automation.run(desk.actor)
        assert [(row.name, row.failed) for row in report.jobs if row.failed] == []
