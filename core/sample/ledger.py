"""Rows in memory, each with the customers it belongs to: a resolved request can look resolved before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert

from core.sample.columns import company


@dataclass(slots=True)
class Row:
    """One row and its owners; a row of nobody has none."""

    values: dict[str, Any]
    owners: tuple[int, ...]


@dataclass
class Ledger:
    """Rows of every table of the company, in the order in which they were made."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in company.tables})

    def add(self, table: str, *owners: int, **values: Any) -> int:
        """Note a row; tables with a number for a key get the next one, which is returned (else 0)."""
        rows, columns = self.rows[table], company.tables[table].c
        number = len(rows) + 1
        blank: dict[str, Any] = {column.name: None for column in columns}
        rows.append(Row(blank | ({"id": number} if "id" in columns else {}) | values, owners))
        return number

    def of(self, customer: int, *tables: str) -> Iterator[Row]:
        """The rows of one customer in the named tables, or in all."""
        for table in tables or tuple(self.rows):
            yield from (row for row in self.rows[table] if customer in row.owners)

    def drop(self, customer: int, *tables: str) -> None:
        """Delete the customer's rows in the named tables, or in all."""
        for table in tables or tuple(self.rows):
            self.rows[table] = [row for row in self.rows[table] if customer not in row.owners]

    def store(self, conn: Connection) -> None:
        """Insert everything, parents first. A row that refers to a later one of its own table would not be taken: none does."""
        for table in company.sorted_tables:
            if rows := self.rows[table.name]:
                conn.execute(insert(table), [row.values for row in rows])
