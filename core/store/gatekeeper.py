"""May this account be used? One statement, written once: the gate asks it of one customer, the view `kvkk_access` holds it for all.

No row means that there is no such customer: refused. It reads the company's table of customers, our blocks, the word on consent
that counts, and the settings as they stand in this very transaction; nothing is computed beforehand, so nothing can be stale. The
company's key stays as it is and is turned into text on our side only, which is what an index of theirs and one of ours can answer.

Refused by name: a key of a type whose text the engine and Python write differently (bytes, floats), since a block could then be missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import settings
from core.errors import UsageError
from core.model.datamap import IS_NULL, NOT_NULL
from core.model.records import Gate
from core.model.schema import Column, Family
from core.store.paths import KEY_SEPARATOR, key_text
from core.store.sql import run
from core.store.subjects import key_parts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas

SWITCHES = (("enforce-consent", "e"), ("enabled", "n"), ("consent-renewal", "r"), ("consent-text", "t"))
"""Settings that the gate obeys, and the name that each has in the statement."""
TEXTUAL = frozenset({Family.TEXT, Family.ENUM})
READABLE = TEXTUAL | {Family.INTEGER, Family.DECIMAL, Family.DATE, Family.UUID}
"""Types of keys whose text is the same in Python and in every engine."""


def answer(conn: Connection, atlas: Atlas, customer: str) -> Gate:
    """The gate's answer for the customer with exactly this key. Raises UsageError `gate-key-type`."""
    parts = key_parts(atlas, conn, customer)
    if parts is None:
        return Gate.UNKNOWN
    names = atlas.map.customer.key
    head = ", ".join(f"c.{atlas.sql.quote(name)}" for name in names)
    same = " AND ".join(f"c.{atlas.sql.quote(name)} = {atlas.sql.mark}" for name in names)
    rows = run(conn, f"{statement(conn, atlas, head)} AND {same}", parts).all()
    # a collation may take another customer's key for this one
    found = [Gate(row.reason or Gate.ALLOWED) for row in rows if key_text(row[: len(names)]) == customer]
    return found[0] if found else Gate.UNKNOWN


def statement(conn: Connection, atlas: Atlas, head: str) -> str:
    """A SELECT of `head`, `allowed` (1, 0) and `reason` (NULL, blocked, consent-required) over all customers, which are `c` in it.

    It ends inside its WHERE. Raises UsageError `gate-key-type`.
    """
    quote, key = atlas.sql.quote, key_as_text(conn, atlas)
    book = quote("kvkk_settings")
    switches = "".join(f" LEFT JOIN {book} {alias} ON {alias}.{quote('key')} = '{name}'" for name, alias in SWITCHES)
    wanting = _consent_wanting(atlas)
    return (
        f"SELECT {head},"
        f" CASE WHEN b.customer IS NOT NULL OR ({wanting}) THEN 0 ELSE 1 END AS allowed,"
        f" CASE WHEN b.customer IS NOT NULL THEN '{Gate.BLOCKED}' WHEN {wanting} THEN '{Gate.CONSENT_REQUIRED}' END AS reason"
        f" FROM {quote(atlas.map.customer.table)} c"
        f" LEFT JOIN kvkk_blocks b ON b.customer = {key}"
        f" LEFT JOIN kvkk_consents k ON k.current_of = {key} AND k.given IS TRUE"
        f"{switches} WHERE {' AND '.join(whose(conn, atlas))}"
    )


def _consent_wanting(atlas: Atlas) -> str:
    """Consent is asked for, and what was given (if anything) does not open the gate."""
    value = {name: f"COALESCE({alias}.value, '{settings.setting(name).default}')" for name, alias in SWITCHES}
    number = "SIGNED" if atlas.sql.engine == "mariadb" else "INTEGER"
    outdated = f"{value['consent-renewal']} = 'on' AND k.version < CAST({value['consent-text']} AS {number})"
    return f"{value['enforce-consent']} = 'on' AND {value['enabled']} = 'on' AND (k.version IS NULL OR ({outdated}))"


