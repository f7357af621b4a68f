"""The rows of one customer: collected whole before a change, or streamed for an export.

SQL only proposes rows; the last columns of each query (witnesses) are compared here, exactly for keys and by our fold for
values, before a row counts. A key that the database took for equal and we do not stops the run by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from core.model.datamap import LinkKind, TableMap
from core.model.kinds import IDENTIFYING, KINDS
from core.model.masking import identifying_leaves
from core.model.rowset import Address, Found
from core.store.paths import Query, Subject, select_rows
from core.store.sql import chunks, run
from core.store.sql import stream as stream_sql
from core.store.subjects import subject

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.identity import Needle
    from core.model.schema import TableShape
    from core.store.ahead import Taken
    from core.store.atlas import Atlas


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an export: its name, the map's kind (empty when not personal), the English label of the kind."""

    name: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class TableRows:
    """One table of an export; `rows` may be walked once."""

    table: str
    columns: tuple[ExportColumn, ...]
    rows: Iterator[tuple[Any, ...]]


def stream(conn: Connection, atlas: Atlas, key: str) -> Iterator[TableRows]:
    """Every mapped row of the customer, table by table in the order of the map, secrets left out.

    Raises NotFound `customer-not-found`. Memory does not grow with the customer.
    """
    who = with_former_values(conn, atlas, key)
    for name in atlas.map.tables:
        if atlas.map.tables[atlas.map.path(name)[-1]].link.kind is not LinkKind.NONE:
            columns = exported(conn, atlas, name)
            yield TableRows(name, columns, walk(conn, atlas, name, [c.name for c in columns], who))


def exported(conn: Connection, atlas: Atlas, table: str) -> tuple[ExportColumn, ...]:
    """The columns of a table that an export shows."""
    columns = []
    for name in atlas.shape(conn, table).names:
        rule = atlas.map.tables[table].columns.get(name)
        if rule is not None and (rule.secret or not rule.export):
            continue
        kind = rule.kind if rule else ""
        columns.append(ExportColumn(name, kind, KINDS[kind].label if kind else ""))
    return tuple(columns)


def walk(conn: Connection, atlas: Atlas, table: str, columns: Sequence[str], who: Subject) -> Iterator[tuple[Any, ...]]:
    """Rows of one table, verified; a row that several paths reach comes once."""
    address = atlas.sql.address(atlas.shape(conn, table))
    query = select_rows(atlas, conn, table, (*address, *columns), who)
    if query is None:
        return
    repeats = _may_repeat(atlas, table)
    seen: set[tuple[Any, ...]] = set()
    for row in _verified(conn, atlas, table, query, who):
        if repeats:
            if row[: len(address)] in seen:
                continue
            seen.add(row[: len(address)])
        yield row[len(address) :]


def _may_repeat(atlas: Atlas, table: str) -> bool:
    return any(atlas.map.tables[name].link.kind is LinkKind.DOWN for name in atlas.map.path(table))


def _verified(conn: Connection, atlas: Atlas, table: str, query: Query, who: Subject) -> Iterator[tuple[Any, ...]]:
    """Rows whose witnesses hold, without the witnesses."""
    from core.model.identity import Identifier, needles

    end = atlas.map.tables[query.end]
    cut = -query.witnesses
    if end.link.kind is LinkKind.MATCH:
        wanted = needles(Identifier(end.link.to, value) for value in who.values.get(end.link.to, ()))
        for row in stream_sql(conn, query.text, query.values):
            if _is_one_of(wanted, end.link.to, _as_text(row[-1])):
                yield row[:cut]
        return
    expected = _expected(end, who)
    for row in stream_sql(conn, query.text, query.values):
        if tuple(str(value) for value in row[cut:]) != expected:
            raise Refused("ambiguous-key", table=table)
        yield row[:cut]


def _is_one_of(wanted: Sequence[Needle], kind: str, text: str) -> bool:
    """Whether a cell is one of the values: whole, or as people write it (`Ali Kaya <ali@x.example>`)."""
    from core.model.identity import canonical

    return any(needle.whole(text) for needle in wanted) or canonical(kind, text) in {needle.canonical for needle in wanted}


def _expected(end: TableMap, who: Subject) -> tuple[str, ...]:
    if end.link.pack:
        return (end.link.pack.replace("{key}", str(who.parts[0])),)
    return tuple(str(part) for part in who.parts)


def _as_text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def collect(conn: Connection, atlas: Atlas, key: str, ahead: Taken | None = None) -> tuple[Subject, dict[str, Found]]:
    """All rows of the customer in every owned table, addresses and mapped columns, parents first; `ahead`: read before.

    Former values found in rows that hang on the key are looked for in by-value tables too.
    """
    who = with_former_values(conn, atlas, key, ahead)
    before = ahead.tables if ahead else {}
    return who, {name: before[name] if name in before else found(conn, atlas, name, who) for name in atlas.map.owned()}


