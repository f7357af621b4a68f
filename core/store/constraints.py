"""CHECK constraints of the live schema, whole and by name; SQLAlchemy misses those that stand inside a column's definition."""

from __future__ import annotations

import re
from collections import defaultdict

from sqlalchemy import Connection

from core.model.schema import Check

QUERIES = {
    "postgresql": "SELECT c.relname, k.conname, pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint k "
    "JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'c' AND c.relnamespace = current_schema()::regnamespace "
    "ORDER BY k.conname",
    "mariadb": "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS "
    "WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY CONSTRAINT_NAME",
    "mysql": "SELECT t.TABLE_NAME, t.CONSTRAINT_NAME, c.CHECK_CLAUSE FROM information_schema.TABLE_CONSTRAINTS t "
    "JOIN information_schema.CHECK_CONSTRAINTS c ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA "
    "AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME WHERE t.CONSTRAINT_TYPE = 'CHECK' AND t.TABLE_SCHEMA = DATABASE()",
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%check%'",
}
_TOKEN = re.compile(r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\w+|\S""", re.DOTALL)


def read_checks(conn: Connection, engine: str) -> dict[str, tuple[Check, ...]]:
    """Table → its CHECK constraints, of every table of the schema."""
    found: dict[str, list[Check]] = defaultdict(list)
    query = QUERIES["mysql" if conn.dialect.name == "mysql" else engine]  # MySQL does not say the table, MariaDB does
    for table, *rest in conn.exec_driver_sql(query).all():
        found[str(table)] += sqlite_checks(str(rest[0])) if engine == "sqlite" else [Check(str(rest[0]), str(rest[1]))]
    return {table: tuple(checks) for table, checks in found.items()}


def sqlite_checks(statement: str) -> list[Check]:
    """The conditions in a CREATE TABLE statement, wherever they stand in it."""
    tokens = [(t[0], t.start()) for t in _TOKEN.finditer(statement) if not t[0].startswith(("--", "/*"))]
    checks: list[Check] = []
    for i, (word, _) in enumerate(tokens[:-1]):
        if word.lower() == "check" and tokens[i + 1][0] == "(":
            end = _closing(tokens, i + 1)
            named = i > 1 and tokens[i - 2][0].lower() == "constraint"
            name = tokens[i - 1][0].strip('"`[]') if named else ""
            checks.append(Check(name, statement[tokens[i + 1][1] + 1 : end]))
    return checks


def _closing(tokens: list[tuple[str, int]], start: int) -> int:
    """Place of the bracket that closes the one at `start`."""
    depth = 0
    for word, place in tokens[start:]:
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return place
    return tokens[-1][1]


def names_column(text: str, column: str) -> bool:
    """Whether SQL text may name the column; a constant that looks like it counts too."""
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", text, re.IGNORECASE) is not None
