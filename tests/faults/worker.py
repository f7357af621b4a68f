"""A process of its own that is made to fail: run as a script, it forks one child a job and tells how each of them ended.

Requests and answers are JSON lines on stdin and stdout. A request is `{"jobs": […], "together": bool}`; a job is

    database, key, account, wait     the desk: database, key file, account of the actor, seconds to wait for a lock
    stones                           the tombstone file, where it is not the database's own
    later                            minutes by which the desk's clock is ahead
    verb, args                       what to do: a name of VERBS and its arguments
    mutant                           a name of MUTANTS: the promise that this process breaks
    at, act                          the point at which something happens, and what (see `Tripwire`); none: nothing happens

An answer holds for each job `signal` (None: it ended by itself), `points` (what it passed), `stderr`, and `value` or `error`.
Points are counted over both engines: before and after every statement and every COMMIT.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import cryptography.hazmat.primitives.ciphers.aead  # noqa: F401 - loaded before the fork, not after each
import lxml.etree  # noqa: F401
import phonenumbers  # noqa: F401
import psycopg
import psycopg.errors
import pymysql
from sqlalchemy import create_engine, event, text

import core.sample.assemble
import core.services.automation
import core.services.autoresolve
import core.services.bulk
import core.services.consent
import core.services.deadlines
import core.services.export_runs
import core.services.exports
import core.services.holds
import core.services.keys
import core.services.notices
import core.services.panel
import core.services.registration
import core.services.replay
import core.services.requests
import core.services.resolutions
import core.services.settings
import core.services.upkeep
import core.store.engine
from core.config import Target
from core.desk import Desk
from core.errors import KvkkError
from core.model.records import Actor, Kind, NewAccount, NewRequest, Resolution, ResolveOptions, Role, TextKind, Visitor, Wanted
from core.services.export_runs import ExportOrder
from tests.faults.mutants import MUTANTS

NOON = datetime(2026, 11, 1, 9, tzinfo=UTC)
ALARM_S = 150
PAUSE_S = 2.5
CAPABILITY_VERSION = 0x20080522
OVERRIDES = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


class Tripwire:
    """Stands on every statement and COMMIT of every engine that this process makes.

    Acts: `kill` (SIGKILL, the point in time at which a machine stops), `cut` (the server ends this connection), `lost` (the
    answer never arrives: after a COMMIT that took place), `deadlock` (the engine gives this transaction up),
    `pause` (others have time to come in between).
    """

    def __init__(self, desk: Desk, at: int | None, act: str) -> None:
        self.desk, self.at, self.act = desk, at, act
        self.passed: list[tuple[str, str, str]] = []
        make = core.store.engine.make_engine

        def wired(*args: Any, write: bool) -> Any:
            engine = make(*args, write=write)
            self._wire("writer" if write else "reader", engine.dialect)
            return engine

        core.store.engine.make_engine = wired  # in this process only, and before the first engine is made

    def _wire(self, role: str, dialect: Any) -> None:
        for name in ("do_execute", "do_executemany", "do_execute_no_params"):
            setattr(dialect, name, self._statement(role, getattr(dialect, name)))
        dialect.do_commit = self._commit(role, dialect.do_commit)

    def _statement(self, role: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def statement(cursor: Any, sql: str, *rest: Any, **more: Any) -> Any:
            self._pass(role, "before", sql, cursor.connection)
            done = real(cursor, sql, *rest, **more)
            self._pass(role, "after", sql, cursor.connection)
            return done

        return statement

    def _commit(self, role: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def commit(raw: Any) -> None:
            self._pass(role, "before", "COMMIT", raw)
            real(raw)
            self._pass(role, "after", "COMMIT", raw)

        return commit

    def _pass(self, role: str, moment: str, sql: str, raw: Any) -> None:
        self.passed.append((role, moment, " ".join(sql.split())[:70]))
        if self.at == len(self.passed) - 1:
            getattr(self, f"_{self.act}")(getattr(raw, "driver_connection", raw))

    def _kill(self, _raw: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _pause(self, _raw: Any) -> None:
        time.sleep(PAUSE_S)

    def _cut(self, raw: Any) -> None:
        engine = create_engine(self.desk.store.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            if self.desk.store.name == "postgresql":
                conn.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": raw.info.backend_pid})
            else:
                conn.execute(text(f"KILL CONNECTION {raw.thread_id()}"))
        engine.dispose()

    def _lost(self, raw: Any) -> None:
        if self.desk.store.name == "postgresql":
            raw.close()
            raise psycopg.OperationalError("server closed the connection: planted-driver-text")
        raw._force_close()
        raise pymysql.err.OperationalError(2013, "Lost connection: planted-driver-text")

    def _deadlock(self, raw: Any) -> None:
        if self.desk.store.name == "postgresql":
            raise psycopg.errors.DeadlockDetected("planted-driver-text")
        raw.rollback()  # as MariaDB does by itself
        raise pymysql.err.OperationalError(1213, "planted-driver-text")

    def _serialization(self, _raw: Any) -> None:
        raise psycopg.errors.SerializationFailure("planted-driver-text")


def _resolve(desk: Desk, args: dict[str, Any]) -> Any:
    kind = args["kind"]
    resolution = Resolution(mask=kind == "mask", erase=kind == "erase", blacklist=args.get("blacklist", False))
    options = ResolveOptions(force="test", waive_residue="test", notify=args.get("notify", True))
    done = desk.resolutions.resolve(desk.actor, args["number"], resolution, options)
    return {"grade": done.grade, "pending": done.pending, "blacklisted": done.blacklisted, "notified": done.notified}


def _several(desk: Desk, args: dict[str, Any]) -> Any:
    return [_resolve(desk, one)["grade"] for one in args["each"]]


def _bulk(desk: Desk, args: dict[str, Any]) -> Any:
    """A run over many requests in small pages, or the rest of one (`resume`)."""
    bulk = core.services.bulk.Bulk(desk.context, desk.resolutions, args.get("page", 4))
    if "resume" in args:
        return bulk.resume(desk.actor, args["resume"]).row.done
    resolution = Resolution(mask=args["kind"] == "mask", erase=args["kind"] == "erase")
    return bulk.resolve(desk.actor, Wanted(tuple(args["numbers"])), resolution, ResolveOptions(force="test")).row.done


def _add(desk: Desk, args: dict[str, Any]) -> Any:
    return desk.requests.add(desk.actor, NewRequest(args["customer"], Kind.ANONYMISE, note="filed by a test")).number


def _export(desk: Desk, args: dict[str, Any]) -> Any:
    done = desk.exports.export(desk.actor, args["customer"], Path(args["file"]), reason="asked by a test")
    return {"rows": done.rows, "sha256": done.sha256}


def _exports(desk: Desk, args: dict[str, Any]) -> Any:
    """A run of exports in small pages, or the rest of one (`resume`)."""
    runs = core.services.export_runs.ExportRuns(desk.context, args.get("page", 3))
    order = ExportOrder(Path(args["folder"]), tuple(args["customers"]), resume=args.get("resume"))
    end = runs.export(desk.actor, order)
    return {"run": end.run, "done": end.done, "failed": end.failed}


def _cancel_and_post(desk: Desk, args: dict[str, Any]) -> Any:
    """A verb and what a front does behind it."""
    desk.requests.cancel(desk.actor, args["number"])
    posted = desk.post()
    return posted and posted.sent


def _run(desk: Desk, _: dict[str, Any]) -> Any:
    report = desk.automation.run(desk.actor)
    failed = [failure.code for failure in report.failed]
    return {"busy": report.busy and report.busy.who, "failed": failed, "done": {job.name: job.done for job in report.jobs}}


def _replay(desk: Desk, args: dict[str, Any]) -> Any:
    since = date.fromisoformat(args["since"])
    plan = desk.replay.plan(desk.actor, since)
    end = desk.replay.carry_out(desk.actor, since, fingerprint=plan.fingerprint)
    return {"returned": len(plan.returned), "left": end.left, "settled": end.settled, "done": sum(run.row.done for run in end.runs)}


def _register(desk: Desk, args: dict[str, Any]) -> Any:
    visitor = Visitor("panel", "web.example", address="203.0.113.7")
    new = NewAccount(args["email"], "uzun bir parola", details=args["details"])
    return desk.registration.open(visitor, args["token"], new, "tr").session.customer


VISITOR = Visitor("panel", "web.example", address="203.0.113.7")
VERBS: dict[str, Callable[[Desk, dict[str, Any]], Any]] = {
    "register": _register,
    "replay": _replay,
    "run": _run,
    "resolve": _resolve,
    "several": _several,
    "bulk": _bulk,
    "add": _add,
    "consent": lambda desk, args: desk.consent.give(desk.actor, args["customer"]).given,
    "cancel": lambda desk, args: desk.requests.cancel(desk.actor, args["number"], "no longer wanted").state,
    "reject": lambda desk, args: desk.requests.reject(desk.actor, args["number"], "not proven").state,
    "approve": lambda desk, args: desk.requests.approve(desk.actor, args["number"]).state,
    "setting": lambda desk, args: desk.settings.set(desk.actor, args["key"], args["value"]).now,
    "export": _export,
    "exports": _exports,
    "deliver": lambda desk, _: asdict(desk.notices.deliver(desk.actor)),
    "cancel and post": _cancel_and_post,
    "staff_add": lambda desk, args: desk.staff.add(desk.actor, args["account"], Role(args.get("role", "admin"))).account,
    "staff_remove": lambda desk, args: desk.staff.remove(desk.actor, args["account"]).account,
    "rotate": lambda desk, args: desk.keys.rotate(desk.actor, drop_old=args["drop_old"]).key_id,
    "panel file": lambda desk, args: desk.panel.file(VISITOR, args["customer"], Kind.ERASE).state,
    "panel cancel": lambda desk, args: desk.panel.cancel(VISITOR, args["customer"], args["number"]).state,
    "panel consent": lambda desk, args: desk.consent.answer(VISITOR, args["customer"], TextKind.CONSENT, seen=1).given,
    "init": lambda desk, args: desk.upkeep.init(desk.actor, "sample").before,
}


def humble() -> None:
    """Give up root's right to pass over the modes of files, for this process."""

    class Header(ctypes.Structure):
        _fields_: ClassVar = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]

    class Data(ctypes.Structure):
        _fields_: ClassVar = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]

    libc = ctypes.CDLL(None, use_errno=True)
    header, data = Header(CAPABILITY_VERSION, 0), (Data * 2)()
    if libc.capget(ctypes.byref(header), data) or libc.capset(ctypes.byref(header), _without_overrides(data)):
        raise OSError(ctypes.get_errno(), "capset")


