"""Rows that a run reads ahead, page by page: what comes of it is what single resolutions do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Kind, NewRequest, Resolution, ResolveOptions, Wanted
from core.store import ahead
from core.store.ahead import Ahead

SURE = ResolveOptions(notify=False, force="test", reason="test")
CUSTOMERS = [str(key) for key in range(247, 255)]


@pytest.fixture
def twin(desk: Desk, target: Target, copies: Callable[..., str], servers: Any, engine_name: str, clock: Any, actor: Actor) -> Any:
    """A second desk on another copy of the sample, with the same key file."""
    url = copies(engine_name, "sample", lambda _url: None)
    with Desk(Target(url, "sample", target.key_file, "--db", "en"), actor=actor, clock=clock) as other:
        yield other
    servers.drop(engine_name, url)


def file_all(desk: Desk, kind: Kind) -> tuple[int, ...]:
    with desk.store.reading() as conn:
        open_ones = {row[0]: row[1] for row in conn.execute(text("SELECT open_customer, number FROM kvkk_requests"))}
    return tuple(open_ones.get(key) or desk.requests.add(desk.actor, NewRequest(key, kind)).number for key in CUSTOMERS)


def company(desk: Desk) -> dict[str, list[str]]:
    """Every mapped table, what masks draw at random told alike."""
    found = {}
    with desk.store.reading() as conn:
        for name in desk.context.atlas.map.tables:
            rows = conn.execute(text(f"SELECT * FROM {name}")).all()
            found[name] = sorted(re.sub(r"[0-9a-f]{8,}", "#", repr(tuple(row))) for row in rows)
    return found


@pytest.mark.parametrize("resolution", [Resolution(mask=True), Resolution(erase=True)], ids=["mask", "erase"])
@pytest.mark.parametrize("most", [ahead.MOST, 2], ids=["ahead", "too-many"])
def test_a_run_leaves_the_company_as_single_resolutions_do(
    desk: Desk, twin: Desk, resolution: Resolution, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if most == 2 and desk.store.name != "sqlite":
        pytest.skip("the same on each engine")
    monkeypatch.setattr(ahead, "MOST", most)
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    done: dict[int, str] = {}
    end = desk.bulk.resolve(desk.actor, Wanted(file_all(desk, kind)), resolution, SURE)
    for number in file_all(twin, kind):
        done[number] = twin.resolutions.resolve(twin.actor, number, resolution, SURE).grade
    assert (end.row.failed, end.row.done, end.found_after) == (0, len(done), ())
    assert len(done) == len(CUSTOMERS)
    assert company(desk) == company(twin)
    for number, grade in done.items():
        assert desk.papers.certificate(desk.actor, number, "en").certificate.grade.value == grade


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_rows_that_another_request_of_the_page_has_blanked_are_read_anew(desk: Desk) -> None:
    """Both quote each other: the second must not write back what the first has taken out."""
    with desk.store.alone() as conn:
        mails: dict[int, str] = dict(conn.execute(text("SELECT id, email FROM customers WHERE id IN (252, 253)")).all())
        note = text("INSERT INTO notes (about_type, about_id, author, text, written_at) VALUES ('customer', :c, 'ayse', :t, '2026-01-01')")
        for own, other in ((252, 253), (253, 252)):
            conn.execute(note, {"c": own, "t": f"From {mails[own]}, see {mails[other]}."})
    numbers = tuple(desk.requests.add(desk.actor, NewRequest(key, Kind.ANONYMISE)).number for key in ("252", "253"))
    end = desk.bulk.resolve(desk.actor, Wanted(numbers), Resolution(mask=True), SURE)
    assert (end.row.done, end.found_after) == (2, ())
    with desk.store.reading() as conn:
        left = [m for m in conn.execute(text("SELECT text FROM notes")).scalars() if any(mail in m for mail in mails.values())]
    assert left == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_was_read_is_given_once_and_not_after_others_rows_have_changed(desk: Desk) -> None:
    with desk.store.reading() as conn:
        rows = Ahead(desk.context.atlas)
        rows.read(conn, ["252", "253", "254", "nobody"])
        first = rows.take("252")
        assert first is not None
        assert {"customers", "invoices", "invoice_lines"} <= set(first.tables)
        assert not {"addresses", "mail_log"} & set(first.tables)  # shared, or found by value
        assert first.known is not None
        assert rows.take("252") is None
        assert rows.take("nobody") is None
        rows.changed({"mail_log"})
        assert rows.take("253") is not None
        rows.changed({"tickets"})
        assert rows.take("254") is None


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_where_triggers_may_change_rows_nothing_is_read_ahead(desk: Desk) -> None:
    with desk.store.alone() as conn:
        conn.exec_driver_sql("CREATE TRIGGER copies AFTER UPDATE ON customers BEGIN SELECT 1; END")
    with desk.store.reading() as conn:
        rows = Ahead(desk.context.atlas)
        rows.read(conn, ["252", "253"])
        assert rows.take("252") is None


@pytest.mark.parametrize("engine_name", ["postgresql", "mariadb"])
def test_on_a_server_the_rows_stand_still_until_they_are_changed(desk: Desk) -> None:
    with desk.context.writing(desk.actor) as unit:
        rows = Ahead(desk.context.atlas)
        rows.read(unit.conn, ["252", "253"], lock=True)
        with desk.store.alone() as other, pytest.raises(DBAPIError):
            other.execute(text("SELECT id FROM invoices WHERE customer_id IN (252, 253) FOR UPDATE NOWAIT"))
