"""Reading a TOML document with every mistake noted at once: where it stands, what is wrong, what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from core.errors import Fact
from core.model.datamap import IS_NULL, NOT_NULL, Condition

Problem = tuple[str, str, dict[str, Fact]]


@dataclass
class Problems:
    """Findings in the order in which they were met."""

    found: list[Problem] = field(default_factory=list)

    def add(self, path: str, code: str, **facts: Fact) -> None:
        self.found.append((path, code, facts))


class Node:
    """One table of the document, its path, and which of its keys have been read."""

    def __init__(self, data: Mapping[str, Any], path: str, problems: Problems) -> None:
        self.data = data
        self.path = path
        self.problems = problems
        self._read: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def complain(self, key: str, code: str, **facts: Fact) -> None:
        self.problems.add(self.at(key) if key else self.path, code, **facts)

    def raw(self, key: str) -> Any:
        self._read.add(key)
        return self.data.get(key)

    def text(self, key: str, *, needed: bool = False, default: str = "") -> str:
        value = self.raw(key)
        if value is None:
            if needed:
                self.complain(key, "map-missing")
            return default
        if not isinstance(value, str):
            self.complain(key, "map-wrong-type", allowed="text")
            return default
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.complain(key, "map-wrong-type", allowed="true, false")
        return default

    def texts(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """A text or a list of texts."""
        value = self.raw(key)
        if value is None:
            if needed:
                self.complain(key, "map-missing")
            return ()
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.complain(key, "map-wrong-type", allowed="text, list of texts")
            return ()
        return tuple(items)

    def choice(self, key: str, allowed: Collection[str], default: str) -> str:
        value = self.text(key, default=default)
        if value in allowed:
            return value
        self.complain(key, "map-not-allowed", allowed=tuple(allowed))
        return default

    def node(self, key: str) -> Node | None:
        """A table below this one, None when it is absent."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.complain(key, "map-wrong-type", allowed="table")
            return None
        return Node(value, self.at(key), self.problems)

    def nodes(self, key: str) -> tuple[Node, ...]:
        """A list of tables below this one."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.complain(key, "map-wrong-type", allowed="list of tables")
            return ()
        return tuple(Node(item, f"{self.at(key)}[{i}]", self.problems) for i, item in enumerate(value))

    def entries(self, key: str) -> tuple[tuple[str, Any], ...]:
        """Name and value of everything in a table below this one."""
        below = self.node(key)
        return tuple(below.data.items()) if below else ()

    def finish(self) -> None:
        """Everything that nobody has asked for is unknown."""
        for key in self.data:
            if key not in self._read:
                near = get_close_matches(key, self._read, n=1)
                allowed = tuple(sorted(self._read))
                self.complain(key, "map-unknown-key", allowed=allowed, nearest=near[0] if near else "")


def condition(node: Node, key: str, *, needed: bool = False) -> Condition:
    """Columns with a value, a list of values, `"null"` or `"not null"`."""
    entries = node.entries(key)
    if needed and not entries:
        node.complain(key, "map-missing")
    return tuple((column, _values(node, f"{key}.{column}", value)) for column, value in entries)


def _values(node: Node, key: str, value: Any) -> tuple[Any, ...]:
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str | int | float | bool) for item in items):
        node.complain(key, "map-wrong-type", allowed='text, number, list of them, "null", "not null"')
        return ()
    if len(items) > 1 and (IS_NULL in items or NOT_NULL in items):
        node.complain(key, "map-null-alone")
    return tuple(items)