def _without_overrides(data: Any) -> Any:
    for name in ("effective", "permitted"):
        setattr(data[0], name, getattr(data[0], name) & ~OVERRIDES)
    return data


def limits(job: dict[str, Any], desk: Desk) -> None:
    """What the machine does not give this job: `humble`, `room` (pages that SQLite may add), `filesize` (bytes)."""
    if job.get("humble") and os.geteuid() == 0:
        humble()
    if "room" in job:
        event.listen(desk.store.writer, "connect", lambda raw, _: _limit_pages(raw, job["room"]))
    if "filesize" in job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["filesize"], job["filesize"]))


def _limit_pages(raw: Any, room: int) -> None:
    used = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count={used + room}")


def _now(job: dict[str, Any]) -> datetime:
    return NOON + timedelta(minutes=job.get("later", 0))


def run(job: dict[str, Any], ready: Callable[[], None]) -> dict[str, Any]:
    """Carry out one job in this process."""
    stones = Path(job["stones"]) if "stones" in job else None
    target = Target(job["database"], "sample", Path(job["key"]), "--db", "en", tombstones=stones)
    trip: Tripwire | None = None
    with Desk(target, actor=Actor(job.get("account", "ayse"), "desk.example"), clock=lambda: _now(job)) as desk:
        desk.store.wait = job.get("wait", 30)
        if "mutant" in job:
            MUTANTS[job["mutant"]]()
        try:
            ready()
            if "at" in job:
                trip = Tripwire(desk, job["at"], job.get("act", "kill"))
            limits(job, desk)
            time.sleep(job.get("delay", 0))
            answer: dict[str, Any] = {"value": VERBS[job["verb"]](desk, job["args"])}
        except KvkkError as error:
            said = {"kind": type(error).__name__, "code": error.code, "exit": int(error.exit_code), "facts": error.facts}
            answer = {"error": said, "trace": traceback.format_exc()}
        answer["points"] = trip.passed if trip else []
    return answer


