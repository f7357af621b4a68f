"""What stands against a resolution now: every guard in one list, in the order in which people hear of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import KvkkError, Refused, UsageError
from core.model.records import Kind, RequestRow, Resolution, ResolveOptions
from core.model.residue import Judged

NAMED_MOST = 20


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that the guards ask."""

    open_account_guard: str
    """off, erase, all"""
    grace_days: int
    residue: str
    """refuse, report"""


@dataclass(frozen=True, slots=True)
class Approval:
    """What a second person has said about the permanent erase of a request, and who wants to carry out what now."""

    by: str | None
    """The account that approved it: `Actor.person`."""
    plan: str | None
    """Fingerprint of what it would have touched then."""
    now: str
    """Fingerprint of what it would touch now."""
    person: str
    """The account that wants to carry it out."""


def second_person(number: int, kind: Kind, approval: Approval) -> Refused | None:
    """Why a permanent erase does not go through while the setting `second-person` is on. Nothing passes it, no `--force` either."""
    if kind is not Kind.ERASE:
        return Refused("approval-kind", number=number)
    if approval.by is None or approval.plan is None:
        return Refused("approval-missing", number=number)
    if approval.plan != approval.now:
        return Refused("approval-moved", number=number)
    return Refused("approval-own", number=number) if approval.by == approval.person else None


def against(
    row: RequestRow, resolution: Resolution, options: ResolveOptions, policy: Policy, remains: Judged, today: date
) -> Iterator[KvkkError]:
    """Every refusal. `--force` passes the open account, the grace and the kind; nothing passes a hold or the second person."""
    if not options.force:
        yield from _kind(row, resolution, options)
        yield from _open_account(row, resolution, options, policy)
        until = row.received_on + timedelta(days=policy.grace_days)
        if until > today:
            yield Refused("grace", number=row.number, until=until.isoformat())
    if remains.refused and policy.residue == "refuse" and not options.waive_residue:
        cells = sum(line.cells for line in remains.refused)
        named = tuple(dict.fromkeys(f"{line.table}.{line.column}" for line in remains.refused))
        yield Refused("residue", number=row.number, cells=cells, columns=named[:NAMED_MOST])


def _kind(row: RequestRow, resolution: Resolution, options: ResolveOptions) -> Iterator[KvkkError]:
    if resolution.exceeds(row.kind):
        yield Refused("kind-exceeds", number=row.number, kind=Kind(row.kind).value)
    elif not resolution.fulfils(row.kind) and not options.reason:
        yield Refused("kind-falls-short", number=row.number, kind=Kind(row.kind).value)


def _open_account(row: RequestRow, resolution: Resolution, options: ResolveOptions, policy: Policy) -> Iterator[KvkkError]:
    asked = options.automatic or policy.open_account_guard == "all" or (policy.open_account_guard == "erase" and resolution.erase)
    active = row.services.active if row.services else 0
    unpaid = row.invoices.unpaid if row.invoices else 0
    if asked and (active or unpaid):
        yield Refused("open-account", number=row.number, active=active, unpaid=unpaid)


def check_mix(resolution: Resolution) -> None:
    """Raises UsageError `resolution-mix`: masking what is erased means nothing."""
    if resolution.mask and resolution.erase:
        raise UsageError("resolution-mix")
