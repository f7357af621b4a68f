"""How long a search will take is told before it begins, from a small part of it, on each engine."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.desk import Desk
from core.model.identity import Identifier, needles
from core.store import residue
from core.store.engine import Store
from core.store.sizes import about

FEW = needles([Identifier("email", "kimse@ornek.example")])
MANY = needles(Identifier("email", f"kimse{n}@ornek.example") for n in range(200))


@pytest.fixture
def large(store: Store) -> Store:
    """A table of 30,000 rows without a key, another whose name wants quotes, and an empty one."""
    with store.alone() as conn:
        number = "INTEGER" if store.name != "mariadb" else "INT"
        for name in ("big", 'we"ird'):
            quoted = f"`{name}`" if store.name == "mariadb" else '"' + name.replace('"', '""') + '"'
            conn.execute(text(f"CREATE TABLE {quoted} (n {number}, words VARCHAR(200))"))
            conn.exec_driver_sql(f"INSERT INTO {quoted} VALUES (1, 'a b c kimse@baska.example')")
            for _ in range(15):
                conn.exec_driver_sql(f"INSERT INTO {quoted} SELECT n + 1, words FROM {quoted}")
        conn.execute(text(f"CREATE TABLE vacant (n {number}, words VARCHAR(200))"))
        conn.exec_driver_sql({"sqlite": "SELECT 1", "postgresql": "ANALYZE", "mariadb": "ANALYZE TABLE big"}[store.name])
    return store


def schema_of(store: Store):  # type: ignore[no-untyped-def]
    from core.store.reflect import LiveSchema

    with store.reading() as conn:
        return LiveSchema(conn).whole()


@pytest.mark.parametrize("wanted", [FEW, MANY], ids=["few", "many"])
def test_a_large_database_is_foreseen_in_its_order_of_magnitude(large: Store, wanted: tuple[object, ...]) -> None:
    import time

    schema = schema_of(large)
    with large.reading() as conn:
        told = residue.foresee(conn, schema, wanted)  # type: ignore[arg-type]
        begun = time.perf_counter()
        assert list(residue.search(conn, schema, wanted)) == []  # type: ignore[arg-type]
        took = time.perf_counter() - begun
    assert told > 0
    assert 0.02 < told / took < 50  # no clock decides a test: it must only not be nonsense


def test_rows_are_known_without_counting(large: Store) -> None:
    with large.reading() as conn:
        known = about(conn, ["big", 'we"ird', "vacant", "not there"])
    assert 10_000 < known["big"] < 100_000
    assert known["vacant"] < 100
    assert known["not there"] == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_small_database_is_not_worth_a_word(desk: Desk) -> None:
    with desk.store.reading() as conn:
        assert residue.foresee(conn, desk.context.atlas.schema(conn), FEW) == 0.0
        assert residue.foresee(conn, desk.context.atlas.schema(conn), ()) == 0.0
