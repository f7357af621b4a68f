"""Customers by a piece of what stands in their row: name, e-mail, phone, ids; Turkish letters and case apart.

Two ways to the same answer. Of a few known customers the rows are read by key and compared by our fold. Among all of them the
database first narrows with LIKE: in a cell of ASCII and Turkish letters every character folds to exactly one, so a word of n
letters is n characters of the cell, and `_` stands where a Turkish letter may stand; a cell with any other character is handed
over anyway. What it finds is compared again, so that both ways agree. No copy of anybody's name is kept to search in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.model.folding import TURKISH, fold
from core.model.needle import Spelling
from core.store import customers, keywalk
from core.store.paths import key_text
from core.store.prefilter import pattern_of
from core.store.sql import stream
from core.store.subjects import condition_sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.records import CustomerRow
    from core.store.atlas import Atlas
    from core.store.keywalk import Condition, Place
    from core.store.sql import Sql

DIGITS_LEAST = 4
"""Digits from which a number is looked for between the signs of another spelling."""
STRETCH = 50_000
"""Customers who are looked at before whoever waits is told what was found among them."""
_BEYOND = {
    "sqlite": f"*[^\x01-\x7f{TURKISH}]*",
    "postgresql": f"[^\x01-\x7f{TURKISH}]",
    "mariadb": f"[^ -~\t\n\r{TURKISH}]",  # no code points: MariaDB and MySQL write them differently
}
"""A character beyond ASCII and the Turkish letters, as each engine asks for it."""


def find(conn: Connection, atlas: Atlas, text: str, limit: int) -> tuple[CustomerRow, ...]:
    """Customers whom the text fits, at most `limit`; the one whose key it is comes first. Raises UsageError `customer-malformed`."""
    found = keys(conn, atlas, text, limit)
    rows = customers.rows_for(conn, atlas, found)
    return tuple(rows[key] for key in found if key in rows)


def keys(conn: Connection, atlas: Atlas, text: str, limit: int) -> list[str]:
    """Keys of the same."""
    asked = Asked(text)
    own = text.strip()
    found = [own] if customers.exists(conn, atlas, own) else []
    for row in stream(conn, *_statement(atlas, asked)):
        key = _fits(atlas, asked, row)
        if key is not None and key not in found[:1]:
            found.append(key)
            if len(found) >= limit:
                break
    return found[:limit]


def among(conn: Connection, atlas: Atlas, text: str, few: Iterable[str]) -> list[str]:
    """Those of some known customers whom the text fits. Raises UsageError `customer-malformed`."""
    asked = Asked(text)
    rows = customers.of_keys(conn, atlas, few, _columns(atlas))
    return [key for row in rows if (key := _fits(atlas, asked, row)) is not None]


def stretch(
    conn: Connection, atlas: Atlas, text: str, after: Place | None, most: int, limit: int | None = None
) -> tuple[list[str], Place | None]:
    """(keys of those of the next `most` customers whom the text fits, the place from which to go on)

    At most `limit`; then the place is that of the last who was found. It is None when there are no more customers. Raises UsageError
    `customer-malformed`.
    """
    asked, found = Asked(text), list[str]()
    upto = keywalk.end(conn, atlas, after, most)
    rows = stream(conn, *_statement(atlas, asked, keywalk.between(atlas, after, upto)))
    for row in rows:
        key = _fits(atlas, asked, row)
        if key is not None:
            found.append(key)
        if len(found) == limit:
            rows.close()
            return found, row[: len(atlas.map.customer.key)]
    return found, upto


def part(conn: Connection, atlas: Atlas, text: str, after: Place | None, limit: int) -> tuple[list[str], Place | None]:
    """As `stretch`, as every list of customers begins: the one whose key the text is comes first, and once."""
    found, place = stretch(conn, atlas, text, after, STRETCH, limit)
    own = text.strip()
    if not customers.exists(conn, atlas, own):
        return found, place
    others = [key for key in found if key != own]
    return ([own, *others] if after is None else others), place


class Asked:
    """The words of a search, and its digits where it has no letters."""

    def __init__(self, text: str) -> None:
        self.words = fold(text.strip()).split()
        if not self.words:
            raise UsageError("customer-malformed")
        digits = "".join(c for c in text if c.isdigit())
        self.digits = digits if len(digits) >= DIGITS_LEAST and not any(c.isalpha() for c in text) else ""

    def fits(self, value: str) -> bool:
        """Whether every word stands in the value, or the digits do when all else is left out."""
        folded = fold(value)
        if all(word in folded for word in self.words):
            return True
        return bool(self.digits) and self.digits in "".join(c for c in value if c.isdigit())


def _columns(atlas: Atlas) -> tuple[str, ...]:
    customer = atlas.map.customer
    return tuple(dict.fromkeys((*customer.name, *(column for _, column in customer.roles()))))


def _fits(atlas: Atlas, asked: Asked, row: Sequence[Any]) -> str | None:
    """The key of a row that is asked for: the name as one text, every other column by itself."""
    customer = atlas.map.customer
    own, named = row[len(customer.key) :], len(customer.name)
    name = " ".join(str(value) for value in own[:named] if value is not None)
    if asked.fits(name) or any(asked.fits(str(value)) for value in own[named:] if value is not None):
        return key_text(row[: len(customer.key)])
    return None


def _statement(atlas: Atlas, asked: Asked, where: Condition = ("", ())) -> tuple[str, tuple[Any, ...]]:
    """Key and columns of every customer who could be asked for, in the order of the keys; `where` narrows it further."""
    customer, sql = atlas.map.customer, atlas.sql
    columns = _columns(atlas)
    narrow, bound = _narrowed(sql, [sql.quote(name) for name in columns], asked)
    more, values = condition_sql(atlas)
    picked = ", ".join(sql.quote(name) for name in (*customer.key, *columns))
    order = ", ".join(sql.quote(name) for name in customer.key)
    statement = f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE {narrow}{where[0]}{more} ORDER BY {order}"
    return statement, (*bound, *where[1], *values)


def _narrowed(sql: Sql, columns: Sequence[str], asked: Asked) -> tuple[str, tuple[Any, ...]]:
    """A condition that every customer who is asked for fulfils: each word in some column, or the digits, or a cell of other letters."""
    cells = [name if sql.engine == "sqlite" else sql.text(name) for name in columns]
    lowered = cells if sql.engine == "sqlite" else [f"lower({cell})" for cell in cells]
    words = [_anywhere(sql, lowered, pattern_of(Spelling(word, False))) for word in asked.words]
    found = ["(" + " AND ".join(condition for condition, _ in words) + ")"]
    bound = [value for _, values in words for value in values]
    if asked.digits:
        condition, values = _anywhere(sql, lowered, "%" + "%".join(asked.digits) + "%")
        found.append(condition)
        bound += values
    for cell in cells:
        found.append(_odd(sql, cell))
        bound.append(_BEYOND[sql.engine])
    return "(" + " OR ".join(found) + ")", tuple(bound)


def _anywhere(sql: Sql, cells: Sequence[str], pattern: str) -> tuple[str, list[str]]:
    return "(" + " OR ".join(f"{cell} LIKE {sql.mark}" for cell in cells) + ")", [pattern] * len(cells)


def _odd(sql: Sql, cell: str) -> str:
    """Whether a cell holds a character beyond ASCII and the Turkish letters; that bytes outnumber characters is quick to tell."""
    if sql.engine == "sqlite":
        return f"(length({cell}) <> length(CAST({cell} AS BLOB)) AND (instr({cell}, char(0)) > 0 OR {cell} GLOB {sql.mark}))"
    if sql.engine == "postgresql":  # whose encoding may be one of one byte a character
        return f"{cell} ~ {sql.mark}"
    return f"(octet_length({cell}) <> char_length({cell}) AND {cell} REGEXP {sql.mark})"
