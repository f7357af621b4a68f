"""`kvkk run` as a whole: one at a time, a failure stops nobody else, clocks that jump, on each engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.desk import Desk
from core.errors import Drift, Exit, KvkkError, NotAllowed, Refused, Unavailable
from core.model.clock import doubt
from core.model.records import Actor, JobDone
from core.services.automation import LEASE, Automation, Job
from core.store import leases, tables

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
Work = Callable[[Actor], JobDone]


def fine(_: Actor) -> JobDone:
    return JobDone(done=2, skipped=1)


def failing(error: KvkkError) -> Work:
    def work(_: Actor) -> JobDone:
        raise error

    return work


@pytest.fixture
def automation(desk: Desk, clock: Any) -> Callable[..., Automation]:
    def made(*jobs: Job) -> Automation:
        return Automation(desk.context, jobs, lambda _: clock())

    return made


def ran(automation: Automation, desk: Desk) -> dict[str, tuple[int, int, list[str]]]:
    report = automation.run(desk.actor)
    assert report.busy is None
    return {job.name: (job.done, job.skipped, [failure.code for failure in job.failed]) for job in report.jobs}


def lease(desk: Desk) -> leases.Lease | None:
    with desk.context.reading() as conn:
        return leases.held(conn, LEASE, desk.context.clock())


def audited(desk: Desk) -> list[str]:
    with desk.context.reading() as conn:
        return list(conn.execute(select(tables.audit.c.verb).order_by(tables.audit.c.seq)).scalars())


def test_every_job_has_its_turn_whatever_fails(desk: Desk, automation: Any) -> None:
    drift = Drift("drift", (("tables.x", "drift-table", {"table": "x", "through": ("customers",)}),), file="sample")
    run = automation(Job("first", fine), Job("broken", failing(drift)), Job("last", fine))
    assert ran(run, desk) == {"first": (2, 1, []), "broken": (0, 0, ["drift"]), "last": (2, 1, [])}
    report = run.run(desk.actor)
    assert report.exit_code == Exit.PARTLY
    assert report.failed[0].problems == drift.problems
    assert lease(desk) is None


def test_a_database_that_is_away_ends_the_run(desk: Desk, automation: Any) -> None:
    run = automation(Job("away", failing(Unavailable("database-gone"))), Job("never", fine))
    report = run.run(desk.actor)
    assert [job.name for job in report.jobs] == ["away"]
    assert report.exit_code == Exit.UNAVAILABLE


def test_a_mail_server_that_is_away_stops_nobody(desk: Desk, automation: Any) -> None:
    run = automation(Job("outbox", failing(Unavailable("mail-away"))), Job("last", fine))
    report = run.run(desk.actor)
    assert [job.name for job in report.jobs] == ["outbox", "last"]
    assert report.exit_code == Exit.UNAVAILABLE
    both = automation(Job("outbox", failing(Unavailable("mail-away"))), Job("x", failing(Refused("residue")))).run(desk.actor)
    assert both.exit_code == Exit.PARTLY


def test_a_run_without_work_leaves_no_audit_entry(desk: Desk, automation: Any) -> None:
    before = audited(desk)
    automation(Job("idle", lambda _: JobDone())).run(desk.actor)
    assert audited(desk) == before


def test_a_second_run_leaves_at_once(desk: Desk, automation: Any, clock: Any) -> None:
    seen: list[Any] = []

    def meanwhile(_: Actor) -> JobDone:
        seen.append(automation(Job("never", failing(KvkkError("x")))).run(Actor("mehmet", "other.example")))
        return JobDone()

    assert automation(Job("long", meanwhile)).run(desk.actor).exit_code == Exit.DONE
    second = seen[0]
    assert (second.jobs, second.exit_code) == ((), Exit.DONE)
    assert second.busy.who == "ayse@desk.example"


def test_a_run_that_lost_its_lease_stops_between_two_things(desk: Desk, automation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It slept for too long, and another host has taken over: it must not go on, and must not take the other's lease away."""
    done: list[int] = []

    def many(actor: Actor) -> JobDone:
        for number in range(3):
            desk.context.between()
            done.append(number)
            with desk.context.writing(actor) as unit:
                unit.conn.execute(update(tables.leases).values(holder="the other's"))
        return JobDone(done=3)

    ticks = iter(range(0, 100000, 61))
    monkeypatch.setattr("core.services.automation.time.monotonic", lambda: next(ticks))
    report = automation(Job("many", many), Job("never", fine)).run(desk.actor)
    assert [[f.code for f in job.failed] for job in report.jobs] == [["lease-lost"]]
    assert done == [0]
    assert lease(desk) is not None


