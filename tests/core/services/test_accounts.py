"""Sign-in, sessions, links and new passwords as verbs of customers, on each engine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import bcrypt
import pytest
from sqlalchemy import event, select

from core.config import Target
from core.desk import SHIPPED, Desk
from core.errors import KvkkError, NotAllowed, Refused, UsageError
from core.model import passwords
from core.model.records import Actor, Kind, NewRequest, Resolution, ResolveOptions, SignedIn, Visitor
from core.store import tables

VISITOR = Visitor("panel", "web.example", address="203.0.113.7")
PASSWORD = "Şifre-ıİ 250"
NEW = "yeni parola 250"
FREE, OTHER = "250", "251"
"""Customers without a request."""
FORCED = ResolveOptions(force="test", notify=False)
NOBODY = "kimse@posta.example"
MD5_OF_PAROLA = "8287458823facb8ff918dbfabcd22ccb"


def quick(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def set_cell(desk: Desk, customer: str, column: str, value: str | None) -> None:
    mark = desk.context.atlas.sql.mark
    with desk.store.writer.begin() as conn:
        conn.exec_driver_sql(f"UPDATE customers SET {column} = {mark} WHERE id = {mark}", (value, int(customer)))


def cell(desk: Desk, customer: str, column: str) -> Any:
    with desk.store.reading() as conn:
        return conn.exec_driver_sql(f"SELECT {column} FROM customers WHERE id = {int(customer)}").scalar_one()


def login(desk: Desk, customer: str = FREE) -> str:
    return str(cell(desk, customer, "email"))


def sent(desk: Desk) -> list[tuple[str, str, str]]:
    """(event, address, token) of every link in the outbox, oldest first."""
    key = desk.context.keyring.if_present()
    with desk.store.reading() as conn:
        query = select(tables.outbox).where(tables.outbox.c.event.in_(("reset", "signin", "register"))).order_by(tables.outbox.c.id)
        rows = list(conn.execute(query).all())
    found = []
    for row in rows:
        assert key is not None
        message = json.loads(key.open(row.sealed))
        start, _, token = message["fields"]["link"].rpartition("/")
        assert start == f"https://panel.example/kvkk/{row.event}"
        found.append((row.event, message["address"], token))
    return found


def entries(desk: Desk) -> list[dict[str, Any]]:
    with desk.store.reading() as conn:
        return [json.loads(text) for text in conn.execute(select(tables.audit.c.detail).order_by(tables.audit.c.seq)).scalars()]


def resolve(desk: Desk, customer: str, resolution: Resolution) -> int:
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    number = desk.requests.add(desk.actor, NewRequest(customer, kind)).number
    desk.resolutions.resolve(desk.actor, number, resolution, FORCED)
    return number


def refusal(call: Callable[[], object]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(NotAllowed) as refused:
        call()
    return refused.value.code, dict(refused.value.facts)


@pytest.fixture
def panel(desk: Desk) -> Desk:
    """The sample with the address of its panel, and a customer whose password is known."""
    desk.settings.set(desk.actor, "panel-url", "https://panel.example/kvkk/")
    set_cell(desk, FREE, "password_hash", quick(PASSWORD))
    set_cell(desk, FREE, "status", "active")
    set_cell(desk, OTHER, "password_hash", quick(PASSWORD))
    set_cell(desk, OTHER, "status", "active")
    return desk


def signed_in(panel: Desk, customer: str = FREE) -> SignedIn:
    return panel.accounts.sign_in(VISITOR, login(panel, customer), PASSWORD)


# -- sign-in ---------------------------------------------------------------------------------------------------------


def test_the_right_password_begins_a_session(panel: Desk, clock: Any) -> None:
    done = signed_in(panel)
    session = panel.accounts.session(VISITOR, done.token)
    assert session == done.session
    assert (session.customer, session.must_consent, session.until) == (FREE, False, clock.now + timedelta(minutes=30))
    assert done.token not in repr(done)
    last = entries(panel)[-1]
    assert (last["verb"], last["actor"], last["detail"]) == ("account.sign-in", "panel@web.example", {"by": "password", "rehashed": True})


def test_a_session_ends_when_the_customer_leaves(panel: Desk) -> None:
    token = signed_in(panel).token
    panel.accounts.sign_out(VISITOR, token)
    assert refusal(lambda: panel.accounts.session(VISITOR, token)) == ("session-over", {})
    panel.accounts.sign_out(VISITOR, token)
    assert [one["verb"] for one in entries(panel)[-2:]] == ["account.sign-in", "account.sign-out"]


def test_using_a_session_moves_its_end_and_idleness_ends_it(panel: Desk, clock: Any) -> None:
    token = signed_in(panel).token
    for _ in range(3):
        clock.move(minutes=25)
        assert panel.accounts.session(VISITOR, token).until == clock.now + timedelta(minutes=30)
    clock.move(minutes=31)
    assert refusal(lambda: panel.accounts.session(VISITOR, token)) == ("session-over", {})


def _mask(desk: Desk) -> None:
    resolve(desk, FREE, Resolution(mask=True))


def _erase(desk: Desk) -> None:
    resolve(desk, FREE, Resolution(erase=True))


def _block(desk: Desk) -> None:
    resolve(desk, FREE, Resolution())


def _blocked_though_its_hash_lives(desk: Desk) -> None:
    """A map that does not name the password column: our own block is enough."""
    resolve(desk, FREE, Resolution())
    set_cell(desk, FREE, "password_hash", quick(PASSWORD))
    set_cell(desk, FREE, "status", "active")


def _close(desk: Desk) -> None:
    set_cell(desk, FREE, "status", "closed")


STATES = (_mask, _erase, _block, _blocked_though_its_hash_lives, _close)


@pytest.mark.parametrize("becomes", STATES)
def test_who_may_not_come_in_hears_what_a_stranger_hears(panel: Desk, becomes: Callable[[Desk], None]) -> None:
    """Sign-in, link and reset: one answer, and no message goes out."""
    name = login(panel)
    token = signed_in(panel).token
    becomes(panel)
    stranger = refusal(lambda: panel.accounts.sign_in(VISITOR, NOBODY, PASSWORD))
    assert stranger == ("sign-in-refused", {})
    assert refusal(lambda: panel.accounts.sign_in(VISITOR, name, PASSWORD)) == stranger
    assert refusal(lambda: panel.accounts.session(VISITOR, token)) == ("session-over", {})
    for who in (name, NOBODY):
        panel.accounts.ask_reset(VISITOR, who)
        panel.accounts.ask_link(VISITOR, who)
    assert sent(panel) == []


@pytest.mark.parametrize("becomes", STATES)
def test_links_that_are_on_their_way_are_dead(panel: Desk, becomes: Callable[[Desk], None]) -> None:
    panel.accounts.ask_reset(VISITOR, login(panel))
    panel.accounts.ask_link(VISITOR, login(panel))
    (_, _, reset), (_, _, link) = sent(panel)
    becomes(panel)
    before = None if becomes is _erase else cell(panel, FREE, "password_hash")
    assert refusal(lambda: panel.accounts.reset(VISITOR, reset, NEW)) == ("link-used-up", {})
    assert refusal(lambda: panel.accounts.sign_in_by_link(VISITOR, link)) == ("link-used-up", {})
    assert before is None or cell(panel, FREE, "password_hash") == before


@pytest.mark.parametrize("resolution", [Resolution(), Resolution(mask=True), Resolution(erase=True)], ids=str)
def test_sessions_and_links_go_in_the_transaction_of_the_block(
    panel: Desk, resolution: Resolution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Undone with it, and gone with it: never a moment between."""

    def fail(*_: Any) -> None:
        raise KvkkError("redaction-failed", number=1)

    token = signed_in(panel).token
    panel.accounts.ask_reset(VISITOR, login(panel))
    number = panel.requests.add(panel.actor, NewRequest(FREE, Kind.ERASE if resolution.erase else Kind.ANONYMISE)).number
    with monkeypatch.context() as patch:
        patch.setattr("core.store.certificates.put_all", fail)
        with pytest.raises(KvkkError, match="redaction-failed"):
            panel.resolutions.resolve(panel.actor, number, resolution, FORCED)
    assert panel.accounts.session(VISITOR, token).customer == FREE
    panel.resolutions.resolve(panel.actor, number, resolution, FORCED)
    with panel.store.reading() as conn:
        assert conn.execute(select(tables.tokens)).all() == []


