"""What resolutions leave outside the database, on each engine; and what `doctor` and `audit verify` make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.config import Target
from core.desk import Desk
from core.errors import ChainBroken
from core.model.records import Resolution, ResolveOptions
from core.store import tables, tombstones

FORCED = ResolveOptions(force="test", waive_residue="test")


def findings(desk: Desk) -> dict[str, dict[str, Any]]:
    return {finding.code: dict(finding.facts) for finding in desk.upkeep.doctor(desk.actor)}


def outside(desk: Desk) -> set[str]:
    return set(desk.context.stones.read(desk.context.keyring.if_present).stones())


def inside(desk: Desk) -> set[str]:
    with desk.store.reading() as conn:
        return {stone.uid for _, stone in tombstones.every(conn)}


def test_every_resolution_is_in_the_file_when_it_returns(desk: Desk) -> None:
    assert "tombstones-not-needed-yet" in findings(desk)
    for number, resolution in ((28, Resolution(mask=True, blacklist=True)), (19, Resolution()), (15, Resolution(erase=True))):
        done = desk.resolutions.resolve(desk.actor, number, resolution, FORCED)
        assert done.pending == ()
        assert outside(desk) == inside(desk)
    found = findings(desk)
    assert found["tombstones-ok"]["count"] == 3
    text = desk.target.tombstone_file.read_text("ascii")
    assert text.count('"email"') == 1  # the kind of a fingerprint; no value of a person stands there
    assert "@" not in text


def test_a_tombstone_has_a_proof_of_each_value_and_the_fingerprints(desk: Desk) -> None:
    desk.resolutions.resolve(desk.actor, 28, Resolution(mask=True, blacklist=True), FORCED)
    with desk.store.reading() as conn:
        ((_, stone),) = tombstones.every(conn)
        listed = set(conn.execute(select(tables.blacklist.c.fingerprint).where(tables.blacklist.c.request == 28)).scalars())
    assert stone.created is not None
    assert len(stone.proofs) >= 3
    assert {mark.fingerprint for mark in stone.marks} == listed


def test_a_place_that_cannot_be_written_makes_no_resolution_fail(desk: Desk) -> None:
    path = desk.target.tombstone_file
    path.mkdir()
    done = desk.resolutions.resolve(desk.actor, 28, Resolution(mask=True), FORCED)
    assert "tombstones" in done.pending
    assert desk.requests.show(desk.actor, 28).row.state == "resolved"
    found = findings(desk)
    assert {"tombstones-not-writable", "tombstones-unreadable"} <= found.keys()
    path.rmdir()
    assert findings(desk)["tombstones-behind"]["count"] == 1
    assert desk.resolutions.resolve(desk.actor, 19, Resolution(), FORCED).pending == ()
    assert outside(desk) == inside(desk)
    assert len(inside(desk)) == 2


def test_a_file_that_was_changed_is_named_with_its_line(desk: Desk) -> None:
    desk.resolutions.resolve(desk.actor, 28, Resolution(mask=True), FORCED)
    desk.resolutions.resolve(desk.actor, 19, Resolution(), FORCED)
    path = desk.target.tombstone_file
    path.write_bytes(path.read_bytes().replace(b'"deed":"mask"', b'"deed":"erase"'))
    found = findings(desk)
    assert (found["tombstones-edited"]["line"], found["tombstones-edited"]["why"]) == (1, "edited")
    assert found["tombstones-behind"]["count"] == 1


def test_modes_and_places_are_judged(desk: Desk, engine_name: str) -> None:
    desk.resolutions.resolve(desk.actor, 19, Resolution(), FORCED)
    desk.target.tombstone_file.chmod(0o604)
    found = findings(desk)
    assert found["tombstones-open-to-others"]["mode"] == "0604"
    assert "tombstones-beside-database" not in found
    if engine_name == "sqlite":
        beside = Target(desk.target.database, "sample", desk.target.key_file, "--db", "en", tombstones=Path(desk.target.database + ".t"))
        with Desk(beside, actor=desk.actor) as other:
            assert "tombstones-beside-database" in findings(other)


@pytest.fixture
def restored(desk: Desk) -> Iterator[Callable[[str], Desk]]:
    """A desk on the database as a backup gives it back. Key and tombstone file are today's."""
    opened: list[Desk] = []

    def restore(backup: str) -> Desk:
        where = Target(backup, "sample", desk.target.key_file, "--db", "en", tombstones=desk.target.tombstone_file)
        opened.append(Desk(where, actor=desk.actor, clock=desk._clock))
        return opened[-1]

    yield restore
    for one in opened:
        one.close()


def backup_of(desk: Desk, servers: Any, engine_name: str) -> str:
    """A copy of the whole database as it stands."""
    if engine_name == "sqlite":
        with desk.store.alone() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.close()
    url: str = servers.make(engine_name, desk.target.database)
    return url


def test_a_restored_database_is_told_from_an_unbroken_one(desk: Desk, restored: Any, servers: Any, engine_name: str) -> None:
    desk.resolutions.resolve(desk.actor, 19, Resolution(), FORCED)
    backup = backup_of(desk, servers, engine_name)
    assert desk.audit.verify(desk.actor).filed is not None
    desk.resolutions.resolve(desk.actor, 28, Resolution(mask=True), FORCED)
    assert desk.audit.verify(desk.actor).filed is not None
    again = restored(backup)
    with pytest.raises(ChainBroken) as broken:
        again.audit.verify(again.actor)
    assert broken.value.code == "audit-restored"
    assert int(str(broken.value.facts["known"])) > int(str(broken.value.facts["seq"]))
    found = findings(again)
    assert found["tombstones-lost"]["count"] == 1
    assert found["tombstones-lost"]["day"] == "2026-11-01"
    assert "audit-restored" in found
    again.settings.set(again.actor, "near-days", "3")  # and work goes on: the chain grows past the lost place
    for _ in range(6):
        again.settings.set(again.actor, "near-days", "4")
        again.settings.set(again.actor, "near-days", "5")
    with pytest.raises(ChainBroken, match="audit-restored"):
        again.audit.verify(again.actor)


def test_a_copy_under_another_name_has_a_file_of_its_own(desk: Desk, tmp_path: Path) -> None:
    copy = Target(str(tmp_path / "trial.db"), "sample", desk.target.key_file, "--db", "en")
    assert copy.tombstone_file == tmp_path / "trial.db.tombstones"
    assert copy.tombstone_file != desk.target.tombstone_file