def with_former_values(conn: Connection, atlas: Atlas, key: str, ahead: Taken | None = None) -> Subject:
    """The subject, its values widened by what the customer's key-linked rows hold (an old e-mail on an old invoice).

    A former value that is another customer's own today is theirs: their mail must not be taken for this customer's.
    """
    master = ahead.master if ahead else None
    first = subject(atlas, conn, key, row=master)
    wanted = {t.link.to for t in atlas.map.tables.values() if t.link.kind is LinkKind.MATCH}
    former: dict[str, set[str]] = {}
    for name in atlas.map.owned() if wanted else ():
        columns = [r.name for r in atlas.map.tables[name].personal if r.kind in wanted]
        if columns and not atlas.map.by_value(name):
            before = ahead.tables.get(name) if ahead else None
            rows = (before.pick(row, tuple(columns)) for row in before.rows) if before else _distinct(conn, atlas, name, columns, first)
            _former(atlas.map.tables[name], columns, rows, former)
    _drop_foreign(conn, atlas, first, former)
    return subject(atlas, conn, key, former, first.own) if former else first


def _distinct(conn: Connection, atlas: Atlas, table: str, columns: Sequence[str], who: Subject) -> Iterator[tuple[Any, ...]]:
    query = select_rows(atlas, conn, table, columns, who, distinct=True)
    return _verified(conn, atlas, table, query, who) if query else iter(())


def _former(table: TableMap, columns: Sequence[str], rows: Iterable[tuple[Any, ...]], into: dict[str, set[str]]) -> None:
    for row in rows:
        for name, value in zip(columns, row, strict=True):
            if isinstance(value, str | int) and str(value).strip():
                into.setdefault(table.columns[name].kind, set()).add(str(value))


def _drop_foreign(conn: Connection, atlas: Atlas, who: Subject, former: dict[str, set[str]]) -> None:
    from core.store.customers import keys_with

    for kind, values in list(former.items()):
        known = set(who.values.get(kind, ()))
        kept = {v for v in values if v in known or not keys_with(conn, atlas, kind, v) - {who.key}}
        if kept - known:
            former[kind] = kept
        else:
            del former[kind]


def found(conn: Connection, atlas: Atlas, table: str, who: Subject) -> Found:
    """The customer's rows of one table with every mapped column."""
    shape = atlas.shape(conn, table)
    address, columns = atlas.sql.address(shape), mapped(atlas, shape)
    query = select_rows(atlas, conn, table, (*address, *columns), who)
    rows = _verified(conn, atlas, table, query, who) if query else iter(())
    unique = {row[: len(address)] if shape.key or atlas.sql.engine == "sqlite" else i: row for i, row in enumerate(rows)}
    return Found(table, address, columns, tuple(unique.values()))


def at(conn: Connection, atlas: Atlas, table: str, addresses: Sequence[Address]) -> Found:
    """Rows of one table by their addresses, whosoever they are; those that are not there are absent."""
    shape, sql = atlas.shape(conn, table), atlas.sql
    address, columns = sql.address(shape), mapped(atlas, shape)
    picked = ", ".join(sql.quote(name) for name in (*address, *columns))
    rows: list[tuple[Any, ...]] = []
    for some in chunks(list(dict.fromkeys(addresses))):
        where, values = sql.where_rows(shape, some)
        rows += map(tuple, run(conn, f"SELECT {picked} FROM {sql.quote(table)} WHERE {where}", values).all())
    return Found(table, address, columns, tuple(rows))


def mapped(atlas: Atlas, shape: TableShape) -> tuple[str, ...]:
    """The columns of a table that the map judges, in the order of the table."""
    rules = atlas.map.tables[shape.name]
    keyed = (rules.keyed.key, rules.keyed.value) if rules.keyed else ()
    return tuple(name for name in shape.names if name in rules.columns or name in keyed)


def identifying(atlas: Atlas, rows: dict[str, Found]) -> tuple[tuple[str, str], ...]:
    """(kind, value) of everything in the rows that identifies on its own, without repetition.

    Rows that were found by a value only are left out: what else stands in them may be another person's.
    """
    pairs: dict[tuple[str, str], None] = {}
    for name, table in rows.items():
        rules = atlas.map.tables[name]
        if atlas.map.by_value(name):
            continue
        named = [(rule.kind, rule.name) for rule in rules.personal if rule.kind in IDENTIFYING]
        documents = [rule for rule in rules.personal if rule.paths]
        for row in table.rows:
            record = table.record(row)
            found_pairs = [(kind, record[column]) for kind, column in named]
            for rule in documents:
                found_pairs += identifying_leaves(record[rule.name], rule, IDENTIFYING)
            if rules.keyed:
                kind = rules.keyed.kinds.get(str(record[rules.keyed.key]), rules.keyed.rest)
                found_pairs += [(kind, record[rules.keyed.value])] if kind in IDENTIFYING else []
            pairs.update(dict.fromkeys((k, _as_text(v)) for k, v in found_pairs if v not in (None, "", 0)))
    return tuple(pairs)
