"""Rotation of the key, and that everything made with an older one goes on working, on each engine."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from core.config import Target
from core.desk import Desk
from core.errors import Conflict, KeyFileError, KvkkError, NotAllowed, NotFound, Refused, Unavailable, UsageError
from core.model.records import Actor, Details, Kind, NewRequest, RequestFilter, Resolution, ResolveOptions
from core.store import audit, keybook, keyfile, tables
from core.store.keyring import Key

CUSTOMER, OTHER = "250", "251"
NEW = Details((("email", "Yeni.Kişi@Ornek.example"), ("phone", "0532 111 22 33")))
OPTIONS = ResolveOptions(force="test", waive_residue="test", notify=True)


@pytest.fixture
def used(desk: Desk) -> Desk:
    """A key was used: an entry by hand, and customer 250 was erased with a download, a message and fingerprints."""
    desk.blacklist.add(desk.actor, NEW, reason="fraud")
    resolve(desk, CUSTOMER, erase=True)
    return desk


def resolve(desk: Desk, customer: str, **how: bool) -> int:
    number = desk.requests.add(desk.actor, NewRequest(customer, Kind.ERASE)).number
    desk.resolutions.resolve(desk.actor, number, Resolution(blacklist=True, **how), OPTIONS)
    return number


def again(desk: Desk, target: Target, key_file: Path | None = None) -> Desk:
    """Another process, perhaps on a host with a key file of its own."""
    return Desk(replace(target, key_file=key_file or target.key_file), actor=desk.actor, clock=desk.store.clock)


def codes(desk: Desk) -> dict[str, str]:
    return {finding.code: finding.grade for finding in desk.upkeep.doctor(desk.actor)}


def rows(desk: Desk, *columns: Any, where: Any = True) -> list[Any]:
    with desk.store.reading() as conn:
        return list(conn.execute(select(*columns).where(where)).all())


def states(desk: Desk) -> dict[str, str]:
    with desk.store.reading() as conn:
        return keybook.states(conn)


def test_before_a_key_was_used_there_is_none_to_rotate(desk: Desk, target: Target) -> None:
    for call in (lambda: desk.keys.rotate(desk.actor), lambda: desk.keys.at_risk(desk.actor)):
        with pytest.raises(UsageError, match="no-key-yet"):
            call()
    assert not target.key_file.exists()


def test_everything_made_under_the_old_key_goes_on_working(used: Desk, target: Target) -> None:
    old = used.context.keyring.if_present()
    done = used.keys.rotate(used.actor)
    assert old is not None
    assert (done.kept, done.lost, done.pending, done.path) == ((old.id,), None, False, str(target.key_file))
    assert states(used) == {old.id: "old", done.key_id: "current"}
    for desk in (used, again(used, target)):
        assert desk.blacklist.check(desk.actor, NEW).kinds == ("email", "phone")
        assert len(desk.requests.list(desk.actor, RequestFilter(states=(), customer=CUSTOMER)).rows) == 1
        assert desk.audit.verify(desk.actor).unchecked == 0
        assert not [code for code, grade in codes(desk).items() if grade in ("error", "warning") and "key" in code]
        for row in rows(desk, tables.outbox.c.key_id, tables.outbox.c.sealed, where=tables.outbox.c.sealed.is_not(None)):
            key = desk.context.keyring.if_present(row.key_id)
            assert json.loads(key.open(row.sealed))["address"]  # type: ignore[union-attr]
    number = resolve(used, OTHER, erase=True)
    with pytest.raises(NotFound):
        used.requests.list(used.actor, RequestFilter(customer="99999"))
    assert used.requests.list(used.actor, RequestFilter(states=(), customer=OTHER)).rows[0].number == number
    assert {row.key_id for row in rows(used, tables.tombstones.c.key_id)} == {old.id, done.key_id}
    assert used.audit.verify(used.actor).unchecked == 0


def test_downloads_of_somebody_erased_under_an_old_key_are_found(desk: Desk, tmp_path: Path) -> None:
    desk.exports.export(desk.actor, CUSTOMER, tmp_path / "x.xml")
    resolve(desk, CUSTOMER, erase=True)
    desk.keys.rotate(desk.actor)
    assert len(desk.downloads.list(desk.actor, customer=CUSTOMER).rows) == 1


def test_a_rotation_is_in_the_audit_signed_by_the_key_that_went(used: Desk) -> None:
    old = used.context.keyring.if_present()
    done = used.keys.rotate(used.actor)
    log = tables.audit
    [row] = rows(used, log.c.key_id, log.c.detail, where=log.c.verb == audit.HANDOVER)
    assert row.key_id == old.id  # type: ignore[union-attr]
    assert json.loads(row.detail)["detail"] == {"from": old.id, "to": done.key_id, "dropped": []}  # type: ignore[union-attr]


def test_an_entry_is_found_once_whichever_key_made_it(used: Desk) -> None:
    used.keys.rotate(used.actor)
    later = used.store.clock().date() + timedelta(days=4000)
    assert {one.how for one in used.blacklist.add(used.actor, NEW, reason="again", expires=later)} == {"extended"}
    assert used.blacklist.check(used.actor, NEW).kinds == ("email", "phone")
    page = used.blacklist.list(used.actor, limit=1000)
    assert {row.key_state for row in page.rows if row.request is None} == {"current", "old"}
    assert len(used.blacklist.remove_details(used.actor, NEW, "why")) == 4
    assert not used.blacklist.check(used.actor, NEW).listed


# -- dropping ---------------------------------------------------------------------------------------------------------


def test_dropping_says_before_what_is_lost_and_loses_no_more(used: Desk, target: Target) -> None:
    used.keys.rotate(used.actor)
    entries = used.blacklist.list(used.actor, limit=1000).rows
    waiting = len(rows(used, tables.outbox.c.id, where=tables.outbox.c.sealed.is_not(None)))
    with used.store.writer.begin() as conn:
        conn.execute(insert(tables.attempts).values(bucket="a" * 64, failures=3, last_at=used.store.clock(), until=used.store.clock()))
    told = used.keys.at_risk(used.actor)
    assert (told.entries, told.tombstones, told.erased, told.messages) == (len(entries), told.tombstones, 1, 0)
    assert told.tombstones >= 1
    assert len(told.keys) == 2
    done = used.keys.rotate(used.actor, drop_old=True)
    assert (done.lost, done.kept, done.pending) == (told, (), False)
    assert [key.id for key in used.context.keyring.held()] == [done.key_id]
    assert states(used) == dict.fromkeys(told.keys, "dropped") | {done.key_id: "current"}
    assert used.blacklist.list(used.actor).rows == ()
    assert rows(used, tables.attempts.c.bucket) == []
    sealed = rows(used, tables.outbox.c.key_id, tables.outbox.c.sealed, where=tables.outbox.c.sealed.is_not(None))
    fresh = used.context.keyring.if_present()
    assert [json.loads(fresh.open(row.sealed))["address"] != "" for row in sealed] == [True] * waiting  # type: ignore[union-attr]
    assert {row.key_id for row in sealed} == {done.key_id}
    with again(used, target) as desk:
        assert not desk.blacklist.check(desk.actor, NEW).listed
        assert desk.blacklist.add(desk.actor, NEW, reason="again")[0].how == "added"
        assert desk.audit.verify(desk.actor).unchecked > 0
        assert not [code for code, grade in codes(desk).items() if grade == "error"]


def test_the_dropped_key_is_no_key_any_more(used: Desk, target: Target, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen.key"
    shutil.copy(target.key_file, stolen)
    used.keys.rotate(used.actor, drop_old=True)
    with again(used, target, stolen) as thief:
        for call in (
            lambda: thief.blacklist.check(thief.actor, NEW),
            lambda: thief.blacklist.add(thief.actor, NEW, reason="x"),
            lambda: thief.settings.set(thief.actor, "near-days", "5"),
            lambda: thief.keys.rotate(thief.actor),
        ):
            with pytest.raises(KeyFileError):
                call()


def test_where_the_file_cannot_be_written_nothing_is_rotated(used: Desk, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    before, book = target.key_file.read_bytes(), states(used)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(keyfile.os, "replace", full)
    with pytest.raises(Unavailable, match="key-file-no-room"):
        used.keys.rotate(used.actor, drop_old=True)
    assert (target.key_file.read_bytes(), states(used)) == (before, book)
    assert used.blacklist.check(used.actor, NEW).listed
    assert list(target.key_file.parent.glob(f".{target.key_file.name}.*")) == []


@pytest.mark.parametrize("error", [KeyFileError("key-file-unwritable", path="x", kind="EROFS"), Unavailable("key-file-no-room", path="x")])
def test_dropped_keys_that_could_not_be_taken_out_go_with_the_next_run(
    used: Desk, monkeypatch: pytest.MonkeyPatch, error: KvkkError
) -> None:
    real = keyfile.change

    def once(path: Path, new: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> None:
        real(path, new)
        monkeypatch.setattr(keyfile, "change", broken)

    def broken(path: Path, _: object) -> None:
        raise error

    monkeypatch.setattr(keyfile, "change", once)
    assert used.keys.rotate(used.actor, drop_old=True).pending
    assert codes(used)["key-file-holds-dropped"] == "warning"
    report = used.automation.run(used.actor)
    assert [one.failed[0].code for one in report.jobs if one.name == "keys"] == [error.code]
    monkeypatch.setattr(keyfile, "change", real)
    report = used.automation.run(used.actor)
    assert [(one.done, one.failed) for one in report.jobs if one.name == "keys"] == [(1, ())]
    assert "key-file-holds-dropped" not in codes(used)
    assert used.keys.tidy(used.actor).done == 0


def test_a_lost_key_can_be_given_up_and_only_a_lost_one(used: Desk, target: Target) -> None:
    with pytest.raises(UsageError, match="lost-needs-drop"):
        used.keys.rotate(used.actor, lost=True)
    with pytest.raises(Refused, match="key-not-lost"):
        used.keys.rotate(used.actor, drop_old=True, lost=True)
    target.key_file.unlink()
    with again(used, target) as desk:
        with pytest.raises(KeyFileError, match="key-file-missing"):
            desk.keys.rotate(desk.actor, drop_old=True)
        waiting = len(rows(desk, tables.outbox.c.id, where=tables.outbox.c.sealed.is_not(None)))
        done = desk.keys.rotate(desk.actor, drop_old=True, lost=True)
        assert done.lost is not None
        assert done.lost.messages == waiting > 0
        assert rows(desk, tables.outbox.c.id, where=tables.outbox.c.sealed.is_not(None)) == []
        gone = rows(desk, func.count(), where=tables.outbox.c.last_error == "sealed-by-another-key")
        assert gone[0][0] == waiting
        assert desk.audit.verify(desk.actor).entries
        assert desk.settings.set(desk.actor, "near-days", "5").now == "5"
        assert desk.blacklist.add(desk.actor, NEW, reason="again")[0].how == "added"
        assert desk.audit.verify(desk.actor).entries
        assert not [code for code, grade in codes(desk).items() if grade == "error"]


# -- several hosts, several admins ------------------------------------------------------------------------------------


def test_a_host_with_the_key_file_of_before_is_told_so(used: Desk, target: Target, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.key"
    shutil.copy(target.key_file, elsewhere)
    done = used.keys.rotate(used.actor)
    resolve(used, OTHER, erase=True)
    with again(used, target, elsewhere) as desk:
        for call in (
            lambda: desk.blacklist.check(desk.actor, Details((("email", "somebody@else.example"),))),
            lambda: desk.blacklist.add(desk.actor, NEW, reason="x"),
            lambda: desk.keys.rotate(desk.actor),
            lambda: desk.requests.list(desk.actor, RequestFilter(states=(), customer=OTHER)),  # never: no such customer
            lambda: desk.downloads.list(desk.actor, customer=OTHER),
        ):
            with pytest.raises(KeyFileError, match="key-file-outdated") as told:
                call()
            assert told.value.facts["key_id"] == done.key_id
        with pytest.raises(KeyFileError, match="audit-key-other"):
            desk.settings.set(desk.actor, "near-days", "5")
        assert desk.audit.verify(desk.actor).unchecked > 0
        assert codes(desk)["key-file-outdated"] == "error"
        shutil.copy(target.key_file, elsewhere)
        assert desk.blacklist.check(desk.actor, NEW).listed
        assert desk.settings.set(desk.actor, "near-days", "5").now == "5"


def test_a_host_without_the_older_keys_is_told_so(used: Desk, target: Target, tmp_path: Path) -> None:
    used.keys.rotate(used.actor)
    newest = tmp_path / "newest.key"
    newest.write_text(target.key_file.read_text(encoding="ascii").splitlines()[-1], encoding="ascii")
    newest.chmod(0o600)
    with again(used, target, newest) as desk:
        with pytest.raises(KeyFileError, match="key-file-old-missing"):
            desk.blacklist.check(desk.actor, NEW)
        with pytest.raises(KeyFileError, match="key-file-old-missing"):
            desk.requests.list(desk.actor, RequestFilter(states=(), customer=CUSTOMER))
        assert codes(desk)["key-older-missing"] == "error"
        assert codes(desk)["audit-unchecked"] == "note"
        assert desk.settings.set(desk.actor, "near-days", "5").now == "5"


def test_of_two_admins_at_once_one_rotates(used: Desk, target: Target) -> None:
    told: list[str] = []
    start = threading.Barrier(2)

    def admin() -> None:
        with again(used, target) as desk:
            real = desk.keys._rotate

            def together(*args: Any, **more: Any) -> Any:
                start.wait(60)  # both have seen the same key
                return real(*args, **more)

            desk.keys._rotate = together  # type: ignore[method-assign]
            try:
                told.append(desk.keys.rotate(desk.actor).key_id)
            except KvkkError as error:
                told.append(error.code)

    crowd = [threading.Thread(target=admin) for _ in range(2)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert told.count("key-rotated") == 1
    [fresh] = [one for one in told if one != "key-rotated"]
    assert [key.id for key in used.context.keyring.held()] == [*(k for k, s in states(used).items() if s == "old"), fresh]
    assert used.audit.verify(used.actor).unchecked == 0


def test_who_comes_with_a_key_that_is_not_current_any_more_changes_nothing(used: Desk, target: Target) -> None:
    old = used.context.keyring.if_present()
    assert old is not None
    used.keys.rotate(used.actor)
    before = target.key_file.read_bytes()
    with pytest.raises(Conflict, match="key-rotated"):
        used.keys._rotate(used.actor, old.id, old, drop_old=True)
    assert target.key_file.read_bytes() == before
    assert used.blacklist.check(used.actor, NEW).listed


def test_work_that_began_under_the_old_key_is_done_anew_under_the_new_one(used: Desk, target: Target) -> None:
    """Another process rotates, and drops, between the fingerprints and the commit: they would be lost."""
    if used.store.name == "sqlite":
        pytest.skip("SQLite has one writer: nobody rotates in between")
    real, rotated = used.context.keyring.obtain, list[str]()

    def obtain(conn: Any) -> Key:
        key = real(conn)
        if not rotated:
            with again(used, target) as other:
                rotated.append(other.keys.rotate(other.actor, drop_old=True).key_id)
        return key

    used.context.keyring.obtain = obtain  # type: ignore[method-assign]
    used.blacklist.add(used.actor, Details((("email", "sonra@ornek.example"),)), reason="x")
    assert {row.key_id for row in used.blacklist.list(used.actor).rows} == set(rotated)
    assert used.blacklist.check(used.actor, Details((("email", "sonra@ornek.example"),))).listed
    assert used.audit.verify(used.actor).entries


def test_a_database_restored_from_before_a_rotation_works_and_is_told_of(used: Desk, target: Target) -> None:
    old = used.context.keyring.if_present()
    done = used.keys.rotate(used.actor)
    with used.store.writer.begin() as conn:  # what the backup knew
        conn.execute(tables.keys.delete().where(tables.keys.c.key_id == done.key_id))
        conn.execute(tables.keys.update().values(state="current"))
    with again(used, target) as desk:
        assert desk.context.keyring.if_present().id != old.id  # type: ignore[union-attr]
        assert desk.blacklist.check(desk.actor, NEW).listed
        assert codes(desk)["key-file-holds-strangers"] == "note"
        fresh = Key(target.key_file.read_bytes() and bytes.fromhex(target.key_file.read_text().splitlines()[-1]))
        row = {"fingerprint": fresh.token("email", "geri@gelen.example"), "key_id": fresh.id, "kind": "email", "added_by": "x"}
        with desk.store.writer.begin() as conn:  # replay brings an entry of the forgotten key back
            conn.execute(insert(tables.blacklist).values(**row, added_at=desk.store.clock(), expires_on=desk.store.clock().date()))
        assert desk.blacklist.check(desk.actor, Details((("email", "geri@gelen.example"),))).listed


def test_only_an_admin_rotates(used: Desk) -> None:
    now = used.store.clock()
    with used.store.writer.begin() as conn:
        book = [{"account": who, "role": role, "added_at": now, "added_by": "x"} for who, role in (("omer", "operator"), ("ada", "admin"))]
        conn.execute(insert(tables.staff), book)
    omer, ada = Actor("omer", "desk.example"), Actor("ada", "desk.example")
    for call in (lambda: used.keys.rotate(omer), lambda: used.keys.at_risk(omer)):
        with pytest.raises(NotAllowed):
            call()
    assert used.keys.tidy(omer).done == 0
    assert used.keys.rotate(ada).kept


def test_doctor_counts_what_ends_soon_and_what_has_ended(desk: Desk, clock: Any) -> None:
    today = clock.now.date()
    desk.blacklist.add(desk.actor, NEW, reason="x", expires=today + timedelta(days=29))
    found = {one.code: dict(one.facts) for one in desk.upkeep.doctor(desk.actor)}
    assert found["blacklist-ends-soon"] == {"count": 2, "days": 30}
    clock.move(days=30)
    found = {one.code: dict(one.facts) for one in desk.upkeep.doctor(desk.actor)}
    assert found["blacklist-ended"] == {"count": 2}
