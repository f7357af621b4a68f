"""Exports: one customer with very many rows, and a file a customer for very many customers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import company
from tests.bench.measure import Row, best, child, clock, limit, scratch
from tests.bench.places import Places

FEW = 1000
SMALL = 10_000


def rows(customers: int, big: int) -> Iterator[Row]:
    yield from one(big)
    yield from many(customers)


def one(big: int) -> Iterator[Row]:
    """One customer, hash and validity included."""
    with scratch() as folder:
        found = {size: prepared(folder, size) for size in (SMALL, big)}
        out = {"folder": str(folder), "first": 1, "last": 1}
        ours, floor = [], []
        for _ in range(2):
            ours.append(child("export:ours", url=found[big], **out))
            floor.append(child("floors:exports", url=found[big], folder=_empty(folder), first=1, last=1, durable=False))
        mine = best(*ours)
        yield Row(f"export of one customer, {big:,} rows / xmlfile by hand", mine, best(*floor), 1.5, "s")
        small = child("export:ours", url=found[SMALL], **out)
        yield limit("… its memory / 64 MB", mine.rss, 64, "MB")
        yield Row(f"… its memory / that of {SMALL:,} rows", _memory(mine.rss), _memory(small.rss), 1.1, "MB")


def many(customers: int) -> Iterator[Row]:
    """A file a customer."""
    with scratch() as folder, Places("sqlite", customers, folder) as places:
        url = places.new()
        child("places:prepare", url=url, folder=str(folder))
        ours = child("export:run", url=url, folder=str(folder), count=customers)
        span = {"url": url, "first": 1, "last": customers}
        plain = child("floors:exports", folder=_empty(folder), durable=False, **span)
        safe = child("floors:exports", folder=_empty(folder), durable=True, **span)
        each = [cost.per(customers) for cost in (ours, plain, safe)]
        yield Row("bulk export, a file a customer / 8 SELECTs + xmlfile by hand", each[0], each[1], 1 / 0.6)
        yield Row("… / by hand with fsync and the beginning and the end on record", each[0], each[2], None)


def _memory(rss: float) -> Any:
    return limit("", rss, 1, "MB").ours


def prepared(folder: Path, size: int) -> str:
    url = str(folder / f"one-{size}.db")
    shutil.copyfile(company.cached(FEW, size), url)
    Path(url).chmod(0o600)
    (folder / "map.toml").write_text(company.MAP, encoding="utf-8")
    child("places:prepare", url=url, folder=str(folder))
    return url


def _empty(folder: Path) -> str:
    out = folder / "floor"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    return str(out)


def ours(url: str, folder: str, first: int, last: int) -> dict[str, Any]:
    from tests.bench.places import opened

    answer: dict[str, Any] = {}
    target = Path(folder) / "ours.xml"
    with opened(url, folder) as desk:
        desk.exports.export(desk.actor, "500", target, overwrite=True)  # what a process pays once
        with clock(answer):
            for key in range(first, last + 1):
                answer["bytes"] = desk.exports.export(desk.actor, str(key), target, overwrite=True).bytes
    return answer


def run(url: str, folder: str, count: int) -> dict[str, Any]:
    from core.services.export_runs import ExportOrder
    from tests.bench.places import opened

    answer: dict[str, Any] = {}
    with opened(url, folder) as desk, clock(answer):
        end = desk.export_runs.export(desk.actor, ExportOrder(Path(folder) / "ours"))
    assert end.done == count, end
    return answer
