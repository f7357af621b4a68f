"""The outbox on each engine: sent once, put off, given up, uncertain; two senders, kills, jumping clocks; nothing is lost."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.adapters.smtpline import Patience
from core.errors import Conflict, KeyFileError, NotFound
from core.model.records import Delivery, Failure, JobDone
from core.services import notices
from core.store import mailbag, outbox, tables


def rows(office: Any) -> list[Any]:
    with office.store.reading() as conn:
        return list(conn.execute(select(tables.outbox).order_by(tables.outbox.c.id)).all())


def verbs(office: Any) -> list[str]:
    with office.store.reading() as conn:
        return [verb for verb in conn.execute(select(tables.audit.c.verb).order_by(tables.audit.c.seq)).scalars() if "notice" in verb]


@pytest.fixture
def server(serve: Any, office: Any) -> Any:
    found = serve()
    office.set(smtp_port=found.port)
    return found


def test_a_message_is_sent_once_and_its_address_is_gone(office: Any, server: Any) -> None:
    (message_id,) = office.queue("ali@ornek.example", name="Ali Çağrı")
    assert office.notices.deliver(office.actor) == Delivery(sent=1)
    (got,) = server.box.mail
    assert got.recipients == ["ali@ornek.example"]
    assert f"Message-ID: {message_id}".encode() in got.content
    (row,) = rows(office)
    assert (row.state, row.attempts, row.sealed, row.key_id, row.last_error) == ("sent", 1, None, None, None)
    assert row.closed_at == office.clock.now
    assert verbs(office) == ["notice.sent"]
    assert office.notices.deliver(office.actor) == Delivery()
    assert len(server.box.mail) == 1


def test_nothing_of_the_person_is_recorded_or_listed(office: Any, server: Any) -> None:
    server.box.refuse["veli@ornek.example"] = "550 veli@ornek.example is unknown"
    office.queue("ali@ornek.example", "veli@ornek.example", name="Zühtü")
    office.notices.deliver(office.actor)
    with office.store.reading() as conn:
        said = json.dumps([list(map(str, row)) for row in conn.execute(select(tables.audit))])
    listed = str(office.notices.list(office.actor, states=()))
    assert "ornek" not in said + listed
    assert "Zühtü" not in said + listed


def test_without_a_mail_server_messages_wait_and_the_list_says_so(office: Any) -> None:
    office.set(smtp_host="unset")
    office.queue("ali@ornek.example")
    done = office.notices.deliver(office.actor)
    assert (done.waiting, done.exit_code) == (1, 2)
    assert done.trouble is not None
    assert done.trouble.code == "mail-not-set"
    page = office.notices.list(office.actor)
    assert (page.mail_set, page.waiting, [row.state for row in page.rows]) == (False, 1, ["queued"])
    assert rows(office)[0].attempts == 0


def test_while_the_server_is_away_no_message_is_touched(office: Any, server: Any) -> None:
    office.queue("ali@ornek.example", "veli@ornek.example")
    server.stop()
    done = office.notices.deliver(office.actor)
    assert (done.sent, done.waiting, done.exit_code) == (0, 2, 9)
    assert done.trouble is not None
    assert done.trouble.code == "mail-unreachable"
    assert {(row.state, row.attempts) for row in rows(office)} == {("queued", 0)}


def test_what_is_put_off_is_tried_after_growing_pauses(office: Any, server: Any) -> None:
    server.box.refuse["ali@ornek.example"] = "451 later"
    office.queue("ali@ornek.example", "veli@ornek.example")
    assert office.notices.deliver(office.actor) == Delivery(sent=1, later=1, waiting=1)
    pauses = []
    for _ in range(9):
        row = rows(office)[0]
        assert (row.state, row.last_error) == ("queued", "mail-later-451")
        pauses.append((row.next_at - office.clock.now).total_seconds() / 60)
        office.clock.move(minutes=pauses[-1] - 0.1)
        assert office.notices.deliver(office.actor).later == 0
        office.clock.move(minutes=0.1)
        assert office.notices.deliver(office.actor).later == 1
    assert pauses == [5, 10, 20, 40, 80, 160, 360, 360, 360]
    server.box.refuse.clear()
    office.clock.move(hours=6)
    assert office.notices.deliver(office.actor).sent == 1
    assert verbs(office) == ["notice.sent", "notice.sent"]


def test_what_is_refused_for_good_is_given_up_and_shown(office: Any, server: Any) -> None:
    server.box.refuse["ali@ornek.example"] = "550 no"
    office.queue("ali@ornek.example")
    done = office.notices.deliver(office.actor)
    assert (done.failed, done.exit_code) == (1, 7)
    (row,) = office.notices.list(office.actor).rows
    assert (row.state, row.last_error) == ("failed", "mail-refused-550")
    office.clock.move(days=3)
    assert office.notices.deliver(office.actor) == Delivery()
    server.box.refuse.clear()
    assert office.notices.retry(office.actor, row.id).state == "queued"
    assert office.notices.deliver(office.actor).sent == 1
    assert verbs(office) == ["notice.failed", "notice.retry", "notice.sent"]


@pytest.mark.parametrize("address", ["ali@ornek.example, x@evil.example", "ali@ornek.example\nBcc: x@evil.example", "Ali <a@b.example>"])
def test_an_address_that_is_none_is_refused_before_anything_is_sent(office: Any, server: Any, address: str) -> None:
    office.queue(address, "veli@ornek.example")
    assert office.notices.deliver(office.actor) == Delivery(sent=1, failed=1)
    assert server.box.addresses == ["veli@ornek.example"]
    assert rows(office)[0].last_error == "mail-address"


def test_a_message_that_cannot_be_written_holds_up_no_other(office: Any, server: Any) -> None:
    office.queue("ali@ornek.example", kind="nonsense")
    office.queue("ali@ornek.example", event="unheard-of")
    office.queue("veli@ornek.example")
    assert office.notices.deliver(office.actor) == Delivery(sent=1, failed=2)
    assert [row.last_error for row in rows(office)] == ["mail-fields", "template-not-found", None]


def test_a_sealed_address_that_was_changed_holds_up_no_other(office: Any, server: Any) -> None:
    office.queue("ali@ornek.example", "veli@ornek.example")
    with office.store.writer.begin() as conn:
        conn.execute(update(tables.outbox).where(tables.outbox.c.id == rows(office)[0].id).values(sealed=b"x" * 40))
    assert office.notices.deliver(office.actor) == Delivery(sent=1, failed=1)
    assert rows(office)[0].last_error == "sealed-by-another-key"


def test_without_the_key_file_nothing_is_sent_and_nothing_lost(office: Any, server: Any) -> None:
    office.queue("ali@ornek.example")
    path = office.context.keyring.path
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(KeyFileError, match="key-file-missing"):
        office.notices.deliver(office.actor)
    path.write_bytes(kept)
    path.chmod(0o600)
    assert office.notices.deliver(office.actor).sent == 1


def test_a_message_sealed_before_the_key_was_changed_is_opened_with_the_old_key(office: Any, server: Any) -> None:
    from core.store import keybook
    from core.store.keyring import Key

    office.queue("ali@ornek.example")
    fresh = Key(b"k" * 32)
    office.context.keyring.add(fresh)
    with office.writing() as unit:
        keybook.hand_over(unit, str(keybook.current(unit.conn)), fresh.id)
    office.queue("veli@ornek.example")
    assert office.notices.deliver(office.actor) == Delivery(sent=2)


# --- nobody knows ----------------------------------------------------------------------------------------------------


@pytest.fixture
def breaks_behind_the_dot(rude: Any, talk: Any, office: Any) -> Any:
    """Takes the message, then hangs up without a word; keeps what it was told."""
    kept: list[bytes] = []

    def behave(connection: socket.socket, _number: int) -> None:
        spoken = talk(connection)
        spoken.until_data()
        kept.append(spoken.rest())

    server = rude(behave)
    server.kept = kept
    office.set(smtp_port=server.port)
    return server


def test_a_line_lost_behind_the_dot_is_unknown_and_sent_again_with_the_same_id(office: Any, breaks_behind_the_dot: Any, serve: Any) -> None:
    (message_id,) = office.queue("ali@ornek.example")
    done = office.notices.deliver(office.actor)
    assert (done.unknown, done.exit_code) == (1, 7)
    (row,) = rows(office)
    assert (row.state, row.last_error) == ("unknown", "mail-uncertain")
    assert row.sealed is not None
    polite = serve()
    office.set(smtp_port=polite.port)
    office.clock.move(minutes=59)
    assert office.notices.deliver(office.actor) == Delivery()
    office.clock.move(minutes=1)
    assert office.notices.deliver(office.actor) == Delivery(sent=1)
    assert f"Message-ID: {message_id}".encode() in breaks_behind_the_dot.kept[0]
    assert f"Message-ID: {message_id}".encode() in polite.box.mail[0].content
    assert verbs(office) == ["notice.unknown", "notice.sent"]


def test_on_the_word_of_staff_it_is_sent_again_at_once_or_never(office: Any, breaks_behind_the_dot: Any, serve: Any) -> None:
    office.queue("ali@ornek.example", "veli@ornek.example")
    assert office.notices.deliver(office.actor).unknown == 2
    first, second = rows(office)
    polite = serve()
    office.set(smtp_port=polite.port)
    office.context.fresh.clear()
    office.notices.retry(office.actor, first.id)
    office.notices.drop(office.actor, second.id)
    assert office.notices.post(office.actor) == Delivery(sent=1)
    assert polite.box.addresses == ["ali@ornek.example"]
    assert [(row.state, row.sealed) for row in rows(office)] == [("sent", None), ("dropped", None)]


def test_a_server_that_always_breaks_does_not_make_everything_unknown(office: Any, breaks_behind_the_dot: Any) -> None:
    office.queue(*(f"a{n}@ornek.example" for n in range(8)))
    done = office.notices.deliver(office.actor)
    assert (done.unknown, done.waiting) == (3, 5)
    assert done.trouble is not None
    assert done.trouble.code == "mail-breaks"


def test_a_claim_of_a_sender_that_died_becomes_unknown_first(office: Any, server: Any) -> None:
    office.queue("ali@ornek.example")
    with office.writing() as unit:
        assert mailbag.claim(unit, office.context.keyring, rows(office)[0].id) is not None
    assert office.notices.deliver(office.actor) == Delivery()
    office.clock.move(minutes=16)
    assert office.notices.deliver(office.actor) == Delivery()
    (row,) = rows(office)
    assert (row.state, row.last_error) == ("unknown", "mail-killed")
    office.clock.move(minutes=44)
    assert office.notices.deliver(office.actor) == Delivery(sent=1)


def test_who_knows_that_it_arrived_has_the_last_word(office: Any, server: Any) -> None:
    """A sender that slept so long that others gave it up, and then hears 250."""
    office.queue("ali@ornek.example")
    with office.writing() as unit:
        claimed = mailbag.claim(unit, office.context.keyring, rows(office)[0].id)
    assert claimed is not None
    office.clock.move(minutes=16)
    office.notices.deliver(office.actor)
    assert rows(office)[0].state == "unknown"
    with office.writing() as unit:
        mailbag.sent(unit, claimed)
    assert rows(office)[0].state == "sent"
    office.clock.move(hours=2)
    assert office.notices.deliver(office.actor) == Delivery()
    assert server.box.mail == []


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_clock_that_jumps_neither_loses_nor_doubles_a_message(office: Any, server: Any, days: int) -> None:
    right = office.clock.now
    server.box.refuse["late@ornek.example"] = "451 later"
    office.queue("late@ornek.example", "dead@ornek.example", "ali@ornek.example")
    dead = rows(office)[1].id
    office.clock.now = right + timedelta(days=days)
    with office.writing() as unit:
        assert mailbag.claim(unit, office.context.keyring, dead) is not None
    office.notices.deliver(office.actor)
    office.clock.now = right
    server.box.refuse.clear()
    for _ in range(8):
        office.clock.move(minutes=30)
        office.notices.deliver(office.actor)
    assert sorted(server.box.addresses) == ["ali@ornek.example", "dead@ornek.example", "late@ornek.example"]
    assert {row.state for row in rows(office)} == {"sent"}


# --- many ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_many_messages_go_over_one_line(office: Any, server: Any, many: int) -> None:
    wanted = [f"a{n}@ornek.example" for n in range(many)]
    office.queue(*wanted)
    assert office.notices.deliver(office.actor) == Delivery(sent=many)
    assert server.box.addresses == wanted
    assert server.box.connections == 1
    assert {row.state for row in rows(office)} == {"sent"}


def test_a_line_that_breaks_now_and_then_is_opened_anew(office: Any, rude: Any, talk: Any) -> None:
    """Three messages a connection, then the server hangs up without a word before the fourth."""
    got: list[bytes] = []

    def behave(connection: socket.socket, _number: int) -> None:
        connection.sendall(b"220 hello\r\n")
        reader = connection.makefile("rb")
        sent = 0
        for line in iter(reader.readline, b""):
            if line.upper().startswith(b"MAIL") and sent == 3:
                return
            if line.upper().startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                got.append(b"".join(iter(reader.readline, b".\r\n")))
                sent += 1
            connection.sendall(b"250 OK\r\n")

    server = rude(behave)
    office.set(smtp_port=server.port)
    office.queue(*(f"a{n}@ornek.example" for n in range(20)))
    assert office.notices.deliver(office.actor) == Delivery(sent=20)
    assert len(got) == 20
    assert server.connections == 7


def test_of_two_senders_at_once_one_has_each_message(office: Any, server: Any) -> None:
    wanted = [f"a{n}@ornek.example" for n in range(60)]
    office.queue(*wanted)
    done: list[Delivery] = []
    others = [threading.Thread(target=lambda: done.append(notices.Notices(office.context).deliver(office.actor))) for _ in range(3)]
    for one in others:
        one.start()
    for one in others:
        one.join(120)
    assert Counter(server.box.addresses) == Counter(wanted)
    assert sum(one.sent for one in done) == 60
    assert Counter(verbs(office)) == {"notice.sent": 60}


def test_as_a_job_it_says_what_failed_and_nothing_else(office: Any, serve: Any) -> None:
    office.set(smtp_host="unset")
    office.queue("ali@ornek.example")
    assert office.notices.job(office.actor) == JobDone(skipped=1)
    server = serve()
    server.box.refuse["veli@ornek.example"] = "550 no"
    office.set(smtp_host="localhost", smtp_port=server.port)
    office.queue("veli@ornek.example")
    assert office.notices.job(office.actor) == JobDone(1, 0, (Failure("messages-refused", 7, (("count", 1),)),))
    server.stop()
    office.queue("ali@ornek.example")
    (failure,) = office.notices.job(office.actor).failed
    assert (failure.code, failure.exit_code) == ("mail-unreachable", 9)
    assert list(office.context.fresh) == []


# --- at once ---------------------------------------------------------------------------------------------------------


def test_what_a_process_has_queued_is_sent_at_once_and_nothing_else(office: Any, server: Any) -> None:
    office.queue("old@ornek.example")
    office.context.fresh.clear()
    office.queue("ali@ornek.example")
    assert office.notices.post(office.actor) == Delivery(sent=1, waiting=1)
    assert server.box.addresses == ["ali@ornek.example"]
    assert office.notices.post(office.actor) == Delivery(waiting=1)


def test_what_was_undone_is_not_sent(office: Any, server: Any) -> None:
    def verb() -> None:
        with office.context.writing(office.actor) as unit:
            outbox.queue(unit, office.context.keyring, "received", 7, "tr", "ali@ornek.example", {})
            raise Conflict("constraint")

    with pytest.raises(Conflict):
        verb()
    assert list(office.context.fresh) == []
    assert office.notices.post(office.actor) == Delivery()


def test_nobody_waits_long_for_a_silent_server(office: Any, rude: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = rude(lambda connection, _: time.sleep(20))
    office.set(smtp_port=server.port)
    office.queue(*(f"a{n}@ornek.example" for n in range(5)))
    begun = time.monotonic()
    done = office.notices.post(office.actor)
    assert time.monotonic() - begun < 9
    assert done.trouble is not None
    assert (done.trouble.code, done.waiting) == ("mail-unreachable", 5)


def test_a_slow_server_gets_only_what_it_can_take_at_once(office: Any, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "AT_ONCE_S", 0.5)
    monkeypatch.setattr(notices, "AT_ONCE", Patience(3, 5))
    server = serve()
    server.box.of_data = lambda number: time.sleep(0.4)  # type: ignore[func-returns-value]
    office.set(smtp_port=server.port)
    office.queue(*(f"a{n}@ornek.example" for n in range(6)))
    done = office.notices.post(office.actor)
    assert 1 <= done.sent <= 3
    assert done.trouble is not None
    assert done.trouble.code == "mail-slow"
    assert done.sent + done.waiting == 6


def test_a_link_that_would_be_dead_on_arrival_is_not_sent(office: Any, server: Any) -> None:
    office.queue("ali@ornek.example", "veli@ornek.example", event="reset", link="https://x.example/1", minutes=30)
    office.clock.move(minutes=29)
    first, second = (row.message_id for row in rows(office))
    office.context.fresh.clear()
    office.context.fresh.append(first)
    assert office.notices.post(office.actor) == Delivery(sent=1, waiting=1)
    office.clock.move(minutes=1)
    assert office.notices.deliver(office.actor) == Delivery()
    assert [(row.state, row.sealed) for row in rows(office)] == [("sent", None), ("dropped", None)]
    assert second not in str(server.box.mail)


# --- an interruption -------------------------------------------------------------------------------------------------


class Stop(BaseException):
    """As SIGTERM in the command line."""


@pytest.mark.parametrize(
    ("where", "state", "error"),
    [("before", "queued", "mail-stopped"), ("dot", "unknown", "mail-uncertain"), ("after", "sent", None)],
)
def test_an_interruption_leaves_what_is_known(
    office: Any, server: Any, monkeypatch: pytest.MonkeyPatch, where: str, state: str, error: str | None
) -> None:
    from core.adapters.smtpline import Line

    def stop(*_: Any, **__: Any) -> Any:
        raise Stop

    if where == "before":
        monkeypatch.setattr(Line, "write", stop)
    elif where == "dot":
        monkeypatch.setattr(Line, "reply", stop)
    else:
        real = mailbag.sent
        calls: list[int] = []

        def once(unit: Any, claimed: Any) -> None:
            calls.append(1)
            if len(calls) == 1:
                raise Stop
            real(unit, claimed)

        monkeypatch.setattr(mailbag, "sent", once)
    office.queue("ali@ornek.example", "veli@ornek.example")
    with pytest.raises(Stop):
        office.notices.deliver(office.actor)
    first, second = rows(office)
    assert (first.state, first.last_error) == (state, error)
    assert (second.state, second.attempts) == ("queued", 0)
    monkeypatch.undo()
    office.clock.move(minutes=61)
    office.notices.deliver(office.actor)
    assert {row.state for row in rows(office)} == {"sent"}


# --- what staff decide -----------------------------------------------------------------------------------------------


def test_what_is_closed_or_on_its_way_cannot_be_decided(office: Any, server: Any) -> None:
    office.queue("ali@ornek.example", "veli@ornek.example")
    first, second = (row.id for row in rows(office))
    with office.writing() as unit:
        mailbag.claim(unit, office.context.keyring, second)
    for verb in (office.notices.retry, office.notices.drop):
        with pytest.raises(Conflict, match="message-sending"):
            verb(office.actor, second)
        for number in (0, 999, 2**70):
            with pytest.raises(NotFound, match="message-not-found"):
                verb(office.actor, number)
    office.notices.deliver(office.actor)
    for verb in (office.notices.retry, office.notices.drop):
        with pytest.raises(Conflict, match="message-closed"):
            verb(office.actor, first)


def test_messages_are_listed_from_the_newest_in_pages(office: Any) -> None:
    office.queue(*(f"a{n}@ornek.example" for n in range(5)))
    ids = [row.id for row in rows(office)]
    office.notices.drop(office.actor, ids[2])
    page = office.notices.list(office.actor, limit=3)
    assert [row.id for row in page.rows] == [ids[4], ids[3], ids[1]]
    assert [row.id for row in office.notices.list(office.actor, limit=3, after=page.cursor).rows] == [ids[0]]
    assert [row.id for row in office.notices.list(office.actor, states=("dropped",)).rows] == [ids[2]]
    assert len(office.notices.list(office.actor, states=(), request=7).rows) == 5
    assert office.notices.list(office.actor, states=(), request=8).rows == ()
