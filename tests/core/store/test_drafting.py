"""A draft of the sample company's schema on each engine, beside the map that was written for it by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import event

import core
from core.errors import Drift
from core.model.datamap import DataMap, LinkKind
from core.model.drafting import draft
from core.model.mapfile import load
from core.model.records import MapDraft
from core.store.atlas import Atlas
from core.store.engine import Store
from core.store.reflect import LiveSchema

BY_HAND = Path(core.__file__).parent / "maps" / "sample.toml"


@pytest.fixture(scope="module")
def hand() -> DataMap:
    return load(BY_HAND.read_text(encoding="utf-8"), "sample.toml")


@pytest.fixture
def made(sample_store: Store) -> MapDraft:
    with sample_store.reading() as conn:
        return draft(LiveSchema(conn).whole(), "t", None, str)


def test_the_draft_of_the_sample_finds_what_the_map_by_hand_says(made: MapDraft, hand: DataMap) -> None:
    read = load(made.text, "t.toml")
    assert read.customer == hand.customer
    for name, table in hand.tables.items():
        assert (read.tables[name].link, read.tables[name].where) == (table.link, table.where), name
        assert read.tables[name].shared == table.shared, name
    assert set(read.not_personal) == set(hand.not_personal)
    assert read.services == hand.services
    personal = [(t.name, rule.name, rule.kind) for t in hand.tables.values() for rule in t.personal if t.link.kind is not LinkKind.NONE]
    same = [one for one in personal if one[1] in read.tables[one[0]].columns and read.tables[one[0]].columns[one[1]].kind == one[2]]
    assert len(same) >= len(personal) * 0.9, sorted(set(personal) - set(same))
    for name, table in hand.tables.items():
        personal_ones = {rule.name for rule in table.columns.values() if rule.personal or rule.keep}
        assert not personal_ones & {rule.name for rule in read.tables[name].columns.values() if rule.not_personal}, name


def test_map_check_names_what_the_draft_left_open_and_nothing_else(made: MapDraft, sample_store: Store) -> None:
    """CHECK constraints are tried too: every mask of the draft fits its column."""
    with sample_store.reading() as conn, pytest.raises(Drift) as told:
        Atlas(load(made.text, "t.toml"), sample_store.name).proof(conn)
    assert {f"{facts['table']}.{facts['column']}" for _, _, facts in told.value.problems} == set(made.undecided)
    assert 0 < len(made.undecided) < 15


def test_no_row_is_read_for_a_draft(sample_store: Store) -> None:
    """Every statement of it asks a catalogue of the database."""
    asked: list[str] = []
    with sample_store.reading() as conn:
        tables = LiveSchema(conn).names()
        event.listen(conn, "before_cursor_execute", lambda *told: asked.append(told[2]))
        draft(LiveSchema(conn).whole(), "t", None, str)
    assert asked
    for statement in asked:
        low = re.sub(r"[\"`\s]+", " ", statement.lower()).strip()
        assert low.startswith(("pragma", "show create table", "show full tables", "describe", "select")), statement
        assert not any(re.search(rf"\b(?:from|join)\s+(?:\w+ ?\. ?)?{name}\b", low) for name in tables), statement
