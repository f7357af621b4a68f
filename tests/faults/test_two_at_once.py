"""Several members of staff at the same moment, on each engine: one wins, the others hear who and when, nothing is lost."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, State, Visitor
from core.store import tables
from core.store.engine import parse_url

NOON = datetime(2026, 11, 1, 9, tzinfo=UTC)
LONG = os.environ.get("KVKK_TEST_LONG") == "1"
NUMBER = 23
OTHERS = (15, 16, 18, 19, 21, 22, 24, 25) if LONG else (15, 16, 21, 24)
CUSTOMER = "183"
"""Whose request NUMBER is."""
FREE = "200"
"""A customer without an open request."""


def job(url: str, key: Path, verb: str, args: dict[str, Any], account: str = "ayse") -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": verb, "args": args, "account": account}


def count(url: str, *where: Any) -> int:
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        found: int = conn.execute(select(func.count()).select_from(tables.audit).where(*where)).scalar_one()
    engine.dispose()
    return found


def verify(url: str, key: Path) -> None:
    with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)


@pytest.mark.parametrize(("many", "kind"), [(2, "erase"), (8, "mask")] if LONG else [(3, "erase")])
def test_one_request_one_winner(crew: Any, sample_url: str, tmp_path: Path, many: int, kind: str) -> None:
    key = tmp_path / "kvkk.key"
    args = {"kind": kind, "number": NUMBER, "blacklist": True}
    answers = crew.run(*(job(sample_url, key, "resolve", args, f"staff{n}") for n in range(many)), together=True)
    winners = [n for n, answer in enumerate(answers) if "value" in answer]
    assert len(winners) == 1, answers
    for answer in answers:
        assert answer["stderr"] == ""
        if "value" not in answer:
            told = answer["error"]
            assert (told["kind"], told["code"], told["exit"]) == ("Conflict", "already-decided", 5)
            assert told["facts"]["by"] == f"staff{winners[0]}@desk.example"
            assert told["facts"]["at"] == "2026-11-01T09:00:00+00:00"
    assert count(sample_url, tables.audit.c.verb == "request.resolve", tables.audit.c.request == NUMBER) == 1
    assert count(sample_url, tables.audit.c.verb == "request.failed", tables.audit.c.request == NUMBER) == 0
    verify(sample_url, key)


@pytest.mark.parametrize("kind", ["mask", "erase"] if LONG else ["mask"])
def test_many_requests_of_one_company_all_succeed(crew: Any, sample_url: str, tmp_path: Path, kind: str) -> None:
    """The key file is made by all of them at once; two of the customers share an address."""
    key = tmp_path / "kvkk.key"
    before = count(sample_url)
    jobs = [job(sample_url, key, "resolve", {"kind": kind, "number": n, "blacklist": True}, f"staff{n}") for n in OTHERS]
    answers = crew.run(*jobs, together=True)
    assert [answer.get("error") for answer in answers] == [None] * len(OTHERS)
    assert [answer["value"]["pending"] for answer in answers] == [[]] * len(OTHERS)
    assert [answer["stderr"] for answer in answers] == [""] * len(OTHERS)
    assert count(sample_url) - before == 2 * len(OTHERS)
    verify(sample_url, key)


def test_a_resolution_while_others_write(crew: Any, sample_url: str, tmp_path: Path) -> None:
    """Filing, refusing, cancelling, settings: every verb gets its turn beside a resolution."""
    key = tmp_path / "kvkk.key"
    jobs = [
        job(sample_url, key, "resolve", {"kind": "erase", "number": NUMBER, "blacklist": True}),
        job(sample_url, key, "add", {"customer": FREE}),
        job(sample_url, key, "cancel", {"number": OTHERS[0]}),
        job(sample_url, key, "reject", {"number": OTHERS[1]}),
        job(sample_url, key, "setting", {"key": "near-days", "value": "5"}),
        job(sample_url, key, "setting", {"key": "near-days", "value": "6"}),
        job(sample_url, key, "approve", {"number": 25}),
    ]
    answers = crew.run(*jobs, together=True)
    assert [answer.get("error") for answer in answers] == [None] * len(jobs)
    verify(sample_url, key)


@pytest.mark.parametrize("many", [2, 8] if LONG else [4])
def test_one_open_request_a_customer(crew: Any, sample_url: str, tmp_path: Path, many: int) -> None:
    key = tmp_path / "kvkk.key"
    answers = crew.run(*[job(sample_url, key, "add", {"customer": FREE})] * many, together=True)
    filed = [answer["value"] for answer in answers if "value" in answer]
    assert len(filed) == 1, answers
    for answer in answers:
        if "value" not in answer:
            assert (answer["error"]["code"], answer["error"]["exit"]) == ("open-request-exists", 5)
            assert answer["error"]["facts"]["number"] == filed[0]
    verify(sample_url, key)


@pytest.mark.parametrize(
    "verbs", [("cancel", "resolve"), ("reject", "cancel"), ("approve", "resolve")] if LONG else [("cancel", "resolve")]
)
@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql", "mariadb"] if LONG else ["mariadb"])
def test_different_decisions_on_one_request(crew: Any, sample_url: str, tmp_path: Path, verbs: tuple[str, str]) -> None:
    key = tmp_path / "kvkk.key"
    args = {"kind": "erase", "number": NUMBER}
    answers = crew.run(*(job(sample_url, key, verb, args, f"{verb}r") for verb in verbs), together=True)
    lost = [answer["error"] for answer in answers if "error" in answer]
    assert len(lost) in ((0, 1) if "approve" in verbs else (1,)), answers
    assert all(one["exit"] == 5 for one in lost)
    verify(sample_url, key)
    with Desk(Target(sample_url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        detail = desk.requests.show(desk.actor, NUMBER)
        assert detail.certificate == (detail.row.state is State.RESOLVED)


def test_an_erase_while_the_customer_is_exported(crew: Any, sample_url: str, tmp_path: Path) -> None:
    """A whole export or none; and after the erase our own tables name the customer no more."""
    from lxml import etree

    key, file = tmp_path / "kvkk.key", tmp_path / "out.xml"
    jobs = [
        job(sample_url, key, "export", {"customer": CUSTOMER, "file": str(file)}),
        job(sample_url, key, "resolve", {"kind": "erase", "number": NUMBER}),
    ]
    exported, erased = crew.run(*jobs, together=True)
    assert "value" in erased, erased
    if "value" in exported:
        tree = etree.parse(str(file))
        assert len(tree.findall(".//{*}record")) == exported["value"]["rows"] > 10
    else:
        assert exported["error"]["code"] == "customer-not-found"
        assert not file.exists()
    engine = create_engine(parse_url(sample_url))
    with engine.connect() as conn:
        book = tables.downloads
        assert conn.execute(select(book.c.id).where(book.c.customer == CUSTOMER)).all() == []
    engine.dispose()
    verify(sample_url, key)


@pytest.mark.parametrize("engine_name", ["postgresql", "mariadb"])
def test_nobody_names_a_customer_who_is_being_erased(crew: Any, samples: Any, sample_url: str, tmp_path: Path) -> None:
    """Filed, consented and exported between the last statement of an erase and its COMMIT: they wait, and find nobody."""
    key = tmp_path / "kvkk.key"
    erase = job(sample_url, key, "resolve", {"kind": "erase", "number": NUMBER})
    points = crew.one(job(samples.new(), tmp_path / "count.key", "resolve", erase["args"]) | {"at": -1})["points"]
    commit = next(place for place, point in enumerate(points) if point[0] == "writer" and point[2] == "COMMIT")
    late = [
        job(sample_url, key, "add", {"customer": CUSTOMER}),
        job(sample_url, key, "consent", {"customer": CUSTOMER}),
        job(sample_url, key, "export", {"customer": CUSTOMER, "file": str(tmp_path / "late.xml")}),
    ]
    jobs = [erase | {"at": commit, "act": "pause"}, *(one | {"delay": 1.5} for one in late)]
    erased, *others = crew.run(*jobs, together=True)
    assert "value" in erased, erased
    assert [answer["error"]["code"] for answer in others] == ["customer-not-found"] * len(late)
    assert not (tmp_path / "late.xml").exists()
    engine = create_engine(parse_url(sample_url))
    with engine.connect() as conn:
        for book in (tables.requests, tables.consents, tables.downloads):
            assert conn.execute(select(func.count()).where(book.c.customer == CUSTOMER)).scalar_one() == 0, book.name
    engine.dispose()
    verify(sample_url, key)


@pytest.mark.parametrize("many", [2, 4] if LONG else [2])
def test_a_database_prepared_twice_at_once(crew: Any, engine_url: str, tmp_path: Path, many: int) -> None:
    """A company's database without our tables: all come back well, and the tables are there once."""
    from core.sample import create_schema
    from core.store.engine import Store

    store = Store(parse_url(engine_url))
    create_schema(store.writer)
    store.close()
    key = tmp_path / "kvkk.key"
    answers = crew.run(*[job(engine_url, key, "init", {})] * many, together=True)
    assert [answer.get("error") for answer in answers] == [None] * many
    assert sorted(answer["value"] for answer in answers) == ["current"] * (many - 1) + ["none"]
    assert count(engine_url, tables.audit.c.verb == "init") == 1
    assert count(engine_url) == 1
    verify(engine_url, key)


