"""The small language of links: `customer_id`, `ticket_id -> tickets.id`, `id <- customers.address_id`, or a table."""

from __future__ import annotations

import re

from core.model.datamap import Customer, Link, LinkKind
from core.model.kinds import IDENTIFYING
from core.model.mapreader import Node

NAME = r'(?:"(?:[^"]|"")+"|[^\s",.<>-][^\s",.<>]*)'
LIST = rf"{NAME}(?:\s*,\s*{NAME})*"
ARROW = re.compile(rf"^\s*({LIST})\s*(->|<-)\s*({NAME}\s*\.\s*{NAME}(?:\s*,\s*{NAME}\s*\.\s*{NAME})*)\s*$")
PLAIN = re.compile(rf"^\s*({LIST})\s*$")
EXAMPLES = (
    "customer_id",
    "ticket_id -> tickets.id",
    "id <- customers.address_id",
    '{ match = "…", to = "email" }',
    "none",
)


def read_link(node: Node, customer: Customer, *, is_root: bool) -> Link:
    """The link of a mapped table; mistakes are noted on the node."""
    value = node.raw("link")
    if is_root:
        if value is not None:
            node.complain("link", "map-root-link")
        return Link(LinkKind.ROOT)
    if isinstance(value, str):
        return _from_text(value, node, customer)
    below = node.node("link")
    if below is None:
        if value is None:
            node.complain("link", "map-missing-link", allowed=EXAMPLES)
        return Link(LinkKind.NONE)
    link = _from_table(below, customer)
    below.finish()
    return link


def _from_text(text: str, node: Node, customer: Customer) -> Link:
    if text.strip() == "none":
        return Link(LinkKind.NONE)
    if arrow := ARROW.match(text):
        return _arrow(arrow[1], arrow[2], arrow[3], node)
    if PLAIN.match(text):
        columns = _names(text)
        if len(columns) == len(customer.key):
            return Link(LinkKind.UP, columns, customer.table, customer.key)
    node.complain("link", "map-bad-link", allowed=EXAMPLES)
    return Link(LinkKind.NONE)


def _arrow(left: str, sign: str, right: str, node: Node) -> Link:
    columns, far = _names(left), _names(right)
    parents, parent_columns = far[0::2], far[1::2]
    if len(set(parents)) != 1 or len(parent_columns) != len(columns):
        node.complain("link", "map-bad-link", allowed=EXAMPLES)
        return Link(LinkKind.NONE)
    return Link(LinkKind.UP if sign == "->" else LinkKind.DOWN, columns, parents[0], parent_columns)


def _from_table(below: Node, customer: Customer) -> Link:
    if below.raw("match") is not None:
        to = below.text("to", needed=True)
        if to and to not in IDENTIFYING:
            below.complain("to", "map-not-allowed", allowed=tuple(sorted(IDENTIFYING)))
        return Link(LinkKind.MATCH, (below.text("match"),), to=to, exact=below.flag("exact"))
    column, pack = below.text("column", needed=True), below.text("pack", needed=True)
    if pack and (pack.count("{key}") != 1 or len(customer.key) != 1):
        below.complain("pack", "map-bad-pack", allowed="U{key}")
    return Link(LinkKind.UP, (column,), customer.table, customer.key, pack=pack)


def _names(text: str) -> tuple[str, ...]:
    return tuple(_unquote(name) for name in re.findall(NAME, text))


def _unquote(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
