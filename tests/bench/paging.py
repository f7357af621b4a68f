"""Paging, counting and searching a queue of a million requests, through the desk."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.measure import Cost, Row, cache, child, limit

TIMES = 20


def cached(requests: int) -> Path:
    """A company with as many customers and requests as asked for, our tables in it, the map beside it."""
    folder = cache() / f"queue-{requests}"
    if not folder.exists():
        making = folder.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        child("paging:make", folder=str(making), requests=requests)
        os.rename(making, folder)
    return folder / f"c{requests}.db"


def make(folder: str, requests: int) -> None:
    from tests.bench.console import database  # the same queue as the console's figures

    database(Path(folder), requests)


def rows(requests: int) -> Iterator[Row]:
    found = child("paging:ours", path=str(cached(requests))).more
    at = f"of {requests:,} requests"
    yield Row(f"last page {at} / first page", Cost(*found["last"]), Cost(*found["first"]), 1.5)
    yield Row(f"a page from the middle {at} / first page", Cost(*found["middle"]), Cost(*found["first"]), 1.5)
    yield limit(f"open requests counted, {at[3:]} / 5 ms", found["count"][0], 0.005, "ms")
    yield limit(f"search by a piece of a name among {requests:,} customers / 5 ms", found["search"][0], 0.005, "ms")


def ours(path: str) -> dict[str, Any]:
    from datetime import timedelta

    from core.model.records import OPEN_STATES, RequestFilter
    from tests.bench.console import DAY
    from tests.bench.places import opened

    def listed(**more: Any) -> Any:
        return desk.requests.list(desk.actor, RequestFilter(states=OPEN_STATES, counted=False, **more))

    with opened(path, str(Path(path).parent)) as desk:
        first = listed()
        assert first.rows[0].due_on <= first.rows[-1].due_on
        middle = f"{DAY + timedelta(12)}.{first.rows[-1].number}"
        return {
            "first": _best(listed),
            "middle": _best(lambda: listed(after=middle)),
            "last": _best(lambda: listed(backwards=True)),
            "count": _best(lambda: desk.requests.tally(desk.actor, RequestFilter())),
            "search": _best(lambda: listed(search="Işık77"), 3),
        }


def _best(work: Callable[[], object], times: int = TIMES) -> tuple[float, float]:
    """(wall, CPU) of the fastest."""
    found = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(found)