def test_a_file_made_twice_at_once(crew: Any, tmp_path: Path) -> None:
    """`init` of a database file that is not there: it is made once, whole."""
    url, key = str(tmp_path / "new.db"), tmp_path / "kvkk.key"
    answers = crew.run(*[job(url, key, "init", {})] * 4, together=True)
    assert sorted(answer["value"] for answer in answers) == ["current", "current", "current", "none"], answers
    verify(url, key)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("new.db-")) == ["new.db"]


def admins(url: str) -> list[str]:
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        book = tables.staff
        found = conn.execute(select(book.c.account).where(book.c.role == "admin").order_by(book.c.account)).scalars().all()
    engine.dispose()
    return list(found)


def test_two_who_close_at_once_and_two_admins_who_remove_each_other(crew: Any, sample_url: str, tmp_path: Path) -> None:
    key = tmp_path / "kvkk.key"
    jobs = [job(sample_url, key, "staff_add", {"account": f"friend{n}"}, f"staff{n}") for n in range(3)]
    answers = crew.run(*jobs, together=True)
    assert len([one for one in answers if "value" in one]) == 1, answers
    assert {one["error"]["code"] for one in answers if "error" in one} == {"not-staff"}
    first, second = admins(sample_url)
    jobs = [job(sample_url, key, "staff_remove", {"account": out}, who) for who, out in ((first, second), (second, first))]
    answers = crew.run(*jobs, together=True)
    assert len([one for one in answers if "value" in one]) == 1, answers
    assert len(admins(sample_url)) == 1


