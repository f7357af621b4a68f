"""Rights of logins: every statement that the program sends to its own tables is granted to somebody, and nothing else is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import core
from core.model.records import Role
from core.store import expired, forget, rights, tables

ROOM = Path(core.__file__).parent
SKIPPED = ("sample", "migrations")
OWNERS = ("migrate.py", "accessview.py")
"""What only the owner of the tables does: init, upgrade."""
ANY = "upsert.py"
"""Statements on whatever table they are given."""
BOOKS = {name: getattr(tables, name).name for names in tables.ROOMS.values() for name in names}
HELPERS = {"keep": ("INSERT", "UPDATE"), "add": ("INSERT",)}
"""Functions of core.store.upsert: what they send to the table that is their second argument."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOM.rglob("*.py")):
        if not set(SKIPPED) & set(path.parts) and path.name not in (*OWNERS, ANY):
            yield str(path.relative_to(ROOM)), ast.parse(path.read_text(encoding="utf-8"))


def book(node: ast.expr, names: dict[str, set[str]]) -> set[str]:
    """The tables that an expression means: `tables.requests`, or a name that was given one."""
    if isinstance(node, ast.Attribute):
        return {BOOKS[node.attr]} if node.attr in BOOKS else set()
    return names.get(node.id, set()) if isinstance(node, ast.Name) else set()


def named(tree: ast.Module) -> dict[str, set[str]]:
    """Names that are given a table somewhere in the module, also as one of several."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for name, value in pairs:
                if isinstance(name, ast.Name) and (meant := book(value, {})):
                    found.setdefault(name.id, set()).update(meant)
    return found


def sent() -> tuple[set[str], list[str]]:
    """(`INSERT kvkk_audit` …, places whose table is not known by its name)."""
    found: set[str] = set()
    unknown = []
    for module, tree in modules():
        names = named(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            name, args = node.func.id, node.args
            if name in ("insert", "update", "delete") and args:
                meant = book(args[0], names)
                found |= {f"{name.upper()} {table}" for table in meant}
                unknown += [f"{module}:{node.lineno}"] if not meant else []
            elif name in HELPERS and len(args) > 2:
                found |= {f"{right} {table}" for table in book(args[1], names) for right in HELPERS[name]}
    return found, unknown


GRANTED = rights.of(Role.ADMIN) | {f"{right} {table}" for table, some in rights.RUN.items() for right in some}
FORGET = {f"UPDATE {table.name}" for table, _, _ in forget.WORDS} | {f"UPDATE {table.name}" for table in forget.TIED}
FORGET |= {f"DELETE {table.name}" for table in forget.DROPPED}
"""What core.store.forget does in loops over its lists."""
EXPIRED = {f"DELETE {table.name}" for table in (*expired.PAPERS, *expired.TIED)}
"""The same of core.store.expired."""
LOOPS = {"store/forget.py", "store/expired.py", "store/entries.py", "store/rotation.py"}
"""Modules whose statements take their table from elsewhere: the last two name the blacklist by another module's name."""


def test_every_statement_on_our_tables_is_granted_to_somebody() -> None:
    found, unknown = sent()
    assert len(found) > 30
    assert (found | FORGET | EXPIRED) - GRANTED == set()
    assert {place.split(":")[0] for place in unknown} <= LOOPS


def test_what_is_granted_is_about_our_tables_and_about_each_of_them() -> None:
    known = {table.name for table in tables.metadata.sorted_tables}
    assert {right.split()[1] for right in GRANTED} == known


def test_roles_hold_what_lower_roles_hold_and_nobody_rewrites_what_was_recorded() -> None:
    assert rights.of(Role.VIEWER) == frozenset()
    assert rights.of(Role.OPERATOR) < rights.of(Role.ADMIN)
    assert not rights.of(Role.ADMIN) & set(rights.REWRITES)


@pytest.mark.parametrize(
    ("grant", "base", "expected"),
    [
        ("GRANT INSERT, UPDATE ON `panel`.`kvkk_requests` TO `ayse`@`%`", "panel", {"INSERT kvkk_requests", "UPDATE kvkk_requests"}),
        ("GRANT INSERT (`actor`, `verb`) ON `panel`.`kvkk_audit` TO `ayse`@`%`", "panel", {"INSERT kvkk_audit"}),
        ("GRANT INSERT ON `panel`.`kvkk_audit` TO `ayse`@`%`", "panel2", set()),
        ("GRANT SELECT ON `panel`.* TO `ayse`@`%`", "panel", set()),
        ("GRANT USAGE ON *.* TO `ayse`@`%`", "panel", set()),
        ("GRANT `kvkk_operator` TO `ayse`@`%`", "panel", set()),
        ("GRANT INSERT ON `pan\\_el`.`kvkk_audit` TO `ayse`@`%`", "pan_el", {"INSERT kvkk_audit"}),
        ("GRANT INSERT ON `pan\\_el`.`kvkk_audit` TO `ayse`@`%`", "panxel", set()),
        ("GRANT INSERT ON `pa%`.`kvkk_audit` TO `ayse`@`%`", "panel", {"INSERT kvkk_audit"}),
        ("GRANT INSERT ON `a``b`.`kvkk_audit` TO `ayse`@`%`", "a`b", {"INSERT kvkk_audit"}),
    ],
)
def test_a_grant_of_mariadb_is_read(grant: str, base: str, expected: set[str]) -> None:
    row: Any = (grant,)
    assert rights._granted(row, base) == expected


def test_everything_on_everything_is_everything() -> None:
    row: Any = ("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION",)
    assert rights._granted(row, "panel") >= GRANTED
    assert set(rights.REWRITES) <= rights._granted(row, "panel")
