"""What fronts may import: the names of core/__init__.py, each loaded on first use."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import core
from core.model import records

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("door", [core, records])
def test_every_name_of_the_door_is_there(door: Any) -> None:
    assert sorted(door.__all__) == sorted(door._HOME)
    for name in door.__all__:
        assert getattr(door, name) is not None


def test_the_door_itself_loads_nothing() -> None:
    line = "import sys, core; print([m for m in sys.modules if m.startswith('core.') or m in ('sqlalchemy', 'lxml')])"
    ran = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_record_loads_its_own_room_only() -> None:
    line = "import sys; from core.model.records import Kind; print([m for m in sys.modules if m.startswith('core.model.records.')])"
    ran = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "['core.model.records.people', 'core.model.records.requests']"


@pytest.mark.parametrize("door", [core, records])
def test_an_unknown_name_is_no_attribute(door: Any) -> None:
    assert not hasattr(door, "nonsense")


@pytest.mark.parametrize("door", [core, records])
def test_what_type_checkers_see_is_what_is_loaded(door: Any) -> None:
    tree = ast.parse(Path(door.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname or alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(door.__all__)
