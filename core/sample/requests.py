"""Our own rows of the sample: settings, requests with their histories, certificates, messages, consents, downloads, audit.

Played back in the order of time, each event under its own clock, with the words that the services use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, insert

from core.model import lifecycle
from core.model.certificate import Certificate, Controller, Grade, Level, LevelStatus
from core.model.datamap import DataMap
from core.model.records import Actor, Channel, Resolution, State, TextKind
from core.sample import people
from core.sample.cases import BLOCKED, CASES, ERASED, MASKED, Case
from core.sample.fill import Scene, hexes
from core.sample.settle import Counts
from core.settings import setting
from core.store import blocks, certificates, chain, consents, consenttexts, meta, requests, tables
from core.store.audit import sealer
from core.store.engine import Unit
from core.store.settingsbook import SettingsBook

DAY_OF_SAMPLE = "sample-day"
"""Row of kvkk_meta: the day on which the sample stands. No other database has it."""
HOST = "kvkk.example"
CLERKS = tuple(Actor(name, HOST) for name in ("selin", "okan", "nazli"))
PANEL = Actor("panel", HOST)
KEEPER = Actor("volkan", HOST)
SETTINGS = {
    "invoice-retention-years": "0",
    "company-name": "Örnek Barındırma Hizmetleri A.Ş.",
    "company-address": "Örnek Mah. Deneme Sok. No: 1, 34999 İstanbul",
    "company-kep": "ornek@kep.example",
    "company-mersis": "0000000000000018",
    "company-email": "kvkk@firma.example",
}
PRODUCT = "kvkk-desk (sample)"
BEFORE = '{"status": "active"}'
"""State of an account before its access was blocked."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when, by whom, and what it writes."""

    at: datetime
    actor: Actor
    write: Callable[[Unit], None]


@dataclass(slots=True)
class Story:
    """What the events share while they are played."""

    scene: Scene
    mapping: DataMap
    counts: Counts
    rng: Random


def play(conn: Connection, scene: Scene, mapping: DataMap, counts: Counts) -> None:
    """Write everything of ours. The audit chain grows event by event."""
    rng = scene.rng("requests")
    story = Story(scene, mapping, counts, rng)
    meta.write(conn, "origin", hexes(rng, 32))
    meta.write(conn, "map", mapping.name)
    meta.write(conn, DAY_OF_SAMPLE, scene.today.isoformat())
    seal = sealer(lambda _: None)
    events = [*_settings(story), *_consents(story), *_downloads(story)]
    for case in CASES:
        events += _history(story, case)
    for event in sorted(events, key=lambda event: event.at):
        unit = Unit(conn, event.actor, event.at)
        event.write(unit)
        seal(unit)


def _at(day: date, rng: Random) -> datetime:
    """A second of the working day."""
    return datetime.combine(day, time(rng.randint(6, 14), rng.randint(0, 59), rng.randint(0, 59)), UTC)


def _ago(story: Story, days: int) -> datetime:
    """So many days back; what came today came just after midnight in Istanbul, so that it is never in the future."""
    if days:
        return _at(story.scene.today - timedelta(days=days), story.rng)
    return datetime.combine(story.scene.today - timedelta(days=1), time(21, 5), UTC)


def _settings(story: Story) -> Iterator[Event]:
    since = _ago(story, 300)

    def write(unit: Unit) -> None:
        for key, value in SETTINGS.items():
            before, now = SettingsBook().set(unit, key, value)
            unit.record("settings.set", None, key=key, **({} if setting(key).is_text else {"before": before, "now": now}))

    yield Event(since, KEEPER, write)