def test_a_block_between_password_and_session_wins(panel: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is compared outside the transaction: what happens meanwhile counts."""
    from core.adapters import hashing

    compare, name = hashing.fits, login(panel)

    def meanwhile(stored: Any, password: str) -> bool:
        _blocked_though_its_hash_lives(panel)
        return compare(stored, password)

    monkeypatch.setattr("core.adapters.hashing.fits", meanwhile)
    assert refusal(lambda: panel.accounts.sign_in(VISITOR, name, PASSWORD)) == ("sign-in-refused", {})


def test_who_has_to_consent_may_come_in_for_that_alone(panel: Desk) -> None:
    panel.settings.set(panel.actor, "enforce-consent", "on")
    done = signed_in(panel)
    assert done.session.must_consent
    assert panel.accounts.session(VISITOR, done.token).must_consent
    panel.consent.give(panel.actor, FREE)
    assert not panel.accounts.session(VISITOR, done.token).must_consent
    panel.consent.withdraw(panel.actor, FREE)
    assert panel.accounts.session(VISITOR, done.token).must_consent
    panel.accounts.ask_reset(VISITOR, login(panel))
    panel.accounts.reset(VISITOR, sent(panel)[-1][2], NEW)


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("ali.isik@posta.example", "ALİ.IŞIK@POSTA.EXAMPLE"),
        ("ali.isik@posta.example", "  Ali.Isik@Posta.Example  "),
        ("ali.isik@posta.example", "ali.isik@posta.example."),
        ("Ali.ISIK@Posta.example", "ali.isik@posta.example"),
        ("ali.isik@posta.example", "ａｌｉ.isik@posta.example"),
        ("al@x.example", "AL@X.EXAMPLE"),
    ],
)
def test_a_name_is_the_same_however_it_is_typed(panel: Desk, stored: str, typed: str) -> None:
    if "IŞIK" in typed:
        stored = stored.replace("isik", "işık")
    set_cell(panel, FREE, "email", stored)
    assert panel.accounts.sign_in(VISITOR, typed, PASSWORD).session.customer == FREE


@pytest.mark.parametrize(
    "typed", ["ali.isik@posta.example", "aliışık@posta.example", "xali.işık@posta.example", "ali.işık@posta.example.tr", "%", "_" * 22]
)
def test_another_name_is_another_account(panel: Desk, typed: str) -> None:
    set_cell(panel, FREE, "email", "ali.işık@posta.example")
    assert refusal(lambda: panel.accounts.sign_in(VISITOR, typed, PASSWORD)) == ("sign-in-refused", {})


def test_two_accounts_of_one_name_are_nobody(panel: Desk) -> None:
    """Whose password would it be? And a link would go to one of two."""
    set_cell(panel, FREE, "email", "ali.kaya@posta.example")
    set_cell(panel, OTHER, "email", "Ali.Kaya@posta.example.")  # a name that MariaDB's collation takes for another one too
    for name in ("ali.kaya@posta.example", "Ali.Kaya@posta.example.", "ALİ.KAYA@POSTA.EXAMPLE"):
        assert refusal(lambda name=name: panel.accounts.sign_in(VISITOR, name, PASSWORD)) == ("sign-in-refused", {})  # type: ignore[misc]
        panel.accounts.ask_reset(VISITOR, name)
    assert sent(panel) == []
    set_cell(panel, OTHER, "status", "closed")
    assert panel.accounts.sign_in(VISITOR, "ali.kaya@posta.example", PASSWORD).session.customer == FREE


HOSTILE = (
    "",
    " ",
    "\0",
    "a\0b@x.example",
    "\ud800@x.example",
    "x" * 10_000_000,
    "é" * 300,
    "😀@x.example",
    "' OR 1=1 --",
    "a@b@c",
    "\u202e@x.example",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_and_passwords_are_refused_like_any_other(panel: Desk, text: str) -> None:
    for name, password in ((text, PASSWORD), (login(panel), text)):
        assert refusal(lambda n=name, p=password: panel.accounts.sign_in(VISITOR, n, p)) == ("sign-in-refused", {})  # type: ignore[misc]
    panel.accounts.ask_reset(VISITOR, text)
    assert sent(panel) == []


# -- the same work ---------------------------------------------------------------------------------------------------


@contextmanager
def counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Statements without their values, and comparisons with the price of each."""
    done: list[str] = []
    compare = passwords.Stored.fits

    def statement(_conn: Any, _cursor: Any, text: str, *_: Any) -> None:
        done.append(text)

    def fits(stored: passwords.Stored, password: str) -> bool:
        done.append(stored.cost)
        return compare(stored, password)

    engines = (desk.store.reader, desk.store.writer)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", statement)
    with monkeypatch.context() as patch:
        patch.setattr(passwords.Stored, "fits", fits)
        yield done
    for engine in engines:
        event.remove(engine, "before_cursor_execute", statement)


def plain(done: list[str]) -> list[str]:
    """Without the numbers that SQLAlchemy gives to savepoints."""
    return [" ".join(word for word in text.split() if not word.startswith("sa_savepoint")) for text in done]


def test_a_wrong_password_and_an_unknown_name_take_the_same_work(panel: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements and comparisons are counted, not seconds. The company's accounts have the bcrypt hashes of its old panel."""
    set_cell(panel, FREE, "password_hash", cell(panel, "1", "password_hash"))
    names = {"known": login(panel), "unknown": NOBODY, "closed": login(panel, OTHER), "other": login(panel, "3")}
    set_cell(panel, OTHER, "status", "closed")
    for name in names.values():  # the buckets are there, the schema is known
        refusal(lambda name=name: panel.accounts.sign_in(VISITOR, name, "yanlış"))  # type: ignore[misc]
    work = {}
    for which, name in names.items():
        with counted(panel, monkeypatch) as done:
            refusal(lambda name=name: panel.accounts.sign_in(VISITOR, name, "yanlış"))  # type: ignore[misc]
        work[which] = plain(done)
    assert [text for text in work["known"] if text.startswith("bcrypt")] == ["bcrypt:12"]
    assert work["unknown"] == work["known"] == work["closed"] == work["other"]


def test_a_hash_that_nobody_can_read_takes_the_work_of_one(panel: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    set_cell(panel, FREE, "password_hash", "!")
    with counted(panel, monkeypatch) as done:
        refusal(lambda: panel.accounts.sign_in(VISITOR, login(panel), "yanlış"))
    assert [text for text in done if text.startswith("bcrypt")] == ["bcrypt:12"]


@pytest.mark.parametrize("verb", ["ask_reset", "ask_link"])
def test_a_link_that_is_not_sent_takes_the_work_of_one_that_is(panel: Desk, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    set_cell(panel, OTHER, "status", "closed")
    names = {"known": login(panel), "unknown": NOBODY, "closed": login(panel, OTHER)}
    for name in names.values():
        getattr(panel.accounts, verb)(VISITOR, name)
    work = {}
    for which, name in names.items():
        with counted(panel, monkeypatch) as done:
            getattr(panel.accounts, verb)(VISITOR, name)
        work[which] = plain(done)
    last = ("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
    assert any(text.startswith(last[0]) for text in work["known"])
    assert any(text.startswith(last[1]) for text in work["unknown"])
    same = {which: [text for text in done if not text.startswith(last)] for which, done in work.items()}
    assert same["unknown"] == same["known"] == same["closed"]
    assert {address for _, address, _ in sent(panel)} == {login(panel)}


def test_an_unknown_name_meets_the_same_hash_each_time(panel: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its time would differ from try to try, and that of an account would not."""
    for customer in ("1", "2", "3"):
        set_cell(panel, customer, "password_hash", MD5_OF_PAROLA)
    seen = set()
    for _ in range(3):
        with counted(panel, monkeypatch) as done:
            refusal(lambda: panel.accounts.sign_in(VISITOR, NOBODY, "yanlış"))
        seen.add(next(text for text in done if text.startswith(("bcrypt", "md5"))))
    assert len(seen) == 1


# -- limits ----------------------------------------------------------------------------------------------------------


def test_guessing_is_slowed_down_and_the_right_password_must_wait_too(panel: Desk, clock: Any) -> None:
    name = login(panel)
    for _ in range(5):
        assert refusal(lambda: panel.accounts.sign_in(VISITOR, name, "yanlış")) == ("sign-in-refused", {})
    for who in (name, name.upper()):
        assert refusal(lambda who=who: panel.accounts.sign_in(VISITOR, who, PASSWORD)) == ("too-many-attempts", {"seconds": 30})  # type: ignore[misc]
    clock.move(seconds=30)
    assert signed_in(panel).session.customer == FREE
    assert refusal(lambda: panel.accounts.sign_in(VISITOR, name, "yanlış")) == ("sign-in-refused", {})


def test_a_name_that_nobody_has_is_slowed_down_just_so(panel: Desk) -> None:
    told = [refusal(lambda: panel.accounts.sign_in(VISITOR, NOBODY, "yanlış")) for _ in range(6)]
    assert told == [("sign-in-refused", {})] * 5 + [("too-many-attempts", {"seconds": 30})]


def test_a_link_lets_in_whom_the_guesses_of_others_kept_out(panel: Desk) -> None:
    name = login(panel)
    stranger = Visitor("panel", "web.example", address="198.51.100.9")
    for _ in range(6):
        refusal(lambda: panel.accounts.sign_in(stranger, name, "yanlış"))
    assert refusal(lambda: panel.accounts.sign_in(VISITOR, name, PASSWORD))[0] == "too-many-attempts"
    panel.accounts.ask_reset(VISITOR, name)
    panel.accounts.reset(VISITOR, sent(panel)[-1][2], NEW)
    assert panel.accounts.sign_in(VISITOR, name, NEW).session.customer == FREE


def test_nobody_floods_a_mailbox(panel: Desk, clock: Any) -> None:
    name = login(panel)
    for _ in range(3):
        panel.accounts.ask_reset(VISITOR, name)
    assert refusal(lambda: panel.accounts.ask_reset(VISITOR, name)) == ("too-many-attempts", {"seconds": 300})
    assert refusal(lambda: panel.accounts.ask_link(VISITOR, name.upper())) == ("too-many-attempts", {"seconds": 300})
    assert len(sent(panel)) == 3
    clock.move(minutes=5)
    panel.accounts.ask_link(VISITOR, name)
    assert len(sent(panel)) == 4


def test_nothing_that_was_typed_stands_in_our_tables(panel: Desk, engine_name: str) -> None:
    refusal(lambda: panel.accounts.sign_in(VISITOR, "gizli.kisi@posta.example", "gizli-parola"))
    panel.accounts.ask_reset(VISITOR, "gizli.kisi@posta.example")
    with panel.store.reading() as conn:
        kept = " ".join(str(conn.execute(select(table)).all()) for table in (tables.attempts, tables.tokens, tables.audit))
    assert "gizli" not in kept
    assert VISITOR.address not in kept


# -- new passwords ---------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_a_link_to_the_own_address(panel: Desk) -> None:
    """Typed in capitals; the message goes to the address that is stored."""
    session = signed_in(panel).token
    panel.accounts.ask_reset(VISITOR, login(panel).upper())
    panel.accounts.ask_link(VISITOR, login(panel))
    (kind, address, token), (_, _, link) = sent(panel)
    assert (kind, address) == ("reset", login(panel))
    panel.accounts.reset(VISITOR, token, NEW)
    assert cell(panel, FREE, "password_hash").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert refusal(lambda: panel.accounts.session(VISITOR, session))[0] == "session-over"
    for again in (lambda: panel.accounts.reset(VISITOR, token, NEW), lambda: panel.accounts.sign_in_by_link(VISITOR, link)):
        assert refusal(again) == ("link-used-up", {})
    assert refusal(lambda: panel.accounts.sign_in(VISITOR, login(panel), PASSWORD)) == ("sign-in-refused", {})
    assert panel.accounts.sign_in(VISITOR, login(panel), NEW).session.customer == FREE
    assert [one["verb"] for one in entries(panel)[-4:]] == ["account.ask", "account.ask", "account.reset", "account.sign-in"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("kısa", "password-short"),
        ("x" * 1025, "password-long"),
        ("x" * 10_000_000, "password-long"),
        ("parola\0parola", "password-unreadable"),
        ("parola12\ud800", "password-unreadable"),
    ],
)
def test_a_password_that_is_none_leaves_the_link_good(panel: Desk, password: str, code: str) -> None:
    panel.accounts.ask_reset(VISITOR, login(panel))
    token = sent(panel)[0][2]
    with pytest.raises(UsageError, match=code):
        panel.accounts.reset(VISITOR, token, password)
    panel.accounts.reset(VISITOR, token, NEW)


def test_one_link_used_twice_at_once_sets_one_password(panel: Desk) -> None:
    panel.accounts.ask_reset(VISITOR, login(panel))
    token = sent(panel)[0][2]
    ends: list[str] = []
    together = threading.Barrier(4)

    def use(password: str) -> None:
        together.wait()
        try:
            panel.accounts.reset(VISITOR, token, password)
            ends.append(password)
        except NotAllowed as error:
            ends.append(error.code)

    threads = [threading.Thread(target=use, args=(f"parola numara {i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends)[:3] == ["link-used-up"] * 3
    won = sorted(ends)[3]
    assert panel.accounts.sign_in(VISITOR, login(panel), won).session.customer == FREE


def test_a_link_to_sign_in_is_good_once(panel: Desk) -> None:
    panel.accounts.ask_link(VISITOR, login(panel))
    ((kind, address, token),) = sent(panel)
    assert (kind, address) == ("signin", login(panel))
    assert panel.accounts.session(VISITOR, panel.accounts.sign_in_by_link(VISITOR, token).token).customer == FREE
    assert refusal(lambda: panel.accounts.sign_in_by_link(VISITOR, token)) == ("link-used-up", {})


@pytest.mark.parametrize("minutes", [61, -60])
def test_a_link_ends_with_its_hour_and_with_a_clock_that_jumps(panel: Desk, clock: Any, minutes: int) -> None:
    panel.accounts.ask_reset(VISITOR, login(panel))
    clock.move(minutes=minutes)
    assert refusal(lambda: panel.accounts.reset(VISITOR, sent(panel)[0][2], NEW)) == ("link-used-up", {})


def test_old_hashes_give_way_at_sign_in(panel: Desk) -> None:
    set_cell(panel, FREE, "password_hash", MD5_OF_PAROLA)
    panel.accounts.sign_in(VISITOR, login(panel), "parola")
    assert cell(panel, FREE, "password_hash") == MD5_OF_PAROLA, "too short a password is not hashed anew: PHP's own rules stand"
    set_cell(panel, FREE, "password_hash", quick(PASSWORD))
    signed_in(panel)
    fresh = cell(panel, FREE, "password_hash")
    assert fresh.startswith("$argon2id$")
    signed_in(panel)
    assert cell(panel, FREE, "password_hash") == fresh


@pytest.mark.parametrize(("room", "begins"), [(60, "$2y$12$"), (96, "$2y$12$")])
@pytest.mark.parametrize("engine_name", ["postgresql", "mariadb"])
def test_a_short_column_keeps_bcrypt(panel: Desk, engine_name: str, room: int, begins: str) -> None:
    _shorten(panel, engine_name, room)
    before = cell(panel, FREE, "password_hash")
    signed_in(panel)
    assert cell(panel, FREE, "password_hash") == before
    panel.accounts.ask_reset(VISITOR, login(panel))
    token = sent(panel)[0][2]
    with pytest.raises(UsageError, match="password-long"):
        panel.accounts.reset(VISITOR, token, "x" * 73)
    panel.accounts.reset(VISITOR, token, NEW)
    assert cell(panel, FREE, "password_hash").startswith(begins)
    assert panel.accounts.sign_in(VISITOR, login(panel), NEW).session.customer == FREE


@pytest.mark.parametrize("engine_name", ["postgresql", "mariadb"])
def test_a_column_without_room_for_any_hash_is_told(panel: Desk, engine_name: str) -> None:
    panel.accounts.ask_reset(VISITOR, login(panel))
    with panel.store.writer.begin() as conn:
        conn.exec_driver_sql("UPDATE customers SET password_hash = '!'")
    _shorten(panel, engine_name, 40)
    with pytest.raises(Refused, match="password-column-short"):
        panel.accounts.reset(VISITOR, sent(panel)[0][2], NEW)


def _shorten(desk: Desk, engine: str, room: int) -> None:
    change = {"postgresql": "ALTER COLUMN password_hash TYPE varchar({})", "mariadb": "MODIFY password_hash varchar({}) NOT NULL"}[engine]
    with desk.store.writer.begin() as conn:
        conn.exec_driver_sql(f"ALTER TABLE customers {change.format(room)}")
    desk.context._atlas = None


# -- set-up ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_not_set_up_is_told(desk: Desk, tmp_path: Any) -> None:
    with pytest.raises(UsageError, match="panel-url-unset"):
        desk.accounts.ask_reset(VISITOR, NOBODY)
    text = (SHIPPED / "sample.toml").read_text(encoding="utf-8")
    start = text.index("# By what customers sign in")
    (tmp_path / "own.toml").write_text(text[:start] + text[text.index("# Hizmet Durumu") :], encoding="utf-8")
    with Desk(Target(desk.target.database, str(tmp_path / "own.toml"), tmp_path / "k", "--db", None), actor=desk.actor) as other:
        for call in (lambda: other.accounts.sign_in(VISITOR, "a", "b"), lambda: other.accounts.ask_link(VISITOR, "a")):
            with pytest.raises(UsageError, match="map-no-sign-in"):
                call()
        with pytest.raises(UsageError, match="map-registers-nobody"):
            other.registration.fields(VISITOR)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_staff_do_not_come_in_as_customers(panel: Desk) -> None:
    for verb in ("sign_in", "ask_reset", "reset", "session", "sign_out"):
        with pytest.raises(NotAllowed, match="only-customers"):
            getattr(panel.accounts, verb)(Actor("panel", "web.example"), "a", "b")