def test_a_long_run_keeps_its_lease(desk: Desk, automation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 1000000, 61))
    monkeypatch.setattr("core.services.automation.time.monotonic", lambda: next(ticks))
    ends: list[datetime] = []

    def long(_: Actor) -> JobDone:
        for _number in range(3):
            desk.context.between()
            found = lease(desk)
            assert found is not None
            ends.append(found.until)
            desk.context.store.clock.move(seconds=5)  # type: ignore[attr-defined]
        return JobDone()

    automation(Job("long", long)).run(desk.actor)
    assert ends == sorted(set(ends))


def test_a_run_that_is_killed_by_a_signal_gives_its_lease_back(desk: Desk, automation: Any) -> None:
    def stopped(_: Actor) -> JobDone:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        automation(Job("stopped", stopped)).run(desk.actor)
    assert lease(desk) is None


def test_whoever_has_no_role_runs_nothing(desk: Desk, automation: Any) -> None:
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(tables.staff.insert().values(account="selin", role="admin", added_at=unit.at, added_by="x"))
    with pytest.raises(NotAllowed, match="not-staff"):
        automation(Job("first", fine)).run(desk.actor)


@pytest.mark.parametrize(("days", "code"), [(400, "clock-went-on"), (-3, "clock-went-back")])
def test_after_a_jump_of_the_clock_what_depends_on_the_date_waits_for_one_run(
    desk: Desk, automation: Any, clock: Any, days: int, code: str
) -> None:
    run = automation(Job("dated", fine, by_date=True), Job("mail", fine))
    assert list(ran(run, desk)) == ["dated", "mail"]
    clock.move(days=days)
    assert ran(run, desk) == {"clock": (0, 0, [code]), "mail": (2, 1, [])}
    assert audited(desk)[-1] == "run.clock"
    clock.move(minutes=15)
    assert list(ran(run, desk)) == ["dated", "mail"]
    assert audited(desk).count("run.clock") == 1
    desk.audit.verify(desk.actor, None)


def test_a_host_whose_clock_differs_from_the_servers_does_nothing_dated(desk: Desk, clock: Any) -> None:
    run = Automation(desk.context, (Job("dated", fine, by_date=True),), lambda _: clock() + timedelta(hours=2))
    for _ in range(2):
        assert ran(run, desk) == {"clock": (0, 0, ["clock-differs"])}
    assert run.run(desk.actor).exit_code == Exit.PARTLY


@pytest.mark.parametrize(
    ("last", "server", "found"),
    [
        (None, None, None),
        (timedelta(minutes=-15), timedelta(minutes=10), None),
        (timedelta(minutes=10), None, None),  # two hosts, a little apart
        (timedelta(days=-7), None, None),
        (timedelta(days=-8), None, "clock-went-on"),
        (timedelta(hours=1), None, "clock-went-back"),
        (None, timedelta(days=-365), "clock-differs"),
        (timedelta(days=-8), timedelta(hours=1), "clock-differs"),
    ],
)
def test_when_a_clock_is_doubted(last: timedelta | None, server: timedelta | None, found: str | None) -> None:
    assert doubt(NOW, NOW + last if last else None, NOW + server if server else None) == found
