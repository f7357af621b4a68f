"""Opening an account: a link to the own address, the details, and what is refused, on each engine."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from core.desk import Desk
from core.errors import NotAllowed, UsageError
from core.model.records import Kind, NewAccount, NewRequest, Resolution, ResolveOptions, Visitor
from core.store import tables

VISITOR = Visitor("panel", "web.example", address="203.0.113.7")
EMAIL, PASSWORD = "yeni.musteri@posta.example", "uzun bir parola"
DETAILS = {"first_name": "Yeni", "last_name": "Müşteri", "phone": "0512 999 99 99"}
FREE = "250"


@pytest.fixture
def panel(desk: Desk) -> Desk:
    """The sample with the address of its panel."""
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    return desk


def sent(desk: Desk) -> list[tuple[str, str, str]]:
    """(event, address, token) of every link."""
    key = desk.context.keyring.if_present()
    with desk.store.reading() as conn:
        query = select(tables.outbox).where(tables.outbox.c.event.in_(("reset", "register"))).order_by(tables.outbox.c.id)
        rows = list(conn.execute(query).all())
    assert key is not None
    opened = [(row.event, json.loads(key.open(row.sealed))) for row in rows]
    return [(kind, one["address"], one["fields"]["link"].rpartition("/")[2]) for kind, one in opened]


def new(email: str = EMAIL, **details: str) -> NewAccount:
    return NewAccount(email, PASSWORD, details=DETAILS | details)


def count(desk: Desk) -> int:
    with desk.store.reading() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM customers").scalar_one())


def test_an_account_is_opened_by_a_link_and_its_owner_is_signed_in(panel: Desk) -> None:
    assert [field.name for field in panel.registration.fields(VISITOR)] == ["first_name", "last_name", "phone"]
    panel.registration.ask(VISITOR, EMAIL, "en")
    ((kind, address, token),) = sent(panel)
    assert (kind, address) == ("register", EMAIL)
    done = panel.registration.open(VISITOR, token, new(), "en")
    assert panel.accounts.session(VISITOR, done.token).customer == done.session.customer
    with panel.store.reading() as conn:
        query = f"SELECT email, first_name, status, language, password_hash FROM customers WHERE id = {int(done.session.customer)}"
        row = conn.exec_driver_sql(query).one()
    assert tuple(row[:4]) == (EMAIL, "Yeni", "active", "en")
    assert row[4].startswith("$argon2id$")
    assert panel.accounts.sign_in(VISITOR, EMAIL.upper(), PASSWORD).session.customer == done.session.customer
    with pytest.raises(NotAllowed, match="link-used-up"):
        panel.registration.open(VISITOR, token, new(), "en")


def test_the_owner_of_an_account_gets_a_link_to_a_new_password(panel: Desk) -> None:
    with panel.store.writer.begin() as conn:
        conn.exec_driver_sql(f"UPDATE customers SET status = 'active' WHERE id = {FREE}")
        email = str(conn.exec_driver_sql(f"SELECT email FROM customers WHERE id = {FREE}").scalar_one())
    panel.registration.ask(VISITOR, email.upper(), "tr")
    assert [(kind, address) for kind, address, _ in sent(panel)] == [("reset", email)]


@pytest.mark.parametrize("resolution", [Resolution(blacklist=True), Resolution(erase=True, blacklist=True)], ids=["access", "erase"])
def test_who_is_on_the_blacklist_does_not_come_back(panel: Desk, resolution: Resolution) -> None:
    with panel.store.writer.begin() as conn:
        conn.exec_driver_sql(f"UPDATE customers SET phone = '0512 345 67 89', email = 'ali.isik@posta.example' WHERE id = {FREE}")
    number = panel.requests.add(panel.actor, NewRequest(FREE, Kind.ERASE if resolution.erase else Kind.ANONYMISE)).number
    panel.resolutions.resolve(panel.actor, number, resolution, ResolveOptions(force="test", notify=False))
    before = count(panel)
    panel.registration.ask(VISITOR, "ALİ.isik@POSTA.example.".rstrip("."), "tr")
    assert [event for event, _, _ in sent(panel) if event in ("register", "reset")] == []
    panel.registration.ask(VISITOR, EMAIL, "tr")
    token = sent(panel)[-1][2]
    with pytest.raises(NotAllowed, match="registration-refused"):
        panel.registration.open(VISITOR, token, new(phone="+90 (512) 345-67-89"), "tr")
    with pytest.raises(NotAllowed, match="link-used-up"):  # nobody tries the blacklist out with one link
        panel.registration.open(VISITOR, token, new(), "tr")
    assert count(panel) == before


def test_a_link_opens_an_account_for_its_own_address_only(panel: Desk) -> None:
    panel.registration.ask(VISITOR, EMAIL, "tr")
    token = sent(panel)[0][2]
    with pytest.raises(NotAllowed, match="link-used-up"):
        panel.registration.open(VISITOR, token, new("baska@posta.example"), "tr")
    assert panel.registration.open(VISITOR, token, new(), "tr").session.customer


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"first_name": ""}, "field-needed"),
        ({"first_name": "x" * 81}, "field-long"),
        ({"first_name": "a\nb"}, "field-unreadable"),
        ({"first_name": "\ud800"}, "field-unreadable"),
        ({"status": "active"}, "field-unknown"),
    ],
)
def test_details_that_cannot_be_kept_leave_the_link_good(panel: Desk, details: dict[str, str], code: str) -> None:
    panel.registration.ask(VISITOR, EMAIL, "tr")
    token = sent(panel)[0][2]
    with pytest.raises(UsageError, match=code):
        panel.registration.open(VISITOR, token, new(**details), "tr")
    assert panel.registration.open(VISITOR, token, new(), "tr").session.customer


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_no_address_is_refused(panel: Desk) -> None:
    for text in (
        "",
        "ali",
        "a@b",
        "a@x.example, b@x.example",
        "a@x.example\nBcc: b@x.example",
        "\0@x.example",
        "\ud800@x.example",
        "x" * 10**7,
    ):
        with pytest.raises(UsageError, match="email-invalid"):
            panel.registration.ask(VISITOR, text, "tr")
