"""Holds to the end, on each engine: on the day, row by row, with addenda, and the customer's stub with the last of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from core.desk import Desk
from core.errors import Drift, KeyFileError
from core.model.certificate import Subject
from core.model.records import Actor, JobDone, Kind, NewRequest, Resolution, ResolveOptions
from core.store import blocks, tables

CUSTOMER = 3
"""Three issued invoices, of 2022, 2025 and 2026, and a draft."""
OTHER = 18
"""Another customer with issued invoices and no request."""
FORCED = ResolveOptions(force="test")
DAYS = {2022: date(2028, 1, 1), 2025: date(2031, 1, 1), 2026: date(2032, 1, 1)}
HELD = ("billing_name", "billing_address", "tax_office", "tax_no")
Resolved = Callable[..., int]


@pytest.fixture
def resolved(desk: Desk) -> Resolved:
    """Files a request and resolves it with invoices held for five years; returns its number."""

    def resolve(how: str, customer: int = CUSTOMER) -> int:
        desk.settings.set(desk.actor, "invoice-retention-years", "5")
        kind = Kind.ERASE if how == "erase" else Kind.ANONYMISE
        number = desk.requests.add(desk.actor, NewRequest(str(customer), kind)).number
        desk.resolutions.resolve(desk.actor, number, Resolution(mask=how == "mask", erase=how == "erase"), FORCED)
        return number

    return resolve


def on(clock: Any, day: date, hour: int = 9) -> None:
    clock.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def rows(desk: Desk, query: str) -> list[dict[str, Any]]:
    with desk.store.reading() as conn:
        return [dict(row._mapping) for row in conn.execute(text(query))]


def invoices(desk: Desk, customer: int = CUSTOMER) -> list[dict[str, Any]]:
    return rows(desk, f"SELECT * FROM invoices WHERE customer_id = {customer} ORDER BY id")


def lines(desk: Desk, table: str = "invoice_lines", customer: int = CUSTOMER) -> list[dict[str, Any]]:
    return rows(desk, f"SELECT l.* FROM {table} l JOIN invoices i ON i.id = l.invoice_id WHERE i.customer_id = {customer} ORDER BY l.id")


def master(desk: Desk, customer: int = CUSTOMER) -> list[dict[str, Any]]:
    return rows(desk, f"SELECT * FROM customers WHERE id = {customer}")


def years(found: list[dict[str, Any]]) -> list[int]:
    return sorted(int(str(row["issued_on"])[:4]) for row in found)


def execute(desk: Desk, statement: str) -> None:
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(text(statement))


def addenda(desk: Desk, number: int) -> list[Any]:
    return [one for one in desk.papers.certificate(desk.actor, number, "en").addenda if one.about is Subject.HOLD]


def test_an_erase_is_finished_year_by_year_and_the_stub_goes_with_the_last(desk: Desk, resolved: Resolved, clock: Any) -> None:
    number = resolved("erase")
    assert years(invoices(desk)) == [2022, 2025, 2026]
    assert [row["first_name"] for row in master(desk)] == ["*****"]
    with desk.store.reading() as conn:
        assert blocks.is_blocked(conn, str(CUSTOMER))
    on(clock, date(2027, 12, 31))
    assert desk.holds.finish(desk.actor) == JobDone()
    on(clock, DAYS[2022])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert years(invoices(desk)) == [2025, 2026]
    assert all(row["billing_name"] not in (None, "", "*****") for row in invoices(desk))
    on(clock, DAYS[2025])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert len(master(desk)) == 1
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert (invoices(desk), master(desk)) == ([], [])
    with desk.store.reading() as conn:
        assert not blocks.is_blocked(conn, str(CUSTOMER))
        for book in (tables.requests, tables.consents, tables.downloads):
            assert conn.execute(select(book).where(book.c.customer == str(CUSTOMER))).all() == []
    told = addenda(desk, number)
    assert [one.at.date() for one in told] == list(DAYS.values())
    assert {line.table: line.deleted for line in told[-1].tables}["customers"] == 1
    assert all(line.release_on == one.at.date() for one in told for line in one.holds)
    desk.audit.verify(desk.actor, None)
    assert desk.holds.finish(desk.actor) == JobDone()


def test_a_mask_is_finished_in_the_rows_that_were_held_and_the_books_still_add_up(desk: Desk, resolved: Resolved, clock: Any) -> None:
    before = {row["id"]: row for row in invoices(desk)}
    number = resolved("mask")
    texts = {row["id"]: row["description"] for row in lines(desk)}
    on(clock, DAYS[2025])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    for row in invoices(desk):
        old = before[row["id"]]
        assert (row["total"], row["status"], row["issued_on"]) == (old["total"], old["status"], old["issued_on"])
        if str(row["issued_on"]).startswith("2026"):
            assert [row[c] for c in HELD] == [old[c] for c in HELD]
        else:
            assert [row[c] for c in HELD] == ["*****", "*****", None, None]
    masked = {row["id"]: row["description"] for row in lines(desk)}
    kept = {row["id"] for row in lines(desk) if any(row["invoice_id"] == i["id"] and str(i["issued_on"]) > "2026" for i in invoices(desk))}
    assert {id_: said for id_, said in masked.items() if id_ in kept} == {id_: said for id_, said in texts.items() if id_ in kept}
    assert {said for id_, said in masked.items() if id_ not in kept} == {"*****"}
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert [row[c] for row in invoices(desk) for c in ("billing_name", "tax_no")] == ["*****", None] * 3
    assert {row["payer_name"] for row in lines(desk, "payments")} == {"*****"}
    assert len(master(desk)) == 1
    assert [sum(line.masked for line in one.tables) for one in addenda(desk, number)] == [7, 4]


def test_after_the_last_hold_nothing_of_the_customer_is_left(desk: Desk, resolved: Resolved, clock: Any) -> None:
    """The words of an invoice that was held, searched in every table, ours included."""
    values = {str(row[c]) for row in invoices(desk) for c in HELD if row[c] and c != "tax_office"}
    values |= {str(row["iban"]) for row in lines(desk, "payments") if row["iban"]}
    assert len(values) >= 3
    resolved("erase")
    on(clock, DAYS[2026])
    desk.holds.finish(desk.actor)
    with desk.store.reading() as conn:
        found = []
        for name in conn.dialect.get_table_names(conn):
            quoted = conn.dialect.identifier_preparer.quote(name)
            content = " ".join(repr(row) for row in conn.exec_driver_sql(f"SELECT * FROM {quoted}"))
            found += [(name, value) for value in values if value in content]
    # a shared address may stand in another customer's row; a whole person does not
    assert [name for name, _ in found if name.startswith("kvkk_") or name in ("invoices", "payments", "invoice_lines")] == []


def test_the_day_on_record_counts_whatever_the_setting_says_later(desk: Desk, resolved: Resolved, clock: Any) -> None:
    resolved("erase")
    for later in ("0", "10", "unset"):
        desk.settings.set(desk.actor, "invoice-retention-years", later)
        on(clock, date(2027, 12, 31))
        assert desk.holds.finish(desk.actor) == JobDone()
    on(clock, DAYS[2022])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert years(invoices(desk)) == [2025, 2026]


def test_the_day_begins_in_the_set_time_zone(desk: Desk, resolved: Resolved, clock: Any) -> None:
    resolved("mask")
    clock.now = datetime(2027, 12, 31, 20, 59, tzinfo=UTC)
    assert desk.holds.finish(desk.actor).done == 0
    clock.now = datetime(2027, 12, 31, 21, 0, tzinfo=UTC)  # midnight in Istanbul
    assert desk.holds.finish(desk.actor).done == 1


def test_a_row_that_the_company_has_deleted_is_told_as_gone(desk: Desk, resolved: Resolved, clock: Any) -> None:
    number = resolved("erase")
    first = invoices(desk)[0]["id"]
    for table in ("payments", "invoice_lines"):
        execute(desk, f"DELETE FROM {table} WHERE invoice_id = {first}")
    execute(desk, f"DELETE FROM invoices WHERE id = {first}")
    on(clock, DAYS[2022])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    [told] = addenda(desk, number)
    assert (told.gone, told.tables) == (3, ())
    assert "3 of these rows had been deleted or handed on before." in " ".join(
        desk.papers.certificate(desk.actor, number, "en").text.split()
    )
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor).done == 1
    assert master(desk) == []


def test_a_row_that_belongs_to_somebody_else_now_is_theirs(desk: Desk, resolved: Resolved, clock: Any) -> None:
    number = resolved("erase")
    moved = invoices(desk)[0]["id"]
    execute(desk, f"UPDATE invoices SET customer_id = {OTHER}, billing_name = 'Yeni Sahip' WHERE id = {moved}")
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    [theirs] = rows(desk, f"SELECT billing_name FROM invoices WHERE id = {moved}")
    assert theirs["billing_name"] == "Yeni Sahip"
    [told] = addenda(desk, number)
    assert told.gone == 3
    assert master(desk) == []


def test_a_company_that_deletes_the_stub_itself_loses_nothing_of_others(desk: Desk, resolved: Resolved, clock: Any) -> None:
    """The keys of its invoices are given anew to somebody else: these are not touched on the day."""
    number = resolved("erase")
    ids = [row["id"] for row in invoices(desk)]
    for table in ("payments", "invoice_lines"):
        execute(desk, f"DELETE FROM {table} WHERE invoice_id IN ({', '.join(map(str, ids))})")
    execute(desk, f"UPDATE invoices SET customer_id = {OTHER} WHERE id = {ids[0]}")
    execute(desk, f"DELETE FROM invoices WHERE customer_id = {CUSTOMER}")
    execute(desk, f"DELETE FROM customers WHERE id = {CUSTOMER}")
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert len(rows(desk, f"SELECT id FROM invoices WHERE id = {ids[0]}")) == 1
    assert addenda(desk, number)[0].gone == 11


def test_a_stub_without_its_block_is_found_by_its_token(desk: Desk, resolved: Resolved, clock: Any) -> None:
    resolved("erase")
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(delete(tables.blocks))
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert (invoices(desk), master(desk)) == ([], [])


def test_without_the_key_file_nothing_is_taken_for_gone(desk: Desk, resolved: Resolved, clock: Any) -> None:
    resolved("erase")
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(delete(tables.blocks))
    desk.key_file.rename(desk.key_file.with_suffix(".away"))
    on(clock, DAYS[2026])
    report = desk.holds.finish(desk.actor)
    assert [failure.code for failure in report.failed] == [KeyFileError("key-file-missing").code]
    assert len(invoices(desk)) == 3
    desk.key_file.with_suffix(".away").rename(desk.key_file)
    assert desk.holds.finish(desk.actor) == JobDone(done=1)


def test_a_dropped_key_hands_rows_of_somebody_to_staff(desk: Desk, resolved: Resolved, clock: Any) -> None:
    """Whether they are the same person's cannot be told any more: neither erased nor taken for gone."""
    number = resolved("erase")
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(delete(tables.blocks))
        unit.conn.execute(update(tables.requests).where(tables.requests.c.number == number).values(subject="f" * 64))
        unit.conn.execute(insert(tables.keys).values(key_id="0" * 16, state="dropped", since=unit.at))
    on(clock, DAYS[2026])
    report = desk.holds.finish(desk.actor)
    assert [(failure.code, failure.request) for failure in report.failed] == [("hold-owner-unknown", number)]
    assert len(invoices(desk)) == 3


