"""What a resolved request leaves behind, done to the rows in memory; driven by the data map, like everything of customers.

Random tokens come from the seed here, so that a rebuild gives the same rows; the product itself derives them from nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from core.model import masking
from core.model.datamap import Action, ColumnRule, DataMap, TableMap, holds_condition
from core.model.kinds import STARS, Mask
from core.model.records import TableCount
from core.sample.cases import BLOCKED, ERASED, MASKED
from core.sample.fill import Scene, hexes, spoken
from core.sample.ledger import Row
from core.sample.people import Person
from core.store.prove import Proof

TOKEN_DIGITS = 32

Counts = dict[int, tuple[TableCount, ...]]
"""Customer → what happened, table by table."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What deciding about a cell needs."""

    scene: Scene
    mapping: DataMap
    proof: Proof
    rng: Random


def settle(scene: Scene, mapping: DataMap, proof: Proof) -> Counts:
    """Erase, mask and block the customers whose requests are resolved; tells what was done, for the certificates."""
    desk = Desk(scene, mapping, proof, scene.rng("settle"))
    done: Counts = {}
    for number in ERASED:
        done[number] = _erase(desk, number)
    for number in MASKED:
        done[number] = _mask(desk, scene.everybody[number - 1])
    for number in BLOCKED:
        done[number] = _block(desk, number)
    return done


def _erase(desk: Desk, customer: int) -> tuple[TableCount, ...]:
    ledger = desk.scene.ledger
    found = [(table, sum(1 for _ in ledger.of(customer, table))) for table in desk.mapping.owned()]
    ledger.drop(customer)
    return tuple(TableCount(table, deleted=rows) for table, rows in found if rows)


def _block(desk: Desk, customer: int) -> tuple[TableCount, ...]:
    """Only what denies sign-in."""
    ledger, access = desk.scene.ledger, desk.mapping.access
    for row in ledger.of(customer, desk.mapping.customer.table):
        row.values.update(dict(access.block) | dict.fromkeys(access.clear))
    gone = [TableCount(table, deleted=rows) for table in access.delete if (rows := sum(1 for _ in ledger.of(customer, table)))]
    ledger.drop(customer, *access.delete)
    return (TableCount(desk.mapping.customer.table, blocked=1), *gone)


def _mask(desk: Desk, who: Person) -> tuple[TableCount, ...]:
    """Every personal cell by its mask; rows that would act, and drafts, are deleted."""
    counts = []
    for name in desk.mapping.owned():
        table = desk.mapping.tables[name]
        rows = list(desk.scene.ledger.of(who.id, name))
        going = [row for row in rows if _fate(table, row) is Action.DELETE]
        desk.scene.ledger.rows[name] = [row for row in desk.scene.ledger.rows[name] if not any(row is gone for gone in going)]
        staying = [row for row in rows if not any(row is gone for gone in going)]
        for row in staying:
            _mask_row(desk, table, row, who)
        if rows:
            counts.append(TableCount(name, deleted=len(going), masked=len(staying)))
    _block(desk, who.id)
    return tuple(counts)


def _fate(table: TableMap, row: Row) -> Action:
    state = next((state for state in table.states if holds_condition(row.values, state.when)), None)
    return state.on_mask if state else table.on_mask


def _mask_row(desk: Desk, table: TableMap, row: Row, who: Person) -> None:
    for rule in table.personal:
        mask, constant = desk.proof.masks[table.name, rule.name]
        length = desk.proof.schema.tables[table.name].column(rule.name)
        room = length.length if length else None
        row.values[rule.name] = _cell(desk, rule, mask, constant, row.values[rule.name], who, room)
    if table.keyed:
        kind = table.keyed.kinds.get(row.values[table.keyed.key], table.keyed.rest)
        if kind:
            value = row.values[table.keyed.value]
            rule = ColumnRule(table.keyed.value, kind=kind)
            row.values[table.keyed.value] = _cell(desk, rule, desk.proof.keyed[table.name, kind], None, value, who, None)


def _cell(desk: Desk, rule: ColumnRule, mask: Mask, constant: str | None, value: Any, who: Person, room: int | None) -> Any:
    """The masked value; NULL and empty stay what they are."""
    if mask is Mask.NULL:
        return None
    if value is None or value == "":
        return value
    if mask is Mask.JSON:
        return _document(desk, rule, value, who, ())
    if mask is Mask.REDACT:
        return _redacted(value, who)
    if mask in (Mask.YEAR, Mask.NETWORK):
        return masking.year(value) if mask is Mask.YEAR else masking.network(value)
    made: Mapping[Mask, Any] = {
        Mask.STARS: STARS[:room],
        Mask.TOKEN: hexes(desk.rng, TOKEN_DIGITS)[: room or TOKEN_DIGITS],
        Mask.EMAIL: hexes(desk.rng, 24) + masking.EMAIL_DOMAIN,
        Mask.PHONE: f"+00{desk.rng.randrange(10**10):010d}",
        Mask.EMPTY: "",
        Mask.ZERO: 0,
        Mask.CONSTANT: constant,
    }
    return made[mask]


def _redacted(text: str, who: Person) -> str:
    for value in sorted(set(spoken(who).values()), key=len, reverse=True):
        text = text.replace(value, masking.BLANK)
    return text


def _document(desk: Desk, rule: ColumnRule, value: Any, who: Person, path: tuple[str, ...]) -> Any:
    """A JSON document: each named path by its own kind, the other texts redacted."""
    if isinstance(value, dict):
        return {key: _document(desk, rule, below, who, (*path, key)) for key, below in value.items()}
    if isinstance(value, list):
        return [_document(desk, rule, below, who, (*path, "*")) for below in value]
    if not isinstance(value, str):
        return value
    kind = dict(rule.paths).get(path)
    if kind == "email":
        return f"masked-{hexes(desk.rng, 12)}{masking.EMAIL_DOMAIN}"
    return STARS if kind else _redacted(value, who)
