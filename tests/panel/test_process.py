"""The panel as a process: signals, many visitors at once, downloads that do not fill its memory, what it refuses to serve."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.panel.process import ROOT, Panel, Visitor, serving

MANY = 100
GROWTH_KB = 40_000
"""What a process may grow by while it works; a whole export of the long test is ten times as much."""


def downloads(panel: Panel) -> list[tuple[str, int | None]]:
    """(state, rows) of the downloads of the known customer, oldest first."""
    with sqlite3.connect(panel.database) as conn:
        found = conn.execute("SELECT state, rows FROM kvkk_downloads WHERE customer = '77' ORDER BY id").fetchall()
    conn.close()
    return found


def test_a_signal_during_a_download_ends_the_process_and_no_half_file_looks_whole(tmp_path: Path) -> None:
    with serving(tmp_path, rows=60_000) as panel:
        visitor = Visitor(panel.port)
        visitor.sign_in()
        answer = visitor.send("/download", format="xml")
        assert answer.status == 200
        assert answer.read(1000).startswith(b"<?xml")
        begun = time.monotonic()
        code, said = panel.stop()
        assert time.monotonic() - begun < 8
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()
        assert code == 143
        assert "Traceback" not in said
        assert downloads(panel) == [("broken", None)]


def test_a_visitor_who_goes_away_ends_the_export(tmp_path: Path) -> None:
    with serving(tmp_path, rows=60_000) as panel:
        visitor = Visitor(panel.port)
        visitor.sign_in()
        answer = visitor.send("/download", format="json")
        answer.read(1000)
        answer.close()
        visitor.line.close()
        until = time.monotonic() + 10
        while downloads(panel) != [("broken", None)]:
            assert time.monotonic() < until, downloads(panel)
            time.sleep(0.1)
        again = Visitor(panel.port)
        again.sign_in()
        assert panel.stop(signal.SIGINT)[0] == 130


@pytest.mark.parametrize(
    ("visitors", "rounds"), [(MANY, 1), pytest.param(MANY, 20, marks=pytest.mark.long)], ids=["one round", "twenty rounds"]
)
def test_a_hundred_visitors_at_once_all_get_their_pages_and_memory_stays_flat(tmp_path: Path, visitors: int, rounds: int) -> None:
    with serving(tmp_path) as panel:
        first = Visitor(panel.port)
        first.sign_in()
        everybody = [Visitor(panel.port, dict(first.cookies)) for _ in range(visitors)]

        def walk(visitor: Visitor) -> set[int]:
            seen = {visitor.get(path)[0] for path in ("/", "/consent")}
            visitor.line.close()
            return seen

        with ThreadPoolExecutor(visitors) as pool:
            assert set().union(*pool.map(walk, everybody)) == {200}
            before = panel.memory_kb
            for _ in range(rounds - 1):
                assert set().union(*pool.map(walk, everybody)) == {200}
        assert panel.memory_kb - before < GROWTH_KB
        assert panel.stop()[0] == 143


@pytest.mark.parametrize("many", [10, pytest.param(MANY, marks=pytest.mark.long)])
def test_many_customers_sign_in_file_and_download_at_once_and_each_gets_their_own(tmp_path: Path, many: int) -> None:
    with serving(tmp_path, "--proxy", "127.0.0.1") as panel:
        with sqlite3.connect(panel.database) as conn:
            busy = "SELECT open_customer FROM kvkk_requests WHERE open_customer IS NOT NULL"
            free = f"SELECT id, email FROM customers WHERE status = 'active' AND CAST(id AS TEXT) NOT IN ({busy}) ORDER BY id DESC LIMIT ?"
            people = conn.execute(free, (many,)).fetchall()
        conn.close()

        def day(person: tuple[int, str]) -> tuple[str, str]:
            """(key, key in the export) of a customer who has filed a request."""
            key, email = person
            visitor = Visitor(panel.port, place=f"198.51.{key // 250}.{key % 250 + 1}")
            visitor.sign_in(email)
            visitor.get("/request")
            assert visitor.post("/request", kind="erase", understood="yes")[0] == 303
            visitor.get("/")
            status, text = visitor.post("/download", format="json")
            assert status == 200
            visitor.line.close()
            return str(key), str(json.loads(text)["subject"])

        with ThreadPoolExecutor(many) as pool:
            assert all(mine == got for mine, got in pool.map(day, people))
        with sqlite3.connect(panel.database) as conn:
            filed = conn.execute(
                "SELECT open_customer FROM kvkk_requests WHERE filed_by LIKE 'panel@%' AND open_customer IS NOT NULL"
            ).fetchall()
        conn.close()
        assert {key for (key,) in filed} >= {str(key) for key, _ in people}


@pytest.mark.parametrize("rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_download_is_sent_while_it_is_written_and_memory_does_not_grow_with_it(tmp_path: Path, rows: int) -> None:
    with serving(tmp_path, rows=rows) as panel:
        visitor = Visitor(panel.port)
        visitor.sign_in()
        before = most = panel.memory_kb
        answer, size, tail = visitor.send("/download", format="xml"), 0, b""
        while piece := answer.read(1 << 20):
            size, tail = size + len(piece), (tail + piece)[-200:]
            most = max(most, panel.memory_kb)
        assert tail.rstrip().endswith(b"export>")
        assert size > rows * 200
        assert most - before < GROWTH_KB
        until = time.monotonic() + 5
        while downloads(panel)[0][0] != "done":
            assert time.monotonic() < until
            time.sleep(0.05)
        assert (downloads(panel)[0][1] or 0) > rows


def test_slow_and_overlong_heads_do_not_keep_others_out(tmp_path: Path) -> None:
    head = b"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n"
    with serving(tmp_path) as panel, socket.socket() as slow, socket.socket() as long:
        for line, text in ((slow, head), (long, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000)):
            line.settimeout(10)
            line.connect(("127.0.0.1", panel.port))
            line.sendall(text)
        assert Visitor(panel.port).get("/signin")[0] == 200
        assert b" 400 " in long.recv(100)


def test_small_answers_on_one_line_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """A head and a body in two packets waited 40 ms for the visitor's word on the first."""
    with serving(tmp_path) as panel:
        visitor = Visitor(panel.port)
        begun = time.monotonic()
        for _ in range(25):
            assert visitor.get("/static/panel.css")[0] == 200
        assert time.monotonic() - begun < 0.8


