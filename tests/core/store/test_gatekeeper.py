"""The access gate and the view `kvkk_access` give one answer, whatever is set, said, blocked or typed as a key, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from sqlalchemy import delete, insert, text

from core.errors import UsageError
from core.model.mapfile import load
from core.model.records import Actor, Channel, Gate
from core.store import accessview, consents, gatekeeper, tables
from core.store.atlas import Atlas
from core.store.audit import sealer
from core.store.engine import Store, Unit

ACTOR = Actor("ayse", "desk.example")
MAP = """
version = 1
name = "small"
[customer]
table = "clients"
key = {key}
name = ["name"]
{where}
[tables.clients]
not_personal = [{{ columns = {others}, because = "key or state" }}]
[tables.clients.columns]
name = "name"
"""
HOSTILE = ("a", "a ", " a", "A", "s", "ş", "i", "İ", "I", "ı", "77", "077", "'", "x'; DROP TABLE clients; --", '"', "50%s", "a\\", "💥")


def toml(value: object) -> str:
    """Lists and texts without quotes look alike in TOML and Python."""
    return repr(value).replace("'", '"').replace("(", "[").replace(")", "]")


def small(store: Store, key: str | list[str] = "code", where: str = "", others: tuple[str, ...] = ()) -> Atlas:
    """A map of one table."""
    names = [key] if isinstance(key, str) else key
    return Atlas(load(MAP.format(key=toml(key), where=where, others=toml([*names, *others])), "small.toml"), store.name)


def fill(store: Store, columns: str, *rows: dict[str, Any]) -> None:
    """The company's table, made and filled."""
    with store.writer.begin() as conn:
        conn.execute(text(f"CREATE TABLE clients (name VARCHAR(50), {columns})"))
        for row in rows:
            conn.execute(text(f"INSERT INTO clients ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


@contextmanager
def writing(store: Store) -> Iterator[Unit]:
    with store.writing(ACTOR, sealer(lambda: None)) as unit:
        yield unit


def say(store: Store, **settings: str) -> None:
    """Rows of the settings, and no others."""
    with writing(store) as unit:
        unit.conn.execute(delete(tables.settings))
        for key, value in settings.items():
            row = {"key": key.replace("_", "-"), "value": value, "changed_at": unit.at, "changed_by": "ayse"}
            unit.conn.execute(insert(tables.settings).values(**row))


def block(store: Store, *keys: str) -> None:
    with writing(store) as unit:
        for key in keys:
            unit.conn.execute(insert(tables.blocks).values(customer=key, blocked_at=unit.at, before="{}"))


def consent(store: Store, key: str, *words: tuple[bool, int]) -> None:
    with writing(store) as unit:
        for given, version in words:
            consents.add(unit, key, consents.latest(unit.conn, key), given=given, channel=Channel.LETTER, version=version)


def answers(store: Store, atlas: Atlas, *keys: str) -> list[Gate]:
    """What the gate says of each, after the view has said the same."""
    with store.reading() as conn:
        said = [gatekeeper.answer(conn, atlas, key) for key in keys]
        assert [accessview.ask(conn, atlas, key) for key in keys] == said
    return said


WORDS: dict[str, tuple[tuple[bool, int], ...]] = {
    "silent": (),
    "withdrawn": ((True, 2), (False, 2)),
    "first": ((False, 1), (True, 1)),
    "second": ((True, 1), (True, 2)),
}
"""Customer → what was said, in that order."""


def expected(who: str, *, blocked: bool, enabled: bool, enforced: bool, renewed: bool, current: int) -> Gate:
    """The rule of the handbook, written a second time and by another hand."""
    if blocked:
        return Gate.BLOCKED
    if not (enabled and enforced) or who == "second":
        return Gate.ALLOWED
    if who == "first" and not (renewed and current == 2):
        return Gate.ALLOWED
    return Gate.CONSENT_REQUIRED


def test_gate_and_view_agree_for_every_mix_of_settings_words_and_blocks(store: Store) -> None:
    people = [(who, f"{who}-{'blocked' if blocked else 'free'}", blocked) for who in WORDS for blocked in (False, True)]
    fill(store, "code VARCHAR(100) PRIMARY KEY", *({"code": key} for _, key, _ in people))
    atlas = small(store)
    accessview.make(store, atlas)
    for who, key, blocked in people:
        if WORDS[who]:
            consent(store, key, *WORDS[who])
        if blocked:
            block(store, key)
    keys = [key for _, key, _ in people]
    seen = set[Gate]()
    for enabled, enforced, renewed, current in product((True, False), (True, False), (True, False), (1, 2)):
        switches = {"enabled": enabled, "enforce_consent": enforced, "consent_renewal": renewed}
        say(store, **{name: "on" if on else "off" for name, on in switches.items()}, consent_text=str(current))
        rule = {"enabled": enabled, "enforced": enforced, "renewed": renewed, "current": current}
        assert answers(store, atlas, *keys) == [expected(who, blocked=blocked, **rule) for who, _, blocked in people], rule
        seen |= set(answers(store, atlas, *keys, "nobody"))
    assert seen == set(Gate)


def test_without_settings_only_blocks_close_the_gate(store: Store) -> None:
    fill(store, "code VARCHAR(100) PRIMARY KEY", {"code": "one"}, {"code": "two"})
    atlas = small(store)
    accessview.make(store, atlas)
    block(store, "two")
    assert answers(store, atlas, "one", "two", "three") == [Gate.ALLOWED, Gate.BLOCKED, Gate.UNKNOWN]


def loose(store: Store) -> str:
    """A text column whose collation takes letters for one another."""
    if store.name == "postgresql":
        with store.writer.begin() as conn:
            conn.execute(text("CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)"))
    kind = {"sqlite": "COLLATE NOCASE", "postgresql": "COLLATE loose", "mariadb": "CHARACTER SET utf8mb4 COLLATE utf8mb4_turkish_ci"}
    return f"code VARCHAR(100) {kind[store.name]}"


def test_no_key_is_taken_for_another_that_looks_like_it(store: Store) -> None:
    """Not by case, accent, blank, quote or sign; one of them is blocked at a time, and nobody else is."""
    fill(store, loose(store), *({"code": key} for key in HOSTILE))
    atlas = small(store)
    accessview.make(store, atlas)
    say(store, enforce_consent="on")
    for key in HOSTILE:
        block(store, key)
        consent(store, key, (True, 1))
        others = [other for other in HOSTILE if other != key]
        with store.reading() as conn:
            assert gatekeeper.answer(conn, atlas, key) is Gate.BLOCKED, key
            assert {gatekeeper.answer(conn, atlas, other) for other in others} == {Gate.CONSENT_REQUIRED}, key
            rows = conn.execute(text("SELECT customer FROM kvkk_access WHERE reason = 'blocked'")).scalars().all()
        assert rows == [key]
        with writing(store) as unit:
            unit.conn.execute(delete(tables.blocks))
            unit.conn.execute(delete(tables.consents))


KEYS: tuple[tuple[str, str, object, str], ...] = (
    ("sqlite", "INTEGER PRIMARY KEY", 77, "77"),
    ("sqlite", "CHAR(8)", "AB 1", "AB 1"),
    ("sqlite", "DATE", "2026-11-27", "2026-11-27"),
    ("postgresql", "BIGINT", 2**62, str(2**62)),
    ("postgresql", "CHAR(8)", "AB 1", "AB 1    "),
    ("postgresql", "NUMERIC(8,2)", "77.5", "77.50"),
    ("postgresql", "UUID", "0b0e3c0e-3c3a-4c0f-9d52-0a3f7c1d2e3f", "0b0e3c0e-3c3a-4c0f-9d52-0a3f7c1d2e3f"),
    ("postgresql", "DATE", "2026-11-27", "2026-11-27"),
    ("mariadb", "INT(7) ZEROFILL", 77, "77"),
    ("mariadb", "BIGINT UNSIGNED", 2**62, str(2**62)),
    ("mariadb", "CHAR(8)", "AB 1", "AB 1"),
    ("mariadb", "DECIMAL(8,2) ZEROFILL", "77.5", "77.50"),
    ("mariadb", "VARCHAR(20) CHARACTER SET latin5", "İş", "İş"),
    ("mariadb", "ENUM('ab','cd')", "cd", "cd"),
    ("mariadb", "DATE", "2026-11-27", "2026-11-27"),
)


@pytest.mark.parametrize(("engine_name", "kind", "value", "key"), KEYS, ids=[f"{e}-{k}" for e, k, _, _ in KEYS])
def test_a_block_is_never_missed_because_of_the_type_of_the_key(store: Store, kind: str, value: object, key: str) -> None:
    fill(store, f"code {kind}", {"code": value})
    atlas = small(store)
    accessview.make(store, atlas)
    assert answers(store, atlas, key) == [Gate.ALLOWED]
    block(store, key)
    assert answers(store, atlas, key) == [Gate.BLOCKED]


@pytest.mark.parametrize(
    ("engine_name", "kind"), [("sqlite", "BLOB"), ("postgresql", "BYTEA"), ("mariadb", "BINARY(4)"), ("mariadb", "DOUBLE")]
)
def test_a_key_that_cannot_be_compared_is_refused_by_name(store: Store, kind: str) -> None:
    fill(store, f"code {kind}")
    with pytest.raises(UsageError, match="gate-key-type") as refused:
        accessview.make(store, small(store))
    assert (refused.value.facts["table"], refused.value.facts["column"]) == ("clients", "code")
    with store.reading() as conn:
        assert not accessview.is_there(conn)


def test_a_composite_key_is_looked_up_by_its_parts_and_is_one_text(store: Store) -> None:
    """`a|b` + `c` and `a` + `b|c` would be one text: no key of ours can name them, so there is no row, which means refuse."""
    rows = [("eu", 7), ("EU", 7), ("eu", 70), ("e|u", 7)]
    text_key = "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" if store.name == "mariadb" else "VARCHAR(20)"
    fill(store, f"shop {text_key}, no INTEGER, PRIMARY KEY (shop, no)", *({"shop": shop, "no": no} for shop, no in rows))
    atlas = small(store, ["shop", "no"])
    accessview.make(store, atlas)
    block(store, "eu|7")
    said = answers(store, atlas, "eu|7", "EU|7", "eu|70", "e|u|7", "eu", "eu|x")
    assert said == [Gate.BLOCKED, Gate.ALLOWED, Gate.ALLOWED, Gate.UNKNOWN, Gate.UNKNOWN, Gate.UNKNOWN]
    with store.reading() as conn:
        seen = conn.execute(text("SELECT customer, customer_1, customer_2, allowed FROM kvkk_access ORDER BY customer_2, allowed")).all()
    assert [tuple(row) for row in seen[:1]] == [("eu|7", "eu", 7, 0)]
    assert len(seen) == 3


@pytest.mark.parametrize("state", ["member", "it's", "50% off", "back\\slash", "ş'\\\"%s"])
def test_only_the_rows_that_the_map_calls_customers_have_an_answer(store: Store, state: str) -> None:
    rows = [
        {"id": 1, "state": state, "gone": None},
        {"id": 2, "state": "staff", "gone": None},
        {"id": 3, "state": state, "gone": "x"},
    ]
    fill(store, "id INTEGER PRIMARY KEY, state VARCHAR(20), gone VARCHAR(5)", *rows)
    quoted = state.replace("\\", "\\\\").replace('"', '\\"')
    atlas = small(store, "id", f'where = {{ state = "{quoted}", gone = "null" }}', ("state", "gone"))
    accessview.make(store, atlas)
    assert answers(store, atlas, "1", "2", "3") == [Gate.ALLOWED, Gate.UNKNOWN, Gate.UNKNOWN]


def test_the_view_is_right_inside_the_transaction_that_changes_something(store: Store) -> None:
    fill(store, "id INTEGER PRIMARY KEY", {"id": 1})
    atlas = small(store, "id")
    accessview.make(store, atlas)
    with writing(store) as unit:
        unit.conn.execute(insert(tables.settings).values(key="enforce-consent", value="on", changed_at=unit.at, changed_by="x"))
        assert accessview.ask(unit.conn, atlas, "1") is Gate.CONSENT_REQUIRED
        consents.add(unit, "1", None, given=True, channel=Channel.PANEL, version=1)
        assert accessview.ask(unit.conn, atlas, "1") is Gate.ALLOWED
        consents.add(unit, "1", consents.latest(unit.conn, "1"), given=False, channel=Channel.PANEL, version=1)
        assert accessview.ask(unit.conn, atlas, "1") is Gate.CONSENT_REQUIRED
        unit.conn.execute(insert(tables.blocks).values(customer="1", blocked_at=unit.at, before="{}"))
        assert accessview.ask(unit.conn, atlas, "1") is Gate.BLOCKED
        unit.conn.execute(text("DELETE FROM clients"))
        assert accessview.ask(unit.conn, atlas, "1") is Gate.UNKNOWN


def test_making_it_again_changes_nothing_and_a_new_map_counts_at_once(store: Store) -> None:
    fill(store, "id INTEGER PRIMARY KEY, code VARCHAR(20)", {"id": 1, "code": "one"})
    by_number, by_code = small(store, "id", others=("code",)), small(store, "code", others=("id",))
    for _ in range(2):
        accessview.make(store, by_number)
        assert answers(store, by_number, "1") == [Gate.ALLOWED]
    with store.reading() as conn:
        assert accessview.is_current(conn, by_number)
        assert not accessview.is_current(conn, by_code)
    accessview.make(store, by_code)
    assert answers(store, by_code, "one") == [Gate.ALLOWED]


PLANS = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN ", "mariadb": "EXPLAIN "}


@pytest.mark.parametrize("kind", ["INTEGER", "VARCHAR(40)"])
def test_one_customer_is_found_by_the_companys_index_and_by_ours(store: Store, kind: str) -> None:
    """On a million rows: below a millisecond on PostgreSQL, 3 on MariaDB; a scan would take seconds."""
    fill(store, f"code {kind} PRIMARY KEY")
    codes = [number if kind == "INTEGER" else f"c{number}" for number in range(3000)]
    with store.writer.begin() as conn:
        conn.execute(text("INSERT INTO clients (code) VALUES (:code)"), [{"code": code} for code in codes])
        word = {"given": True, "version": 1, "at": store.clock(), "channel": "panel", "recorded_by": "ayse"}
        conn.execute(insert(tables.consents), [word | {"customer": str(code), "current_of": str(code)} for code in codes])
        conn.execute(insert(tables.blocks), [{"customer": str(code), "blocked_at": store.clock(), "before": ""} for code in codes])
        for table in ("clients", "kvkk_consents", "kvkk_blocks"):
            conn.execute(text(f"ANALYZE TABLE {table}" if store.name == "mariadb" else f"ANALYZE {table}"))
    accessview.make(store, small(store))
    wanted = "1500" if kind == "INTEGER" else "'c1500'"
    with store.reading() as conn:
        plan = conn.execute(text(f"{PLANS[store.name]}SELECT allowed, reason FROM kvkk_access WHERE customer = {wanted}")).all()
        assert conn.execute(text(f"SELECT allowed, reason FROM kvkk_access WHERE customer = {wanted}")).all() == [(0, "blocked")]
    if store.name == "mariadb":
        assert {row[2]: row[3] for row in plan} | {"e": "const", "n": "const", "r": "const", "t": "const"} == dict.fromkeys(
            "cbkenrt", "const"
        )
    else:
        said = "\n".join(str(tuple(row)) for row in plan)
        assert said.count("SEARCH" if store.name == "sqlite" else "Index") >= 3, said
        assert "SCAN" not in said
        assert not [line for line in said.splitlines() if "Seq Scan" in line and "kvkk_settings" not in line], said
