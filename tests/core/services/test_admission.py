"""What staff do at the door: give access back, look details up, send a link to a new password, on each engine."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import select

from core.config import Target
from core.desk import SHIPPED, Desk
from core.errors import Conflict, KeyFileError, KvkkError, NotAllowed, NotFound, Refused, UsageError
from core.model.certificate import Addendum, Subject
from core.model.records import Actor, Details, Kind, NewRequest, Resolution, ResolveOptions, Role, Visitor
from core.model.tombstone import Deed
from core.store import blocks, certificates, tables, tombstones

FREE = "250"
FORCED = ResolveOptions(force="test", notify=False)
VISITOR = Visitor("panel", "web.example")


def resolve(desk: Desk, resolution: Resolution, customer: str = FREE) -> int:
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    number = desk.requests.add(desk.actor, NewRequest(customer, kind)).number
    desk.resolutions.resolve(desk.actor, number, resolution, FORCED)
    return number


def cell(desk: Desk, column: str, customer: str = FREE) -> Any:
    with desk.store.reading() as conn:
        return conn.exec_driver_sql(f"SELECT {column} FROM customers WHERE id = {int(customer)}").scalar_one()


def update(desk: Desk, column: str, value: str, customer: str = FREE) -> None:
    mark = desk.context.atlas.sql.mark
    with desk.store.writer.begin() as conn:
        conn.exec_driver_sql(f"UPDATE customers SET {column} = {mark} WHERE id = {int(customer)}", (value,))


def last(desk: Desk) -> dict[str, Any]:
    with desk.store.reading() as conn:
        text = conn.execute(select(tables.audit.c.detail).order_by(tables.audit.c.seq.desc()).limit(1)).scalar_one()
    found: dict[str, Any] = json.loads(text)
    return found


# -- restore ---------------------------------------------------------------------------------------------------------


def test_a_block_that_was_a_mistake_is_undone_but_for_the_password(desk: Desk) -> None:
    update(desk, "status", "active")
    number = resolve(desk, Resolution())
    assert not desk.access.check(desk.actor, FREE).allowed
    done = desk.admission.restore(desk.actor, FREE, " wrong customer ")
    assert (done.customer, done.request, done.given_back, done.left, done.blacklisted) == (FREE, number, ("status",), (), 0)
    assert desk.access.check(desk.actor, FREE).allowed
    assert (cell(desk, "status"), cell(desk, "password_hash"), cell(desk, "remember_token")) == ("active", "!", None)
    entry = last(desk)
    assert (entry["verb"], entry["request"], entry["detail"]) == ("access.restore", number, {"given_back": ["status"], "left": []})
    assert desk.requests.show(desk.actor, number).note == "--force: test\naccess restore: wrong customer"
    with desk.store.reading() as conn:
        addendum = Addendum.from_json(certificates.load(conn, number)[-1][2])
        stones = [stone for _, stone in tombstones.every(conn) if stone.request == number]
    assert (addendum.about, addendum.actor) == (Subject.RESTORE, "ayse@desk.example")
    assert [stone.deed for stone in stones] == [Deed.ACCESS, Deed.OPENED]
    assert stones[0].subject == stones[1].subject
    assert desk.audit.verify(desk.actor).entries
    assert "Access given back" in desk.papers.certificate(desk.actor, number, "en").text
    assert "wrong customer" not in desk.papers.certificate(desk.actor, number, "en").text + json.dumps(entry)


def test_a_state_that_somebody_changed_since_stays(desk: Desk) -> None:
    """The company closed the account after it was blocked: a restore does not open it."""
    update(desk, "status", "active")
    resolve(desk, Resolution())
    update(desk, "status", "closed")
    done = desk.admission.restore(desk.actor, FREE, "mistake")
    assert (done.given_back, done.left, cell(desk, "status")) == ((), ("status",), "closed")


def test_a_second_restore_changes_nothing(desk: Desk) -> None:
    resolve(desk, Resolution())
    desk.admission.restore(desk.actor, FREE, "mistake")
    before = last(desk)
    with pytest.raises(Conflict, match="not-blocked"):
        desk.admission.restore(desk.actor, FREE, "mistake")
    assert last(desk) == before


def test_an_account_can_be_blocked_and_restored_again(desk: Desk) -> None:
    update(desk, "status", "active")
    for _ in range(2):
        resolve(desk, Resolution())
        assert cell(desk, "status") == "blocked"
        assert desk.admission.restore(desk.actor, FREE, "mistake").given_back == ("status",)
        assert cell(desk, "status") == "active"


@pytest.mark.parametrize("resolution", [Resolution(mask=True), Resolution(erase=True)], ids=["mask", "erase"])
def test_what_was_destroyed_does_not_come_back_and_the_refusal_says_so(desk: Desk, resolution: Resolution) -> None:
    number = resolve(desk, resolution)
    before = last(desk)
    with pytest.raises(Refused, match="restore-destroyed") as refused:
        desk.admission.restore(desk.actor, FREE, "mistake")
    assert refused.value.facts == {"number": number, "outcome": resolution.name}
    assert last(desk) == before


def test_a_masked_stub_of_an_erase_does_not_come_back(desk: Desk) -> None:
    desk.settings.set(desk.actor, "invoice-retention-years", "10")
    number = resolve(desk, Resolution(erase=True))
    with pytest.raises(Refused, match="restore-destroyed") as refused:
        desk.admission.restore(desk.actor, FREE, "mistake")
    assert refused.value.facts == {"number": number, "outcome": "erase"}


def test_a_block_of_access_before_a_mask_does_not_come_back(desk: Desk) -> None:
    resolve(desk, Resolution())
    resolve(desk, Resolution(mask=True))
    with pytest.raises(Refused, match="restore-destroyed"):
        desk.admission.restore(desk.actor, FREE, "mistake")


def test_entries_of_the_blacklist_stay_and_are_counted(desk: Desk) -> None:
    number = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE)).number
    desk.resolutions.resolve(desk.actor, number, Resolution(blacklist=True), FORCED)
    assert desk.admission.restore(desk.actor, FREE, "mistake").blacklisted > 1
    assert not desk.admission.register(desk.actor, Details((("email", str(cell(desk, "email"))),))).allowed


@pytest.mark.parametrize(
    ("customer", "reason", "kind", "code"),
    [
        (FREE, "", UsageError, "text-needed"),
        (FREE, "  ", UsageError, "text-needed"),
        (FREE, "x" * 4001, UsageError, "text-too-long"),
        (FREE, "a\0b", UsageError, "text-unreadable"),
        (FREE, "mistake", Conflict, "not-blocked"),
        ("99999", "mistake", NotFound, "customer-not-found"),
        ("", "mistake", UsageError, "customer-malformed"),
    ],
)
def test_a_restore_that_cannot_be_is_refused(desk: Desk, customer: str, reason: str, kind: type[KvkkError], code: str) -> None:
    with pytest.raises(kind, match=code):
        desk.admission.restore(desk.actor, customer, reason)


def test_the_reason_is_cleared_when_the_customer_is_masked_later(desk: Desk) -> None:
    number = resolve(desk, Resolution())
    email = str(cell(desk, "email"))
    desk.admission.restore(desk.actor, FREE, f"{email} called")
    resolve(desk, Resolution(mask=True))
    assert email not in str(desk.requests.show(desk.actor, number).note)


def test_of_many_who_restore_at_once_one_does(desk: Desk) -> None:
    resolve(desk, Resolution())
    ends: list[str] = []
    together = threading.Barrier(4)

    def restore() -> None:
        together.wait()
        try:
            ends.append(str(desk.admission.restore(desk.actor, FREE, "mistake").request))
        except Conflict as error:
            ends.append(error.code)

    threads = [threading.Thread(target=restore) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends)[1:] == ["not-blocked"] * 3
    assert desk.audit.verify(desk.actor).entries


def test_a_failure_on_the_way_leaves_the_block(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise KvkkError("redaction-failed", number=1)

    resolve(desk, Resolution())
    monkeypatch.setattr("core.store.tombstones.keep", fail)
    with pytest.raises(KvkkError, match="redaction-failed"):
        desk.admission.restore(desk.actor, FREE, "mistake")
    with desk.store.reading() as conn:
        assert blocks.is_blocked(conn, FREE)
    assert cell(desk, "status") == "blocked"


def test_only_an_admin_gives_access_back(desk: Desk) -> None:
    resolve(desk, Resolution())
    admin, clerk = Actor("yonetici", "desk.example"), Actor("islem", "desk.example")
    desk.staff.add(admin, clerk.account, Role.OPERATOR)
    with pytest.raises(NotAllowed, match="role-too-low"):
        desk.admission.restore(clerk, FREE, "mistake")
    assert desk.admission.restore(admin, FREE, "mistake").customer == FREE


# -- register --------------------------------------------------------------------------------------------------------


@pytest.fixture
def listed(desk: Desk) -> Desk:
    """The details of a customer are on the blacklist, and the account is blocked."""
    for column, value in (
        ("email", "ali.ışık@örnek.example"),
        ("phone", "0512 345 67 89"),
        ("identity_no", "10000000146"),
    ):
        update(desk, column, value)
    number = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE)).number
    desk.resolutions.resolve(desk.actor, number, Resolution(blacklist=True), FORCED)
    return desk


def test_the_same_details_are_refused_however_they_are_written_and_nobody_elses_are(listed: Desk) -> None:
    same = {
        "email": ("ALİ.IŞIK@ÖRNEK.EXAMPLE", "ali.ışık@xn--rnek-4qa.example", " Ali.Işık@örnek.example. ", "ali.işik@örnek.example"),
        "phone": ("05123456789", "+90 (512) 345-67-89", "0090 512 345 6789", "512 345 67 89", "٠٥١٢٣٤٥٦٧٨٩"),
        "national_id": ("10000000146", " 1000 0000 146 ", "10000000146.0"),
    }
    other = {
        "email": ("ali.isik@örnek.example", "aliışık@örnek.example", "ali.ışık@ornek.example", "ali.ışık+1@örnek.example", "x"),
        "phone": ("0512 345 67 88", "+1 512 345 6789", "345 67 89"),
        "national_id": ("10000000078", "1000000014"),
    }
    for kind, values in same.items():
        for value in values:
            answer = listed.admission.register(listed.actor, Details((("tax_id", "1234567890"), (kind, value))))
            assert (answer.allowed, answer.blacklisted) == (False, (kind,)), value
    for kind, values in other.items():
        for value in values:
            assert listed.admission.register(listed.actor, Details(((kind, value),))).allowed, value


def test_without_the_key_file_it_is_refused_and_never_guessed(listed: Desk) -> None:
    listed.target.key_file.unlink()
    with Desk(listed.target, actor=listed.actor) as other, pytest.raises(KeyFileError, match="key-file-missing"):
        other.admission.register(other.actor, Details((("email", "ali@posta.example"),)))


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((), "details-empty"),
        ((("iban", "TR00"),), "bad-kind"),
        ((("email", "x" * 10_000),), "text-too-long"),
        ((("email", "a\0b@x.example"),), "text-unreadable"),
        ((("email", "\ud800@x.example"),), "text-unreadable"),
    ],
)
def test_details_that_are_none_are_refused(desk: Desk, values: tuple[tuple[str, str], ...], code: str) -> None:
    with pytest.raises(UsageError, match=code):
        desk.admission.register(desk.actor, Details(values))


# -- a link on the customer's word ------------------------------------------------------------------------------------


def test_staff_send_a_link_to_a_new_password_to_the_stored_address(desk: Desk) -> None:
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    update(desk, "status", "active")
    done = desk.admission.send_reset(desk.actor, FREE)
    assert (done.customer, done.minutes) == (FREE, 60)
    assert last(desk)["verb"] == "access.reset"
    key = desk.context.keyring.if_present()
    assert key is not None
    with desk.store.reading() as conn:
        row = conn.execute(select(tables.outbox).order_by(tables.outbox.c.id.desc()).limit(1)).one()
    message = json.loads(key.open(row.sealed))
    assert (row.event, row.request, message["address"], message["fields"]["minutes"]) == ("reset", None, cell(desk, "email"), 60)
    desk.accounts.reset(VISITOR, message["fields"]["link"].rpartition("/")[2], "yeni parola 250")
    assert desk.accounts.sign_in(VISITOR, str(cell(desk, "email")), "yeni parola 250").session.customer == FREE


def test_a_restored_customer_comes_in_again_by_a_link(desk: Desk) -> None:
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    update(desk, "status", "active")
    resolve(desk, Resolution())
    with pytest.raises(NotAllowed, match="access-blocked"):
        desk.admission.send_reset(desk.actor, FREE)
    desk.admission.restore(desk.actor, FREE, "mistake")
    assert desk.admission.send_reset(desk.actor, FREE).customer == FREE


def test_a_link_that_cannot_be_sent_is_told(desk: Desk, tmp_path: Any) -> None:
    with pytest.raises(UsageError, match="panel-url-unset"):
        desk.admission.send_reset(desk.actor, FREE)
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    update(desk, "status", "closed")
    with pytest.raises(Refused, match="account-closed"):
        desk.admission.send_reset(desk.actor, FREE)
    with pytest.raises(NotFound):
        desk.admission.send_reset(desk.actor, "99999")
    text = (SHIPPED / "sample.toml").read_text(encoding="utf-8").replace('email = "email"\nphone = "phone"\n', 'phone = "phone"\n', 1)
    start = text.index("[access.register]")
    (tmp_path / "own.toml").write_text(text[:start] + text[text.index("# Hizmet Durumu") :], encoding="utf-8")
    update(desk, "status", "active")
    own = Target(desk.target.database, str(tmp_path / "own.toml"), desk.target.key_file, "--db", None)
    with Desk(own, actor=desk.actor) as other, pytest.raises(Refused, match="customer-no-address"):
        other.admission.send_reset(other.actor, FREE)
