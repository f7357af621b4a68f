"""A run of exports writes what single exports write, on record in the same words, however its customers are grouped."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from core.adapters.manifest import Manifest
from core.desk import Desk
from core.errors import Conflict, KvkkError, Unavailable
from core.model.records import Actor, Download
from core.services import export_pages
from core.services.export_runs import ExportOrder, ExportRuns
from core.services.exports import FORMATS
from core.services.pages import Watch
from core.store import download_log, pagerows, subjects, tables

SOME = ("12", "5", "13", "200", "14")
OWN = re.compile(rb'\bid(="|": ")[0-9]+"')
"""What two exports of the same data at the same moment differ in: their number."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def lines(folder: Path) -> list[dict[str, Any]]:
    """Of the manifest, without its head."""
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()[1:]]


def written(folder: Path) -> dict[str, bytes]:
    """Key → content, as the manifest lists it."""
    return {line["key"]: (folder / line["file"]).read_bytes() for line in lines(folder) if "file" in line}


def downloads(desk: Desk, since: int) -> list[Download]:
    return [row for row in reversed(desk.downloads.list(desk.actor, limit=100).rows) if row.id > since]


def newest(desk: Desk) -> int:
    rows = desk.downloads.list(desk.actor, limit=1).rows
    return rows[0].id if rows else 0


def audited(desk: Desk, since: int) -> list[tuple[str, dict[str, Any]]]:
    with desk.context.reading() as conn:
        book = tables.audit.c
        rows = conn.execute(select(book.verb, book.detail).where(book.seq > since).order_by(book.seq))
        return [(row.verb, json.loads(row.detail)["detail"]) for row in rows]


def end_of_chain(desk: Desk) -> int:
    with desk.context.reading() as conn:
        return conn.execute(select(tables.audit_head.c.seq)).scalar_one()


@pytest.mark.parametrize("form", list(FORMATS))
@pytest.mark.parametrize("most", [pagerows.MOST, 2], ids=["together", "one by one"])
def test_a_run_writes_what_single_exports_write(
    desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch, form: str, most: int
) -> None:
    monkeypatch.setattr(pagerows, "MOST", most)
    desk.export_runs.export(actor, ExportOrder(folder, SOME, form))
    for key, content in written(folder).items():
        alone = io.BytesIO()
        desk.exports.export(actor, key, alone, form=form)
        if form == "csv":
            assert unzipped(content) == unzipped(alone.getvalue())
        else:
            assert OWN.sub(b"", content) == OWN.sub(b"", alone.getvalue())
    assert list(written(folder)) == list(SOME)


def unzipped(content: bytes) -> dict[str, bytes]:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "about.csv"}


def test_the_record_of_each_is_that_of_a_single_export(desk: Desk, actor: Actor, folder: Path) -> None:
    before, seq = newest(desk), end_of_chain(desk)
    desk.export_runs.export(actor, ExportOrder(folder, SOME, reason="asked by the board"))
    rows, found = downloads(desk, before), {line["key"]: line for line in lines(folder)}
    assert [row.customer for row in rows] == list(SOME)
    for row in rows:
        line = found[str(row.customer)]
        assert (row.state, row.reason, row.by, row.format) == ("done", "asked by the board", str(actor), "xml")
        assert (row.rows, row.bytes, row.sha256) == (line["rows"], line["bytes"], line["sha256"])
    told = audited(desk, seq)
    assert [verb for verb, _ in told] == ["export.begin"] * 5 + ["export.done"] * 5
    assert [detail["download"] for _, detail in told] == [row.id for row in rows] * 2
    assert told[0][1].keys() == {"download", "format", "channel"}
    assert told[5][1].keys() == {"download", "rows", "bytes", "sha256", "marked"}
    desk.audit.verify(actor, None)