def test_drift_is_reported_and_every_hold_waits(desk: Desk, resolved: Resolved, clock: Any) -> None:
    resolved("erase")
    with desk.store.alone() as conn:
        conn.exec_driver_sql("CREATE TABLE extras (id INTEGER PRIMARY KEY, customer_id INTEGER)")
    desk.context.atlas._read_at = 0.0  # as the next process would find it
    on(clock, DAYS[2026])
    with pytest.raises(Drift):
        desk.holds.finish(desk.actor)
    assert len(invoices(desk)) == 3
    report = desk.automation.run(desk.actor)
    told = [(job.name, failure.code, failure.problems[0][1]) for job in report.jobs for failure in job.failed]
    jobs = ("holds", "scrub") if desk.store.name == "sqlite" else ("holds",)  # a server's files are not ours to clean
    assert told == [(job, "drift", "drift-table") for job in jobs]
    assert report.exit_code == 7
    with desk.store.alone() as conn:
        conn.exec_driver_sql("DROP TABLE extras")
    desk.context.atlas._read_at = 0.0
    assert desk.automation.run(desk.actor).exit_code == 0
    assert invoices(desk) == []


def test_a_table_that_the_map_has_lost_is_reported_and_stops_no_other_request(desk: Desk, resolved: Resolved, clock: Any) -> None:
    first, second = resolved("erase"), resolved("mask", OTHER)
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(update(tables.holds).where(tables.holds.c.request == first).values(table_name="old_invoices"))
    on(clock, DAYS[2026])
    report = desk.holds.finish(desk.actor)
    assert (report.done, [(f.code, f.request) for f in report.failed]) == (1, [("hold-unmapped", first)])
    assert addenda(desk, second)
    assert {row["billing_name"] for row in invoices(desk, OTHER) if row["number"]} == {"*****"}


