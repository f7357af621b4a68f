"""What a driver's exception means for the customer's data. Classes, numbers and SQLSTATEs decide; texts carry values.

Where an engine gives nothing but a sentence it is looked at here, and never handed on.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError

from core.errors import Conflict, KvkkError, OutcomeUnknown, Unavailable

SQLITE = {
    "SQLITE_BUSY": "database-locked",
    "SQLITE_LOCKED": "database-locked",
    "SQLITE_FULL": "database-full",
    "SQLITE_READONLY": "database-read-only",
    "SQLITE_CORRUPT": "database-damaged",
    "SQLITE_NOTADB": "not-a-database",
    "SQLITE_CANTOPEN": "database-read-only",  # the file is there (the engine looked): its journal cannot be made
    "SQLITE_IOERR": "database-io",
    "SQLITE_PERM": "database-no-permission",
    "SQLITE_AUTH": "database-no-permission",
}
POSTGRESQL = {
    "28": "database-login",
    "3D000": "database-missing",
    "42501": "database-no-permission",
    "53100": "database-full",
    "53": "database-no-room",
    "55P03": "database-locked",
    "40": "database-contention",
    "25006": "database-read-only",
    "42P01": "table-missing",
    "42703": "column-missing",
    "57": "database-gone",
    "08": "database-gone",
    "XX": "database-damaged",
}
MARIADB = {
    1044: "database-login",
    1045: "database-login",
    1698: "database-login",
    1049: "database-missing",
    1142: "database-no-permission",
    1143: "database-no-permission",
    1227: "database-no-permission",
    1205: "database-locked",
    1213: "database-contention",
    1290: "database-read-only",
    1792: "database-read-only",
    1836: "database-read-only",
    1021: "database-full",
    1114: "database-full",
    1146: "table-missing",
    1054: "column-missing",
    1047: "database-gone",
    1053: "database-gone",
    2002: "database-gone",
    2003: "database-gone",
    2006: "database-gone",
    2013: "database-gone",
    1034: "database-damaged",
    126: "database-damaged",
}
INTEGRITY = "constraint"
GONE = frozenset({"database-gone"})
MACHINE = frozenset(
    {*SQLITE.values(), *POSTGRESQL.values(), *MARIADB.values()} - {"table-missing", "column-missing", "database-contention"}
)
"""Codes which say that the database itself cannot be used now."""


def reason(error: BaseException) -> str:
    """Stable code for a driver's exception; `database-error` when none fits."""
    raw: Any = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(raw, sqlite3.Error):
        return _sqlite(raw)
    driver = type(raw).__module__.partition(".")[0]  # PyMySQL's errors have a SQLSTATE too, and theirs says less
    if driver == "psycopg":
        return _postgresql(raw, getattr(raw, "sqlstate", None))
    if driver == "pymysql":
        return _mariadb(raw)
    return "database-gone" if isinstance(raw, OSError) else "database-error"


def _sqlite(raw: sqlite3.Error) -> str:
    if isinstance(raw, sqlite3.IntegrityError):
        return INTEGRITY
    name = getattr(raw, "sqlite_errorname", None) or ""
    for prefix, code in SQLITE.items():
        if name.startswith(prefix):
            return code
    text = str(raw)
    if text.startswith("no such table"):
        return "table-missing"
    if text.startswith("no such column"):
        return "column-missing"
    return "database-error"


VALUES = frozenset({"DataError", "ProgrammingError", "NotSupportedError"})
"""What psycopg raises without a SQLSTATE though the server is there."""


def _postgresql(raw: Any, state: str | None) -> str:
    if state is None:  # the driver itself: it has no connection, or cannot make anything of a value
        return _refused_connection(raw) if type(raw).__name__ not in VALUES else "database-error"
    if state.startswith("23"):
        return INTEGRITY
    return next((POSTGRESQL[k] for k in (state, state[:2]) if k in POSTGRESQL), "database-error")


CLOSED = (b"not currently accepting connections", b"too many connections")
"""What a server says of a database that is there and lets nobody in now; in English, other languages name it alike."""


def _refused_connection(raw: Any) -> str:
    """libpq gives no SQLSTATE for a connection that was not let in: its sentence names the login or the database, or neither."""
    conn = getattr(raw, "pgconn", None)
    if conn is None or "FATAL" not in str(raw):
        return "database-gone"
    said = str(raw).encode("utf-8", "replace")
    if conn.used_password or conn.needs_password or b'"%b"' % conn.user in said:
        return "database-login"
    there = any(words in said for words in CLOSED)
    return "database-missing" if b'"%b"' % conn.db in said and not there else "database-gone"


def _mariadb(raw: Any) -> str:
    number = raw.args[0] if raw.args and isinstance(raw.args[0], int) else 0
    if type(raw).__name__ == "IntegrityError":
        return INTEGRITY
    if number == 0 and type(raw).__name__ in ("InterfaceError", "OperationalError"):
        return "database-gone"
    return MARIADB.get(number, "database-error")


def translate(error: BaseException) -> KvkkError:
    """The error of ours for a failure before COMMIT: nothing was changed."""
    code = reason(error)
    if code == INTEGRITY:
        return Conflict("constraint")
    return Unavailable(code, kind=type(getattr(error, "orig", None) or error).__name__)


def translate_commit(error: BaseException) -> KvkkError:
    """The error of ours for a failure of COMMIT itself: a lost line leaves the outcome open, a refusal does not."""
    if reason(error) in GONE:
        return OutcomeUnknown("outcome-unknown")
    return translate(error)
