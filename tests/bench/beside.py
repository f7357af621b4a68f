"""effaced beside us, in the same run, on the same rows, as its documentation says. No dependency of ours: it needs `--effaced PYTHON`,
an interpreter that has it; without one, a line says that it was left out.

It has no residue search, no plan to approve, no certificate and no tombstone; ours is told with and without the search.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.bench import bulk, company, export, single
from tests.bench.measure import Cost, Row, best, child, scratch
from tests.bench.places import Places

SCRIPT = str(Path(__file__).with_name("effaced_side.py"))
EIGHT_TIMES = 1 / 8
BIG = 100_000


def rows(customers: int, python: str | None) -> Iterator[Row]:
    if python is None:
        print("| beside effaced: left out, no `--effaced PYTHON` | | | | | | |")
        return
    with scratch() as folder, Places("sqlite", customers, folder) as places:
        for how in ("mask", "erase"):
            ours, _ = single.turns(places, how, str(folder))
            theirs = _theirs(python, places, how)
            yield Row(f"{how} one request, residue search apart / effaced", ours, theirs, EIGHT_TIMES)
            yield Row(
                f"{how} one of a run over all {customers:,}, searches included / effaced", _of_a_run(places, folder, how), theirs, None
            )
        yield from _export(python, folder)


def _theirs(python: str, places: Places, how: str) -> Cost:
    found = []
    for _ in range(single.TURNS):
        url = places.new()
        found.append(side(python, how, url, 2, single.COUNT + 1).per(single.COUNT))
        places.gone(url)
    return best(*found)


def _of_a_run(places: Places, folder: Path, how: str) -> Cost:
    customers = places.customers
    return bulk.ours(places, str(folder), how, customers).per(customers)


def _export(python: str, folder: Path) -> Iterator[Row]:
    (folder / "map.toml").write_text(company.MAP, encoding="utf-8")
    theirs_url = str(folder / "effaced.db")
    shutil.copyfile(company.cached(export.FEW, BIG), theirs_url)
    ours_url = export.prepared(folder, BIG)
    ours = child("export:ours", url=ours_url, folder=str(folder), first=1, last=1)
    theirs = side(python, "export", theirs_url, 1, 1)
    yield Row(f"export of one customer, {BIG:,} rows / effaced, as JSON", ours, theirs, None, "s")
    yield Row("… its memory / effaced", Cost(ours.rss, 0), Cost(theirs.rss, 0), None, "MB")


def side(python: str, work: str, url: str, first: int, last: int) -> Cost:
    """The other side in its own interpreter, its audit in a file of its own."""
    command = [python, SCRIPT, work, url, "file", str(first), str(last)]
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return Cost(answer["wall"], answer["cpu"], answer["rss"])