def refused(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "kvkk_cli", "--lang", "en", "--db", str(ROOT / "sample.db"), "panel", "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=30)
    return done.returncode, done.stderr


def test_what_cannot_be_served_is_refused_before_anything_listens(tmp_path: Path) -> None:
    code, said = refused("--host", "0.0.0.0")
    assert (code, "listens on this machine only" in said) == (2, True)
    code, said = refused("--proxy", "web.example")
    assert (code, "--proxy takes the address" in said) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = refused("--port", str(taken.getsockname()[1]))
    assert (code, "Nobody can listen there" in said) == (9, True)


def test_a_map_by_which_nobody_signs_in_and_a_machine_without_the_packages_are_told(tmp_path: Path) -> None:
    mapping = (ROOT / "core" / "maps" / "sample.toml").read_text(encoding="utf-8")
    kept = [line for line in mapping.split("[access.register]")[0].splitlines() if not line.startswith("sign_in")]
    rest = mapping.split("[access.register]")[1].partition("\n[services]")[2]
    (tmp_path / "map.toml").write_text("\n".join(kept) + "\n[services]" + rest, encoding="utf-8")
    code, said = refused("--map", str(tmp_path / "map.toml"))
    assert (code, "does not say by which columns customers sign in" in said) == (2, True)


def test_the_address_of_a_visitor_is_what_the_proxy_says_and_nobody_else(tmp_path: Path) -> None:
    """31 failures of an address wait; what a visitor writes in front of the proxy's word is not believed."""
    with serving(tmp_path, "--proxy", "127.0.0.1") as panel:

        def sign_in(place: str, name: str) -> int:
            visitor.place = place
            visitor.get("/signin")
            return visitor.post("/signin", name=name, password="x")[0]

        visitor = Visitor(panel.port)
        visitor.get("/signin")
        assert list(visitor.cookies) == ["__Host-kvkk-window"]
        codes = [sign_in(f"203.0.113.{number}, 198.51.100.1", f"{number}@posta.example") for number in range(31)]
        assert codes == [403] * 30 + [429]
        assert sign_in("198.51.100.2", "31@posta.example") == 403
