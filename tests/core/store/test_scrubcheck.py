"""What doctor says of old bytes in the files of the database, on each engine."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from core.desk import Desk
from core.model.records import Resolution, ResolveOptions
from core.store import scrub_servers, scrubcheck
from core.store.engine import Store


@pytest.fixture
def told(desk: Desk) -> Callable[[], dict[str, dict[str, Any]]]:
    """Code → facts of what doctor finds; every finding is one that it has words for."""

    def ask() -> dict[str, dict[str, Any]]:
        found = desk.upkeep.doctor(desk.actor)
        return {finding.code: dict(finding.facts) for finding in found if finding.code.startswith("scrub-")}

    return ask


def test_what_the_setting_promises_is_told(desk: Desk, told: Callable[[], dict[str, Any]]) -> None:
    here = desk.store.name == "sqlite"
    assert ("scrub-is-now" in told()) is here
    assert ("scrub-is-off" in told()) is not here
    desk.settings.set(desk.actor, "scrub", "run")
    assert "scrub-is-run" in told()
    assert ("scrub-room" in told()) is here
    desk.resolutions.resolve(desk.actor, 28, Resolution(mask=True), ResolveOptions(notify=False))
    assert told()["scrub-waits"] == {"count": 1}
    desk.settings.set(desk.actor, "scrub", "off")
    assert told()["scrub-waits-off"] == {"count": 1}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_disk_without_room_is_told(desk: Desk, told: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 1 << 20))
    facts = told()["scrub-room-short"]
    assert facts["free"] == 1
    assert facts["needs"] >= 2 * (facts["size"] - 1)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_login_that_can_neither_clean_nor_search_is_told(desk: Desk, told: Callable[[], dict[str, Any]]) -> None:
    desk.settings.set(desk.actor, "scrub", "run")
    assert not {"scrub-not-owner", "scrub-not-searched"} & told().keys()
    name = f"kvkk_{secrets.token_hex(4)}"
    with desk.store.alone() as conn:
        conn.exec_driver_sql(f"CREATE ROLE {name} LOGIN")
        conn.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
    store = Store(desk.store.url.set(username=name))
    try:
        with store.reading() as conn:
            found = {one.code: dict(one.facts) for one in scrubcheck.findings(conn, store, lambda _: "run")}
        assert found["scrub-not-owner"] == found["scrub-not-searched"] == {"found": name}
    finally:
        store.close()
        with desk.store.alone() as conn:
            conn.exec_driver_sql(f"DROP OWNED BY {name}")
            conn.exec_driver_sql(f"DROP ROLE {name}")


@pytest.mark.parametrize("engine_name", ["mariadb"])
def test_a_server_whose_files_cannot_be_read_here_is_told(
    desk: Desk, told: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.settings.set(desk.actor, "scrub", "run")
    monkeypatch.setattr(scrub_servers, "HERE", ())
    assert told()["scrub-not-searched"]["found"]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_slot_that_holds_rows_back_is_named(desk: Desk, told: Callable[[], dict[str, Any]]) -> None:
    desk.settings.set(desk.actor, "scrub", "run")
    slot = f"kvkk_{secrets.token_hex(4)}"
    with desk.store.alone() as conn:
        conn.exec_driver_sql(f"SELECT pg_create_physical_replication_slot('{slot}')")
    try:
        assert slot in told()["scrub-slots"]["found"]
    finally:
        with desk.store.alone() as conn:
            conn.exec_driver_sql(f"SELECT pg_drop_replication_slot('{slot}')")
