"""The sample company: nobody in it can exist, it is the same everywhere, and the special cases are there."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from sqlalchemy import Date, DateTime, Table, func, select
from stdnum import iban
from stdnum.tr import tckimlik, vkn

from core.errors import Conflict, UsageError
from core.model.records import State
from core.sample import REFERENCE_DAY, build, people, shift_dates
from core.sample.assemble import shipped_map
from core.sample.cases import BLOCKED, CASES, ERASED, MASKED
from core.sample.columns import company
from core.sample.dates import STAYS
from core.sample.fill import spoken
from core.store import accessview, chain, tables
from core.store.atlas import Atlas
from core.store.engine import Store, parse_url
from core.store.tables import Moment

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "sample.db"
MAP = ROOT / "core" / "maps" / "sample.toml"
EVERY = (*company.sorted_tables, *tables.metadata.sorted_tables)
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")
RESERVED = re.compile(r"(^|\.)(example(\.com|\.org)?|test|invalid)$", re.IGNORECASE)
LATER = date(2027, 3, 15)
SIZE_MOST = 3_000_000
AGAIN = "sample.db is not what the code makes: run `python -m core.sample sample.db`"


def rows(store: Store, table: Table) -> list[tuple[Any, ...]]:
    """Every row, typed, in one order on every engine."""
    with store.reading() as conn:
        return sorted((tuple(row) for row in conn.execute(select(table))), key=repr)


def cells(store: Store) -> Iterator[tuple[str, str, Any]]:
    """(table, column, value) of every cell that is not NULL."""
    for table in EVERY:
        for row in rows(store, table):
            yield from ((table.name, c.name, value) for c, value in zip(table.c, row, strict=True) if value is not None)


def column(store: Store, name: str) -> list[Any]:
    """The values of `table.column`, by key of the table."""
    table, _, wanted = name.partition(".")
    with store.reading() as conn:
        return list(conn.execute(select(company.tables[table].c[wanted]).order_by(*company.tables[table].primary_key)).scalars())


def customer(store: Store, number: int) -> Any:
    with store.reading() as conn:
        return conn.execute(select(company.tables["customers"]).where(company.tables["customers"].c.id == number)).one_or_none()


def owned(store: Store, table: str, number: int) -> list[Any]:
    with store.reading() as conn:
        found = company.tables[table]
        return list(conn.execute(select(found).where(found.c.customer_id == number)).all())


def fresh(path: Path) -> Store:
    path.touch()
    store = Store(parse_url(str(path)))
    build(store)
    return store


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A sample that nobody changes."""
    store = fresh(tmp_path_factory.mktemp("sample") / "one.db")
    yield store
    store.close()


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Store]:
    """A sample of one's own."""
    store = fresh(tmp_path / "own.db")
    yield store
    store.close()


# ---- The same everywhere ----------------------------------------------------------------------------------------------


def test_the_shipped_file_is_what_the_code_makes(sample: Store) -> None:
    shipped = Store(parse_url(str(SHIPPED)))
    for table in EVERY:
        assert rows(shipped, table) == rows(sample, table), f"{table.name}: {AGAIN}"
    shipped.close()


def test_the_shipped_file_is_small_and_has_no_journal() -> None:
    assert SHIPPED.stat().st_size < SIZE_MOST
    raw = sqlite3.connect(f"file:{SHIPPED}?mode=ro", uri=True)
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert raw.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()


def test_every_engine_holds_the_same_rows(engine_url: str, sample: Store) -> None:
    store = Store(parse_url(engine_url))
    build(store)
    for table in EVERY:
        mine, theirs = (
            [row for row in rows(one, table) if row[0] != accessview.REMEMBERED or table is not tables.meta] for one in (store, sample)
        )
        assert mine == theirs, table.name  # the view is the same question in each engine's words
    store.close()


def test_a_row_can_be_added_on_every_engine_after_the_build(engine_url: str) -> None:
    """PostgreSQL's counters know nothing of numbers that were inserted by hand, unless they are told."""
    store = Store(parse_url(engine_url))
    build(store)
    with store.writer.begin() as conn:
        log = company.tables["activity_log"]
        done = conn.execute(log.insert().values(at=datetime(2026, 11, 1), actor="test", text="test"))
        assert done.inserted_primary_key == (conn.execute(select(func.max(log.c.id))).scalar_one(),)
    store.close()


def test_another_seed_makes_other_people(tmp_path: Path, sample: Store) -> None:
    path = tmp_path / "other.db"
    path.touch()
    other = Store(parse_url(str(path)))
    build(other, seed=7)
    assert column(other, "customers.last_name") != column(sample, "customers.last_name")
    assert customer(other, people.IREM).email == customer(sample, people.IREM).email
    other.close()


