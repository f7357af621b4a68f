"""A plan as people see it, counted table by table, and its fingerprint. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from core.model.datamap import DataMap
from core.model.kinds import STARS, Mask
from core.model.masking import EMAIL_DOMAIN, row_value
from core.model.plan import Decided, Fate, Plan
from core.model.records import HoldLine, SampleCell, TableCount
from core.model.residue import Judged
from core.model.rowset import Address

SAMPLE_CELLS = 12
SAMPLE_WIDTH = 60
MASKED = (Fate.MASK, Fate.STUB)


def counts(plan: Plan, remains: Judged) -> tuple[TableCount, ...]:
    """One line for each table in which something happens or stays, in the order of the plan."""
    cells = Counter(table for table, _, _ in _elsewhere(plan, remains))
    lines = []
    for table in (*plan.tables, *sorted(t for t in cells if t not in plan.tables)):
        rows = plan.tables.get(table, ())
        if rows or cells[table]:
            lines.append(_count(table, rows, cells[table]))
    return tuple(lines)


def _elsewhere(plan: Plan, remains: Judged) -> set[tuple[str, Address, str]]:
    """(table, address, column) of every cell that changes in a row that the plan gives no fate."""
    redacted = {(hit.table, hit.address, hit.column) for hit in remains.redact}
    return redacted | {(cell.table, cell.address, cell.column) for cell in plan.pointers}


def _count(table: str, rows: Iterable[Decided], cells: int) -> TableCount:
    rows = tuple(rows)
    number = Counter(d.fate for d in rows)
    return TableCount(
        table=table,
        deleted=number[Fate.DELETE],
        masked=number[Fate.MASK] + number[Fate.STUB],
        held=number[Fate.HOLD],
        kept=number[Fate.KEEP],
        shared=number[Fate.SHARED],
        blocked=number[Fate.BLOCK],
        cells_redacted=cells,
        because=tuple(dict.fromkeys(d.because for d in rows if d.because and d.fate is not Fate.DELETE)),
    )


def holds(plan: Plan) -> tuple[HoldLine, ...]:
    """Held and kept rows by table, reason and day of release."""
    number = Counter(
        (table, d.because, d.release_on) for table, rows in plan.tables.items() for d in rows if d.fate in (Fate.HOLD, Fate.KEEP)
    )
    return tuple(HoldLine(table, rows, because, until) for (table, because, until), rows in number.items())


def sample(mapping: DataMap, plan: Plan, masks: Mapping[tuple[str, str], tuple[Mask, str | None]]) -> tuple[SampleCell, ...]:
    """How the first masked row of each table would look; tokens are shown as a pattern, they are made when it happens."""
    cells: list[SampleCell] = []
    for table, rows in plan.tables.items():
        first = next((d for d in rows if d.fate in (*MASKED, Fate.HOLD)), None)
        if first is None:
            continue
        record = plan.found[table].record(first.row)
        for rule in mapping.tables[table].personal:
            if rule.name in first.spared or record[rule.name] in (None, ""):
                continue
            mask, constant = masks[table, rule.name]
            after = _after(mask, constant)
            if after is None and mask in (Mask.YEAR, Mask.NETWORK):
                after = str(row_value(mask, record[rule.name], rule, ()))
            cells.append(SampleCell(table, rule.name, after[:SAMPLE_WIDTH] if after is not None else None))
    return tuple(cells[:SAMPLE_CELLS])


def _after(mask: Mask, constant: str | None) -> str | None:
    patterns = {
        Mask.STARS: STARS,
        Mask.TOKEN: "0123abcd…",
        Mask.EMAIL: "0123abcd…" + EMAIL_DOMAIN,
        Mask.PHONE: "+000123456789",
        Mask.EMPTY: "",
        Mask.ZERO: "0",
        Mask.CONSTANT: constant or "",
        Mask.REDACT: "… *** …",
        Mask.JSON: "{… *** …}",
    }
    return patterns.get(mask)


def fingerprint(mapping: DataMap, plan: Plan, remains: Judged, years: int | None) -> str:
    """SHA-256 (64 hex digits) of everything the resolution would touch: rows, every column read, fates, holds, residue,
    and the cells of other rows that would change."""
    digest = hashlib.sha256()

    def put(*parts: object) -> None:
        digest.update(repr(parts).encode("utf-8", "surrogatepass") + b"\n")

    put(mapping.sha256, plan.resolution, years)
    for table in sorted(plan.found):
        found = plan.found[table]
        put(table, found.columns)
        for line in sorted(repr(row) for row in found.rows):
            put(line)
        fates = (repr((found.key(d.row), d.fate.value, d.release_on, d.spared, d.unlink)) for d in plan.tables[table])
        for line in sorted(fates):
            put(line)
    for line in sorted(repr(cell) for cell in _elsewhere(plan, remains)):
        put("elsewhere", line)
    for remaining in remains.lines:
        put(remaining)
    return digest.hexdigest()
