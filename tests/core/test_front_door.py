"""What fronts may import: the names of core/__init__.py, each loaded on first use."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import core

ROOT = Path(__file__).parents[2]


def test_every_name_of_the_door_is_there() -> None:
    assert sorted(core.__all__) == sorted(core._HOME)
    for name in core.__all__:
        assert getattr(core, name) is not None


def test_the_door_itself_loads_nothing() -> None:
    line = "import sys, core; print([m for m in sys.modules if m.startswith('core.') or m in ('sqlalchemy', 'lxml')])"
    ran = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"


def test_an_unknown_name_is_no_attribute() -> None:
    assert not hasattr(core, "nonsense")


def test_what_type_checkers_see_is_what_is_loaded() -> None:
    tree = ast.parse(Path(core.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname or alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(core.__all__)