def test_a_second_build_into_one_database_changes_nothing(moved: Store) -> None:
    before = {table.name: rows(moved, table) for table in EVERY}
    with pytest.raises(Conflict):
        build(moved)
    assert {table.name: rows(moved, table) for table in EVERY} == before


def test_the_command_writes_the_same_bytes_twice_and_leaves_nothing_beside(tmp_path: Path) -> None:
    for name in ("a.db", "b.db"):
        subprocess.run([sys.executable, "-m", "core.sample", str(tmp_path / name)], check=True, cwd=ROOT)
    assert (tmp_path / "a.db").read_bytes() == (tmp_path / "b.db").read_bytes()
    assert {file.name for file in tmp_path.iterdir()} == {"a.db", "b.db"}


# ---- Nobody exists ----------------------------------------------------------------------------------------------------


def test_every_address_is_on_a_reserved_domain(sample: Store) -> None:
    found = [(t, c, hit) for t, c, value in cells(sample) for hit in ADDRESS.findall(str(value))]
    assert len(found) > 4000
    assert [where for where in found if not RESERVED.search(where[2].rpartition("@")[2])] == []


@pytest.mark.parametrize("name", ["domains.name", "services.domain"])
def test_every_web_address_is_on_a_reserved_domain(sample: Store, name: str) -> None:
    real = [v for v in column(sample, name) if v != "*****" and not re.fullmatch(r"[0-9a-f]{32}", v)]
    assert len(real) > 250
    assert [v for v in real if not RESERVED.search(v)] == []


def test_identity_numbers_are_valid_and_from_the_lowest_block(sample: Store) -> None:
    found = [v for v in column(sample, "customers.identity_no") if v]
    assert len(found) > 200
    assert len(set(found)) == len(found)
    assert all(tckimlik.is_valid(v) and v.startswith("10000") and v != "10000000146" for v in found)


def test_tax_numbers_are_valid_and_below_the_issued_ones(sample: Store) -> None:
    found = [v for v in column(sample, "customers.tax_no") if v]
    assert len(found) > 50
    assert all(vkn.is_valid(v) and v.startswith("0000") for v in found)


def test_ibans_are_valid_and_of_no_bank(sample: Store) -> None:
    found = {v for v in column(sample, "payments.iban") if v and v != "*****"}
    assert len(found) > 100
    assert all(iban.is_valid(v) and v[4:9] == "99999" for v in found)


def test_phones_are_valid_and_pagers(sample: Store) -> None:
    found = [v for v in column(sample, "customers.phone") if v and v != "*****"]
    assert len({re.sub(r"\d", "9", v) for v in found}) >= 4, "several spellings"
    for text in found:
        number = phonenumbers.parse(text, "TR")
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PAGER


def test_addresses_of_machines_are_of_the_documentation_ranges(sample: Store) -> None:
    for name in ("signin_log.ip", "sessions.ip", "ticket_replies.ip"):
        ranges = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
        assert all(v.startswith(ranges) for v in column(sample, name) if v)


# ---- The special cases ------------------------------------------------------------------------------------------------


def test_two_customers_have_one_name_and_nothing_else_in_common(sample: Store) -> None:
    first, second = (customer(sample, number) for number in people.NAMESAKES)
    assert (first.first_name, first.last_name) == (second.first_name, second.last_name)
    assert first.email != second.email
    assert first.phone != second.phone
    names = Counter(zip(column(sample, "customers.first_name"), column(sample, "customers.last_name"), strict=True))
    assert {name for name, count in names.items() if count > 1} == {(first.first_name, first.last_name), ("*****", "*****")}


def test_one_address_is_the_end_of_another(sample: Store) -> None:
    short, long = (customer(sample, number).email for number in people.SUPERSTRING)
    assert long.endswith(short)
    assert long != short


def test_two_customers_share_one_address_row_and_nobody_else_does(sample: Store) -> None:
    ties = company.tables["customer_addresses"]
    with sample.reading() as conn:
        query = select(ties.c.address_id).group_by(ties.c.address_id).having(func.count() > 1)
        shared = conn.execute(query).scalars().all()
        owners = conn.execute(select(ties.c.customer_id).where(ties.c.address_id.in_(shared))).scalars().all()
    assert len(shared) == 1
    assert sorted(owners) == list(people.HOUSEHOLD)


