"""Requests one by one: filed, masked, erased. The residue search reads the whole database and has its own rows; here it is apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench.measure import Cost, Row, best, child, clock, scratch
from tests.bench.places import Places

COUNT = 100
TURNS = 3
REACH = {"mask": 3.0, "erase": 2.5}
KINDS = {"mask": "anonymise", "erase": "erase"}


def rows(engine: str, customers: int) -> Iterator[Row]:
    with scratch() as folder, Places(engine, customers, folder) as places:
        for how in ("mask", "erase"):
            ours, floor = turns(places, how, str(folder))
            reach = REACH[how] if engine == "sqlite" else 2.0
            yield Row(f"{how} one request, residue search apart / a transaction of the driver", ours, floor, reach)
        if engine == "sqlite":
            yield from _search_too(places, str(folder), customers)
        url = places.new()
        child("places:prepare", url=url, folder=str(folder))
        filed = child("single:file", url=url, folder=str(folder)).per(COUNT)
        yield Row("`requests add` / an INSERT in a transaction", filed, child("single:insert", engine=engine, url=url).per(COUNT), None)


def turns(places: Places, how: str, folder: str) -> tuple[Cost, Cost]:
    """Ours and the floor by turns, each on a fresh copy; the best of each."""
    ours, floor = [], []
    for _ in range(TURNS):
        url = places.new()
        numbers = child("places:prepare", url=url, folder=folder, kind=KINDS[how], keys=list(range(2, COUNT + 3))).more["numbers"]
        ours.append(child("single:resolve", url=url, folder=folder, how=how, numbers=numbers).per(COUNT))
        places.gone(url)
        url = places.new()
        floor.append(child("floors:one_by_one", engine=places.engine, url=url, how=how, first=2, last=COUNT + 1).per(COUNT))
        places.gone(url)
    return best(*ours), best(*floor)


def _search_too(places: Places, folder: str, customers: int) -> Iterator[Row]:
    """What a member of staff waits for: the search before and the reading again afterwards included."""
    url = places.new()
    numbers = child("places:prepare", url=url, folder=folder, kind="anonymise", keys=[2, 3, 4]).more["numbers"]
    whole = child("single:resolve", url=url, folder=folder, how="mask", numbers=numbers, search=True).per(2)
    wanted = [f"musteri{2:07d}@example.org", "5120000002"]
    yield Row(f"mask one of {customers:,} customers, all of it / two searches by `instr`", whole, _twice(url, wanted), None)


def _twice(url: str, wanted: list[str]) -> Cost:
    found = child("floors:instr", url=url, wanted=wanted)
    return Cost(found.wall * 2, found.cpu * 2, found.rss)


def resolve(url: str, folder: str, how: str, numbers: list[int], search: bool = False) -> dict[str, Any]:
    from core.model.records import Resolution
    from core.store import residue
    from tests.bench.places import opened

    if not search:
        residue.search = lambda *_a, **_k: iter(())  # type: ignore[assignment]
    answer, resolution = dict[str, Any](), Resolution(mask=how == "mask", erase=how == "erase")
    with opened(url, folder) as desk:
        desk.resolutions.resolve(desk.actor, numbers[-1], resolution)  # what a process pays once
        with clock(answer):
            for number in numbers[:-1]:
                desk.resolutions.resolve(desk.actor, number, resolution)
    return answer


def file(url: str, folder: str) -> dict[str, Any]:
    from core.model.records import Kind, NewRequest
    from tests.bench.places import opened

    answer: dict[str, Any] = {}
    with opened(url, folder) as desk:
        desk.requests.add(desk.actor, NewRequest("1", Kind.ERASE))
        with clock(answer):
            for key in range(2, COUNT + 2):
                desk.requests.add(desk.actor, NewRequest(str(key), Kind.ERASE))
    return answer


def insert(engine: str, url: str) -> dict[str, Any]:
    from tests.bench.floors import Line

    answer, line = dict[str, Any](), Line(engine, url)
    line.run("CREATE TABLE floor_requests (customer VARCHAR(99), kind VARCHAR(20), received_on VARCHAR(20))")
    line.run("CREATE TABLE audit_of_floor (t VARCHAR(99))")
    with clock(answer):
        for key in range(2, COUNT + 2):
            line.begin()
            line.all("SELECT id FROM customers WHERE id = ?", (key,))
            line.run("INSERT INTO floor_requests VALUES (?, 'erase', '2026-01-01')", (key,))
            line.run("INSERT INTO audit_of_floor VALUES (?)", (f"request of {key} filed",))
            line.commit()
    line.close()
    return answer
