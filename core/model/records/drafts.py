"""A proposed data map: what a schema tells, and what is left for a person to decide."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DraftColumn:
    """What is proposed for one column: a kind, `refers_to`, or a reason why it is not personal; none of them while it is open."""

    name: str
    type: str
    kind: str = ""
    mask: str = ""
    """As the map spells it; empty: the kind's own."""
    everywhere: bool = False
    refers_to: str = ""
    not_personal: str = ""
    known: bool = False
    """Told by the schema itself; else a guess by name and type."""
    open: str = ""
    """Why nobody but a person can decide; empty when something is proposed."""
    looks: str = ""
    """The kind that an open column looks like."""


@dataclass(frozen=True, slots=True)
class DraftTable:
    """What is proposed for one table."""

    name: str
    link: str
    """customer, up, down, match, none; empty: declared not personal as a whole."""
    link_text: str
    """As the map spells it."""
    known: bool
    """The link is a declared key."""
    columns: tuple[DraftColumn, ...]
    where: tuple[str, str] | None = None
    shared: bool = False
    deleted: bool = False
    """Rows go on a mask too: they would let somebody in."""
    also: tuple[str, ...] = ()
    """Other columns by which rows would reach a customer."""
    key_value: tuple[str, str] | None = None
    """Columns of the key and the value, where a row says itself what it holds."""


@dataclass(frozen=True, slots=True)
class DraftSection:
    """Where the state of services or of invoices seems to stand."""

    table: str
    column: str
    values: tuple[str, ...]
    """Words of the state that count as running or unpaid, if the schema lists its words; else examples."""
    known: bool
    """The schema lists them."""
    roles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MapDraft:
    """A drafted data map. It loads; what is open is named by `kvkk map check` until somebody has decided."""

    name: str
    customers: str
    key: tuple[str, ...]
    roles: tuple[tuple[str, tuple[str, ...]], ...]
    """Role of `[customer]` and its columns."""
    tables: tuple[DraftTable, ...]
    services: DraftSection | None
    invoices: DraftSection | None
    guesses: int
    """Columns, links and tables that were told by names alone."""
    undecided: tuple[str, ...]
    """`table.column` of what is left open."""
    text: str
    """The map, TOML."""
    path: str = ""
    """File that it was written to."""
