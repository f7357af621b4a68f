"""Our faster `dataclass` makes records that do what the standard library's do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field
from typing import Any

import pytest

from core import frozen


class Plain:
    """A name, a count, and a list that each record has for itself."""

    name: str
    count: int = 3
    more: list[int] = field(default_factory=list)
    hidden: str = field(default="x", repr=False, compare=False)
    inside: dict[str, int] = field(init=False, default_factory=dict)
    length: int = field(init=False)

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("count")
        object.__setattr__(self, "length", len(self.name))


class Only:
    """One field."""

    one: str


class Nothing:
    """No field."""


class Named:
    """Says itself how it is shown, compared and hashed."""

    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and other.name.lower() == self.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())


def both(cls: type) -> tuple[Any, Any]:
    """The class as ours and as the standard library's."""
    bodies = [{key: one for key, one in vars(cls).items() if key not in ("__dict__", "__weakref__")} for _ in range(2)]
    ours, theirs = (type(cls.__name__, (), body) for body in bodies)
    return frozen.dataclass(frozen=True, slots=True)(ours), dataclasses.dataclass(frozen=True, slots=True)(theirs)


CALLS: list[tuple[type, tuple[Any, ...], dict[str, Any]]] = [
    (Plain, ("a",), {}),
    (Plain, ("a", 5), {"more": [1]}),
    (Plain, (), {"name": "b", "hidden": "y"}),
    (Only, ("a",), {}),
    (Nothing, (), {}),
    (Named, ("A",), {}),
]


@pytest.mark.parametrize(("cls", "args", "more"), CALLS)
def test_a_record_is_shown_taken_apart_and_changed_alike(cls: type, args: tuple[Any, ...], more: dict[str, Any]) -> None:
    one, other = (made(*args, **more) for made in both(cls))
    assert repr(one) == repr(other)
    assert dataclasses.asdict(one) == dataclasses.asdict(other)
    assert [f.name for f in dataclasses.fields(one)] == [f.name for f in dataclasses.fields(other)]
    assert type(one).__match_args__ == type(other).__match_args__
    assert not hasattr(one, "__dict__")
    assert dataclasses.replace(one) == one
    assert copy.deepcopy(one) == one


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"name": "a"}, {"name": "a"}),
        ({"name": "a"}, {"name": "b"}),
        ({"name": "a", "hidden": "1"}, {"name": "a", "hidden": "2"}),
        ({"name": "a", "more": [1]}, {"name": "a"}),
    ],
)
def test_records_are_compared_alike(left: dict[str, Any], right: dict[str, Any]) -> None:
    ours, theirs = both(Plain)
    assert (ours(**left) == ours(**right)) is (theirs(**left) == theirs(**right))
    assert ours(**left) != theirs(**left)


def test_equal_records_have_one_hash_also_where_the_class_says_itself_what_is_equal() -> None:
    for cls, one, other in ((Only, "a", "a"), (Named, "a", "A")):
        ours, theirs = both(cls)
        assert {ours(one), ours(other)} == {ours(one)}
        assert hash(ours(one)) == hash(theirs(one))


@pytest.mark.parametrize(("args", "more"), [((), {}), (("a", 1, [], "x", 5), {}), (("a",), {"name": "b"}), (("a",), {"nothing": 1})])
def test_a_wrong_call_is_refused(args: tuple[Any, ...], more: dict[str, Any]) -> None:
    for made in both(Plain):
        with pytest.raises(TypeError):
            made(*args, **more)


def test_a_record_checks_itself_and_cannot_be_changed() -> None:
    for made in both(Plain):
        with pytest.raises(ValueError, match="count"):
            made("a", -1)
        one = made("a")
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.name = "b"
        with pytest.raises(dataclasses.FrozenInstanceError):
            del one.name
        assert made("a").more is not made("a").more


def test_a_record_of_ours_passes_through_a_pipe() -> None:
    from core.model.records import Actor, Visitor

    for one in (Actor("ayse", "desk.example"), Visitor("panel", "web.example", address="203.0.113.7")):
        again = pickle.loads(pickle.dumps(one, pickle.HIGHEST_PROTOCOL))
        assert (again, type(again)) == (one, type(one))
        with pytest.raises(dataclasses.FrozenInstanceError):
            again.host = "x"


def test_what_it_cannot_do_is_refused_when_the_class_is_made() -> None:
    body = {"__annotations__": {"a": "int"}, "a": field(default=1, hash=False), "__doc__": "."}
    with pytest.raises(TypeError, match="are not ours"):
        frozen.dataclass(frozen=True, slots=True)(type("Odd", (), body))


def test_other_options_are_the_standard_library_s() -> None:
    made = frozen.dataclass(type("Open", (), {"__annotations__": {"a": "int"}, "__doc__": "."}))
    one = made(1)
    one.a = 2
    assert one.a == 2
