"""Runs over many requests: against raw SQL a transaction a request, and erase against raw sets of a thousand.

Ours includes everything a run does: both passes of the residue search, certificates, tombstones, audit.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.bench.measure import Cost, Row, child, clock, limit, scratch
from tests.bench.places import Places
from tests.bench.single import KINDS

MEMORY = 150


def rows(engine: str, customers: int) -> Iterator[Row]:
    of = f"{customers:,} customers"
    with scratch() as folder, Places(engine, customers, folder) as places:
        sorted_ = ours(places, str(folder), "mask", customers)
        floor = _floor(places, "one_by_one", customers, how="mask")
        at_once = 1.0 if engine == "sqlite" else 2.0
        yield Row(f"bulk mask, {of} / a transaction a request", sorted_, floor, at_once, "s")
        yield limit(f"… its memory / {MEMORY} MB", sorted_.rss, MEMORY, "MB")
        if engine == "sqlite":
            shuffled = ours(places, str(folder), "mask", customers, shuffled=True)
            yield Row("… requests in any order / in the order of the customers", shuffled, sorted_, 1.1, "s")
        erased = ours(places, str(folder), "erase", customers)
        chunks = _floor(places, "in_chunks", customers)
        yield Row(f"bulk erase, {of} / sets of 1,000", erased, chunks, 2.0, "s")
        alone = _floor(places, "one_by_one", customers, how="erase")
        yield Row("… / a transaction a request", erased, alone, None, "s")
        yield limit(f"… its memory / {MEMORY} MB", erased.rss, MEMORY, "MB")


def ours(places: Places, folder: str, how: str, customers: int, *, shuffled: bool = False) -> Cost:
    """A run over an open request of every customer, on a fresh copy."""
    url = places.new()
    child("bulk:prepare", url=url, folder=folder, kind=KINDS[how], customers=customers, shuffled=shuffled)
    cost = child("bulk:run", url=url, folder=folder, how=how)
    assert cost.more["done"] == customers, cost
    places.gone(url)
    return cost


def _floor(places: Places, which: str, customers: int, **more: Any) -> Cost:
    url = places.new()
    cost = child(f"floors:{which}", engine=places.engine, url=url, first=1, last=customers, **more)
    places.gone(url)
    return cost


def prepare(url: str, folder: str, kind: str, customers: int, shuffled: bool) -> None:
    """Keys are made here: a million of them are no command line."""
    from tests.bench import places

    keys = list(range(1, customers + 1))
    if shuffled:
        random.Random(7).shuffle(keys)
    places.prepare(url, folder, kind, keys)


def run(url: str, folder: str, how: str) -> dict[str, Any]:
    from core.model.records import Resolution
    from core.model.records.runs import Wanted
    from tests.bench.places import opened

    answer: dict[str, Any] = {}
    with opened(url, folder) as desk, clock(answer):
        end = desk.bulk.resolve(desk.actor, Wanted(), Resolution(mask=how == "mask", erase=how == "erase"))
    answer["done"] = end.row.done
    return answer