def key_as_text(conn: Connection, atlas: Atlas) -> str:
    """The key of `c` as `key_text` writes it, comparable byte by byte with our columns. Raises UsageError `gate-key-type`."""
    parts = [_part_as_text(atlas, column) for column in _key_columns(conn, atlas)]
    if atlas.sql.engine == "mariadb":
        joined = parts[0] if len(parts) == 1 else f"CONCAT_WS('{KEY_SEPARATOR}', {', '.join(parts)})"
        collation = "utf8mb4_0900_bin" if conn.dialect.name == "mysql" else "utf8mb4_nopad_bin"
        return f"{joined} COLLATE {collation}"
    joined = f" || '{KEY_SEPARATOR}' || ".join(parts)
    # the database's own collation is deterministic; the company's column may have one that is not
    return f'({joined}) COLLATE "default"' if atlas.sql.engine == "postgresql" else f"({joined})"


def _part_as_text(atlas: Atlas, column: Column) -> str:
    name = f"c.{atlas.sql.quote(column.name)}"
    if atlas.sql.engine == "sqlite":
        return f"CAST({name} AS TEXT)"
    if atlas.sql.engine == "mariadb":
        plain = f"{name} + 0" if column.family in (Family.INTEGER, Family.DECIMAL) else name  # ZEROFILL would show its zeros
        return f"CONVERT({plain} USING utf8mb4)"
    if column.family is Family.DATE:
        return f"to_char({name}, 'YYYY-MM-DD')"  # a cast follows the session's DateStyle
    # concat writes what the driver reads: a cast of char(n) drops its blanks
    return f"concat({name})"


def _key_columns(conn: Connection, atlas: Atlas) -> list[Column]:
    table = atlas.map.customer.table
    shape = atlas.shape(conn, table)
    found = [(name, shape.column(name)) for name in atlas.map.customer.key]
    for name, column in found:
        if column is None or column.family not in READABLE:
            raise UsageError("gate-key-type", table=table, column=name, type=column.type if column else "–")
    return [column for _, column in found if column is not None]


def whose(conn: Connection, atlas: Atlas) -> list[str]:
    """Which rows of `c` are customers: the map's own condition, and a key that can be written as one text."""
    sql, tests = atlas.sql, ["1 = 1"]
    for column, allowed in atlas.map.customer.where:
        name = f"c.{sql.quote(column)}"
        if allowed in ((IS_NULL,), (NOT_NULL,)):
            tests.append(f"{name} IS {allowed[0].upper()}")
        else:
            tests.append(f"{name} IN ({', '.join(literal(sql.engine, value) for value in allowed)})")
    columns = _key_columns(conn, atlas)
    if len(columns) > 1:
        tests += [_without_separator(atlas, column) for column in columns if column.family in TEXTUAL]
    if sql.engine == "sqlite":  # a column of SQLite holds anything: what is no number there is no key
        tests += [f"typeof(c.{sql.quote(c.name)}) = 'integer'" for c in columns if c.family is Family.INTEGER]
    return tests


def _without_separator(atlas: Atlas, column: Column) -> str:
    """Two keys could otherwise be written as one text."""
    part, engine = _part_as_text(atlas, column), atlas.sql.engine
    if engine == "mariadb":
        return f"LOCATE('{KEY_SEPARATOR}', {part}) = 0"
    return f"instr({part}, '{KEY_SEPARATOR}') = 0" if engine == "sqlite" else f"strpos({part} COLLATE \"C\", '{KEY_SEPARATOR}') = 0"


def literal(engine: str, value: Any) -> str:
    """A value of the data map inside a statement that can have no parameters; `%` doubled for the driver."""
    if isinstance(value, bool):
        return str(value).upper() if engine == "postgresql" else str(int(value))
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if engine == "mariadb":  # whatever sql_mode says of backslashes, and comparable with a column of any charset
        return f"_utf8mb4 X'{text.encode().hex()}'"
    quoted = text.replace("'", "''")
    if engine == "sqlite":
        return f"'{quoted}'"
    escaped = quoted.replace("\\", "\\\\").replace("%", "%%")
    return f" E'{escaped}'" if "\\" in quoted else f"'{escaped}'"