def test_two_customers_share_a_phone_and_a_contact_has_anothers_email(sample: Store) -> None:
    first, second = (phonenumbers.parse(customer(sample, number).phone, "TR") for number in people.ONE_PHONE)
    assert first == second
    lender, borrower = people.CONTACT_EMAIL
    assert customer(sample, lender).email in [row.email for row in owned(sample, "contacts", borrower)]


def test_customers_are_referred_by_others_and_one_by_itself(sample: Store) -> None:
    assert {number: customer(sample, number).referred_by for number in people.REFERRED} == people.REFERRED
    assert people.REFERRED[63] == 63


def test_a_former_email_stands_on_old_invoices_and_mails_only(sample: Store) -> None:
    now = customer(sample, people.FORMER_EMAIL).email
    old = {row.billing_email for row in owned(sample, "invoices", people.FORMER_EMAIL)} - {now}
    assert len(old) == 1
    assert old < set(column(sample, "mail_log.recipient"))


def test_the_hostile_name_is_the_last_customer(sample: Store) -> None:
    last = customer(sample, max(column(sample, "customers.id")))
    assert last.id == people.HOSTILE
    assert all(sign in last.first_name + last.last_name for sign in ("[/bold]", "\x1b", "\n", "\x07", "[@click="))


def test_logs_have_names_in_turkish_capitals_and_without_turkish_letters(sample: Store) -> None:
    text = "\n".join(column(sample, "activity_log.text") + column(sample, "ticket_replies.message"))
    assert "İ" in text
    names = column(sample, "customers.last_name")
    assert any(people.upper(name) in text and people.upper(name) != name.upper() for name in names)
    assert any(people.plain(name) in text and people.plain(name) != name for name in names)
    assert any("İ" in v for v in column(sample, "mail_log.recipient"))


def test_free_text_repeats_the_customers_own_phone_and_email(sample: Store) -> None:
    who = customer(sample, people.SEVEN)
    tickets = [row.id for row in owned(sample, "tickets", people.SEVEN)]
    replies = company.tables["ticket_replies"]
    with sample.reading() as conn:
        said = "\n".join(conn.execute(select(replies.c.message).where(replies.c.ticket_id.in_(tickets))).scalars())
    assert who.email in said


def test_a_phone_is_a_number_and_a_document_holds_personal_paths(sample: Store) -> None:
    assert all(isinstance(v, int) for v in column(sample, "sms_log.phone"))
    paths = [v for v in column(sample, "customers.preferences") if v]
    assert all({"contact", "addresses"} <= set(v) for v in paths)


def test_drafts_have_no_number_and_customer_seven_has_one(sample: Store) -> None:
    invoices = rows(sample, company.tables["invoices"])
    drafts = [row for row in invoices if row[2] is None]
    assert drafts
    assert all(row[3] == "draft" and row[4] is None for row in drafts)
    assert people.SEVEN in {row[1] for row in drafts}


# ---- Requests ---------------------------------------------------------------------------------------------------------


def test_requests_are_in_every_state_and_account_standing(sample: Store) -> None:
    found = rows(sample, tables.requests)
    assert {row.state for row in CASES} == {State(row[12]) for row in found} == set(State)
    waiting = [case for case in CASES if case.state is State.PENDING]
    assert {(bool(c.active), bool(c.unpaid)) for c in waiting} == {(a, u) for a in (False, True) for u in (False, True)}
    due = [row[9] for row in found if row[12] == "pending"]
    assert min(due) < REFERENCE_DAY < max(due)


def test_the_newest_request_tells_the_standing_of_the_account(sample: Store) -> None:
    newest = {case.customer: case for case in CASES}
    for number, case in newest.items():
        if case.outcome in (None, "access"):
            running = [row for row in owned(sample, "services", number) if row.status in ("active", "suspended")]
            unpaid = [row for row in owned(sample, "invoices", number) if row.status in ("unpaid", "overdue")]
            assert (len(running), len(unpaid)) == (case.active, case.unpaid), number


def test_resolved_requests_look_resolved(sample: Store) -> None:
    assert [customer(sample, number) for number in ERASED] == [None] * len(ERASED)
    for number in (*MASKED, *BLOCKED):
        who = customer(sample, number)
        assert (who.status, who.password_hash, who.remember_token) == ("blocked", "!", None)
        assert (who.first_name == "*****") == (number in MASKED)
        assert not owned(sample, "sessions", number)
        assert not owned(sample, "api_tokens", number)