def test_a_mask_and_a_later_erase_of_the_same_rows_both_end(desk: Desk, resolved: Resolved, clock: Any) -> None:
    first, second = resolved("mask"), resolved("erase")
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor) == JobDone(done=2)
    assert (invoices(desk), master(desk)) == ([], [])
    assert [len(addenda(desk, number)) for number in (first, second)] == [1, 1]
    assert all(told.gone == 0 for told in addenda(desk, first))


def test_an_invoice_issued_to_a_stub_holds_on_until_its_own_day(desk: Desk, resolved: Resolved, clock: Any) -> None:
    resolved("erase")
    free = rows(desk, "SELECT max(id) + 1 AS id FROM invoices")[0]["id"]
    old = invoices(desk)[0] | {"id": free, "number": "S-LATE", "issued_on": "2030-05-05", "due_on": "2030-06-05"}
    with desk.context.writing(desk.actor) as unit:
        names = ", ".join(old)
        unit.conn.execute(text(f"INSERT INTO invoices ({names}) VALUES ({', '.join(':' + c for c in old)})"), old)
    on(clock, DAYS[2026])
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert [row["id"] for row in invoices(desk)] == [free]
    assert len(master(desk)) == 1
    on(clock, date(2036, 1, 1))
    assert desk.holds.finish(desk.actor) == JobDone(done=1)
    assert (invoices(desk), master(desk)) == ([], [])


