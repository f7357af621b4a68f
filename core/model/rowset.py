"""The rows of one customer in one table, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]
Address = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The customer's rows of one table. Each row is its address and then its values, in the order of `columns`."""

    table: str
    address: tuple[str, ...]
    """Names of the columns that address a row."""
    columns: tuple[str, ...]
    """Every mapped column."""
    rows: tuple[Row, ...]

    def key(self, row: Row) -> Address:
        return row[: len(self.address)]

    def record(self, row: Row) -> dict[str, Any]:
        """Column → value."""
        return dict(zip(self.columns, row[len(self.address) :], strict=True))

    def pick(self, row: Row, columns: tuple[str, ...]) -> tuple[Any, ...]:
        """Values of some columns."""
        start = len(self.address)
        return tuple(row[start + self.columns.index(c)] for c in columns)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table, wherever it is."""

    table: str
    address: Address
    column: str
