"""Staff and timers on two nodes of one Galera cluster at once: row locks are per node, so the second hears of the first at COMMIT.

Whoever is refused there (1213 from certification) begins anew and then meets what the first has done: it is done once, told
plainly, and never half. Needs two nodes, which no ordinary test host has: KVKK_TEST_GALERA names their URLs, a comma between
them; each of a login that may create databases. docs/reliability.md says how to bring a cluster up.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text, update

from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.sample import build
from core.store import outbox, tables
from core.store.engine import Store, parse_url

NODES = [node for node in os.environ.get("KVKK_TEST_GALERA", "").split(",") if node]
pytestmark = pytest.mark.skipif(len(NODES) < 2, reason="needs two nodes of a Galera cluster: KVKK_TEST_GALERA")
PLACES = (15, 16, 21, 23, 24)
"""Which of the sample's requests wait to be answered. Their numbers are others here: each node counts in steps of its own."""


@pytest.fixture
def nodes() -> Iterator[list[str]]:
    """One sample database, as each node gives it."""
    name = f"kvkk_test_{secrets.token_hex(6)}"
    admin = create_engine(parse_url(NODES[0]), isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    urls = [parse_url(node).set(database=name).render_as_string(hide_password=False) for node in NODES]
    store = Store(parse_url(urls[0]))
    build(store)
    store.close()
    yield urls
    with admin.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name}"))
    admin.dispose()


