"""The data map as values: where personal data lives, how rows belong to a customer, what happens to each column.

Built by core/model/mapfile.py from one TOML file. What is here is already checked against itself (every name resolves,
every path reaches the customer); core/store/prove.py checks it against the live schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.model.kinds import KINDS, Mask

Condition = tuple[tuple[str, tuple[Any, ...]], ...]
"""(column, allowed values); `IS_NULL` or `NOT_NULL` as the only value test for NULL."""
IS_NULL = "null"
NOT_NULL = "not null"


class Action(StrEnum):
    """What happens to a row."""

    DELETE = "delete"
    MASK = "mask"
    KEEP = "keep"


class LinkKind(StrEnum):
    """How rows of a table belong to a customer."""

    ROOT = "root"
    """The customer's own table."""
    UP = "up"
    """This row's columns hold the key of a parent row."""
    DOWN = "down"
    """A parent row's columns hold the key of this row: an address that a customer (or a link table) points at."""
    MATCH = "match"
    """This row holds a value of the customer, no key."""
    NONE = "none"
    """Nobody's rows."""


@dataclass(frozen=True, slots=True)
class Link:
    """How rows of one table are found from the rows of `parent`."""

    kind: LinkKind
    columns: tuple[str, ...] = ()
    parent: str = ""
    parent_columns: tuple[str, ...] = ()
    pack: str = ""
    """`U{key}`: the column holds the key inside a text."""
    to: str = ""
    """Kind of value that MATCH compares: email, phone, …"""
    exact: bool = False
    """MATCH: only the stored spelling, which an index can answer; else every spelling, which scans the table."""


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What the map says of one column. Exactly one of `kind`, `keep`, `refers_to` and `not_personal` is set."""

    name: str
    kind: str = ""
    mask: Mask | None = None
    """None: the kind's default for the column's type."""
    constant: str | None = None
    export: bool = True
    everywhere: bool = False
    """Also in rows of other people or of nobody the customer's values are blanked."""
    paths: tuple[tuple[tuple[str, ...], str], ...] = ()
    """JSON: (path, kind); `*` stands for every element or key."""
    keep: str = ""
    refers_to: str = ""
    not_personal: str = ""

    @property
    def personal(self) -> bool:
        return bool(self.kind)

    @property
    def secret(self) -> bool:
        return self.kind in KINDS and KINDS[self.kind].secret


@dataclass(frozen=True, slots=True)
class Keyed:
    """A key/value table: what `value` is depends on `key` of the same row."""

    key: str
    value: str
    kinds: Mapping[str, str]
    rest: str = ""
    """Kind of every other key's value; empty: not personal."""


@dataclass(frozen=True, slots=True)
class StateRule:
    """What happens to rows in one state; the first that fits a row counts."""

    when: Condition
    on_mask: Action
    on_erase: Action
    because: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Rows that a law keeps until a date, and the columns it needs."""

    because: str
    when: Condition = ()
    keep: tuple[str, ...] = ()
    with_parent: bool = False
    """Lines and payments: as long as the row that they point at."""
    with_invoices: bool = False
    """The customer's own row, addresses: as long as any invoice of the customer."""


@dataclass(frozen=True, slots=True)
class TableMap:
    """One mapped table."""

    name: str
    link: Link
    columns: Mapping[str, ColumnRule]
    where: Condition = ()
    shared: bool = False
    on_mask: Action = Action.MASK
    on_erase: Action = Action.DELETE
    because: str = ""
    states: tuple[StateRule, ...] = ()
    hold: Hold | None = None
    keyed: Keyed | None = None
    personal: tuple[ColumnRule, ...] = field(init=False, repr=False, compare=False)
    """Rules of the columns that are personal; a run asks for each row."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "personal", tuple(rule for rule in self.columns.values() if rule.personal))


@dataclass(frozen=True, slots=True)
class Customer:
    """The data subject's table and the roles of its columns."""

    table: str
    key: tuple[str, ...]
    name: tuple[str, ...]
    where: Condition = ()
    email: str = ""
    phone: str = ""
    national_id: str = ""
    tax_id: str = ""
    language: str = ""
    created: str = ""

    def roles(self) -> tuple[tuple[str, str], ...]:
        """(kind, column) of the columns by which a customer can be found."""
        every = (
            ("email", self.email),
            ("phone", self.phone),
            ("national_id", self.national_id),
            ("tax_id", self.tax_id),
        )
        return tuple((kind, column) for kind, column in every if column)


@dataclass(frozen=True, slots=True)
class Register:
    """How the row of a customer who opens an account is filled, beside login and password."""

    ask: tuple[str, ...]
    """Columns that the visitor fills in; those that may not be NULL must be."""
    set: tuple[tuple[str, Any], ...] = ()
    """Column → value that every new account has."""
    token: tuple[str, ...] = ()
    """Columns that take something random: a user name that nobody types, a key that is a text."""
    now: tuple[str, ...] = ()
    """Columns that take the moment of registration."""


@dataclass(frozen=True, slots=True)
class Access:
    """What denies sign-in in the company's own system, at once."""

    block: tuple[tuple[str, Any], ...] = ()
    clear: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    login: str = ""
    password: str = ""
    when: Condition = ()
    """State of the account in which its owner may sign in."""
    exact: bool = False
    """The login is looked for as it is spelled, which an index can answer; else in every spelling, which reads the table."""
    register: Register | None = None
    """How a row of a new customer is made; None: accounts are opened elsewhere."""


@dataclass(frozen=True, slots=True)
class Services:
    """Where service status is read."""

    table: str
    active: Condition
    title: str = ""


@dataclass(frozen=True, slots=True)
class Invoices:
    """Where invoice status is read."""

    table: str
    unpaid: Condition
    amount: str = ""
    currency: str = ""
    issued: str = ""


@dataclass(frozen=True, slots=True)
class DataMap:
    """A whole map. `tables` is in the order of the file; `order` has parents before children."""

    name: str
    sha256: str
    customer: Customer
    tables: Mapping[str, TableMap]
    order: tuple[str, ...]
    access: Access = field(default_factory=Access)
    services: Services | None = None
    invoices: Invoices | None = None
    not_personal: Mapping[str, str] = field(default_factory=dict)
    """Whole tables that hold no personal data, with the reason."""
    outside: tuple[str, ...] = ()

    def path(self, table: str) -> tuple[str, ...]:
        """The tables from `table` up to the customer's, both included; only `table` for MATCH and NONE at its end."""
        names = [table]
        while (link := self.tables[names[-1]].link).kind in (LinkKind.UP, LinkKind.DOWN):
            names.append(link.parent)
        return tuple(names)

    def by_value(self, table: str) -> bool:
        """Whether the path of a table ends at a value instead of the customer's key."""
        return self.tables[self.path(table)[-1]].link.kind is LinkKind.MATCH

    def owned(self) -> tuple[str, ...]:
        """Tables whose rows belong to customers, parents first."""
        return tuple(t for t in self.order if self.tables[self.path(t)[-1]].link.kind is not LinkKind.NONE)


def holds_condition(row: Mapping[str, Any], condition: Condition) -> bool:
    """Whether a row (column → driver value) fulfils a condition."""
    return all(_fits(row.get(column), values) for column, values in condition)


def _fits(value: Any, allowed: tuple[Any, ...]) -> bool:
    if allowed == (IS_NULL,):
        return value is None
    if allowed == (NOT_NULL,):
        return value is not None
    return value is not None and any(value == a or str(value) == str(a) for a in allowed)
