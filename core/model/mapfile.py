"""From the text of a data map to a DataMap, or to one MapError that lists every mistake."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from typing import Any

from core.errors import MapError
from core.model.datamap import (
    Action,
    ColumnRule,
    Customer,
    DataMap,
    Hold,
    Invoices,
    Keyed,
    Services,
    StateRule,
    TableMap,
)
from core.model.kinds import IDENTIFYING, KINDS, MASK_NAMES, Mask, parse_mask
from core.model.linktext import read_link
from core.model.mapaccess import read_access
from core.model.mapcheck import check_whole, order_of
from core.model.mapreader import Node, Problems, condition

ACTIONS = tuple(a.value for a in Action)
VERSION = 1
NOBODY = Customer(table="", key=("",), name=())
"""Stands for a customer that could not be read, so that the tables are checked all the same."""


def load(text: str, source: str) -> DataMap:
    """Read a map. `source` names the file in errors. Raises MapError `bad-map` with all problems."""
    problems = Problems()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = str(error).rpartition("(at ")[2].rstrip(")")
        raise MapError("bad-map", (("", "map-not-toml", {"where": where}),), file=source) from None
    result = _read(Node(document, "", problems), hashlib.sha256(text.encode()).hexdigest(), problems)
    if result is None or problems.found:
        raise MapError("bad-map", tuple(problems.found), file=source)
    return result


def _read(top: Node, digest: str, problems: Problems) -> DataMap | None:
    if top.raw("version") != VERSION:
        top.complain("version", "map-version", allowed=str(VERSION))
    name = top.text("name", needed=True)
    customer = _customer(top.node("customer"), top)
    tables = _tables(top, customer or NOBODY)
    access = read_access(top.node("access"))
    services, invoices = _services(top.node("services")), _invoices(top.node("invoices"))
    outside, judged = top.texts("outside"), _not_personal(top)
    top.finish()
    if customer is None:
        return None
    draft = DataMap(name, digest, customer, tables, tuple(tables), access, services, invoices, judged, outside)
    if not check_whole(draft, problems):
        return None
    order = order_of(tables)
    return DataMap(name, digest, customer, tables, order, access, services, invoices, judged, outside)


def _customer(node: Node | None, top: Node) -> Customer | None:
    if node is None:
        top.complain("customer", "map-missing")
        return None
    result = Customer(
        table=node.text("table", needed=True),
        key=node.texts("key", needed=True),
        name=node.texts("name", needed=True),
        where=condition(node, "where"),
        **{role: node.text(role) for role in ("email", "phone", "national_id", "tax_id", "language", "created")},
    )
    node.finish()
    return result if result.table and result.key else None


def _services(node: Node | None) -> Services | None:
    if node is None:
        return None
    result = Services(node.text("table", needed=True), condition(node, "active", needed=True), node.text("title"))
    node.finish()
    return result


def _invoices(node: Node | None) -> Invoices | None:
    if node is None:
        return None
    result = Invoices(
        node.text("table", needed=True),
        condition(node, "unpaid", needed=True),
        **{role: node.text(role) for role in ("amount", "currency", "issued")},
    )
    node.finish()
    return result


def _not_personal(top: Node) -> dict[str, str]:
    judged: dict[str, str] = {}
    for node in top.nodes("not_personal"):
        because = node.text("because", needed=True)
        for table in node.texts("tables", needed=True):
            if table in judged:
                node.complain("tables", "map-twice", name=table)
            judged[table] = because
        node.finish()
    return judged


def _tables(top: Node, customer: Customer) -> dict[str, TableMap]:
    section = top.node("tables")
    if section is None:
        top.complain("tables", "map-missing")
        return {}
    result = {}
    for name in section.data:
        node = section.node(name)
        if node is not None:
            result[name] = _table(name, node, customer)
    return result


def _table(name: str, node: Node, customer: Customer) -> TableMap:
    is_root = name == customer.table
    hold = _hold(node.node("hold"))
    on_mask, on_erase = Action(node.choice("on_mask", ACTIONS, "mask")), Action(node.choice("on_erase", ACTIONS, "delete"))
    because = node.text("because")
    result = TableMap(
        name=name,
        link=read_link(node, customer, is_root=is_root),
        columns=_columns(node),
        where=customer.where if is_root else condition(node, "where"),
        shared=node.flag("shared"),
        on_mask=on_mask,
        on_erase=on_erase,
        because=because,
        states=tuple(_state(item, on_mask, on_erase, because) for item in node.nodes("states")),
        hold=hold,
        keyed=_keyed(node.node("keyed")),
    )
    if result.on_erase is not Action.DELETE and not result.because:
        node.complain("because", "map-needs-reason")
    if result.on_mask is Action.KEEP and not result.because:
        node.complain("because", "map-needs-reason")
    node.finish()
    return result


def _state(node: Node, on_mask: Action, on_erase: Action, because: str) -> StateRule:
    """What a state leaves unsaid is as the table says it."""
    result = StateRule(
        when=condition(node, "when", needed=True),
        on_mask=Action(node.choice("on_mask", ACTIONS, on_mask.value)),
        on_erase=Action(node.choice("on_erase", ACTIONS, on_erase.value)),
        because=node.text("because", default=because),
    )
    if (result.on_erase is not Action.DELETE or result.on_mask is Action.KEEP) and not result.because:
        node.complain("because", "map-needs-reason")
    node.finish()
    return result


def _hold(node: Node | None) -> Hold | None:
    if node is None:
        return None
    because = node.text("because", needed=True)
    result = Hold(because, condition(node, "when"), node.texts("keep"), node.flag("with_parent"), node.flag("with_invoices"))
    if result.with_parent and (result.when or result.with_invoices):
        node.complain("when" if result.when else "with_invoices", "map-hold-both")
    node.finish()
    return result


def _keyed(node: Node | None) -> Keyed | None:
    if node is None:
        return None
    kinds = dict(node.entries("kinds"))
    for key, kind in kinds.items():
        _known_kind(node, f"kinds.{key}", kind)
    rest = node.text("rest")
    if rest:
        _known_kind(node, "rest", rest)
    result = Keyed(node.text("key", needed=True), node.text("value", needed=True), kinds, rest)
    node.finish()
    return result


def _columns(node: Node) -> dict[str, ColumnRule]:
    rules: dict[str, ColumnRule] = {}
    section = node.node("columns")
    for name, value in section.data.items() if section else ():
        rule = _rule(section, name, value) if section else None
        if rule:
            rules[name] = rule
    for item in node.nodes("not_personal"):
        because = item.text("because", needed=True)
        for name in item.texts("columns", needed=True):
            if name in rules:
                item.complain("columns", "map-twice", name=name)
            rules[name] = ColumnRule(name, not_personal=because)
        item.finish()
    return rules


def _rule(section: Node, name: str, value: Any) -> ColumnRule | None:
    if isinstance(value, str):
        return ColumnRule(name, kind=value) if _known_kind(section, name, value) else None
    node = section.node(name)
    if node is None:
        return None
    rule = _long_rule(name, node)
    node.finish()
    return rule


def _long_rule(name: str, node: Node) -> ColumnRule | None:
    keep, refers_to, kind = node.text("keep"), node.text("refers_to"), node.text("kind")
    if sum(map(bool, (keep, refers_to, kind))) != 1:
        node.complain("", "map-one-of", allowed=("kind", "keep", "refers_to"))
        return None
    if not kind:
        return ColumnRule(name, keep=keep, refers_to=refers_to)
    if not _known_kind(node, "kind", kind):
        return None
    mask = _mask(node)
    if kind != "json" and node.raw("paths") is not None:
        node.complain("paths", "map-not-allowed", allowed='kind = "json"')
    return ColumnRule(
        name,
        kind=kind,
        mask=mask[0] if mask else None,
        constant=mask[1] if mask else None,
        export=node.flag("export", default=True),
        everywhere=node.flag("everywhere"),
        paths=_paths(node),
    )


def _mask(node: Node) -> tuple[Mask, str | None] | None:
    text = node.text("mask")
    if not text:
        return None
    mask = parse_mask(text)
    if mask is None:
        node.complain("mask", "map-unknown-mask", allowed=(*MASK_NAMES, "constant:…"))
    return mask


def _paths(node: Node) -> tuple[tuple[tuple[str, ...], str], ...]:
    result = []
    for path, kind in node.entries("paths"):
        if _known_kind(node, f"paths.{path}", kind):
            result.append((tuple(path.removeprefix("$.").split(".")), kind))
    return tuple(result)


def _known_kind(node: Node, key: str, kind: Any) -> bool:
    if isinstance(kind, str) and kind in KINDS:
        return True
    node.complain(key, "map-unknown-kind", allowed=tuple(KINDS))
    return False


def identifying_columns(table: TableMap) -> Mapping[str, str]:
    """Columns whose values identify on their own, with their kind."""
    return {rule.name: rule.kind for rule in table.personal if rule.kind in IDENTIFYING}
