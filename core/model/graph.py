"""Which table goes first. Rows are deleted children first over declared foreign keys and over the map's links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.model.datamap import DataMap, LinkKind
from core.model.schema import Schema


@dataclass(frozen=True, slots=True)
class Edge:
    """Rows of `child` refer to rows of `parent` by a declared foreign key."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    nullable: bool


def edges(mapping: DataMap, schema: Schema) -> tuple[Edge, ...]:
    """Declared foreign keys between mapped tables."""
    found = []
    for name in mapping.tables:
        shape = schema.tables.get(name)
        for key in shape.foreign_keys if shape else ():
            if key.parent in mapping.tables and shape:
                columns = [shape.column(c) for c in key.columns]
                free = all(c is not None and c.nullable for c in columns)
                found.append(Edge(name, key.columns, key.parent, key.parent_columns, free))
    return tuple(found)


def deletion_order(mapping: DataMap, schema: Schema) -> tuple[tuple[str, ...], tuple[Edge, ...], tuple[str, ...]]:
    """(tables children first, nullable edges to set NULL beforehand, tables of a circle that cannot be cut).

    A circle of foreign keys is cut where a column may be NULL; a circle of NOT NULL keys has no order at all.
    """
    declared = edges(mapping, schema)
    own = tuple(e for e in declared if e.child == e.parent and e.nullable)
    between = [e for e in declared if e.child != e.parent]
    loosened: list[Edge] = list(own)
    names = tuple(mapping.tables)
    while True:
        order, circle = _sort(names, [(e.child, e.parent) for e in between])
        if not circle:
            break
        cut = next((e for e in between if e.nullable and e.child in circle and e.parent in circle), None)
        if cut is None:
            return (), (), circle
        between.remove(cut)
        loosened.append(cut)
    return _links_too(mapping, order, between), tuple(loosened), ()


def _links_too(mapping: DataMap, order: tuple[str, ...], between: list[Edge]) -> tuple[str, ...]:
    """The same order, with the map's links added where the declared keys leave a choice."""
    pairs = [(e.child, e.parent) for e in between]
    for name in order:
        link = mapping.tables[name].link
        pair = (name, link.parent) if link.kind is LinkKind.UP else (link.parent, name)
        if link.kind in (LinkKind.UP, LinkKind.DOWN) and name != link.parent and not _sort(order, [*pairs, pair])[1]:
            pairs.append(pair)
    return _sort(order, pairs)[0]


def _sort(names: Iterable[str], pairs: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(children first, names left in a circle); stable in the order of `names`."""
    left = list(names)
    placed: list[str] = []
    while left:
        free = [n for n in left if not any(parent == n and child in left for child, parent in pairs if child != n)]
        if not free:
            return tuple(placed), _circle(left, pairs)
        placed += free
        left = [n for n in left if n not in free]
    return tuple(placed), ()


def _circle(left: list[str], pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    """Of the names that cannot be placed, those that stand in the circle and not only above it."""
    while True:
        inside = [n for n in left if any(child == n and parent in left for child, parent in pairs if parent != n)]
        if len(inside) == len(left):
            return tuple(left)
        left = inside
