"""Random customers of the sample are masked and erased; then the whole database is compared with what it was before.

Whose a row is, and where a value still stands, is worked out here by hand, row by row in Python: nothing of core.store is asked.
KVKK_TEST_LONG=1 tries many more customers.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect

import core
from core.config import Target
from core.desk import Desk
from core.errors import Conflict, NotFound
from core.model.identity import canonical
from core.model.mapfile import load
from core.model.records import Actor, Kind, NewRequest, Resolution, Resolved, ResolveOptions
from core.sample import build
from core.store.engine import Store, parse_url

LONG = os.environ.get("KVKK_TEST_LONG") == "1"
EXAMPLES = {"sqlite": 400 if LONG else 8, "postgresql": 25 if LONG else 1, "mariadb": 25 if LONG else 1}
CUSTOMERS = 300
ACTOR = Actor("ayse", "desk.example")
MAP = load((Path(core.__file__).parent / "maps" / "sample.toml").read_text(encoding="utf-8"), "sample.toml")
EVERYWHERE = {(name, rule.name) for name, table in MAP.tables.items() for rule in table.columns.values() if rule.everywhere}
POINTERS = {(name, rule.name) for name, table in MAP.tables.items() for rule in table.columns.values() if rule.refers_to}
ACCESS = {"status", "password_hash", "remember_token"}
BY_CUSTOMER = ("contacts", "customer_addresses", "services", "domains", "invoices", "tickets", "sessions", "api_tokens")
LOGS = ("signin_log", "sms_log", "customer_meta")
Row = dict[str, Any]
Database = dict[str, dict[tuple[Any, ...], Row]]


def read_all(desk: Desk) -> Database:
    """Every row of every table, by primary key."""
    with desk.store.reading() as conn:
        found: Database = {}
        seen = inspect(conn)
        for name in seen.get_table_names():
            keys = seen.get_pk_constraint(name)["constrained_columns"]
            sign = "`" if desk.store.name == "mariadb" else '"'
            rows = conn.exec_driver_sql(f"SELECT * FROM {sign}{name}{sign}").mappings().all()
            found[name] = {tuple(row[k] for k in keys): dict(row) for row in rows}
            assert len(found[name]) == len(rows)
    return found


# -- whose is it, and where does it stand: by hand ------------------------------------------------------------------------


def letters(text: Any) -> str:
    """Case and Turkish letters apart."""
    plain = str(text).translate(str.maketrans("İIıŞşĞğÜüÖöÇç", "iiissgguuoocc"))
    return plain.lower()


def digits(text: Any) -> str:
    return re.sub(r"[^0-9]", "", str(text))


def mails(text: Any) -> set[str]:
    return {found.rstrip(".-") for found in re.findall(r"[\w.+\-]+@[\w.\-]+", letters(text))}


def numbers(text: Any) -> set[str]:
    """Runs of digits as people write them; phones without 0, 90, 0090."""
    runs = {digits(run) for run in re.findall(r"[0-9][0-9 ().\-/]*[0-9]|[0-9]", str(text))}
    return runs | {re.sub(r"^(0090|90|0)", "", run) for run in runs if len(run) > 10}


@dataclass(frozen=True)
class Person:
    """One customer before the resolution: whose rows, which values."""

    key: int
    before: Database

    @property
    def master(self) -> Row:
        return self.before["customers"][(self.key,)]

    def own(self) -> dict[str, set[tuple[Any, ...]]]:
        """Table → primary keys of the customer's rows."""
        db, key = self.before, self.key

        def where(table: str, fits: Callable[[Row], bool]) -> set[tuple[Any, ...]]:
            return {pk for pk, row in db[table].items() if fits(row)}

        mine = {table: where(table, lambda r: r["customer_id"] == key) for table in (*BY_CUSTOMER, *LOGS)}
        mine["customers"] = {(self.key,)}
        for child, column, parent in (
            ("invoice_lines", "invoice_id", "invoices"),
            ("payments", "invoice_id", "invoices"),
            ("ticket_replies", "ticket_id", "tickets"),
        ):
            mine[child] = {pk for pk, row in db[child].items() if (row[column],) in mine[parent]}
        mine["notes"] = where("notes", lambda r: r["about_type"] == "customer" and r["about_id"] == key)
        linked = [row for row in db["customer_addresses"].values() if row["customer_id"] == key]
        mine["addresses"] = {(row["address_id"],) for row in linked}
        others = {m for pk, row in db["customers"].items() if pk != (key,) for m in mails(row["email"])}
        own = self.mails() - others
        mine["mail_log"] = where("mail_log", lambda r: bool(mails(r["recipient"]) & own))
        mine["password_resets"] = where("password_resets", lambda r: bool(mails(r["email"]) & own))
        return mine

    def mails(self) -> set[str]:
        """Addresses of the customer, former ones on old rows too."""
        db, key = self.before, self.key
        found = set(mails(self.master["email"]))
        for table, column in (("invoices", "billing_email"), ("contacts", "email"), ("domains", "registrant_email")):
            found |= {m for row in db[table].values() if row["customer_id"] == key and row[column] for m in mails(row[column])}
        return found

    @cached_property
    def values(self) -> tuple[set[str], set[str], str]:
        """(addresses, numbers, user name) that are nobody else's."""
        others = [row for pk, row in self.before["customers"].items() if pk != (self.key,)]
        fields = ("phone", "identity_no", "tax_no")
        taken = {n for row in others for f in fields if row[f] for n in numbers(row[f])}
        known = {m for row in others for m in mails(row["email"])}
        own = {n for f in fields if self.master[f] for n in numbers(self.master[f]) if len(n) >= 10}
        return mails(self.master["email"]) - known, own - taken, letters(self.master["user_name"])

    def stands_in(self, cell: Any) -> bool:
        """Whether a cell still holds one of the values."""
        if cell is None or isinstance(cell, bool | date):
            return False
        text = bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes | memoryview) else str(cell)
        addresses, ids, user_name = self.values
        words = set(re.findall(r"[\w.\-]+", letters(text))) if len(user_name) > 6 else set()
        return bool(mails(text) & addresses or numbers(text) & ids or user_name in words)


