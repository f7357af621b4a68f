"""A search finds the same customers whether the database narrows them or their rows are read one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from core.desk import Desk
from core.errors import UsageError
from core.model.records import RequestFilter
from core.sample import REFERENCE_DAY
from core.services import requests as service
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


def test_both_ways_find_the_same(crowded: Desk) -> None:
    atlas = crowded.context.atlas
    found = {}
    with crowded.context.reading() as conn:
        every = [str(key) for key in conn.execute(text("SELECT id FROM customers")).scalars()]
        for asked in TEXTS:
            narrowed = lookup.keys(conn, atlas, asked, 1000)
            assert sorted(narrowed) == sorted({*lookup.among(conn, atlas, asked, every)}), asked
            found[asked] = set(narrowed)
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


def test_a_common_name_is_found_in_a_long_queue_too(desk: Desk, monkeypatch: Any) -> None:
    """Few requests: their customers are read. Many: all customers are, up to a number that no request of a name falls behind."""
    before = [row.number for row in desk.requests.list(desk.actor, RequestFilter(search="ISIK")).rows]
    assert len(before) >= 2
    monkeypatch.setattr(service, "FEW", 3)
    assert [row.number for row in desk.requests.list(desk.actor, RequestFilter(search="ISIK")).rows] == before


def test_only_customers_of_the_filter_are_read_when_they_are_few(desk: Desk, monkeypatch: Any) -> None:
    asked: list[list[str]] = []
    true = lookup.among
    monkeypatch.setattr(lookup, "among", lambda conn, atlas, text, few: asked.append(list(few)) or true(conn, atlas, text, few))
    monkeypatch.setattr(lookup, "keys", lambda *_: pytest.fail("every customer was read"))
    rows = desk.requests.list(desk.actor, RequestFilter(search="kaplan")).rows
    assert [row.customer_name for row in rows] == ["Çağrı Kaplan"]
    assert len(asked[0]) == 16


def test_a_request_of_a_customer_who_is_gone_is_passed_over(desk: Desk) -> None:
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        gone = {"customer": "99999", "open_customer": "99999", "kind": "erase", "regime": "kvkk", "channel": "panel", "version": 1}
        moment = {"received_on": REFERENCE_DAY, "due_on": REFERENCE_DAY + timedelta(3), "filed_at": desk.store.clock(), "filed_by": "x@y"}
        unit.conn.execute(insert(tables.requests).values(**gone, **moment, state="pending", blacklisted=False))
    assert [row.customer for row in desk.requests.list(desk.actor, RequestFilter(search="99999")).rows] == ["99999"]
    assert desk.requests.list(desk.actor, RequestFilter(search="nobody")).rows == ()
