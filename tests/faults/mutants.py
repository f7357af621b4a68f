"""Wrong programs, to see whether the fault tests notice: each takes away one promise, in one process of the worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import DBAPIError

import core.services.notices
import core.store.engine
import core.store.mutate
from core.adapters.mailer import Fate, Verdict


def commit_per_table() -> None:
    """Each table is committed by itself (SQLite)."""
    real = core.store.mutate.Hand.change

    def change(self: Any, name: str) -> None:
        real(self, name)
        self.conn.exec_driver_sql("COMMIT")
        self.conn.exec_driver_sql("BEGIN IMMEDIATE")

    core.store.mutate.Hand.change = change  # type: ignore[method-assign]


def no_audit_entry() -> None:
    """A resolution leaves no trace in the audit."""
    real = core.store.engine.Unit.record

    def record(self: Any, verb: str, request: int | None = None, **detail: Any) -> None:
        if verb != "request.resolve":
            real(self, verb, request, **detail)

    core.store.engine.Unit.record = record  # type: ignore[method-assign]


def mark_before_send() -> None:
    """A message is called sent, and then sent."""

    def carry(self: Any, claimed: Any) -> Verdict:
        self._settle(claimed, Verdict(Fate.SENT))
        verdict: Verdict = self._fate(claimed)
        return verdict

    core.services.notices.Round._carry = carry  # type: ignore[method-assign]


def swallow_full() -> None:
    """A full disk under a change of the company's rows is taken for success."""
    real = core.store.mutate.run

    class Done:
        def __init__(self, count: int) -> None:
            self.rowcount = count

    def run(conn: Any, statement: str, values: Any = ()) -> Any:
        try:
            return real(conn, statement, values)
        except (DBAPIError, sqlite3.Error) as error:
            if "full" not in str(error) or not statement.startswith(("UPDATE", "DELETE")):
                raise
            return Done(0)

    core.store.mutate.run = run  # type: ignore[assignment]
    core.store.mutate.Hand.expect = lambda *_: None  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    "commit per table": commit_per_table,
    "no audit entry": no_audit_entry,
    "mark before send": mark_before_send,
    "swallow full": swallow_full,
}
