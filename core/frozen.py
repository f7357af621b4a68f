"""`@dataclass(frozen=True, slots=True)`, made in a quarter of the time: a short command makes seventy of them before its first word.

The standard library writes and compiles six methods a class; here one is compiled, `__init__`, and the others are the same functions
for every class. What a record can do is the same: fields, `replace`, `asdict`, defaults, `__post_init__`, `repr` and `compare` of a field,
`==`, `hash`, `match`, pickling; a change raises FrozenInstanceError. Refused, since nobody needs it: `hash` or `kw_only` of a field. Any
other combination of the decorator's options, and the type checker's view, are the standard library's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Never

OURS = {"frozen": True, "slots": True}


def _decorator(cls: Any = None, /, **how: bool) -> Any:
    if how != OURS:
        return dataclasses.dataclass(cls, **how)
    return _made if cls is None else _made(cls)


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - given on
else:
    dataclass = _decorator


def _made(cls: Any) -> Any:
    said = cls.__dict__
    own = {name: one for name, one in _METHODS.items() if name not in said}
    if said.get("__hash__") is None:  # Python itself puts None there beside an own __eq__
        own["__hash__"] = _hash
    cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)  # the fields; nothing is compiled
    fields = dataclasses.fields(cls)
    for name, one in own.items():
        setattr(cls, name, one)
    cls.__init__ = _init(cls, fields)
    cls._shown_ = tuple(field.name for field in fields if field.repr)
    cls._kept_ = tuple(field.name for field in fields)
    cls._compared_ = staticmethod(_getter([field.name for field in fields if field.compare]))
    return cls


def _init(cls: Any, fields: Sequence[Field[Any]]) -> Any:
    """Compiled, since it is what runs most. `_set` passes over our own `__setattr__`; no name of a field begins with `_set`."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
    head, body = ["self"], []
    for field in fields:
        name, default = field.name, ""
        value = name if field.init else ""
        if field.hash is not None or field.kw_only:
            raise TypeError(f"{cls.__qualname__}.{name}: `hash` and `kw_only` are not ours")
        if field.default_factory is not MISSING:
            known[f"_make_{name}"], default = field.default_factory, "=_missing"
            value = f"_make_{name}() if {name} is _missing else {name}" if field.init else f"_make_{name}()"
        elif field.default is not MISSING:
            known[f"_default_{name}"], default = field.default, f"=_default_{name}"
            value = value or f"_default_{name}"
        if field.init:
            head.append(name + default)
        if value:
            body.append(f" _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    made: dict[str, Any] = {}
    exec(f"def __init__({', '.join(head)}):\n" + ("\n".join(body) or " pass"), known, made)  # noqa: S102 - names of fields only
    made["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    return made["__init__"]


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of a record by which it is compared."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda record: (getattr(record, names[0]),)) if names else lambda _: ()


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown_)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: Any) -> Any:
    return self._compared_(self) == self._compared_(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._compared_(self))


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self._kept_]


def _setstate(self: Any, state: Sequence[Any]) -> None:
    for name, value in zip(self._kept_, state, strict=True):
        object.__setattr__(self, name, value)


def _setattr(_self: Any, name: str, _value: object) -> Never:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(_self: Any, name: str) -> Never:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_METHODS = {
    "__repr__": _repr,
    "__eq__": _eq,
    "__getstate__": _getstate,
    "__setstate__": _setstate,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
}
