"""Nothing is silent: every column of the sample and of our own tables is judged, with a reason, and no judgement outlives its column."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column

import core
from core.model.datamap import DataMap, LinkKind
from core.model.mapfile import load
from core.sample.schema import company
from core.store.forget import ALSO_KEYED, DROPPED, TIED, WORDS
from core.store.tables import PREFIX, metadata

MAPS = Path(core.__file__).parent / "maps"
HOLDS = ("none", "key", "keyed", "sealed", "text")
"""What a column of ours can hold of a person."""
CLEARED_ELSEWHERE = {
    "kvkk_runs.options": "words of staff for many customers at once",
    "kvkk_blacklist.reason": "the company's purpose, or words of staff that are cleared of the details when they are written",
    "kvkk_blacklist_removals.reason": "words of staff, cleared of the details when they are written; nobody knows whose entry it was",
}
"""Columns of ours that hold words or keys and that core.store.forget does not treat, and why not."""
OURS = [column for table in metadata.sorted_tables for column in table.columns]


@pytest.fixture(scope="module")
def sample() -> DataMap:
    return load((MAPS / "sample.toml").read_text(encoding="utf-8"), "sample.toml")


def judged(mapping: DataMap, table: str) -> set[str]:
    """Columns of a table on which the map has an answer."""
    rules = mapping.tables[table]
    return set(rules.columns) | ({rules.keyed.key, rules.keyed.value} if rules.keyed else set())


def test_every_table_of_the_sample_is_mapped_or_declared_not_personal(sample: DataMap) -> None:
    assert set(sample.tables) | set(sample.not_personal) == set(company.tables)


def test_every_column_of_the_sample_is_judged_and_none_that_is_not_there(sample: DataMap) -> None:
    for name in sample.tables:
        assert judged(sample, name) == set(company.tables[name].columns.keys()), name


def test_what_is_not_personal_or_stays_has_a_reason_in_words(sample: DataMap) -> None:
    reasons = [r.not_personal or r.keep for t in sample.tables.values() for r in t.columns.values() if not (r.kind or r.refers_to)]
    reasons += list(sample.not_personal.values())
    reasons += [t.hold.because for t in sample.tables.values() if t.hold]
    assert all(len(reason) >= 3 for reason in reasons), reasons


def test_every_row_of_the_sample_belongs_to_somebody_or_says_that_it_does_not(sample: DataMap) -> None:
    nobodys = {name for name, table in sample.tables.items() if table.link.kind is LinkKind.NONE}
    assert nobodys == {"activity_log", "staff_members"}
    assert set(sample.owned()) == set(sample.tables) - nobodys


@pytest.mark.parametrize("column", OURS, ids=str)
def test_every_column_of_ours_says_what_it_is_and_what_it_holds_of_a_person(column: Column[object]) -> None:
    assert column.comment
    holds, _, reason = column.info["data"].partition(": ")
    assert holds in HOLDS
    assert len(reason) >= 3


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_every_table_of_ours_says_what_it_is_for(table: object) -> None:
    assert getattr(table, "comment", None)
    assert str(table).startswith(PREFIX)


def test_words_and_keys_of_a_customer_in_our_tables_are_treated_or_exempt() -> None:
    """And an exemption that is no longer needed fails too."""
    words = {str(column) for column in OURS if column.info["data"].startswith("text:")}
    keys = {str(column) for column in OURS if column.info["data"].startswith("key:")}
    treated = {f"{table}.{column}" for table, _, columns in WORDS for column in columns}
    tied = {f"{table}.customer" for table in (*TIED, *DROPPED)}
    tied |= {f"{table}.{column}" for table, columns in ALSO_KEYED.items() for column in columns}
    exempt = set(CLEARED_ELSEWHERE)
    assert words - treated | keys - tied == exempt
    assert treated <= words
    assert tied <= keys