def child(job: dict[str, Any], ready: int, go: int, answer: int) -> None:
    """The forked process; never returns."""
    signal.alarm(ALARM_S)

    def wait() -> None:
        os.write(ready, b".")
        os.read(go, 1)  # until the other end is closed

    try:
        told = run(job, wait)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test is told
        told = {"crash": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
    with os.fdopen(answer, "w", encoding="utf-8") as pipe:
        json.dump(told, pipe, default=str)
    os._exit(0)


def fork(job: dict[str, Any], ready: int, go: tuple[int, int]) -> tuple[int, int, Any]:
    """(pid, pipe with the answer, file with its stderr)"""
    heard, said = os.pipe()
    errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - read and closed by `collect`
    pid = os.fork()
    if pid == 0:
        os.close(heard)
        os.close(go[1])
        os.dup2(errors.fileno(), 2)
        child(job, ready, go[0], said)
    os.close(said)
    return pid, heard, errors


def serve(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Every job of a request, started at one moment when they are to run together."""
    groups = [request["jobs"]] if request.get("together") else [[job] for job in request["jobs"]]
    answers: list[dict[str, Any]] = []
    for group in groups:
        go, (ready, arrived) = os.pipe(), os.pipe()
        children = [fork(job, arrived, go) for job in group]
        os.close(arrived)
        waiting = len(group)
        while waiting and (came := os.read(ready, 1)):
            waiting -= len(came)
        os.close(go[0])
        os.close(go[1])
        answers += [collect(*one) for one in children]
        os.close(ready)
    return answers


def collect(pid: int, heard: int, errors: Any) -> dict[str, Any]:
    with os.fdopen(heard, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    errors.seek(0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    answer: dict[str, Any] = json.loads(said) if said else {}
    with errors:
        return answer | {"signal": killed, "stderr": errors.read()}


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(serve(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
