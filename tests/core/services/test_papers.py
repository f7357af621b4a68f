"""Certificate and letter of a request, on each engine: what was fixed comes back, nobody is named who is gone."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
import xmlschema
from lxml import etree
from sqlalchemy import select, text

from core.adapters.letter import BLANK_NAME
from core.adapters.papers import LEVEL_REASONS
from core.desk import Desk
from core.errors import Conflict, NotFound
from core.model.certificate import Addendum, Level, LevelStatus, Subject
from core.model.records import Actor, Channel, Kind, NewRequest, Regime, RequestRow, Resolution, ResolveOptions
from core.store import certificates, tables

FREE = "250"
"""A customer without a request."""
OUTCOMES = {"access": Resolution(), "mask": Resolution(mask=True, blacklist=True), "erase": Resolution(erase=True)}
FORCED = ResolveOptions(force="test", waive_residue="test")
Resolve = Callable[[str], RequestRow]


@pytest.fixture
def resolve(desk: Desk, actor: Actor) -> Resolve:
    """Files a request of a free customer and resolves it; returns the request as it was before."""

    def resolve(outcome: str) -> RequestRow:
        kind = Kind.ERASE if outcome == "erase" else Kind.ANONYMISE
        filed = desk.requests.add(actor, NewRequest(FREE, kind))
        desk.resolutions.resolve(actor, filed.number, OUTCOMES[outcome], FORCED)
        return filed

    return resolve


def valid(content: bytes) -> Any:
    schema = files("core.adapters").joinpath("certificate.xsd").read_text(encoding="utf-8")
    root = etree.fromstring(content)
    etree.XMLSchema(etree.fromstring(schema.encode())).assertValid(root)
    xmlschema.XMLSchema10(schema).validate(io.BytesIO(content))
    return root


def personal(desk: Desk) -> list[str]:
    """Values of the customer that no paper may hold."""
    with desk.context.reading() as conn:
        row = conn.execute(text("SELECT email, phone, identity_no, user_name, first_name, last_name FROM customers WHERE id = 250")).one()
    return [str(value) for value in row if value]


def letter(desk: Desk, number: int, language: str = "en") -> str:
    return " ".join(desk.papers.letter(desk.actor, number, language).split())


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_resolution_has_a_valid_certificate_that_names_nobody(desk: Desk, actor: Actor, resolve: Resolve, outcome: str) -> None:
    values = personal(desk)
    number = resolve(outcome).number
    for language in ("tr", "en"):
        paper = desk.papers.certificate(actor, number, language)
        root = valid(paper.xml)
        assert root.find("{*}decision").get("resolution") == outcome
        words = paper.xml.decode() + paper.text
        assert [value for value in values if value in words] == []
    assert paper.certificate.number == number
    assert paper.certificate.actor == str(actor)
    levels = [*paper.certificate.levels, *(level for part in paper.addenda for level in part.levels)]
    assert {level.why for level in levels} <= set(LEVEL_REASONS)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_staff_wrote_of_the_identity_stands_there_without_the_customers_values(desk: Desk, actor: Actor, outcome: str) -> None:
    values = personal(desk)
    email, phone, first = values[0], values[1], values[4]
    kind = Kind.ERASE if outcome == "erase" else Kind.ANONYMISE
    new = NewRequest(FREE, kind, Channel.LETTER, verified_by=f"kimlik fotokopisi, {first}, {email}, {phone}")
    number = desk.requests.add(actor, new).number
    desk.resolutions.resolve(actor, number, OUTCOMES[outcome], FORCED)
    paper = desk.papers.certificate(actor, number, "tr")
    assert valid(paper.xml).find("{*}channel").get("code") == "letter"
    assert paper.certificate.verified == "kimlik fotokopisi, ***, ***, ***"
    assert [value for value in values if value in paper.xml.decode() + paper.text] == []


def test_a_certificate_is_the_same_for_ever_and_addenda_follow_it(desk: Desk, actor: Actor, resolve: Resolve) -> None:
    number = resolve("mask").number
    first = desk.papers.certificate(actor, number, "en")
    desk.settings.set(actor, "company-name", "Another Company")
    late = Addendum(
        number,
        datetime(2030, 1, 1, tzinfo=UTC),
        "root@desk.example",
        Subject.SCRUB,
        levels=(Level("B", LevelStatus.DONE, "files-searched", hits=0, files=2, bytes=4096),),
    )
    with desk.context.writing(actor) as unit:
        certificates.append(unit.conn, late)
    second = desk.papers.certificate(actor, number, "en")
    assert second.certificate == first.certificate
    assert second.addenda == (*first.addenda, late)
    assert f"Addendum {len(second.addenda)}: Database files" in second.text
    valid(second.xml)


def test_a_certificate_is_never_written_twice(desk: Desk, actor: Actor, resolve: Resolve) -> None:
    number = resolve("access").number
    paper = desk.papers.certificate(actor, number, "en").certificate
    with pytest.raises(Conflict, match="constraint"), desk.context.writing(actor) as unit:
        certificates.fix(unit.conn, replace(paper, actor="somebody@else"))
    assert desk.papers.certificate(actor, number, "en").certificate == paper


def test_what_has_no_certificate_says_so(desk: Desk, actor: Actor) -> None:
    filed = desk.requests.add(actor, NewRequest(FREE, Kind.ERASE))
    with pytest.raises(NotFound, match="certificate-missing") as caught:
        desk.papers.certificate(actor, filed.number, "en")
    assert caught.value.facts == {"number": filed.number, "state": "pending"}
    for paper in (desk.papers.certificate, desk.papers.letter):
        with pytest.raises(NotFound, match="request-not-found"):
            paper(actor, 999_999, "en")


@pytest.mark.parametrize(
    ("outcome", "words", "named"),
    [
        ("access", "access to your account was blocked", True),
        ("mask", "pseudonymous, not anonymous", False),
        ("erase", "your personal data in our records were deleted", False),
    ],
)
def test_the_letter_tells_what_was_done_and_names_only_who_is_still_known(
    desk: Desk, resolve: Resolve, outcome: str, words: str, named: bool
) -> None:
    name = desk.customers.show(desk.actor, FREE).row.name
    told = letter(desk, resolve(outcome).number)
    assert words in told
    assert (f"Dear {name}," in told, f"Dear {BLANK_NAME}," in told) == (named, not named)
    assert "Personal Data Protection Board" in told


def test_held_invoices_are_explained_by_law_and_day(desk: Desk, actor: Actor) -> None:
    desk.settings.set(actor, "invoice-retention-years", "10")
    with desk.context.reading() as conn:
        open_ones = set(conn.execute(select(tables.requests.c.open_customer)).scalars())
        query = text("SELECT customer_id FROM invoices WHERE number IS NOT NULL ORDER BY customer_id DESC")
        customer = next(str(key) for key in conn.execute(query).scalars() if str(key) not in open_ones)
    number = desk.requests.add(actor, NewRequest(customer, Kind.ERASE)).number
    desk.resolutions.resolve(actor, number, OUTCOMES["erase"], FORCED)
    paper = desk.papers.certificate(actor, number, "en")
    assert paper.certificate.grade == "deleted-except-holds"
    [law, *_] = paper.certificate.holds
    assert law.release_on is not None
    assert "Tax Procedure Law no. 213 (VUK), article 253 / Turkish Commercial Code" in letter(desk, number)
    assert "213 sayılı Vergi Usul Kanunu (VUK) madde 253 / 6102 sayılı" in letter(desk, number, "tr")
    assert f"until 1 January {law.release_on.year}" in letter(desk, number)
    assert f"1 Ocak {law.release_on.year}" in letter(desk, number, "tr")


def test_every_other_state_has_its_letter(desk: Desk, actor: Actor) -> None:
    filed = desk.requests.add(actor, NewRequest(FREE, Kind.ERASE, regime=Regime.GDPR, note="secret note"))
    assert "We will answer it free of charge by" in letter(desk, filed.number)
    assert "secret" not in letter(desk, filed.number)
    desk.requests.extend(actor, filed.number, "many requests")
    assert "extended until" in letter(desk, filed.number)
    assert "Reason: many requests" in letter(desk, filed.number)
    desk.requests.reject(actor, filed.number, "no such account")
    assert "Reason: no such account" in letter(desk, filed.number)
    assert "supervisory authority" in letter(desk, filed.number)
    again = desk.requests.add(actor, NewRequest(FREE, Kind.ANONYMISE))
    desk.requests.cancel(actor, again.number)
    assert "was withdrawn" in letter(desk, again.number)


def test_without_a_language_the_letter_speaks_the_customers(desk: Desk, actor: Actor) -> None:
    number = desk.requests.add(actor, NewRequest(FREE, Kind.ERASE)).number
    for language in ("en", "tr"):
        with desk.context.writing(actor) as unit:
            unit.conn.execute(text("UPDATE customers SET language = :l WHERE id = 250"), {"l": language})
        assert desk.papers.letter(actor, number) == desk.papers.letter(actor, number, language)
