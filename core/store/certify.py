"""The certificate of a resolution and the addendum of its re-reading, as values that are ready to be kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.model.certificate import Addendum, Certificate, Controller, Grade, Level, LevelStatus, Subject, Waiver
from core.model.preview import counts, holds
from core.model.records import Channel, Kind, Regime, Resolution
from core.product import PRODUCT
from core.store import chain

if TYPE_CHECKING:
    from core.model.plan import Plan
    from core.model.residue import Judged
    from core.store.atlas import Atlas
    from core.store.engine import Unit


def certificate(
    unit: Unit,
    atlas: Atlas,
    row: Any,
    plan: Plan,
    remains: Judged,
    setting: Callable[[str], Any],
    *,
    waived: bool,
    blacklisted: tuple[str, ...],
    left_out: tuple[str, ...],
    scrub: str,
    verified: str | None,
) -> Certificate:
    """The paper of one request (`row`), fixed before its own audit entry: its checkpoint is the end of the chain before
    this transaction.

    `scrub` is the code of how the database's files stand now; `verified` says how the identity was verified and names nobody.
    """
    tables, held = counts(plan, remains), holds(plan)
    stays = bool(held) or any(line.held or line.kept for line in tables)
    return Certificate(
        number=row.number,
        kind=Kind(row.kind),
        regime=Regime(row.regime),
        received_on=row.received_on,
        decided_at=unit.at,
        actor=str(unit.actor),
        resolution=plan.resolution,
        grade=Grade.of(plan.resolution, stays=stays),
        levels=_levels(plan.resolution, atlas.sql.engine, scrub),
        map_name=atlas.map.name,
        map_sha256=atlas.map.sha256,
        product=PRODUCT,
        engine=atlas.sql.engine,
        checkpoint=unit.once("checkpoint", lambda: str(chain.anchor(unit.conn, unit.at))),
        controller=Controller.read(setting),
        approved_by=row.approved_by,
        tables=tables,
        holds=held,
        residue=remains.lines,
        waived=Waiver(str(unit.actor), "waived") if waived else None,
        blacklisted=blacklisted,
        left_out=left_out,
        outside=atlas.map.outside,
        channel=Channel(row.channel),
        verified=verified,
    )


def reread(number: int, at: datetime, actor: str, hits: int) -> Addendum:
    """Level A, measured after the commit."""
    status = LevelStatus.FOUND if hits else LevelStatus.DONE
    return Addendum(number, at, actor, Subject.REREAD, levels=(Level("A", status, "read-again", hits=hits),))


def scrubbed(number: int, at: datetime, actor: str, level: Level) -> Addendum:
    """Level B, measured after the files were cleaned, or why it cannot be."""
    return Addendum(number, at, actor, Subject.SCRUB, levels=(level,))


def _levels(resolution: Resolution, engine: str, scrub: str) -> tuple[Level, Level, Level]:
    """What is known when the certificate is fixed: nothing is measured yet, and access only destroys nothing."""
    nothing = not (resolution.mask or resolution.erase)
    a = Level("A", LevelStatus.NOT_DONE, "nothing-destroyed" if nothing else "measured-after-commit")
    b = Level("B", LevelStatus.NOT_DONE, "nothing-destroyed" if nothing else scrub)
    return a, b, Level("C", LevelStatus.OUTSIDE, f"outside-{engine}")