def test_a_request_filed_for_a_stub_can_only_be_closed_when_it_is_gone(desk: Desk, resolved: Resolved, clock: Any) -> None:
    resolved("erase")
    late = desk.requests.add(desk.actor, NewRequest(str(CUSTOMER), Kind.ERASE)).number
    on(clock, DAYS[2026])
    desk.holds.finish(desk.actor)
    with desk.store.reading() as conn:
        row = conn.execute(select(tables.requests).where(tables.requests.c.number == late)).one()
    assert (row.customer, row.open_customer, row.state) == (None, None, "pending")
    assert desk.requests.reject(desk.actor, late, "erased meanwhile").state == "rejected"


def test_the_files_are_cleaned_after_a_hold_too(desk: Desk, resolved: Resolved, clock: Any) -> None:
    books = invoices(desk)
    desk.settings.set(desk.actor, "scrub", "off")
    number = resolved("erase")
    desk.settings.set(desk.actor, "scrub", "run")
    on(clock, DAYS[2026])
    desk.holds.finish(desk.actor)
    with desk.store.reading() as conn:
        waiting = conn.execute(select(tables.scrubs).where(tables.scrubs.c.request == number)).all()
    assert len(waiting) == 1
    assert {"invoices", "customers"} <= set(json.loads(waiting[0].tables))
    tax = next(row["tax_no"] for row in books if row["tax_no"])
    assert tax in json.loads(desk.context.keyring.held()[-1].open(bytes(waiting[0].sealed)))


def test_values_that_would_stay_in_a_finished_row_are_reported(desk: Desk, resolved: Resolved, clock: Any) -> None:
    """Somebody has meanwhile copied the tax number of a held invoice into a column that the map calls not personal."""
    number = resolved("mask")
    first = next(row for row in invoices(desk) if row["tax_no"])
    execute(desk, f"UPDATE invoices SET number = '{first['tax_no']}' WHERE id = {first['id']}")
    on(clock, DAYS[2026])
    report = desk.holds.finish(desk.actor)
    assert report.done == 1
    assert [(f.code, f.request, dict(f.facts)["cells"]) for f in report.failed] == [("hold-remains", number, 1)]
    last = desk.papers.certificate(desk.actor, number, "en").addenda[-1]
    assert (last.about, last.levels[0].status, last.levels[0].hits) == (Subject.REREAD, "found", 1)
    assert desk.holds.finish(desk.actor) == JobDone()


def test_whoever_comes_second_finds_nothing_to_do(desk: Desk, resolved: Resolved, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run finishes the request between our look at the list and our transaction."""
    resolved("erase")
    on(clock, DAYS[2026])
    again = [True]

    def other() -> None:
        if again.pop() if again else False:
            with Desk(desk.target, actor=Actor("mehmet", "other.example"), clock=clock) as theirs:
                assert theirs.holds.finish(theirs.actor).done == 1

    monkeypatch.setattr(desk.context, "between", other)
    assert desk.holds.finish(desk.actor) == JobDone()
