"""Which table holds the customers, and how the other tables reach it: declared keys are known, names of columns are guesses.

Promises: no link runs in a circle, and every link's parent has a link of its own. Refuses to choose between two tables that look
alike, and a database in which no table looks like customers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.errors import UsageError
from core.model.datamap import LinkKind
from core.model.draftwords import ACCOUNTS, CUSTOMERS, STRANGERS, catalogue, judge, named, spelled, stem
from core.model.schema import Column, Family, Schema, TableShape

LEAST, ALIKE = 7, 2
"""Points that a customers' table needs, and by how many it must lead."""
POINTS = {"email": 3, "phone": 2, "name": 2, "national_id": 1, "tax_id": 1, "birth_date": 1, "secret": 1}
SHOWS_A_PERSON = frozenset({"email", "phone", "national_id"})
KEY_ENDS = ("uuid", "guid", "kodu", "key", "ref", "kod", "id", "no")
_OTHERS = re.compile(
    r"referr|invit|created_?by|updated_?by|approv|assign|author|sponsor|parent|merged|(?:^|_)(?:support_?)?(?:rep|agent|owner)"
)
"""Columns that point at a customer whose row this is not."""


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """How rows of a table find their customer, as proposed."""

    kind: LinkKind
    columns: tuple[str, ...] = ()
    parent: str = ""
    parent_columns: tuple[str, ...] = ()
    known: bool = True
    """By a declared key; False: by names."""
    to: str = ""
    where: tuple[str, str] | None = None
    """(column, value) that somebody has to confirm."""
    also: tuple[str, ...] = ()
    """Other columns by which the rows would reach a customer."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns of a table that point at another one."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    known: bool
    nullable: bool
    own: bool = False
    """The row's own key, which only its name ties to the other table: `customer_id` of a table of customers seldom is another's."""

    @property
    def rank(self) -> tuple[bool, bool, bool, bool]:
        return (any(_OTHERS.search(spelled(c)) for c in self.columns), self.own, not self.known, self.nullable)


def kinds_of(shape: TableShape) -> dict[str, str]:
    """Column → kind of those that look personal; what a `state` is depends on the columns beside it."""
    first = {judge(shape.name, column, frozenset()).kind for column in shape.columns}
    found = {column.name: judge(shape.name, column, frozenset(first)).kind for column in shape.columns}
    return {name: kind for name, kind in found.items() if kind}


def own_key(shape: TableShape) -> tuple[str, ...]:
    """The primary key, else a column that is called `id`, else one that is unique."""
    single = next((group for group in shape.unique if len(group) == 1), ())
    return shape.key or tuple(c.name for c in shape.columns if spelled(c.name) == "id")[:1] or single


def customers_table(schema: Schema, chosen: str | None) -> str:
    """The customers' table. Raises UsageError `draft-no-table`, `draft-no-customers`, `draft-alike`, `draft-no-key`."""
    names = tuple(schema.tables)
    if chosen is not None and chosen not in schema.tables:
        raise UsageError("draft-no-table", table=chosen, allowed=names)
    found = chosen or _likeliest(schema)
    if not own_key(schema.tables[found]):
        raise UsageError("draft-no-key", table=found)
    return found


def _likeliest(schema: Schema) -> str:
    pointed = _pointed_at(schema)
    scores = {name: _score(shape, pointed.get(name, 0)) for name, shape in schema.tables.items()}
    best = sorted((name for name in scores if scores[name] >= LEAST), key=lambda name: -scores[name])
    if not best:
        raise UsageError("draft-no-customers", tables=len(schema.tables))
    alike = tuple(name for name in best if scores[best[0]] - scores[name] <= ALIKE)
    if len(alike) > 1:
        raise UsageError("draft-alike", allowed=alike)
    return best[0]


def _score(shape: TableShape, pointed: int) -> int:
    kinds, whole = set(kinds_of(shape).values()), stem(shape.name)
    if not kinds & SHOWS_A_PERSON or named(shape.name, STRANGERS):
        return 0
    called = 6 if whole in CUSTOMERS else 3 if whole in ACCOUNTS else 2 if named(shape.name, CUSTOMERS) else 0
    belongs = any(base in CUSTOMERS and base != whole for c in shape.columns if (base := pointer(c.name)))
    return called + sum(POINTS.get(kind, 0) for kind in kinds) + min(pointed, 6) - (4 if belongs else 0)


def _pointed_at(schema: Schema) -> dict[str, int]:
    """How many tables point at each, by declared keys or by the name of a column."""
    by_stem = {stem(name): name for name in schema.tables}
    found: dict[str, int] = {}
    for name, shape in schema.tables.items():
        targets = {key.parent for key in shape.foreign_keys}
        targets |= {by_stem[base] for column in shape.columns if (base := pointer(column.name)) in by_stem}
        for target in targets - {name}:
            found[target] = found.get(target, 0) + 1
    return found


def pointer(column: str) -> str:
    """`customer` of `customer_id`, `customerId`, `CUSTOMER_NO`; empty for other names."""
    word = spelled(column).replace("_", "")
    end = next((end for end in KEY_ENDS if word.endswith(end) and len(word) > len(end)), "")
    return stem(word.removesuffix(end)) if end else ""