# -- the story ------------------------------------------------------------------------------------------------------------


@contextmanager
def fresh_desk(engine: str, servers: Any, copies: Any, clock: Any) -> Iterator[Desk]:
    """A desk on a fresh copy of the sample."""

    def fill(url: str) -> None:
        store = Store(parse_url(url), clock)
        build(store)
        store.close()

    url = copies(engine, "sample", fill)
    with tempfile.TemporaryDirectory() as folder:
        with Desk(Target(url, "sample", Path(folder) / "kvkk.key", "--db", "en"), actor=ACTOR, clock=clock) as desk:
            yield desk
        servers.drop(engine, url)


def open_request(desk: Desk, person: Person) -> int:
    """The customer's open request, filed when there is none; staff have quoted the customer in it."""
    row = person.master
    note = f"{row['first_name']} {row['last_name']} called from {row['phone']}, writes from {row['email'].upper()}"
    try:
        return desk.requests.add(desk.actor, NewRequest(str(person.key), Kind.ERASE, note=note, verified_by=row["identity_no"])).number
    except Conflict as error:
        return int(str(error.facts["number"]))


def cells_that_differ(before: Row, after: Row) -> set[str]:
    return {column for column in before if before[column] != after[column]}


def check_others(person: Person, after: Database, done: Resolved) -> None:
    """Every row of everybody else is identical, except cells that the certificate counts."""
    mine = person.own()
    counted = {line.table: line.cells_redacted for line in done.tables}
    for table, rows in person.before.items():
        if table.startswith("kvkk_"):
            continue
        changed = set()
        for pk, row in rows.items():
            if pk in mine.get(table, ()):
                continue
            assert pk in after[table], (table, pk)
            for column in cells_that_differ(row, after[table][pk]):
                assert (table, column) in EVERYWHERE | POINTERS, (table, pk, column)
                changed.add((pk, column))
                if (table, column) in POINTERS:
                    assert (row[column], after[table][pk][column]) == (person.key, None)
                else:
                    assert "***" in after[table][pk][column]
        assert len(changed) == counted.get(table, 0), table
        assert set(after[table]) <= set(rows)


def check_own(person: Person, after: Database, done: Resolved) -> None:
    """The certificate's numbers are what happened, and what is not personal in rows that stay is as it was."""
    lines = {line.table: line for line in done.tables}
    for table, keys in person.own().items():
        line = lines.get(table)
        told = (line.deleted, line.masked + line.held + line.kept + line.shared) if line else (0, 0)
        left = {pk for pk in keys if pk in after[table]}
        assert (len(keys - left), len(left)) == told, table
        for pk in left:
            for column in cells_that_differ(person.before[table][pk], after[table][pk]):
                rule = MAP.tables[table].columns.get(column)
                personal = rule is None or rule.personal or rule.refers_to
                assert personal or (table == "customers" and column in ACCESS), (table, column)


