"""Which rows are read: every place is reached, what is held stays small, neighbours are read by keyset."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvkk_tui import window


@given(st.integers(1, 2_000_000), st.lists(st.tuples(st.floats(0, 1), st.integers(5, 80)), min_size=1, max_size=20))
def test_every_place_is_reached_in_few_reads_and_little_is_held(total: int, places: list[tuple[float, int]]) -> None:
    start, held = 0, min(100, total)
    for where, page in places:
        top = round(where * max(0, total - page))
        bottom = min(total, top + page)
        for _read in range(6):
            fetch = window.plan(start, held, total, top, bottom)
            if fetch is None:
                break
            assert 0 < fetch.limit <= window.MOST
            assert fetch.skip <= total // 2 + window.MOST
            if fetch.extends:
                start, held = (start, held + fetch.limit) if fetch.anchor == "after" else (fetch.at, held + fetch.limit)
            else:
                start, held = fetch.at, fetch.limit
            assert 0 <= start <= start + held <= total
            start, held = window.trim(start, held, top)
            assert held <= window.KEEP
        assert start <= top
        assert bottom <= start + held


def test_turning_pages_reads_by_keyset() -> None:
    fetch = window.plan(0, 100, 1_000_000, 90, 110)
    assert fetch == window.Fetch("after", 0, 130, 100)
    assert fetch.extends
    back = window.plan(500, 200, 1_000_000, 490, 510)
    assert back is not None
    assert (back.anchor, back.skip, back.backwards) == ("before", 0, True)


def test_the_end_is_read_from_the_end() -> None:
    fetch = window.plan(0, 100, 1_000_000, 999_980, 1_000_000)
    assert fetch is not None
    assert (fetch.anchor, fetch.skip) == ("end", 0)
