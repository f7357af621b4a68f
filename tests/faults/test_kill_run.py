"""SIGKILL anywhere in `kvkk run`: no job is half done, no message lost, and the next run finishes.

The database has work for every job: a request to mask and one to erase by themselves, a hold whose day has come, reminders,
a report, files to clean, mail. KVKK_TEST_LONG=1 kills on each engine
at every point of the writing connection (KVKK_TEST_STEP=10: every tenth); else at some, on SQLite.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Kind, NewRequest, Resolution, ResolveOptions
from core.sample import build
from core.store import tables
from core.store.engine import Store, parse_url

LONG = os.environ.get("KVKK_TEST_LONG") == "1"
STEP = int(os.environ.get("KVKK_TEST_STEP", "1"))
SOME = 2
RUN_AT = 62 * 24 * 60
"""Minutes from the day of the sample to 2 January 2027, when invoices of 2025 are held no longer."""
DEAD, AGAIN = RUN_AT + 16, RUN_AT + 90
"""When a dead sender's claims are found, and when what is uncertain is sent again."""
NOON = datetime(2026, 11, 1, 9, tzinfo=UTC)
HELD = "3"
"""A customer with an issued invoice of 2025."""


def closed(desk: Desk) -> list[str]:
    """Two customers without an open request, an active service or an unpaid invoice."""
    query = (
        "SELECT id FROM customers c WHERE status = 'active'"
        " AND NOT EXISTS (SELECT 1 FROM services s WHERE s.customer_id = c.id AND s.status IN ('active', 'suspended'))"
        " AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.customer_id = c.id AND i.status IN ('unpaid', 'overdue')) ORDER BY id DESC"
    )
    with desk.store.reading() as conn:
        taken = set(conn.execute(select(tables.requests.c.customer)).scalars())
        return [str(key) for key in conn.execute(text(query)).scalars() if str(key) not in taken][:2]


def fill(url: str, key: Path) -> None:
    """The sample, with work for every job two months later."""
    store = Store(parse_url(url), lambda: NOON)
    build(store)
    store.close()
    settings = {"smtp-host": "localhost", "smtp-tls": "off", "mail-from": "kvkk@firma.example"}
    settings |= {"invoice-retention-years": "1", "scrub": "off"}
    with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example"), clock=lambda: NOON) as desk:
        open_ones = "state IN ('pending', 'approved') AND number <> 23"  # they would take the test's time
        with desk.context.writing(desk.actor) as unit:
            unit.conn.execute(text(f"UPDATE kvkk_requests SET state = 'cancelled', open_customer = NULL WHERE {open_ones}"))
            unit.conn.execute(text("DELETE FROM kvkk_outbox"))
        for name, value in settings.items():
            desk.settings.set(desk.actor, name, value)
        held = desk.requests.add(desk.actor, NewRequest(HELD, Kind.ERASE)).number
        desk.resolutions.resolve(desk.actor, held, Resolution(erase=True), ResolveOptions(force="test", notify=False))
        one, two = closed(desk)
        for who, kind in ((one, Kind.ANONYMISE), (two, Kind.ERASE)):
            desk.requests.add(desk.actor, NewRequest(who, kind))
        later = {"staff-mail": "ekip@firma.example", "auto-resolve": "as-requested"} | ({"scrub": "run"} if desk.store.file else {})
        for name, value in later.items():
            desk.settings.set(desk.actor, name, value)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"] if LONG else ["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def filled() -> dict[str, Path]:
    """The folder of the key that `fill` made, by engine."""
    return {}