def _history(story: Story, case: Case) -> Iterator[Event]:
    """Filed, then perhaps extended, tried or approved, then perhaps decided."""
    clerk = PANEL if case.channel is Channel.PANEL else story.rng.choice(CLERKS)
    received = story.scene.today - timedelta(days=case.age)
    number: list[int] = []  # known once the request is filed, which is the first event to be played
    yield Event(_ago(story, case.age), clerk, lambda unit: number.append(_file(story, case, received, unit)))
    if case.extended:
        yield Event(_ago(story, case.age - 20), CLERKS[0], lambda unit: _extend(story, case, received, unit, number[0]))
    if case.last_error:
        yield Event(_ago(story, case.age - 10), CLERKS[1], lambda unit: _fail(case, unit, number[0]))
    if case.state is State.APPROVED:
        yield Event(_ago(story, case.age - 8), CLERKS[2], lambda unit: _approve(unit, number[0]))
    if case.state not in (State.PENDING, State.APPROVED):
        who = PANEL if case.state is State.CANCELLED and case.channel is Channel.PANEL else CLERKS[2]
        yield Event(_ago(story, case.age - case.took), who, lambda unit: _decide(story, case, received, unit, number[0]))


def _file(story: Story, case: Case, received: date, unit: Unit) -> int:
    customer = str(case.customer)
    number = requests.add(
        unit,
        customer=customer,
        open_customer=customer,
        kind=case.kind.value,
        regime=case.regime.value,
        channel=case.channel.value,
        received_on=received,
        due_on=lifecycle.due_on(case.regime, received, lifecycle.KVKK_DAYS_MOST),
        note=case.note,
        verified_by=case.verified_by,
    )
    unit.record("request.add", number, kind=case.kind.value, regime=case.regime.value, channel=case.channel.value)
    _told(story, unit, "received", number, case)
    return number


def _extend(story: Story, case: Case, received: date, unit: Unit, number: int) -> None:
    until = lifecycle.extended_due_on(received)
    reason = "Arşivlerin taranması gerekiyor"
    requests.change(unit, requests.one(unit.conn, number), due_on=until, extended_to=until, reason=reason)
    unit.record("request.extend", number, until=until.isoformat())
    _told(story, unit, "extended", number, case)


def _fail(case: Case, unit: Unit, number: int) -> None:
    requests.change(unit, requests.one(unit.conn, number), last_error=case.last_error)
    unit.record("request.failed", number, code=case.last_error)


def _approve(unit: Unit, number: int) -> None:
    requests.change(unit, requests.one(unit.conn, number), state=State.APPROVED.value, approved_by=str(unit.actor))
    unit.record("request.approve", number)


def _decide(story: Story, case: Case, received: date, unit: Unit, number: int) -> None:
    row = requests.one(unit.conn, number)
    if case.state is not State.RESOLVED:
        verb = "reject" if case.state is State.REJECTED else "cancel"
        requests.decide(unit, row, case.state, reason=case.reason)
        unit.record(f"request.{verb}", number)
        return _told(story, unit, "rejected" if verb == "reject" else "cancelled", number, case)
    _certify(story, case, received, unit, number)
    gone: dict[str, Any] = {}
    if case.outcome == "erase":
        gone = {"customer": None, "subject": _subject(story, case.customer)}
    words: dict[str, Any] = {"note": None, "verified_by": None} if case.outcome != "access" else {}
    requests.decide(unit, row, State.RESOLVED, outcome=case.outcome, reason=case.reason, **words, **gone)
    if case.outcome != "erase":
        blocks.add(unit, str(case.customer), number, BEFORE if case.outcome == "access" else blocks.NOTHING)
    rows = sum(c.deleted + c.masked + c.blocked for c in story.counts[case.customer])
    unit.record("request.resolve", number, outcome=case.outcome, rows=rows)
    return _told(story, unit, "resolved", number, case)


def _subject(story: Story, customer: int) -> str:
    """Stands where the keyed token of an erased customer stands; no key file made it, so it leads to nobody."""
    return hashlib.sha256(f"{story.scene.seed}/subject/{customer}".encode()).hexdigest()


def _certify(story: Story, case: Case, received: date, unit: Unit, number: int) -> None:
    resolution = Resolution(mask=case.outcome == "mask", erase=case.outcome == "erase")
    book, conn = SettingsBook(), unit.conn
    paper = Certificate(
        number=number,
        kind=case.kind,
        regime=case.regime,
        received_on=received,
        decided_at=unit.at,
        actor=str(unit.actor),
        resolution=resolution,
        grade=Grade.of(resolution, stays=False),
        levels=_levels(case),
        map_name=story.mapping.name,
        map_sha256=story.mapping.sha256,
        product=PRODUCT,
        engine="sqlite",
        checkpoint=str(chain.anchor(conn, unit.at)),
        controller=Controller.read(lambda key: book.get(conn, key)),
        tables=story.counts[case.customer],
        outside=story.mapping.outside,
        channel=case.channel,
        verified=case.verified_by,
    )
    certificates.fix(conn, paper)


