"""The residue search: where a customer's values stand in a whole database, folded and with boundaries, against `instr`.

There is no exact search in the product: every search folds. The floor asks every text column for two exact values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench import company
from tests.bench.measure import Row, best, child, clock, scratch
from tests.bench.places import Places

TURNS = 3
MANY = 100


def rows(customers: int) -> Iterator[Row]:
    with scratch() as folder, Places("sqlite", customers, folder) as places:
        url = places.new()
        child("places:prepare", url=url, folder=str(folder))
        at = {"url": url, "folder": str(folder)}
        floor, one, many = [], [], []
        for _ in range(TURNS):
            floor.append(child("floors:instr", url=url, wanted=[company.email(2), company.phone(2)[3:]]))
            one.append(child("search:ours", count=1, **at))
            many.append(child("search:ours", count=MANY, **at))
        what = f"residue search, one customer, {customers * company.PER_CUSTOMER:,} rows"
        yield Row(f"{what}, folded / `instr`", best(*one), best(*floor), 10.0)
        yield Row(f"residue search, {MANY} customers / one", best(*many), best(*one), 10.0)


def ours(url: str, folder: str, count: int) -> dict[str, Any]:
    from core.model.identity import Identifier, needles
    from core.store import residue
    from tests.bench.places import opened

    answer: dict[str, Any] = {}
    keys = range(2, count + 2)
    named = [one for key in keys for one in (Identifier("email", company.email(key)), Identifier("phone", company.phone(key)))]
    values = needles(named)
    with opened(url, folder) as desk, desk.store.reading() as conn:
        schema = desk.context.atlas.schema(conn)
        with clock(answer):
            hits = list(residue.search(conn, schema, values))
    assert len(hits) == 2 * count, hits
    return answer
