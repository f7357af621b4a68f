"""What only one may do at a time: taken, renewed, given back, lost by the dead, whatever the clocks say."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from core.errors import KvkkError
from core.model.records import Actor
from core.store import alive, leases, tables
from core.store.audit import sealer
from core.store.engine import Store, parse_url

NAME = "run"


def take(store: Store, actor: Actor, seconds: int = 60) -> str | None:
    with store.writing(actor, sealer(lambda _: None)) as unit:
        return leases.take(unit, NAME, seconds)


def renew(store: Store, actor: Actor, holder: str) -> bool:
    with store.writing(actor, sealer(lambda _: None)) as unit:
        return leases.renew(unit, NAME, holder, 60)


def shift(store: Store, actor: Actor, seconds: float) -> None:
    """As if the lease had been written under a clock that was so much ahead (or behind)."""
    book = tables.leases
    with store.writing(actor, sealer(lambda _: None)) as unit:
        row = unit.conn.execute(select(book)).one()
        by = timedelta(seconds=seconds)
        unit.conn.execute(update(book).values(taken_at=row.taken_at + by, until=row.until + by))


def test_the_second_gets_nothing_until_the_first_gives_it_back(store: Store, actor: Actor) -> None:
    first = take(store, actor)
    assert first is not None
    assert take(store, Actor("mehmet", "other.example")) is None
    with store.reading() as conn:
        found = leases.held(conn, NAME, store.clock())
    assert found is not None
    assert found.who == "ayse@desk.example"
    assert found.until - found.taken_at == timedelta(seconds=60)
    with store.writing(actor, sealer(lambda _: None)) as unit:
        leases.release(unit, NAME, "somebody else's token")
    assert take(store, actor) is None
    with store.writing(actor, sealer(lambda _: None)) as unit:
        leases.release(unit, NAME, first)
    with store.reading() as conn:
        assert leases.held(conn, NAME, store.clock()) is None
    assert take(store, actor) not in (None, first)


def test_a_dead_holder_loses_it_and_learns_so(store: Store, actor: Actor) -> None:
    dead = take(store, actor)
    assert dead is not None
    shift(store, actor, -61)
    heir = take(store, Actor("mehmet", "other.example"))
    assert heir is not None
    assert not renew(store, actor, dead)
    assert renew(store, actor, heir)


def test_a_late_renewal_counts_while_nobody_took_it(store: Store, actor: Actor) -> None:
    holder = take(store, actor)
    assert holder is not None
    shift(store, actor, -61)
    assert renew(store, actor, holder)
    assert take(store, actor) is None


def test_a_lease_of_a_clock_that_was_years_ahead_holds_nobody_up(store: Store, actor: Actor) -> None:
    assert take(store, actor) is not None
    shift(store, actor, 3 * 365 * 86400)
    assert take(store, actor) is not None


def test_a_lease_of_a_clock_that_is_a_little_ahead_is_believed(store: Store, actor: Actor) -> None:
    assert take(store, actor) is not None
    shift(store, actor, 300)
    assert take(store, actor) is None


def test_hosts_with_different_clocks_agree_on_a_server(store: Store, actor: Actor) -> None:
    """One host is a day behind: the server's clock says who holds it. SQLite has one host and one clock."""
    behind = Store(store.url, lambda: store.clock() - timedelta(days=1))
    try:
        first = take(behind, actor)
        assert first is not None
        if store.name != "sqlite":
            assert take(store, actor) is None
            assert renew(behind, actor, first)
    finally:
        behind.close()


def test_a_rolled_back_lease_was_never_taken(store: Store, actor: Actor) -> None:
    def broken() -> None:
        with store.writing(actor, sealer(lambda _: None)) as unit:
            assert leases.take(unit, NAME, 60) is not None
            raise KvkkError("stop")

    with pytest.raises(KvkkError, match="stop"):
        broken()
    assert take(store, actor) is not None


@pytest.mark.parametrize("there", [False, True])
def test_eight_who_take_it_at_once_are_one(store: Store, actor: Actor, there: bool) -> None:
    """Whether its row has to be made, or has been left by a dead holder."""
    if there:
        take(store, actor)
        shift(store, actor, -61)
    together = Barrier(8)

    def one(number: int) -> Any:
        mine = Store(parse_url(store.url.render_as_string(hide_password=False)), store.clock)
        try:
            together.wait(30)
            return take(mine, Actor(f"staff{number}", "desk.example"))
        finally:
            mine.close()

    with ThreadPoolExecutor(8) as crew:
        tokens = [token for token in crew.map(one, range(8)) if token is not None]
    assert len(tokens) == 1
    with store.reading() as conn:
        assert conn.execute(select(tables.leases.c.holder)).scalars().all() == tokens


@pytest.mark.parametrize("seconds", [0, -1, leases.LONGEST_S + 1])
def test_a_lease_without_an_end_is_refused(store: Store, actor: Actor, seconds: int) -> None:
    with pytest.raises(ValueError, match="seconds"):
        take(store, actor, seconds)


TAKE = """
import sys, time
from datetime import datetime
from core.model.records import Actor
from core.store import leases
from core.store.audit import sealer
from core.store.engine import Store, parse_url
store = Store(parse_url(sys.argv[1]), lambda: datetime.fromisoformat(sys.argv[2]))
with store.writing(Actor("can", "here"), sealer(lambda _: None)) as unit:
    assert leases.take(unit, "run", 600)
print("taken", flush=True)
time.sleep(60)
"""


def held(store: Store) -> bool:
    with store.reading() as conn:
        return leases.held(conn, NAME, store.clock()) is not None


def test_a_process_of_this_machine_that_was_killed_keeps_nobody_waiting(store: Store, actor: Actor) -> None:
    """Whether or not its parent has noticed; and while it lives it has the lease."""
    url = store.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", TAKE, url, store.clock().isoformat()], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        assert held(store)
        assert take(store, actor) is None
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert not held(store)
    assert not held(store)
    assert take(store, actor) is not None
    assert held(store)


@pytest.mark.parametrize(
    ("mark", "dead"),
    [
        ("", False),
        ("nonsense", False),
        ("{room}.{gone}.1", True),
        ("{room}.{me}.1", True),  # another process has its number now
        ("{room}.{me}.{began}", False),
        ("{room}.9999999999.1", False),  # no number of a process
        ("000000000000000000000000.{gone}.1", False),  # another machine, another start of it, another container
    ],
)
def test_only_a_process_of_this_machine_can_be_told_dead(mark: str, dead: bool) -> None:
    room, me, began = alive.mark().split(".")
    with subprocess.Popen(["true"]) as ended:
        pass
    assert alive.is_dead(mark.format(room=room, me=me, began=began, gone=ended.pid)) is dead


def test_where_the_system_does_not_tell_a_lease_ends_by_itself(
    store: Store, actor: Actor, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(alive, "PROC", tmp_path)
    alive._room.cache_clear()
    try:
        assert alive.mark() == ""
        assert take(store, actor) is not None
        assert held(store)
    finally:
        alive._room.cache_clear()
