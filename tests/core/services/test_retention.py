"""What is past its time: the audit goes to an archive and verifies on from there, closed requests go; leftovers; reports. Each engine."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from core.adapters.files import SUFFIX, TEMPORARY
from core.desk import Desk
from core.errors import ChainBroken, Conflict, KvkkError, NotFound, UsageError
from core.model.records import JobDone, Kind, NewRequest, Resolution, ResolveOptions
from core.store import expired, segments, tables

LATE = datetime(2030, 1, 2, 9, tzinfo=UTC)
"""Everything of 2026 is past three years."""


def count(desk: Desk, table: Any, *tests: Any) -> int:
    with desk.store.reading() as conn:
        return int(conn.execute(select(func.count()).select_from(table).where(*tests)).scalar_one())


def archive(desk: Desk) -> Path:
    [found] = desk.key_file.parent.glob("kvkk-audit-*.jsonl")
    return found


def test_an_old_year_goes_to_an_archive_and_the_chain_verifies_on(desk: Desk, clock: Any) -> None:
    assert desk.retention.purge(desk.actor) == JobDone()
    before = count(desk, tables.audit)
    checkpoint = str(desk.audit.anchor(desk.actor))
    clock.now = LATE
    assert desk.retention.purge(desk.actor).done > 0
    file = archive(desk)
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert (lines[0]["first"], lines[0]["last"], len(lines) - 1) == (1, before, before)
    assert count(desk, tables.audit, tables.audit.c.seq <= before) == 0
    verified = desk.audit.verify(desk.actor)
    assert verified.archived == before
    assert verified.entries == count(desk, tables.audit)
    whole = desk.audit.verify(desk.actor, checkpoint, archives=True)
    assert (whole.archived, whole.entries, whole.vouched) == (0, before + verified.entries, True)
    assert desk.audit.verify(desk.actor, checkpoint).vouched
    assert desk.retention.purge(desk.actor) == JobDone()


def test_nothing_of_three_whole_years_is_archived(desk: Desk, clock: Any) -> None:
    clock.now = datetime(2029, 12, 31, 20, tzinfo=UTC)
    desk.retention.purge(desk.actor)
    with desk.store.reading() as conn:
        kept = conn.execute(select(func.min(tables.audit.c.at))).scalar_one()
    assert kept.year == 2026


def test_a_checkpoint_inside_an_archive_needs_the_archives(desk: Desk, clock: Any) -> None:
    early = desk.audit.anchor(desk.actor)
    desk.settings.set(desk.actor, "near-days", "5")
    clock.now = LATE
    desk.retention.purge(desk.actor)
    with pytest.raises(UsageError, match="checkpoint-archived"):
        desk.audit.verify(desk.actor, str(early))
    assert desk.audit.verify(desk.actor, str(early), archives=True).vouched


def test_what_is_done_to_a_closed_part_is_found(desk: Desk, clock: Any) -> None:
    desk.settings.set(desk.actor, "near-days", "5")
    clock.now = LATE
    desk.retention.purge(desk.actor)
    file, text = archive(desk), archive(desk).read_text()
    file.chmod(0o600)
    file.write_text(text.replace("settings.set", "settings.get", 1))
    desk.audit.verify(desk.actor)
    with pytest.raises(ChainBroken) as found:
        desk.audit.verify(desk.actor, archives=True)
    assert found.value.facts["why"] == "archive"
    file.unlink()
    with pytest.raises(NotFound, match="archive-missing"):
        desk.audit.verify(desk.actor, archives=True)
    file.write_text(text)
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(update(tables.segments).values(last_hash="0" * 64))
    with pytest.raises(ChainBroken):
        desk.audit.verify(desk.actor)
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(delete(tables.segments))
    with pytest.raises(ChainBroken) as gap:
        desk.audit.verify(desk.actor)
    assert gap.value.facts["why"] == "gap"


@pytest.mark.parametrize("killed_at", ["_prove", "_close", "_cut_some"])
def test_killed_anywhere_the_next_run_goes_on(desk: Desk, clock: Any, monkeypatch: pytest.MonkeyPatch, killed_at: str) -> None:
    """Behind the file, before the segment is closed, before its rows go."""

    class Killed(BaseException):
        pass

    def die(*_: Any) -> Any:
        raise Killed

    whole = count(desk, tables.audit)
    clock.now = LATE
    monkeypatch.setattr(type(desk.retention), killed_at, die)
    with pytest.raises(Killed):
        desk.retention.purge(desk.actor)
    desk.audit.verify(desk.actor)
    monkeypatch.undo()
    desk.retention.purge(desk.actor)
    assert archive(desk).exists()
    assert count(desk, tables.audit, tables.audit.c.seq <= whole) == 0
    assert desk.audit.verify(desk.actor, archives=True).entries == whole + count(desk, tables.audit)


def test_a_foreign_file_in_the_archives_place_is_not_overwritten(desk: Desk, clock: Any) -> None:
    clock.now = LATE
    with desk.store.reading() as conn:
        segment = segments.due(conn, LATE)
    assert segment is not None
    (desk.key_file.parent / segment.file).write_text("mine")
    before = count(desk, tables.audit)
    with pytest.raises(Conflict, match="archive-differs"):
        desk.retention.purge(desk.actor)
    assert count(desk, tables.audit) == before
    assert (desk.key_file.parent / segment.file).read_text() == "mine"


def test_a_broken_chain_is_not_archived(desk: Desk, clock: Any) -> None:
    with desk.context.writing(desk.actor) as unit:
        unit.conn.execute(update(tables.audit).where(tables.audit.c.seq == 3).values(actor="nobody"))
    clock.now = LATE
    with pytest.raises(ChainBroken):
        desk.retention.purge(desk.actor)
    assert list(desk.key_file.parent.glob("kvkk-audit-*")) == []


def test_closed_requests_go_with_their_papers_and_open_ones_and_holds_stay(desk: Desk, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expired, "PAGE", 3)
    desk.settings.set(desk.actor, "invoice-retention-years", "10")
    held = desk.requests.add(desk.actor, NewRequest("3", Kind.ERASE)).number
    desk.resolutions.resolve(desk.actor, held, Resolution(erase=True), ResolveOptions(force="x"))
    late = desk.requests.add(desk.actor, NewRequest("200", Kind.ERASE)).number
    opened = count(desk, tables.requests, tables.requests.c.open_customer.is_not(None))
    clock.now = LATE
    desk.requests.cancel(desk.actor, late)
    desk.retention.purge(desk.actor)
    with desk.store.reading() as conn:
        left = {row.number: row.state for row in conn.execute(select(tables.requests.c.number, tables.requests.c.state))}
        papers = set(conn.execute(select(tables.certificates.c.request)).scalars())
        downloads = conn.execute(select(func.min(tables.downloads.c.finished_at))).scalar_one()
    assert left.pop(held) == "resolved"
    assert left.pop(late) == "cancelled"
    assert set(left.values()) <= {"pending", "approved"}
    assert len(left) == opened - 1
    assert papers == {held}
    assert downloads is None
    desk.audit.verify(desk.actor, archives=True)


def test_leftovers_are_tidied(desk: Desk, clock: Any) -> None:
    with desk.context.writing(desk.actor) as unit:
        for began in (clock() - timedelta(days=2), clock() - timedelta(hours=1)):
            row = {"customer": "200", "by": "x", "started_at": began, "state": "started", "format": "xml"}
            unit.conn.execute(insert(tables.downloads).values(**row))
    desk.settings.set(desk.actor, "near-days", "5")
    desk.key_file.parent.mkdir(exist_ok=True)
    left = desk.key_file.parent / f"{TEMPORARY}{'0' * 24}{SUFFIX}"
    left.write_text("half")

    os.utime(left, (0, 0))
    assert desk.tidy.sweep(desk.actor).done >= 2
    assert not left.exists()
    states = {"broken", "started", "done"}
    with desk.store.reading() as conn:
        rows = conn.execute(select(tables.downloads.c.state).where(tables.downloads.c.customer == "200")).scalars().all()
    assert set(rows) <= states
    assert sorted(rows)[-2:] == ["broken", "started"] or {"broken", "started"} <= set(rows)
    assert desk.tidy.sweep(desk.actor) == JobDone()


def test_a_report_is_made_once_for_each_period_that_is_over(desk: Desk, clock: Any) -> None:
    desk.reports.make_due(desk.actor)
    done = len(desk.reports.list(desk.actor))
    number = desk.requests.add(desk.actor, NewRequest("200", Kind.ERASE)).number
    resolved = desk.resolutions.resolve(desk.actor, number, Resolution(erase=True), ResolveOptions(force="x"))
    assert desk.reports.make_due(desk.actor) == JobDone()
    clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert desk.reports.make_due(desk.actor).done == 1
    assert desk.reports.make_due(desk.actor) == JobDone()
    newest = desk.reports.list(desk.actor)[0]
    assert (newest.since, newest.until) == (date(2026, 7, 1), date(2027, 1, 1))
    assert len(desk.reports.list(desk.actor)) == done + 1
    view = desk.reports.show(desk.actor, newest.number, "en")
    assert dict(view.report.requests)["erase"] >= 1
    sums = {line.table: line.deleted for line in view.report.tables}
    assert all(sums[line.table] >= line.deleted for line in resolved.tables if line.deleted)
    assert "Periodic destruction report" in view.text
    assert "Periyodik İmha Raporu" in desk.reports.show(desk.actor, newest.number, "tr").text
    assert max(map(len, view.text.splitlines()[:-2])) <= 78
    clock.now = datetime(2028, 7, 1, 9, tzinfo=UTC)
    assert desk.reports.make_due(desk.actor).done == 3
    assert "Nothing was destroyed in this period." in desk.reports.show(desk.actor, desk.reports.list(desk.actor)[0].number, "en").text
    with pytest.raises(NotFound, match="report-not-found"):
        desk.reports.show(desk.actor, 99, "en")


def test_shorter_periods_follow_the_setting(desk: Desk, clock: Any) -> None:
    desk.settings.set(desk.actor, "report-months", "3")
    desk.reports.make_due(desk.actor)
    found = desk.reports.list(desk.actor)
    assert all((row.until - row.since).days <= 92 for row in found)
    assert found[0].until == date(2026, 10, 1)
    for wrong in ("0", "7"):
        with pytest.raises(KvkkError, match="bad-setting-value"):
            desk.settings.set(desk.actor, "report-months", wrong)