def test_every_intent_is_on_record_before_the_first_byte(desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, seen = newest(desk), list[list[str]]()
    real = export_pages.Sheaf.open

    def looking(sheaf: Any, path: Path) -> Any:
        seen.append([row.state for row in downloads(desk, before)])
        return real(sheaf, path)

    monkeypatch.setattr(export_pages.Sheaf, "open", looking)
    desk.export_runs.export(actor, ExportOrder(folder, SOME))
    assert seen == [["started"] * 5] * 5


def test_what_is_wrong_with_one_is_told_of_one(desk: Desk, actor: Actor, folder: Path) -> None:
    names = ("12", "999999", "", "5", "nobody@nowhere.example", "\0", "12")
    before = newest(desk)
    end = desk.export_runs.export(actor, ExportOrder(folder, names))
    assert (end.total, end.done, end.failed, end.stopped) == (7, 3, 4, False)
    assert [(line.get("key"), line.get("place"), line.get("error")) for line in lines(folder)] == [
        ("12", None, None),
        (None, 2, "customer-not-found"),
        (None, 3, "customer-malformed"),
        ("5", None, None),
        (None, 5, "customer-not-found"),
        (None, 6, "customer-malformed"),
    ]
    assert [row.customer for row in downloads(desk, before)] == ["12", "5"]


def test_who_is_gone_between_the_intent_and_the_rows_is_broken_off_alone(
    desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pagerows.together
    monkeypatch.setattr(pagerows, "together", lambda conn, atlas, keys: real(conn, atlas, [key for key in keys if key != "5"]))
    before, seq = newest(desk), end_of_chain(desk)
    end = desk.export_runs.export(actor, ExportOrder(folder, SOME))
    assert (end.done, end.failed) == (4, 1)
    assert {row.customer: row.state for row in downloads(desk, before)} == dict.fromkeys(SOME, "done") | {"5": "broken"}
    assert [detail["code"] for verb, detail in audited(desk, seq) if verb == "export.broken"] == ["customer-not-found"]
    assert len(list(folder.glob("*.xml"))) == 4


def failing_once(real: Callable[..., Any], error: BaseException, at: int) -> Callable[..., Any]:
    """The call of that number, counted from 1, fails."""
    calls = [0]

    def called(*args: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] == at:
            raise error
        return real(*args, **more)

    return called


def test_a_page_in_which_something_fails_goes_one_by_one(desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = newest(desk)
    monkeypatch.setattr(export_pages.Sheaf, "keep", failing_once(export_pages.Sheaf.keep, Unavailable("disk-full"), 1))
    end = desk.export_runs.export(actor, ExportOrder(folder, SOME))
    assert (end.done, end.failed) == (5, 0)
    assert [row.state for row in downloads(desk, before)] == ["done"] * 5
    assert len(list(folder.iterdir())) == 6


def test_an_interruption_leaves_no_file_and_every_intent_broken_off(
    desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, seq = newest(desk), end_of_chain(desk)
    monkeypatch.setattr(export_pages.Sheaf, "open", failing_once(export_pages.Sheaf.open, KeyboardInterrupt(), 3))
    with pytest.raises(KeyboardInterrupt):
        desk.export_runs.export(actor, ExportOrder(folder, SOME))
    assert [path.name for path in folder.iterdir()] == ["manifest.jsonl"]
    assert [row.state for row in downloads(desk, before)] == ["broken"] * 5
    assert {detail["code"] for verb, detail in audited(desk, seq) if verb == "export.broken"} == {"KeyboardInterrupt"}


def test_ends_that_cannot_be_recorded_take_the_files_back(desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        assert len(list(folder.glob("kvkk-export-*.xml"))) == 5  # they have their names by now
        raise Unavailable("database-locked", kind="x")

    before = newest(desk)
    monkeypatch.setattr(download_log, "finish_many", refuse)
    with pytest.raises(Unavailable, match="database-locked"):
        desk.export_runs.export(actor, ExportOrder(folder, SOME))
    assert ([path.name for path in folder.iterdir()], lines(folder)) == (["manifest.jsonl"], [])
    assert [row.state for row in downloads(desk, before)] == ["broken"] * 5


def test_a_run_that_is_stopped_among_large_customers_breaks_off_what_it_has_not_done_and_goes_on_later(
    desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagerows, "MOST", 2)
    before, asked = newest(desk), [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] > 3  # once before the page, then before each customer

    end = desk.export_runs.export(actor, ExportOrder(folder, SOME), Watch(stop=stop))
    assert (end.done, end.failed, end.stopped) == (2, 0, True)
    assert [row.state for row in downloads(desk, before)] == ["done", "done", "broken", "broken", "broken"]
    again = desk.export_runs.export(actor, ExportOrder(folder, SOME, resume=end.run))
    assert (again.done, again.stopped, list(written(folder))) == (5, False, list(SOME))


@pytest.mark.parametrize("notify", ["on", "off"])
def test_each_customer_is_told_when_notices_are_on(desk: Desk, actor: Actor, folder: Path, notify: str) -> None:
    desk.settings.set(actor, "notify", notify)
    desk.export_runs.export(actor, ExportOrder(folder, SOME))
    with desk.context.reading() as conn:
        queued = conn.execute(select(tables.outbox.c.id).where(tables.outbox.c.event == "downloaded")).all()
    have = sum(desk.customers.show(actor, key).row.email is not None for key in SOME)
    assert len(queued) == (have if notify == "on" else 0)


def test_a_reason_that_cannot_be_kept_is_refused_before_anything_is_made(desk: Desk, actor: Actor, folder: Path) -> None:
    with pytest.raises(KvkkError, match="text-too-long"):
        desk.export_runs.export(actor, ExportOrder(folder, SOME, reason="x" * 10_000))
    assert not folder.exists()


def test_a_larger_page_costs_no_more_commits_and_hardly_more_statements(desk: Desk, actor: Actor, tmp_path: Path) -> None:
    """Of the sample's tables those that are found by value are read customer by customer."""
    desk.settings.set(actor, "notify", "off")
    with desk.context.reading() as conn:
        names = tuple(islice(subjects.every_key(conn, desk.context.atlas), 20))
    counted = dict[str, int]()
    for engine in (desk.store.reader, desk.store.writer):
        event.listen(engine, "before_cursor_execute", lambda *_: counted.update(statements=counted.get("statements", 0) + 1))
        event.listen(engine, "commit", lambda _: counted.update(commits=counted.get("commits", 0) + 1))

    def cost(at_once: int) -> dict[str, int]:
        counted.clear()
        ExportRuns(desk.context, at_once).export(actor, ExportOrder(tmp_path / str(at_once), names))
        return dict(counted)

    cost(20)
    alone, together = cost(1), cost(10)
    assert together["commits"] == alone["commits"] / 10 == 4
    assert together["statements"] < alone["statements"] / 2


def test_a_disk_that_is_full_at_the_first_line_leaves_the_folder_free(
    desk: Desk, actor: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "no room")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(Unavailable, match="disk-full"):
            desk.export_runs.export(actor, ExportOrder(folder, SOME))
    assert list(folder.iterdir()) == []
    assert desk.export_runs.export(actor, ExportOrder(folder, SOME)).done == 5


def test_two_processes_do_not_write_for_one_run(desk: Desk, actor: Actor, folder: Path) -> None:
    run = desk.export_runs.export(actor, ExportOrder(folder, SOME[:1])).run
    with Manifest(folder, run, "xml", resume=True), pytest.raises(Conflict, match="manifest-in-use"):
        desk.export_runs.export(actor, ExportOrder(folder, SOME, resume=run))
    assert desk.export_runs.export(actor, ExportOrder(folder, SOME, resume=run)).done == 5


def test_what_a_kill_has_left_half_written_goes_when_the_run_goes_on(desk: Desk, actor: Actor, folder: Path) -> None:
    """At once: somebody's data must not lie there for whoever looks after the run."""
    run = desk.export_runs.export(actor, ExportOrder(folder, SOME[:1])).run
    (folder / ".kvkk-0123456789ab.part").write_bytes(b"<export>")
    desk.export_runs.export(actor, ExportOrder(folder, SOME, resume=run))
    assert not list(folder.glob(".*"))