def test_nothing_of_an_erased_or_masked_customer_is_left_in_any_cell(sample: Store) -> None:
    everybody = people.people(2026, REFERENCE_DAY)
    gone = [everybody[number - 1] for number in (*ERASED, *MASKED)]
    needles = {v for who in gone for v in (*spoken(who).values(), who.phone, who.identity_no, who.user_name) if v}
    needles -= {name for who in everybody if who not in gone for name in spoken(who).values()}
    hits = [(t, c) for t, c, value in cells(sample) for v in needles if v in str(value)]
    assert hits == []


def test_the_audit_chain_verifies_and_tells_of_every_request(sample: Store) -> None:
    with sample.reading() as conn:
        verified = chain.verify(conn, (), None, sample.clock())
    assert verified.entries > 100
    told = {row[4] for row in rows(sample, tables.audit)}
    assert {row[0] for row in rows(sample, tables.requests)} <= told


def test_nothing_needs_a_key_file(sample: Store) -> None:
    for table in (tables.keys, tables.blacklist, tables.tombstones):
        assert rows(sample, table) == []
    with sample.reading() as conn:
        sealed = conn.execute(select(tables.outbox.c.key_id, tables.outbox.c.sealed)).all()
    assert set(map(tuple, sealed)) <= {(None, None)}


# ---- The map ----------------------------------------------------------------------------------------------------------


def test_every_column_is_judged_in_the_map() -> None:
    """Read with tomllib alone, so that the loader's own idea of completeness is not what is trusted."""
    document = tomllib.loads(MAP.read_text(encoding="utf-8"))
    whole = {name for entry in document["not_personal"] for name in entry["tables"]}
    assert whole | set(document["tables"]) == set(company.tables)
    for name, part in document["tables"].items():
        judged = set(part.get("columns", {})) | {c for entry in part.get("not_personal", []) for c in entry["columns"]}
        judged |= {part["keyed"][side] for side in ("key", "value")} if "keyed" in part else set()
        assert judged == set(company.tables[name].c.keys()), name
    assert all(entry["because"] for part in document["tables"].values() for entry in part.get("not_personal", []))
    assert 2 <= len(document["outside"]) <= 3


def test_the_map_is_proven_against_every_engine(engine_url: str) -> None:
    store = Store(parse_url(engine_url))
    company.create_all(store.writer)
    with store.reading() as conn:
        proof = Atlas(shipped_map(), store.name).proof(conn)
    assert proof.problems == ()
    store.close()


# ---- Dates ------------------------------------------------------------------------------------------------------------


def dated(table: Table) -> set[str]:
    return {c.name for c in table.c if isinstance(c.type, Date | DateTime | Moment) and (table.name, c.name) not in STAYS}


def test_dates_move_by_whole_days_on_every_engine(engine_url: str, sample: Store) -> None:
    store = Store(parse_url(engine_url))
    build(store)
    days = shift_dates(store, LATER)
    assert days == (LATER - REFERENCE_DAY).days
    for table in company.sorted_tables:
        moving = dated(table)
        wanted = sorted((_later(table, row, moving, days) for row in rows(sample, table)), key=repr)
        assert rows(store, table) == wanted, table.name
    store.close()


def _later(table: Table, row: tuple[Any, ...], moving: set[str], days: int) -> tuple[Any, ...]:
    by = timedelta(days=days)
    return tuple(v + by if c.name in moving and v is not None else v for c, v in zip(table.c, row, strict=True))


def test_our_own_dates_move_and_the_chain_stays_whole(moved: Store, sample: Store) -> None:
    shift_dates(moved, LATER)
    assert rows(moved, tables.audit) == rows(sample, tables.audit)
    before, after = rows(sample, tables.requests), rows(moved, tables.requests)
    assert [row[8] + timedelta(days=(LATER - REFERENCE_DAY).days) for row in before] == [row[8] for row in after]
    with moved.reading() as conn:
        chain.verify(conn, (), None, moved.clock())


def test_moving_there_and_back_gives_the_sample_again(moved: Store, sample: Store) -> None:
    shift_dates(moved, LATER)
    assert shift_dates(moved, LATER) == 0
    shift_dates(moved, REFERENCE_DAY)
    for table in EVERY:
        assert rows(moved, table) == rows(sample, table), table.name


@pytest.mark.parametrize("made", [False, True], ids=["an empty file", "our tables alone"])
def test_dates_of_another_database_are_never_moved(tmp_path: Path, made: bool) -> None:
    path = tmp_path / "real.db"
    path.touch()
    store = Store(parse_url(str(path)))
    if made:
        tables.metadata.create_all(store.writer)
    with pytest.raises(UsageError, match="not-a-sample"):
        shift_dates(store, LATER)
    store.close()