def test_of_two_who_approve_one_is_told_who_was_first(crew: Any, sample_url: str, tmp_path: Path) -> None:
    key = tmp_path / "kvkk.key"
    jobs = [job(sample_url, key, "approve", {"number": NUMBER}, f"staff{n}") for n in range(2)]
    answers = crew.run(*jobs, together=True)
    winners = [n for n, answer in enumerate(answers) if "value" in answer]
    assert len(winners) == 1, answers
    told = answers[1 - winners[0]]["error"]
    assert (told["code"], told["exit"]) == ("approval-given", 5)
    assert told["facts"] == {"number": NUMBER, "by": f"staff{winners[0]}@desk.example"}
    assert count(sample_url, tables.audit.c.verb == "request.approve", tables.audit.c.request == NUMBER) == 1
    verify(sample_url, key)


def test_an_approval_beside_a_resolution_never_lets_an_erase_through_alone(crew: Any, sample_url: str, tmp_path: Path) -> None:
    """The second person is required: whoever was faster, the erase happened only after somebody else's approval."""
    key = tmp_path / "kvkk.key"
    with Desk(Target(sample_url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.settings.set(desk.actor, "second-person", "on")
    args = {"kind": "erase", "number": NUMBER}
    jobs = [job(sample_url, key, verb, args, who) for verb, who in (("approve", "mehmet"), ("resolve", "ayse"), ("resolve", "mehmet"))]
    approved, *resolved = crew.run(*jobs, together=True)
    assert "value" in approved or approved["error"]["code"] == "request-changed", approved
    for answer in resolved:
        if "error" in answer:
            assert answer["error"]["code"] in ("approval-missing", "approval-own", "request-changed", "already-decided"), answer
    assert "error" in resolved[1], "whoever approves does not carry it out"
    erased = count(sample_url, tables.audit.c.verb == "request.resolve", tables.audit.c.request == NUMBER)
    assert erased == int("value" in resolved[0])
    assert count(sample_url, tables.audit.c.verb == "request.approve", tables.audit.c.request == NUMBER) >= erased
    verify(sample_url, key)


@pytest.mark.parametrize("links", [1, 2], ids=["one link", "two links"])
def test_a_new_person_who_registers_twice_at_once_has_one_account(crew: Any, sample_url: str, tmp_path: Path, links: int) -> None:
    """By one link that was opened twice, or by two links to one address, spelled in two ways."""
    key, visitor = tmp_path / "kvkk.key", Visitor("panel", "web.example", address="203.0.113.7")
    spellings = ("yeni.kisi@posta.example", "YENI.kisi@posta.example")
    with Desk(Target(sample_url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example"), clock=lambda: NOON) as desk:
        desk.settings.set(desk.actor, "panel-url", "https://panel.example")
        for email in spellings[:links]:
            desk.registration.ask(visitor, email, "tr")
        with desk.store.reading() as conn:
            sealed = conn.execute(select(tables.outbox.c.sealed).where(tables.outbox.c.event == "register")).scalars().all()
        keyed = desk.context.keyring.if_present()
        assert keyed is not None
        tokens = [json.loads(keyed.open(bytes(one)))["fields"]["link"].rpartition("/")[2] for one in sealed]
    assert len(tokens) == links
    details = {"first_name": "Yeni", "last_name": "Kişi", "phone": "0512 999 99 99"}
    jobs = [
        job(sample_url, key, "register", {"token": tokens[place % links], "email": email, "details": details})
        for place, email in enumerate((*spellings, *spellings))
    ]
    answers = crew.run(*jobs, together=True)
    assert len([one for one in answers if "value" in one]) == 1, answers
    assert {one["error"]["code"] for one in answers if "error" in one} <= {"link-used-up", "registration-refused"}
    engine = create_engine(parse_url(sample_url))
    with engine.connect() as conn:
        made = conn.exec_driver_sql("SELECT count(*) FROM customers WHERE lower(email) = 'yeni.kisi@posta.example'").scalar_one()
    engine.dispose()
    assert made == 1
    verify(sample_url, key)