def job(url: str, key: Path, verb: str, args: dict[str, Any] | None = None, account: str = "ayse", **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": verb, "args": args or {}, "account": account} | more


def open_desk(url: str, key: Path) -> Desk:
    return Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example"))


def verify(urls: list[str], key: Path, account: str = "ayse") -> None:
    """The chain is whole, and the same on every node."""
    ends = set()
    for url in urls:
        with open_desk(url, key) as desk:
            desk.audit.verify(Actor(account, "desk.example"), None)
            with desk.context.reading() as conn:
                ends.add(conn.execute(select(tables.audit_head.c.seq, tables.audit_head.c.hash)).one())
    assert len(ends) == 1, ends


def count(url: str, *where: Any) -> int:
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        found: int = conn.execute(select(func.count()).select_from(tables.audit).where(*where)).scalar_one()
    engine.dispose()
    return found


def waiting(url: str) -> list[int]:
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        every = list(conn.execute(select(tables.requests.c.number).order_by(tables.requests.c.number)).scalars())
    engine.dispose()
    return [every[place - 1] for place in PLACES]


@pytest.mark.parametrize("kind", ["mask", "erase"])
def test_staff_on_both_nodes_resolve_the_same_request(crew: Any, nodes: list[str], tmp_path: Path, kind: str) -> None:
    key = tmp_path / "kvkk.key"
    for number in waiting(nodes[0]):
        failed = (tables.audit.c.verb == "request.failed", tables.audit.c.request == number)
        before = count(nodes[0], *failed)
        args = {"kind": kind, "number": number, "blacklist": True}
        answers = crew.run(*(job(url, key, "resolve", args, f"staff{n}") for n, url in enumerate(nodes)), together=True)
        winners = [n for n, answer in enumerate(answers) if "value" in answer]
        assert len(winners) == 1, answers
        for answer in answers:
            if "value" not in answer:
                assert (answer["error"]["code"], answer["error"]["exit"]) == ("already-decided", 5), answer
                assert answer["error"]["facts"]["by"] == f"staff{winners[0]}@desk.example"
        assert count(nodes[0], tables.audit.c.verb == "request.resolve", tables.audit.c.request == number) == 1
        assert count(nodes[0], *failed) == before
    verify(nodes, key)


def test_different_requests_on_both_nodes_all_succeed(crew: Any, nodes: list[str], tmp_path: Path) -> None:
    key = tmp_path / "kvkk.key"
    jobs = [
        job(nodes[place % len(nodes)], key, "resolve", {"kind": "mask", "number": number, "blacklist": True}, f"staff{place}")
        for place, number in enumerate(waiting(nodes[0]))
    ]
    answers = crew.run(*jobs, together=True)
    assert [answer.get("error") for answer in answers] == [None] * len(PLACES)
    verify(nodes, key)


def test_settings_set_on_both_nodes(crew: Any, nodes: list[str], tmp_path: Path) -> None:
    key = tmp_path / "kvkk.key"
    jobs = [job(url, key, "setting", {"key": "near-days", "value": str(value)}) for value in range(3, 7) for url in nodes[:2]]
    answers = crew.run(*jobs, together=True)
    assert [answer.get("error") for answer in answers] == [None] * len(jobs)
    told = {answer["value"] for answer in answers}
    assert set(map(str, told)) == set("3456")
    now = set()
    for url in nodes:
        with open_desk(url, key) as desk:
            now.add(desk.settings.get(desk.actor, "near-days"))
    assert len(now) == 1
    verify(nodes, key)


def test_kvkk_run_on_both_nodes_sends_each_message_once(crew: Any, nodes: list[str], tmp_path: Path, box: Any) -> None:
    key = tmp_path / "kvkk.key"
    with open_desk(nodes[0], key) as desk:
        mail = {"smtp-host": "localhost", "smtp-port": str(box.port), "smtp-tls": "off", "mail-from": "kvkk@firma.example"}
        for name, value in mail.items():
            desk.settings.set(desk.actor, name, value)
        facts = {"name": "Ali", "kind": "erase", "received_on": "2026-11-01", "due_on": "2026-12-01"}
        with desk.context.writing(desk.actor) as unit:
            unit.conn.execute(tables.outbox.delete())
            unit.record("test.queue")
            wanted = [outbox.queue(unit, desk.context.keyring, "received", 23, "tr", f"a{n}@ornek.example", facts) for n in range(10)]
    answers = crew.run(*(job(url, key, "run", account=f"cron{n}") for n, url in enumerate(nodes)), together=True)
    busy = [answer["value"]["busy"] for answer in answers]
    assert all(answer["value"]["failed"] == [] for answer in answers), answers
    assert Counter(box.ids) == Counter(wanted)
    holder = next(f"cron{n}@desk.example" for n, one in enumerate(busy) if one is None)
    assert set(busy) <= {None, holder, ""}, "whoever did not work names who did (or nobody, when the first was done meanwhile)"
    verify(nodes, key)


def test_both_nodes_send_at_once_each_message_once(crew: Any, nodes: list[str], tmp_path: Path, box: Any) -> None:
    """Without the lease of `kvkk run`: `outbox send` by two members of staff."""
    key = tmp_path / "kvkk.key"
    with open_desk(nodes[0], key) as desk:
        mail = {"smtp-host": "localhost", "smtp-port": str(box.port), "smtp-tls": "off", "mail-from": "kvkk@firma.example"}
        for name, value in mail.items():
            desk.settings.set(desk.actor, name, value)
        facts = {"name": "Ali", "kind": "erase", "received_on": "2026-11-01", "due_on": "2026-12-01"}
        with desk.context.writing(desk.actor) as unit:
            unit.conn.execute(tables.outbox.delete())
            unit.record("test.queue")
            wanted = [outbox.queue(unit, desk.context.keyring, "received", 23, "tr", f"a{n}@ornek.example", facts) for n in range(20)]
    answers = crew.run(*(job(url, key, "deliver", account=f"staff{n}") for n, url in enumerate(nodes)), together=True)
    assert all("value" in answer for answer in answers), answers
    assert Counter(box.ids) == Counter(wanted)
    verify(nodes, key)


def test_one_open_request_a_customer_and_one_account_a_staff_member(crew: Any, nodes: list[str], tmp_path: Path) -> None:
    key = tmp_path / "kvkk.key"
    answers = crew.run(*(job(url, key, "add", {"customer": "200"}) for url in nodes), together=True)
    filed = [answer["value"] for answer in answers if "value" in answer]
    assert len(filed) == 1, answers
    assert {answer["error"]["code"] for answer in answers if "error" in answer} == {"open-request-exists"}
    answers = crew.run(*(job(url, key, "staff_add", {"account": f"friend{n}"}, f"staff{n}") for n, url in enumerate(nodes)), together=True)
    assert len([one for one in answers if "value" in one]) == 1, answers
    assert {one["error"]["code"] for one in answers if "error" in one} == {"not-staff"}
    verify(nodes, key, next(f"staff{n}" for n, one in enumerate(answers) if "value" in one))


def test_a_dead_holder_on_one_node_loses_the_lease_on_the_other(crew: Any, nodes: list[str], tmp_path: Path) -> None:
    from core.services.automation import LEASE
    from core.store import leases

    key = tmp_path / "kvkk.key"
    with open_desk(nodes[0], key) as desk, desk.context.writing(Actor("cron", "dead.example")) as unit:
        assert leases.take(unit, LEASE, 600)
    told = crew.one(job(nodes[1], key, "run"))
    assert told["value"]["busy"] == "cron@dead.example"
    with open_desk(nodes[0], key) as desk, desk.context.writing(desk.actor) as unit:
        unit.conn.execute(update(tables.leases).values(until=func.now()))
    assert crew.one(job(nodes[1], key, "run"))["value"]["busy"] is None
