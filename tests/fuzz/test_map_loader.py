"""Whatever stands in a map file, it is read or refused with places and words; it never breaks the reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import core
from core.errors import MapError
from core.locale import LANGUAGES
from core.locale.explain import explain_code, needs
from core.locale.texts import TEXTS
from core.model.datamap import DataMap
from core.model.mapfile import _read, load
from core.model.mapreader import Node, Problems

LINES = (Path(core.__file__).parent / "maps" / "sample.toml").read_text(encoding="utf-8").splitlines()
WORDS = [
    "",
    "\x00",
    "[",
    "]",
    "= 5",
    "[[tables]]",
    "[customer]",
    'link = "a.b -> c"',
    '"',
    "İ",
    "keep",
    "mask",
    "{ kind = 1 }",
    "1e999",
    "🧿" * 40,
]
SCALARS: Any = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["email", "mask", "id", "customers"])
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)
NAMES = ["version", "name", "customer", "access", "services", "invoices", "tables", "not_personal", "register", "outside"]


def told(error: MapError) -> None:
    """Every problem has its words in both languages."""
    assert error.problems
    for _place, code, facts in error.problems:
        assert code in TEXTS
        assert needs(code) <= {*facts, "code"}
        for language in LANGUAGES:
            assert explain_code(code, facts, language)[0]


@given(
    at=st.lists(
        st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(["drop", "twice", "swap", "word"]), st.sampled_from(WORDS)), max_size=4
    )
)
def test_a_damaged_sample_map(at: list[tuple[int, str, str]]) -> None:
    lines = list(LINES)
    for wanted, how, word in at:
        place = min(wanted, len(lines) - 1)
        if how == "drop":
            del lines[place]
        elif how == "twice":
            lines.insert(place, lines[place])
        elif how == "swap":
            lines[place], lines[place - 1] = lines[place - 1], lines[place]
        else:
            half = len(lines[place]) // 2
            lines[place] = lines[place][:half] + word + lines[place][half:]
    try:
        assert isinstance(load("\n".join(lines), "x.toml"), DataMap)
    except MapError as error:
        told(error)


@given(document=st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), TREES, max_size=6))
def test_a_document_of_any_shape(document: dict[str, Any]) -> None:
    problems = Problems()
    read = _read(Node(document, "", problems), "0" * 64, problems)
    assert isinstance(read, DataMap) or problems.found
    if problems.found:
        told(MapError("bad-map", tuple(problems.found), file="x.toml"))


@given(text=st.text(max_size=200))
def test_any_text(text: str) -> None:
    try:
        load(text, "x.toml")
    except MapError as error:
        told(error)
