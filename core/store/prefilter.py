"""SQL conditions that select every cell a needle could be in: a superset of `Needle.found_in`, proven by property tests.

Why it is a superset. A cell with an escape (`& \\ %`) or with a character outside ASCII and the Turkish repertoire is selected
anyway. In any other cell every character folds to exactly one, so a spelling of n folded characters is n characters of the
cell; a folded character that no character of the repertoire beyond ASCII folds to can only be that ASCII character, in either
case. It stands literally in the pattern, all others are `_` (blanks `%`, there may be several). Between the characters of a
loose spelling stands `%`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.model.canonical import DIGIT_KINDS
from core.model.folding import REPERTOIRE, TURKISH, VARIABLE
from core.model.identity import Identifier, Needle, Spelling, fold, fold_iban, fold_id, needles
from core.model.needle import WHOLE_CELL
from core.model.schema import Column, Family
from core.model.spellings import ESCAPING
from core.store.sql import Sql

BIG = 32_768
"""Bytes of a cell beyond which it is not read with its row but alone, so that memory does not grow with a fetch."""
SKIPPED = frozenset({Family.DATE, Family.DATETIME, Family.TIME, Family.BOOLEAN})
"""Families that cannot hold an identifier on a server; on SQLite a declared type promises nothing."""
MAX_INTEGER = 2**63 - 1

_SPECIAL = frozenset("%_" + ESCAPING)


def like_pattern(kind: str, value: str) -> str:
    """A LIKE pattern, for text in lower case, of one stored spelling of a value: candidates, to be compared again by the fold.

    Unlike `Prefilter.condition` it does not find cells that hold escapes, decomposed or full-width letters.
    """
    if kind == "phone":
        found = needles([Identifier(kind, value)])
        return pattern_of(found[0].spellings[0] if found else Spelling(fold_id(value), True))
    if kind in DIGIT_KINDS:
        return pattern_of(Spelling(fold_id(value).lstrip("0"), True))
    return pattern_of(Spelling(fold_iban(value).lower(), True) if kind == "iban" else Spelling(fold(value.strip()), False))


def pattern_of(spelling: Spelling) -> str:
    """The LIKE pattern of a spelling, for text in lower case."""
    parts = [_like_character(character) for character in spelling.text]
    return "%" + ("%" if spelling.loose else "").join(parts) + "%"


def _like_character(folded: str) -> str:
    if folded == " ":
        return "%"
    fixed = folded.isascii() and folded.isprintable() and folded not in VARIABLE and folded not in _SPECIAL
    return folded if fixed else "_"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the conditions ask for, worked out once for a search."""

    patterns: tuple[str, ...]
    short_patterns: tuple[str, ...]
    """Of common values, which count only where they are the whole cell."""
    integers: tuple[int, ...]

    @classmethod
    def of(cls, needles: Sequence[Needle], *, patterns: bool = True) -> Wanted:
        """Without `patterns` only what tells which columns are read."""

        def written(common: bool) -> tuple[str, ...]:
            chosen = (pattern_of(s) for n in needles if n.common is common for s in n.spellings)
            return tuple(dict.fromkeys(chosen))

        numbers = dict.fromkeys(number for needle in needles for number in needle.integers if number <= MAX_INTEGER)
        likes = (written(False), written(True)) if patterns else ((), ())
        return cls(*likes, tuple(sign * number for number in numbers for sign in (1, -1)))


