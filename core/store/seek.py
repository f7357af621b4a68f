"""A search of the queue by stretches: what is found first is told first, and whoever asked may leave after any of them.

The first stretches go along the queue in its order and read the customers of the next requests: a name that many have fills a page
here, and a short queue ends here. What is rare is then looked for among all customers, in the order of their keys, and their requests are
found by the index; a request is only told by one of the two. Nothing is left out, whatever the name: no number of customers is too many.
No copy of anybody's name is kept to search in.

A request that is found is one number, which holds its place in the order and its own: so they are sorted, merged and kept for little.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.model.records import Found, Onward
from core.store import lookup, queue
from core.store.sql import chunks

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from core.model.records import RequestFilter
    from core.store.atlas import Atlas

STEPS = (500, 1_500, 3_000)
"""Requests of the stretches along the queue; where it ends within them no other customer is read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched: a filter with the words of a search, and whose requests are meant."""

    wanted: RequestFilter
    text: str
    today: date
    whose: ColumnElement[bool] | None

    @property
    def down(self) -> bool:
        """Whether the order of reading falls."""
        return self.wanted.descending is not self.wanted.backwards


def stretch(conn: Connection, atlas: Atlas, asked: Asked, onward: Onward) -> Found:
    """What the next stretch brings, in order. Raises UsageError `bad-cursor`, `customer-malformed`."""
    if onward.scanning:
        return _scan(conn, atlas, asked, onward)
    wanted = asked.wanted if onward.queue is None else replace(asked.wanted, after=onward.queue)
    rows, ended = queue.walk(conn, wanted, asked.today, asked.whose, STEPS[onward.steps])
    few = {row.customer for row in rows if row.customer is not None}
    fitting = {*lookup.among(conn, atlas, asked.text, few)}
    found = {_place(row) for row in rows if row.customer in fitting}
    if onward == Onward():
        found |= set(_named(conn, asked))
    steps = onward.steps + 1
    left = None if ended is None else Onward(steps, ended, scanning=steps == len(STEPS))
    return Found(tuple(sorted(found, reverse=asked.down)), left)


def first(conn: Connection, atlas: Atlas, asked: Asked, most: int | None) -> list[int]:
    """The first `most` in the order of reading, or all of them. Raises as `stretch`."""
    found: list[int] = []
    left: Onward | None = Onward()
    while left is not None and not left.scanning:
        told = stretch(conn, atlas, asked, left)
        found += told.hits
        if most is not None and told.onward is not None and _whole(found, asked, told.onward.queue or "", most):
            break
        left = told.onward
    else:
        found += _all(conn, atlas, asked, left)
    best = heapq.nlargest if asked.down else heapq.nsmallest
    unique = dict.fromkeys(found)
    return best(most, unique) if most is not None else sorted(unique, reverse=asked.down)


def number_of(hit: int) -> int:
    """The number of a request that was found."""
    return hit & _NUMBERS


_BITS = 64
_NUMBERS = (1 << _BITS) - 1


def _whole(found: Sequence[int], asked: Asked, reached: str, most: int) -> bool:
    """Whether so many were found before the place that the walk has come to: one by its number may lie beyond."""
    edge = _place_of(*queue.cursor_place(reached, asked.wanted.order))
    return sum(hit >= edge if asked.down else hit <= edge for hit in set(found)) >= most


def _all(conn: Connection, atlas: Atlas, asked: Asked, onward: Onward | None) -> Iterator[int]:
    while onward is not None:
        told = _scan(conn, atlas, asked, onward)
        yield from told.hits
        onward = told.onward


def _scan(conn: Connection, atlas: Atlas, asked: Asked, onward: Onward) -> Found:
    """Requests, beyond what was walked, of those of the next customers whom the text fits."""
    keys, ended = lookup.stretch(conn, atlas, asked.text, onward.customer, lookup.STRETCH)
    beyond = replace(asked.wanted, after=onward.queue)
    found: list[int] = []
    for some in chunks(keys):
        found += _places(queue.placed(conn, beyond, asked.today, asked.whose, queue.of_customers(some)))
    return Found(tuple(sorted(found, reverse=asked.down)), None if ended is None else replace(onward, customer=ended))


def _named(conn: Connection, asked: Asked) -> Iterator[int]:
    """By number or key, wherever they stand: who types one is not kept waiting."""
    return _places(queue.placed(conn, asked.wanted, asked.today, asked.whose, queue.named(asked.text)))


def _places(rows: Iterable[Any]) -> Iterator[int]:
    return (_place(row) for row in rows)


def _place(row: Any) -> int:
    return _place_of(row.place, row.number)


def _place_of(place: date | int | None, number: int) -> int:
    return number if place is None or isinstance(place, int) else (place.toordinal() << _BITS) + number
