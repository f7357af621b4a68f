"""The part of a map that says how customers come in: what denies them, by what they sign in, how a new account is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.model.datamap import Access, DataMap, Register
from core.model.mapreader import Node, Problems, condition
from core.model.schema import Family

if TYPE_CHECKING:
    from core.model.datamap import Condition
    from core.model.schema import Column, TableShape

NOBODY = Access()
TYPED = frozenset({Family.TEXT, Family.ENUM, Family.DATE})
"""What a visitor can fill in."""
TOKENS = frozenset({Family.TEXT, Family.UUID})
MOMENTS = frozenset({Family.DATE, Family.DATETIME, Family.TEXT})
TOKEN_LEAST = 12
"""Characters of a random text that never meets itself again."""


def read_access(node: Node | None) -> Access:
    """`[access]`; nothing that denies or lets in where it is absent."""
    if node is None:
        return NOBODY
    login, password, when, exact = _sign_in(node.node("sign_in"))
    result = Access(
        block=_values(node, "block"),
        clear=node.texts("clear"),
        delete=node.texts("delete"),
        login=login,
        password=password,
        when=when,
        exact=exact,
        register=_register(node.node("register")),
    )
    node.finish()
    return result


def _sign_in(node: Node | None) -> tuple[str, str, Condition, bool]:
    if node is None:
        return "", "", (), False
    found = node.text("login", needed=True), node.text("password", needed=True), condition(node, "when"), node.flag("exact")
    node.finish()
    return found


def _register(node: Node | None) -> Register | None:
    if node is None:
        return None
    result = Register(node.texts("ask"), _values(node, "set"), node.texts("token"), node.texts("now"))
    node.finish()
    return result


def _values(node: Node, key: str) -> tuple[tuple[str, Any], ...]:
    return tuple((column, value) for column, value in node.entries(key) if _plain(node, f"{key}.{column}", value))


def _plain(node: Node, key: str, value: Any) -> bool:
    if isinstance(value, str | int | float | bool):
        return True
    node.complain(key, "map-wrong-type", allowed="text, number, true, false")
    return False


def check_register(draft: DataMap, problems: Problems) -> None:
    """A new row needs a login and a password, and no column may be filled twice."""
    access, register = draft.access, draft.access.register
    if register is None:
        return
    if not access.login:
        problems.add("access.sign_in", "map-missing")
    if not draft.customer.email:
        problems.add("customer.email", "map-missing")
    named = [access.login, access.password, *register.ask, *(column for column, _ in register.set), *register.token, *register.now]
    for column in dict.fromkeys(c for c in named if named.count(c) > 1):
        problems.add("access.register", "map-twice", name=column)


def prove_register(mapping: DataMap, shape: TableShape, problems: Problems) -> None:
    """A new row can be kept: every column that must have a value gets one, and of a type that it can hold."""
    register = mapping.access.register
    if register is None:
        return
    for name, family in ((n, f) for part, f in ((register.ask, TYPED), (register.token, TOKENS), (register.now, MOMENTS)) for n in part):
        column = shape.column(name)
        short = column is not None and name in register.token and column.length is not None and column.length < TOKEN_LEAST
        if column is not None and (column.family not in family or short):
            problems.add(f"access.register.{name}", "map-register-type", table=shape.name, column=name, type=column.type)
    given = {mapping.access.login, mapping.access.password, mapping.customer.email, mapping.customer.language}
    given |= {*register.ask, *(name for name, _ in register.set), *register.token, *register.now}
    for column in shape.columns:
        if column.name not in given and not _gets_a_value(column, shape):
            problems.add("access.register", "map-register-missing", table=shape.name, column=column.name, type=column.type)


def _gets_a_value(column: Column, shape: TableShape) -> bool:
    counted = shape.key == (column.name,) and column.family is Family.INTEGER
    return column.nullable or column.filled or column.generated or counted