class Office:
    """The office on one engine: copies of it, killed and brought to an end."""

    def __init__(self, crew: Any, tools: Any, new: Any, port: int, keys: Path, folder: Path) -> None:
        self.crew, self.tools, self._new, self._port, self._keys, self.folder = crew, tools, new, port, keys, folder

    def new(self, name: str) -> tuple[str, Path]:
        """A copy with its own folder of key and tombstones."""
        shutil.copytree(self._keys, self.folder / name)
        url, key = self._new(), self.folder / name / "kvkk.key"
        with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example"), clock=lambda: NOON) as desk:
            desk.settings.set(desk.actor, "smtp-port", str(self._port))
        return url, key

    def run(self, url: str, key: Path, later: int, **more: Any) -> Any:
        return self.crew.one({"database": url, "key": str(key), "verb": "run", "args": {}, "later": later} | more)

    def finish(self, url: str, key: Path) -> None:
        """What the timer does in the next hours. A dead run's lease has ended: here by hand, as a server's clock does not jump."""
        self.tools.execute(url, "DELETE FROM kvkk_leases")
        for later in (DEAD, AGAIN):
            if later == DEAD or {"sending", "unknown"} & set(messages(url).values()):
                told = self.run(url, key, later)
                assert told["value"]["busy"] is None
                assert set(told["value"]["failed"]) <= {"messages-unknown"}, told


@pytest.fixture
def office(
    crew: Any, tools: Any, copies: Any, servers: Any, engine_name: str, box: Any, filled: Any, tmp_path: Path, tmp_path_factory: Any
) -> Iterator[Office]:
    made: list[str] = []

    def fill_once(url: str) -> None:
        keys = tmp_path_factory.mktemp("office")
        fill(url, keys / "kvkk.key")
        filled[engine_name] = keys

    def new() -> str:
        made.append(copies(engine_name, "office", fill_once))
        return made[-1]

    new()  # fills the template
    yield Office(crew, tools, new, box.port, filled[engine_name], tmp_path)
    for url in made:
        servers.drop(engine_name, url)


def messages(url: str) -> dict[str, str]:
    """Message-ID → state."""
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        found = {row.message_id: row.state for row in conn.execute(select(tables.outbox))}
    engine.dispose()
    return found


def deeds(url: str) -> Counter[tuple[str, int | None]]:
    """(verb, request) of every audit entry, without those that tell of the sending."""
    engine = create_engine(parse_url(url))
    book = tables.audit
    with engine.connect() as conn:
        rows = conn.execute(select(book.c.verb, book.c.request, func.count()).group_by(book.c.verb, book.c.request)).all()
    engine.dispose()
    return Counter({(verb, request): count for verb, request, count in rows if not verb.startswith("notice.")})


def verify(url: str, key: Path) -> None:
    with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)


def test_killed_anywhere_the_next_run_finishes(office: Office, box: Any, tools: Any, record_property: Any) -> None:
    arrived = box.ids
    url, key = office.new("whole")
    before = tools.snapshot(url)
    whole = office.run(url, key, RUN_AT, at=-1)
    assert whole["value"]["failed"] == []
    busy = {name for name, done in whole["value"]["done"].items() if done}
    assert busy >= {"holds", "auto-resolve", "reminders", "messages", "report"}, busy
    one, (second, second_key) = tools.snapshot(url), office.new("second")
    office.run(second, second_key, RUN_AT)
    reference = tools.reference(before, one, tools.snapshot(second))
    wanted, sent = deeds(url), Counter(messages(url).values())
    points = whole["points"]
    record_property("points", len(points))
    every = [place for place, point in enumerate(points) if point[0] == "writer"]
    for at in every[::STEP] if LONG else [every[(2 * n + 1) * len(every) // (2 * SOME)] for n in range(SOME)]:
        arrived.clear()
        url, key = office.new(str(at))
        killed = office.run(url, key, RUN_AT, at=at)
        assert killed["signal"] == signal.SIGKILL, (points[at], killed)
        left = messages(url)
        office.finish(url, key)
        after = tools.snapshot(url)
        assert reference.as_planned(after) == [], points[at]
        missing = wanted - deeds(url)  # what is measured after the COMMIT: whoever is killed there has not measured it
        assert deeds(url) - wanted == Counter(), points[at]
        assert missing.total() <= 1, points[at]
        assert {verb for verb, _ in missing} <= {"certificate.reread"}, points[at]
        now = messages(url)
        assert Counter(now.values()) == sent, points[at]
        for message, count in Counter(arrived).items():
            assert count == 1 or left.get(message) == "sending", "twice only where nobody could know"
        assert set(arrived) == set(now)
        verify(url, key)