def check_values(person: Person, after: Database, done: Resolved) -> None:
    """No value of the customer in any cell, but for those that the certificate lists; our own tables have none at all."""
    listed = {(line.table, line.column): line.cells for line in done.residue}
    for table, rows in after.items():
        for column in next(iter(rows.values()), {}):
            hits = [pk for pk, row in rows.items() if person.stands_in(row[column])]
            if table.startswith("kvkk_"):
                assert not hits, (table, column)
            else:
                allowed = sum(cells for (t, c), cells in listed.items() if (t, c) == (table, column))
                assert len(hits) <= allowed, (table, column, hits)


def check_ours(desk: Desk, person: Person, after: Database, number: int, done: Resolved) -> None:
    """Sign-in is dead, the key is gone after an erase, and what was blacklisted holds."""
    master = after["customers"].get((person.key,))
    if master is not None:
        assert (master["status"], master["password_hash"], master["remember_token"]) == ("blocked", "!", None)
    assert not any(row["customer_id"] == person.key for t in ("sessions", "api_tokens") for row in after[t].values())
    if done.resolution.erase:
        for table in ("kvkk_requests", "kvkk_consents", "kvkk_downloads"):
            assert str(person.key) not in {row["customer"] for row in after[table].values()}
        assert desk.requests.show(desk.actor, number).row.customer is None
    key = desk.context.keyring.if_present()
    assert key is not None
    fingerprints = {row["fingerprint"] for row in after["kvkk_blacklist"].values()}
    for kind in done.blacklisted:
        column = dict(MAP.customer.roles())[kind]
        assert key.token(kind, str(canonical(kind, str(person.master[column])))) in fingerprints
    assert bool(done.blacklisted) == (done.resolution.blacklist and len(done.left_out) < 4 and bool(fingerprints))
    assert desk.audit.verify(desk.actor).entries


@pytest.mark.parametrize("engine", list(EXAMPLES))
def test_a_resolution_changes_what_it_says_and_nothing_else(engine: str, servers: Any, copies: Any, clock: Any) -> None:
    @settings(max_examples=EXAMPLES[engine], deadline=None, derandomize=not LONG, suppress_health_check=list(HealthCheck), database=None)
    @given(
        key=st.integers(1, CUSTOMERS),
        how=st.sampled_from(["mask", "erase"]),
        blacklist=st.booleans(),
        years=st.integers(0, 10),
    )
    def story(key: int, how: str, blacklist: bool, years: int) -> None:
        with fresh_desk(engine, servers, copies, clock) as desk:
            desk.settings.set(desk.actor, "invoice-retention-years", str(years))
            person = Person(key, read_all(desk))
            if (key,) not in person.before["customers"] or person.master["status"] == "blocked":
                return  # gone or treated in the sample's own past
            assert any(person.stands_in(cell) for cell in person.master.values())  # the search by hand does find
            number = open_request(desk, person)
            resolution = Resolution(mask=how == "mask", erase=how == "erase", blacklist=blacklist)
            options = ResolveOptions(force="a test", reason="a test")
            done = desk.resolutions.resolve(desk.actor, number, resolution, options)
            after = read_all(desk)
            assert done.pending == ()
            check_others(person, after, done)
            check_own(person, after, done)
            check_values(person, after, done)
            check_ours(desk, person, after, number, done)
            with pytest.raises(Conflict):
                desk.resolutions.resolve(desk.actor, number, resolution, options)
            assert read_all(desk) == after

    story()


def test_a_second_mask_finds_nothing_left_and_an_erase_after_it_goes_through(desk: Desk) -> None:
    """Mask, mask again, erase, erase again: idempotent, then clear."""
    desk.settings.set(desk.actor, "invoice-retention-years", "0")
    person = Person(250, read_all(desk))
    options = ResolveOptions(force="a test", reason="a test")

    def resolve(how: Resolution) -> Resolved:
        return desk.resolutions.resolve(desk.actor, open_request(desk, person), how, options)

    first = resolve(Resolution(mask=True))
    second = resolve(Resolution(mask=True))
    assert [(line.table, line.masked) for line in second.tables if line.masked] == [
        (line.table, line.masked) for line in first.tables if line.masked and line.table not in MATCHED
    ]
    assert second.residue == ()
    third = resolve(Resolution(erase=True))
    assert third.grade == "deleted"
    with pytest.raises(NotFound):
        open_request(desk, person)


MATCHED = {"mail_log", "password_resets"}
"""Rows that are found by a value: once it is masked they are nobody's."""