class Links:
    """Every link of one draft. `found` has parents before children."""

    def __init__(self, schema: Schema, root: str, by_value: dict[str, str]) -> None:
        self._tables, self.root = schema.tables, root
        self.key = own_key(schema.tables[root])
        self._by_stem = {stem(name): name for name in sorted(schema.tables, reverse=True)}
        self._values = by_value
        self.references = {name: tuple(self._references(shape)) for name, shape in schema.tables.items()}
        self.pointed = {ref.parent for name, refs in self.references.items() for ref in refs if ref.parent != name}
        self.found: dict[str, LinkDraft] = {root: LinkDraft(LinkKind.ROOT)}
        self._grow()
        self._by_type()
        self._grow()
        self._by_value()
        self._below()
        self._grow()
        self.found = {name: replace(link, also=self._also(name, link)) for name, link in self.found.items()}

    def _references(self, shape: TableShape) -> Iterator[Reference]:
        declared: set[str] = set()
        for key in shape.foreign_keys:
            if key.parent in self._tables:
                declared.update(key.columns)
                far = key.parent_columns or self._tables[key.parent].key
                if len(far) == len(key.columns):  # SQLite keeps keys that point at nothing
                    yield Reference(key.columns, key.parent, far, True, all(_free(shape, c) for c in key.columns))
        for column in shape.columns:
            if column.name not in declared and (parent := self._parent_by_name(shape, column)):
                yield Reference((column.name,), parent, own_key(self._tables[parent]), False, column.nullable, shape.key == (column.name,))

    def _parent_by_name(self, shape: TableShape, column: Column) -> str:
        """The table whose key a column seems to hold, by its name and type; empty when there is none."""
        if judge(shape.name, column, frozenset()).kind:
            return ""
        base = pointer(column.name)
        parent = self._by_stem.get(base, "")
        own = spelled(column.name) in {spelled(key) for key in self.key} - {"id", "no", "key", "code", "kod", "uuid"}
        if not parent and (base in (*CUSTOMERS, *ACCOUNTS) or own):
            parent = self.root
        if not parent and len(word := spelled(column.name).replace("_", "")) == 3 and word.endswith("id"):
            parent = self._abbreviated(shape.name, word[0])
        key = own_key(self._tables[parent]) if parent and parent != shape.name else ()
        far = self._tables[parent].column(key[0]) if len(key) == 1 else None
        return parent if far is not None and _alike(far, column) else ""

    def _abbreviated(self, table: str, letter: str) -> str:
        """`tid` of `ticketreplies` is the key of `tickets`."""
        heads = (s for s in self._by_stem if s[0] == letter and stem(table).startswith(s) and s != stem(table)) if stem(table) else ()
        return self._by_stem.get(next(iter(heads), ""), "")

    def _grow(self) -> None:
        """Children of tables that have a link, nearest first, until no table is added."""
        while added := {name: link for name in self._tables if name not in self.found and (link := self._up(name))}:
            self.found.update(added)

    def _up(self, name: str) -> LinkDraft | None:
        ways = sorted((r for r in self.references[name] if r.parent in self.found and r.parent != name), key=lambda r: r.rank)
        ways = [r for r in ways if r.parent == self.root and r.parent_columns == self.key and not r.rank[0]] or ways
        if not ways:
            return None
        best = ways[0]
        return LinkDraft(LinkKind.UP, best.columns, best.parent, best.parent_columns, best.known and not best.rank[0])

    def _also(self, name: str, link: LinkDraft) -> tuple[str, ...]:
        """Columns that lead to a customer's row on another way than the link does."""
        ways = (r for r in self.references[name] if r.parent in self.found and r.parent != name and r.columns != link.columns)
        owned = (r for r in ways if link.kind is LinkKind.UP and self.found[r.parent].kind is not LinkKind.DOWN)
        return tuple(", ".join(r.columns) for r in owned if not r.rank[0])

    def _by_type(self) -> None:
        """`about_type` beside `about_id`: rows of several tables, told apart by a word."""
        key = self._tables[self.root].column(self.key[0])
        for name, shape in self._tables.items():
            words = {spelled(c.name): c for c in shape.columns}
            for word, column in words.items() if name not in self.found and len(self.key) == 1 else ():
                kind = words.get(f"{word.removesuffix('_id').removesuffix('id')}_type") if word.endswith("id") and len(word) > 3 else None
                if kind is not None and kind.family in (Family.TEXT, Family.ENUM) and key is not None and _alike(key, column):
                    self.found[name] = LinkDraft(
                        LinkKind.UP, (column.name,), self.root, self.key, False, where=(kind.name, stem(self.root))
                    )
                    break

    def _by_value(self) -> None:
        """Tables at which nobody points and that hold an address: logs, queues, resets."""
        for name, shape in self._tables.items():
            if name in self.found or name in self.pointed or named(name, STRANGERS) or catalogue(name) or self.references[name]:
                continue
            if _score(shape, 0) >= LEAST:
                continue  # people of their own, staff perhaps: whose rows these are, nobody can say from here
            kinds = kinds_of(shape)
            for to in self._values:
                if column := next((c for c, kind in kinds.items() if kind == to), ""):
                    self.found[name] = LinkDraft(LinkKind.MATCH, (column,), known=False, to=to)
                    break

    def _below(self) -> None:
        """Tables with personal columns that the customer's row, or a table of pairs, points at."""
        for name in tuple(self.found):
            if name != self.root and (len(self.references[name]) < 2 or kinds_of(self._tables[name])):
                continue
            for ref in self.references[name]:
                target = self._tables[ref.parent]
                if ref.parent in self.found or named(ref.parent, STRANGERS) or catalogue(ref.parent) or ref.rank[0] or not kinds_of(target):
                    continue
                self.found[ref.parent] = LinkDraft(LinkKind.DOWN, ref.parent_columns, name, ref.columns, known=False)


def _free(shape: TableShape, column: str) -> bool:
    found = shape.column(column)
    return found is None or found.nullable


def _alike(one: Column, other: Column) -> bool:
    """Whether two columns can hold the same keys."""
    return one.family.is_number == other.family.is_number and Family.BOOLEAN not in (one.family, other.family)
