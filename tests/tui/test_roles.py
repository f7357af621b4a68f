"""What a role may not do is dimmed and says why; core refuses it too, whatever the console shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Role


@pytest.fixture
def viewer(desk: Desk, target: Target, clock: Any) -> Iterator[Desk]:
    """Somebody who may only look, in a database that has an admin."""
    desk.staff.add(desk.actor, "can", Role.VIEWER)
    with Desk(target, actor=Actor("can", "desk.example"), clock=clock) as opened:
        yield opened


@pytest.fixture
def operator(desk: Desk, target: Target, clock: Any) -> Iterator[Desk]:
    desk.staff.add(desk.actor, "oya", Role.OPERATOR)
    with Desk(target, actor=Actor("oya", "desk.example"), clock=clock) as opened:
        yield opened


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"], indirect=True)
async def test_a_viewer_sees_everything_and_changes_nothing(viewer: Desk, run: Any) -> None:
    before = viewer.audit.anchor(viewer.actor).seq
    async with run(viewer) as it:
        await it.until(lambda: it.screen.detail is not None)
        active = it.screen.active_bindings
        assert [key for key in "sxi" if active[key].enabled] == []
        await it.press("s", "x", "i")
        assert "operator" in it.toasts
        assert it.screen.__class__.__name__ == "QueueScreen"
        await it.press("enter")
        await it.shows("What can be done", "This needs the role operator or admin.")
        await it.press("escape", "2")
        await it.type("250")
        await it.press("enter")
        await it.until(lambda: it.grid.rows)
        await it.press("enter")
        await it.shows("Stored rows")
        assert not any(it.screen.active_bindings[key].enabled for key in "ngi")
        await it.press("escape", "0")
        await it.until(lambda: it.grid.rows)
        assert not it.screen.active_bindings["enter"].enabled
        await it.press("enter")
        assert "the role admin" in it.toasts
        await it.press("9")
        await it.until(lambda: it.grid.rows)
        assert not it.screen.active_bindings["a"].enabled
    assert viewer.audit.anchor(viewer.actor).seq == before


async def test_an_operator_resolves_and_does_not_waive_or_set(operator: Desk, run: Any) -> None:
    async with run(operator) as it:
        await it.shows("oya · operator") if it.app.size.width > 90 else await it.until(lambda: it.app.standing.role == "operator")
        await it.until(lambda: it.screen.detail is not None)
        await it.press("s")
        await it.until(lambda: it.screen.lot.complete)
        assert not it.screen.active_bindings["w"].enabled
        await it.press("w")
        assert "the role admin" in it.toasts
        await it.press("escape", "0")
        await it.until(lambda: it.grid.rows)
        assert not it.screen.active_bindings["enter"].enabled


async def test_a_role_that_is_taken_away_meanwhile_is_told(desk: Desk, operator: Desk, run: Any) -> None:
    async with run(operator) as it:
        await it.until(lambda: it.screen.detail is not None)
        desk.staff.add(desk.actor, "oya", Role.VIEWER)
        await it.until(lambda: it.app.standing.role == "viewer")
        await it.until(lambda: not it.screen.active_bindings["s"].enabled)


async def test_somebody_without_a_role_is_told_so_and_sees_nothing(desk: Desk, target: Target, clock: Any) -> None:
    from kvkk_tui.app import Console

    desk.staff.add(desk.actor, "mert", Role.OPERATOR)
    with Desk(target, actor=Actor("nobody", "desk.example"), clock=clock) as stranger:
        app = Console(stranger)
        async with app.run_test() as pilot:
            for _ in range(500):
                await pilot.pause(0.02)
                if app.error:
                    break
            drawn = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert app.error is not None
        assert app.error.code == "not-staff"
        assert app.return_code == 3
        assert "Kaplan" not in drawn
