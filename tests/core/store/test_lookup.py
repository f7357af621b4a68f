"""A search finds the same customers whether the database narrows them, their rows are read one by one, or it looks part by part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from core.desk import Desk
from core.errors import UsageError
from core.model.records import RequestFilter
from core.sample import REFERENCE_DAY
from core.store import lookup, tables

NAMES = (
    "José Peña",
    "Jose\u0301 Pen\u0303a",  # decomposed
    "ＪＯＳＥ",  # full width
    "ŞÜKRÜ IŞIL İNCİ",
    "sukru isil inci",
    "S\u200bukru\u00a0Isil",  # invisible and no-break
    "Weiß",
    "ﬁrat",  # ligature
    "100% O'Neill_\\",
    "[/bold]*?[a]",
    "Ｗ" * 30,
)
TEXTS = (
    "jose",
    "JOSÉ peña",
    "pena",
    "şükrü işıl",
    "ISIL",
    "inci sukru",
    "weiss",
    "fırat",
    "100%",
    "o'neill_",
    "[a]",
    "*?",
    "ww",
    "işık",
    "kaplan@",
    "0512",
    "+90 512 000",
    "5120000048",
    "yok böyle biri",
    "%",
    "_",
)


@pytest.fixture
def crowded(desk: Desk) -> Desk:
    """The sample, some of its customers under other names."""
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        keys = unit.conn.execute(text("SELECT id FROM customers WHERE id > 200 ORDER BY id")).scalars().all()
        for key, name in zip(keys, NAMES, strict=False):
            unit.conn.execute(text("UPDATE customers SET first_name = :n, last_name = '' WHERE id = :k"), {"n": name, "k": key})
    return desk


@pytest.mark.parametrize("stretch", [7, 50_000])
def test_every_way_finds_the_same(crowded: Desk, stretch: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(lookup, "STRETCH", stretch)
    atlas = crowded.context.atlas
    found = {}
    with crowded.context.reading() as conn:
        every = [str(key) for key in conn.execute(text("SELECT id FROM customers")).scalars()]
        for asked in TEXTS:
            narrowed = lookup.keys(conn, atlas, asked, 1000)
            assert sorted(narrowed) == sorted({*lookup.among(conn, atlas, asked, every)}), asked
            found[asked] = set(narrowed)
            parts, place = [], None
            while True:
                some, place = lookup.part(conn, atlas, asked, place, 3)
                parts += some
                if place is None:
                    break
            assert parts == narrowed, asked
        rows = conn.execute(text("SELECT id, first_name FROM customers WHERE last_name = ''")).all()
    names = {str(row[0]): row[1] for row in rows}

    def of(asked: str) -> set[str]:
        return {names[key] for key in found[asked] if key in names}

    assert of("jose") == set(NAMES[:3])
    assert of("şükrü işıl") == set(NAMES[3:6])
    assert of("weiss") == {NAMES[6]}
    assert of("fırat") == {NAMES[7]}
    assert of("100%") == {NAMES[8]}
    assert "1" in found["5120000048"]
    assert found["yok böyle biri"] == set()


def test_a_search_without_a_word_is_refused(crowded: Desk) -> None:
    with crowded.context.reading() as conn, pytest.raises(UsageError) as error:
        lookup.keys(conn, crowded.context.atlas, " \u200b ", 5)
    assert error.value.code == "customer-malformed"


def test_a_request_of_a_customer_who_is_gone_is_passed_over(desk: Desk) -> None:
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        gone = {"customer": "99999", "open_customer": "99999", "kind": "erase", "regime": "kvkk", "channel": "panel", "version": 1}
        moment = {"received_on": REFERENCE_DAY, "due_on": REFERENCE_DAY + timedelta(3), "filed_at": desk.store.clock(), "filed_by": "x@y"}
        unit.conn.execute(insert(tables.requests).values(**gone, **moment, state="pending", blacklisted=False))
    assert [row.customer for row in desk.requests.list(desk.actor, RequestFilter(search="99999")).rows] == ["99999"]
    assert desk.requests.list(desk.actor, RequestFilter(search="nobody")).rows == ()