def _levels(case: Case) -> tuple[Level, Level, Level]:
    """What such a resolution could say of itself when it was made."""
    destroyed = case.outcome != "access"
    first = Level("A", LevelStatus.DONE, "read-in-transaction", hits=0)
    return (
        first if destroyed else Level("A", LevelStatus.NOT_DONE, "nothing-destroyed"),
        Level("B", LevelStatus.NOT_DONE, "scrub-off" if destroyed else "nothing-destroyed"),
        Level("C", LevelStatus.OUTSIDE, "outside-sqlite"),
    )


def _told(story: Story, unit: Unit, event: str, number: int, case: Case) -> None:
    """A message that has been sent: the address is gone, the row says that it went."""
    unit.conn.execute(
        insert(tables.outbox).values(
            request=number,
            event=event,
            language=story.scene.everybody[case.customer - 1].language,
            message_id=f"<{hexes(story.rng, 40)}@kvkk.invalid>",
            queued_at=unit.at,
            state="sent",
            attempts=1,
        )
    )


def _consents(story: Story) -> Iterator[Event]:
    """About every fourth customer has accepted, some of them no longer."""
    for who in story.scene.everybody:
        if who.id in ERASED or story.rng.random() > 0.25:
            continue
        first = story.rng.randint(30, 150) if who.id not in (*MASKED, *BLOCKED) else 199
        yield Event(_ago(story, first), PANEL, _consent(who, given=True))
        if story.rng.random() < 0.15:
            yield Event(_ago(story, max(first - 25, 1)), PANEL, _consent(who, given=False))


def _consent(who: people.Person, *, given: bool) -> Callable[[Unit], None]:
    def write(unit: Unit) -> None:
        shown = consenttexts.fix(unit, TextKind.CONSENT)[who.language]
        before = consents.latest(unit.conn, str(who.id))
        consents.add(unit, str(who.id), before, given=given, channel=Channel.PANEL, version=shown.version, sha256=shown.sha256)
        unit.record("consent.give" if given else "consent.withdraw", None, version=shown.version, channel=Channel.PANEL.value)

    return write


def _downloads(story: Story) -> Iterator[Event]:
    plan = (
        (201, 195, "done", "Talep öncesi kopya"),
        (people.SEVEN, 10, "done", None),
        (people.IREM, 4, "done", None),
        (88, 34, "broken", None),
        (88, 33, "done", "İlk deneme yarıda kaldı"),
        (people.FORMER_EMAIL, 2, "done", "Taşınabilirlik"),
    )
    for customer, days, state, reason in plan:
        at = _ago(story, days)
        yield Event(at, PANEL if reason is None else CLERKS[0], _download(story, customer, state, reason))


def _download(story: Story, customer: int, state: str, reason: str | None) -> Callable[[Unit], None]:
    done = state == "done"
    rows = sum(1 for _ in story.scene.ledger.of(customer)) or 41
    gone = customer in ERASED

    def write(unit: Unit) -> None:
        made = unit.conn.execute(
            insert(tables.downloads).values(
                customer=None if gone else str(customer),
                subject=_subject(story, customer) if gone else None,
                by=str(unit.actor),
                started_at=unit.at,
                finished_at=unit.at + timedelta(seconds=1) if done else None,
                state=state,
                format="xml",
                rows=rows if done else None,
                bytes=rows * 731 if done else None,
                sha256=hexes(story.rng, 64) if done else None,
                reason=reason,
            )
        )
        key = made.inserted_primary_key
        unit.record("export.done" if done else "export.broken", None, download=key[0] if key else 0, format="xml", rows=rows)

    return write


def ours() -> tuple[Table, ...]:
    """Our tables whose dates move with the sample: all but the chain, whose moments are hashed."""
    return tuple(table for table in tables.metadata.sorted_tables if table is not tables.audit)
