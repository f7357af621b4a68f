"""Every verb of every service asks for a role, before anything else happens; verbs that anybody may read with write nothing."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import core
from core.desk import Desk
from core.errors import NotAllowed
from core.model.records import Actor, RequestFilter, Resolution, ResolveOptions, Role, Visitor
from core.rooms import Rooms
from core.services.context import Context
from core.services.gate import CUSTOMER, ROLE, ROOT

ADMIN, OPERATOR, VIEWER, NOBODY = (Actor(name, "desk.example") for name in ("yonetici", "islem", "izleyici", "yabanci"))
ROOM = Path(core.__file__).parents[1]
FRONTS = ("kvkk_cli", "kvkk_tui", "kvkk_panel")
VISITOR = Visitor("panel", "panel.example")
HOLDERS = {Role.VIEWER: VIEWER, Role.OPERATOR: OPERATOR, Role.ADMIN: ADMIN}


def services(desk: Desk) -> Iterator[tuple[str, Any]]:
    """(name in the desk, service): whatever the desk makes that comes from the room of services."""
    for name, member in (vars(Rooms) | vars(Desk)).items():
        if isinstance(member, cached_property):
            made = getattr(desk, name)
            if type(made).__module__.startswith("core.services.") and not isinstance(made, Context):
                yield name, made


def public_verbs(service: object) -> Iterator[tuple[str, Any]]:
    """Whatever takes an actor, or says of itself whom it is for. What takes an open connection is a step of another service."""
    for name, function in inspect.getmembers(type(service), inspect.isfunction):
        first = [*inspect.signature(function).parameters][1:2]
        if not name.startswith("_") and (hasattr(function, ROLE) or first in (["actor"], ["visitor"])):
            yield name, function


def called_by_fronts() -> Iterator[tuple[str, str]]:
    """(service, method) of every `desk.service.method` in the source of the fronts."""
    for room in FRONTS:
        for path in (ROOM / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                    below = node.value.value
                    if isinstance(below, ast.Name) and below.id == "desk":
                        yield node.value.attr, node.attr


@pytest.fixture
def closed(desk: Desk) -> Desk:
    """The sample with an admin, an operator and a viewer."""
    desk.staff.add(ADMIN, OPERATOR.account, Role.OPERATOR)
    desk.staff.add(ADMIN, VIEWER.account, Role.VIEWER)
    return desk


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_verb_of_every_service_says_which_role_it_needs(desk: Desk) -> None:
    found = {f"{name}.{verb}": getattr(function, ROLE, None) for name, one in services(desk) for verb, function in public_verbs(one)}
    assert len(found) > 30
    assert {verb for verb, role in found.items() if role is None} == set()
    assert {verb for verb, role in found.items() if role == ROOT} == {"staff.recover"}
    names = {name for name, _ in services(desk)}
    called = {f"{name}.{method}" for name, method in called_by_fronts() if name in names}
    assert len(called) > 30
    assert called <= found.keys()
    assert {verb.partition(".")[0] for verb, role in found.items() if role == CUSTOMER} == {
        "accounts",
        "consent",
        "notices",
        "panel",
        "registration",
    }


def test_a_verb_is_refused_to_whoever_has_too_low_a_role_before_it_looks_at_anything(closed: Desk) -> None:
    """Called without any argument: a verb that read one first would fail differently."""
    tried = 0
    for name, service in services(closed):
        for verb, function in public_verbs(service):
            role = getattr(function, ROLE)
            call = getattr(service, verb)
            if role == CUSTOMER:
                with pytest.raises(NotAllowed, match="only-customers"):
                    call(ADMIN)
                continue
            if role == ROOT:
                with pytest.raises(NotAllowed, match="recover-needs-root"):
                    call(ADMIN)
                continue
            with pytest.raises(NotAllowed, match="not-staff") as refused:
                call(NOBODY)
            assert refused.value.facts == {"account": "yabanci"}, f"{name}.{verb}"
            with pytest.raises(NotAllowed, match="only-staff"):
                call(VISITOR)
            for low in list(Role)[: list(Role).index(role)]:
                tried += 1
                with pytest.raises(NotAllowed, match="role-too-low") as refused:
                    call(HOLDERS[low])
                told = {"account": HOLDERS[low].account, "role": low.value, "needed": role.value}
                assert refused.value.facts == told, f"{name}.{verb}"
    assert tried > 15


def test_a_role_lets_through_what_it_needs_and_what_lower_ones_need(closed: Desk) -> None:
    for contexts in (closed.context, closed.maps._context):
        for needed in Role:
            for has, actor in HOLDERS.items():
                if has.covers(needed):
                    contexts.permit(actor, needed)
    assert closed.requests.list(VIEWER, RequestFilter()).rows
    assert closed.requests.cancel(OPERATOR, 15).state == "cancelled"
    assert closed.settings.set(ADMIN, "near-days", "3").now == "3"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_verb_for_viewers_writes_nothing(desk: Desk) -> None:
    """By its source: neither it nor a method of its service that it calls opens a write transaction."""
    for name, service in services(desk):
        methods = {f.name: f for f in _methods(type(service))}
        for verb, function in public_verbs(service):
            if getattr(function, ROLE) is Role.VIEWER:
                assert not _reaches_a_write(methods, verb, set()), f"{name}.{verb}"


def _methods(kind: type) -> Iterator[ast.FunctionDef]:
    for one in reversed(kind.__mro__[:-1]):  # what a service inherits is its own too
        tree = ast.parse(textwrap.dedent(inspect.getsource(one)))
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _reaches_a_write(methods: dict[str, ast.FunctionDef], name: str, seen: set[str]) -> bool:
    seen.add(name)
    called = {node.attr for node in ast.walk(methods[name]) if isinstance(node, ast.Attribute)}
    return "writing" in called or any(_reaches_a_write(methods, one, seen) for one in called & methods.keys() - seen)


def test_the_moves_of_a_request_are_those_of_the_one_who_asks(closed: Desk) -> None:
    for actor in (ADMIN, OPERATOR):
        assert [move.allowed for move in closed.requests.show(actor, 23).moves][:4] == [True] * 4
    for move in closed.requests.show(VIEWER, 23).moves:
        assert not move.allowed
        assert move.why_not in ("move-needs-operator", "extend-only-gdpr")
    assert {move.why_not for move in closed.requests.show(VIEWER, 1).moves} == {"already-decided"}


def test_the_verbs_of_set_up_work_where_our_tables_are_not_there(engine_url: str, tmp_path: Any) -> None:
    from core.config import Target

    with Desk(Target(engine_url, "sample", tmp_path / "k", "--db", None), actor=NOBODY) as desk:
        assert desk.upkeep.doctor(NOBODY)[0].code == "schema-none"
        assert desk.maps.show(NOBODY).name
        assert desk.upkeep.init(NOBODY, "sample").before == "none"
        desk.staff.add(ADMIN, OPERATOR.account, Role.OPERATOR)
        for verb in (desk.upkeep.doctor, desk.upkeep.init, desk.upkeep.upgrade, desk.maps.show):
            with pytest.raises(NotAllowed, match="not-staff"):
                verb(NOBODY)
        for verb in (desk.upkeep.init, desk.upkeep.upgrade):
            with pytest.raises(NotAllowed, match="role-too-low"):
                verb(OPERATOR)
        assert desk.upkeep.upgrade(ADMIN).before == "current"


def test_only_an_admin_waives_residue(closed: Desk) -> None:
    """The dry run ends as the run would."""
    for verb in (closed.resolutions.preview, closed.resolutions.resolve):
        with pytest.raises(NotAllowed, match="role-too-low") as refused:
            verb(OPERATOR, 28, Resolution(mask=True), ResolveOptions(waive_residue="accepted"))
        assert refused.value.facts["needed"] == "admin"
    assert closed.resolutions.resolve(ADMIN, 28, Resolution(mask=True), ResolveOptions(waive_residue="accepted")).grade == "masked"
