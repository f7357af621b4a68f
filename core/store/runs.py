"""Runs over many requests as rows: what is to be done, in which order, and what became of each."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.errors import Conflict, NotFound
from core.model.records import ItemDone, Resolution, ResolveOptions, RunRow
from core.store import tables
from core.store.pile import Stage
from core.store.sql import CHUNK, chunks

if TYPE_CHECKING:
    from core.store.engine import Unit

ID_BYTES = 4
ID = re.compile(r"[0-9a-f]{8}")
WAITING = "waiting"
PLANS = "plans"
"""Name under which fingerprints stand among the options."""
_ITEMS = tables.run_items


def begin(
    unit: Unit, resolution: Resolution, options: ResolveOptions, numbers: Sequence[int], plans: Mapping[int, str] | None = None
) -> str:
    """Keep a new run; returns its id. Whoever begins has the lease: a run that still counts as running was killed.

    `plans`: the fingerprints that some or all of its requests are bound to.
    """
    _bury(unit)
    run = secrets.token_hex(ID_BYTES)
    kept = {name: value for name, value in asdict(options).items() if name != "plan"}
    if plans:
        kept[PLANS] = {str(number): plans[number] for number in numbers if number in plans}
    fresh = {"id": run, "started_at": unit.at, "started_by": str(unit.actor), "state": "running"}
    texts = {"choice": json.dumps(asdict(resolution), sort_keys=True), "options": json.dumps(kept, sort_keys=True)}
    unit.conn.execute(insert(tables.runs).values(**fresh, **texts))
    rows = [{"run": run, "place": place, "request": number, "state": WAITING} for place, number in enumerate(numbers)]
    for some in chunks(rows, CHUNK):
        unit.conn.execute(insert(_ITEMS), list(some))
    return run


def told(conn: Connection, run: str) -> tuple[Resolution, ResolveOptions]:
    """What the run was told to do. Raises NotFound `run-not-found`."""
    row = _one(conn, run)
    kept = {name: value for name, value in json.loads(row.options).items() if name != PLANS}
    return Resolution(**json.loads(row.choice)), ResolveOptions(**kept)


def plans(conn: Connection, run: str) -> dict[int, str]:
    """Request → fingerprint of the preview that somebody has seen. Raises NotFound `run-not-found`."""
    kept = json.loads(_one(conn, run).options)
    return {int(number): plan for number, plan in kept.get(PLANS, {}).items()}


def waiting(conn: Connection, run: str, limit: int | None = None) -> list[tuple[int, int]]:
    """(place, request) of what nobody has worked on yet, in order."""
    query = select(_ITEMS.c.place, _ITEMS.c.request).where(_ITEMS.c.run == run, _ITEMS.c.state == WAITING)
    return [(row.place, row.request) for row in conn.execute(query.order_by(_ITEMS.c.place).limit(limit))]


def still_waiting(conn: Connection, run: str, places: Sequence[int]) -> frozenset[int]:
    """Those of the places that no other worker of this run has had."""
    query = select(_ITEMS.c.place).where(_ITEMS.c.run == run, _ITEMS.c.place.in_(places), _ITEMS.c.state == WAITING)
    return frozenset(conn.execute(query).scalars())


def mark(unit: Unit, run: str, place: int, state: str, code: str | None = None) -> None:
    """What became of one, in the transaction of its change."""
    unit.pile.add(Stage.DECIDE, _mark_all, place, run, state, code)


def _mark_all(conn: Connection, places: Sequence[int], run: str, state: str, code: str | None) -> None:
    """Raises Conflict `run-lost` where another worker of this run was quicker: its work is not done a second time."""
    mine = (_ITEMS.c.run == run, _ITEMS.c.place.in_(places), _ITEMS.c.state == WAITING)
    if conn.execute(update(_ITEMS).where(*mine).values(state=state, code=code)).rowcount != len(places):
        raise Conflict("run-lost", run=run)


def finish(unit: Unit, run: str, state: str) -> None:
    """The run has ended, or was stopped and can be resumed."""
    unit.conn.execute(update(tables.runs).where(tables.runs.c.id == run).values(state=state, finished_at=unit.at))


def reopen(unit: Unit, run: str) -> None:
    """It goes on. Raises NotFound."""
    _one(unit.conn, run)
    _bury(unit)
    unit.conn.execute(update(tables.runs).where(tables.runs.c.id == run).values(state="running", finished_at=None))


def _bury(unit: Unit) -> None:
    unit.conn.execute(update(tables.runs).where(tables.runs.c.state == "running").values(state="stopped"))


def one(conn: Connection, run: str) -> RunRow:
    """A run with its figures. Raises NotFound `run-not-found`."""
    return _record(conn, _one(conn, run))


def latest(conn: Connection, limit: int) -> tuple[RunRow, ...]:
    """The newest first."""
    rows = conn.execute(select(tables.runs).order_by(tables.runs.c.started_at.desc(), tables.runs.c.id).limit(limit)).all()
    return tuple(_record(conn, row) for row in rows)


def items(conn: Connection, run: str, states: Sequence[str]) -> tuple[ItemDone, ...]:
    """The requests of a run in these states, in order."""
    query = select(_ITEMS).where(_ITEMS.c.run == run, _ITEMS.c.state.in_(states)).order_by(_ITEMS.c.place)
    return tuple(ItemDone(row.request, row.state, row.code) for row in conn.execute(query))


def no_run(run: str) -> NotFound:
    """What is said of a run that is not there; what is no id may be anything, a person's name too, and is not said again."""
    return NotFound("run-not-found", run=run) if ID.fullmatch(run) else NotFound("run-no-id")


def _one(conn: Connection, run: str) -> Row[Any]:
    row = conn.execute(select(tables.runs).where(tables.runs.c.id == run)).one_or_none()
    if row is None:
        raise no_run(run)
    return row


def _record(conn: Connection, row: Row[Any]) -> RunRow:
    query = select(_ITEMS.c.state, func.count()).where(_ITEMS.c.run == row.id).group_by(_ITEMS.c.state)
    counted = {state: int(count) for state, count in conn.execute(query)}
    return RunRow(
        id=row.id,
        started_at=row.started_at,
        started_by=row.started_by,
        resolution=Resolution(**json.loads(row.choice)),
        state=row.state,
        finished_at=row.finished_at,
        total=sum(counted.values()),
        done=counted.get("done", 0),
        failed=counted.get("failed", 0),
        skipped=counted.get("skipped", 0),
    )