class Values:
    """Bound values of one statement. SQLite names each once (it takes 32,766), the servers' drivers want them in order."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._bound: list[Any] = []
        self._places: dict[Any, int] = {}

    def bind(self, value: Any) -> str:
        if self._sql.engine != "sqlite":
            self._bound.append(value)
            return self._sql.mark
        if value not in self._places:
            self._bound.append(value)
            self._places[value] = len(self._bound)
        return f"?{self._places[value]}"

    def bind_all(self, values: Sequence[Any]) -> str:
        return "(" + ", ".join(self.bind(value) for value in values) + ")"

    @property
    def bound(self) -> tuple[Any, ...]:
        return tuple(self._bound)


class Prefilter:
    """How one engine reads a cell as text and asks whether it could hold a value. `utf8`: that is the database's encoding."""

    def __init__(self, sql: Sql, utf8: bool = True) -> None:
        self.sql = sql
        self.utf8 = utf8

    def searched(self, column: Column, wanted: Wanted) -> bool:
        """Whether a column can hold any of it."""
        if self.sql.engine == "sqlite":
            return True
        return column.family not in SKIPPED and (column.family is not Family.INTEGER or bool(wanted.integers))

    def read(self, column: Column) -> str:
        """The cell as it is verified: text or bytes, NULL when empty; an empty text stands for a big cell, which is read alone."""
        cell = self.whole(column)
        name = self.sql.quote(column.name)
        if self.sql.engine == "sqlite":
            return f"CASE WHEN length(CAST({name} AS BLOB)) > {BIG} THEN '' WHEN length(CAST({name} AS BLOB)) > 0 THEN {cell} END"
        empty = "''::bytea" if column.family is Family.BINARY and self.sql.engine == "postgresql" else "''"
        length = f"octet_length({cell})"
        return f"CASE WHEN {length} > {BIG} THEN {empty} WHEN {length} > 0 THEN {cell} END"

    def whole(self, column: Column) -> str:
        """The cell as it is verified, whatever its size."""
        name = self.sql.quote(column.name)
        if self.sql.engine == "sqlite":
            return _sqlite_cell(name)
        return name if column.family is Family.BINARY else self.sql.text(name)

    def condition(self, column: Column, wanted: Wanted, values: Values) -> str:
        """True for every cell of the column in which a needle can be found."""
        name = self.sql.quote(column.name)
        if self.sql.engine == "sqlite":
            return self._sqlite(name, wanted, values)
        if column.family is Family.INTEGER:
            return f"{name} IN {values.bind_all(wanted.integers)}"
        if column.family is Family.BINARY:
            return "(" + " OR ".join(self._binary(name, wanted, values)) + ")"
        return "(" + " OR ".join(self._text(self.sql.text(name), wanted, values)) + ")"

    def _text(self, text: str, wanted: Wanted, values: Values) -> list[str]:
        return [*self._likes(text, wanted, values), *self._escapes(text, values), self._odd(text, values)]

    def _likes(self, text: str, wanted: Wanted, values: Values) -> list[str]:
        lowered = text if self.sql.engine == "sqlite" else f"lower({text})"
        found = [f"{lowered} LIKE {values.bind(pattern)}" for pattern in wanted.patterns]
        if wanted.short_patterns:
            length = "length" if self.sql.engine == "sqlite" else "char_length"
            short = " OR ".join(f"{lowered} LIKE {values.bind(pattern)}" for pattern in wanted.short_patterns)
            found.append(f"({length}({text}) <= {WHOLE_CELL} AND ({short}))")
        return found

    def _escapes(self, text: str, values: Values) -> list[str]:
        function = "strpos" if self.sql.engine == "postgresql" else "instr"
        return [f"{function}({text}, {values.bind(character)}) > 0" for character in ESCAPING]

    def _odd(self, text: str, values: Values) -> str:
        """Whether a character stands outside ASCII and the repertoire; bytes that outnumber characters are quick to tell."""
        if self.sql.engine == "postgresql":
            rest = f"translate({text}, {values.bind(REPERTOIRE)}, '') ~ {values.bind(_BEYOND_ASCII)}"
            return f"(octet_length({text}) <> char_length({text}) AND {rest})" if self.utf8 else f"({rest})"
        known = values.bind("[^ -~\t\n\r" + REPERTOIRE + "]")  # no code points: MariaDB and MySQL write them differently
        return f"(octet_length({text}) <> char_length({text}) AND {text} REGEXP {known})"

    def _binary(self, name: str, wanted: Wanted, values: Values) -> list[str]:
        if self.sql.engine == "postgresql":  # bytes beyond ASCII become \ooo, which counts as an escape
            text = f"encode({name}, 'escape') COLLATE \"C\""
            return [*self._likes(text, wanted, values), *self._escapes(text, values)]
        text = self.sql.text(name)
        return [*self._text(text, wanted, values), f"NOT (CAST({text} AS BINARY) <=> {name})"]  # the last: no UTF-8

    def _sqlite(self, name: str, wanted: Wanted, values: Values) -> str:
        """By what the cell is, not by what its column was declared. BLOBs are all looked at: LIKE passes over them.

        AND and OR, and no CASE with conditions as its values: SQLite leaves off early only in what decides a jump. The letters of
        ordinary Turkish cells are told apart first: each character is compared with all of a class, whether it has matched or not.
        """
        likes, escapes = self._likes(name, wanted, values), self._escapes(name, values)
        strange = f"{name} GLOB {values.bind(_SQLITE_BEYOND_LETTERS)} AND {name} GLOB {values.bind(_SQLITE_ODD)}"
        odd = f"(length({name}) <> length(CAST({name} AS BLOB)) AND (instr({name}, char(0)) > 0 OR ({strange})))"
        found = [f"(typeof({name}) = 'text' AND ({' OR '.join([*likes, *escapes, odd])}))"]
        whole = f"{name} IN {values.bind_all(wanted.integers)}" if wanted.integers else "0"
        if wanted.integers:
            found.append(f"(typeof({name}) = 'integer' AND {whole})")
        real = " OR ".join([whole, *self._likes(f"CAST({name} AS TEXT)", wanted, values)])
        return f"({' OR '.join(found)} OR (typeof({name}) = 'real' AND ({real})) OR typeof({name}) = 'blob')"


_BEYOND_ASCII = "[^\x01-\x7f]"
_SQLITE_ODD = "*[^\x01-\x7f" + REPERTOIRE + "]*"
_SQLITE_BEYOND_LETTERS = "*[^\x01-\x7f" + TURKISH[:12] + "]*"


def _sqlite_cell(name: str) -> str:
    """A whole number in a column of floats is read as the number it is, without `.0` and without an exponent."""
    integral = f"abs({name}) < 9e18 AND {name} = CAST({name} AS INTEGER)"
    real = f"WHEN {integral} THEN CAST({name} AS INTEGER) ELSE CAST({name} AS TEXT)"
    return f"CASE WHEN typeof({name}) <> 'real' THEN {name} {real} END"
