"""The real process: what is loaded, how it ends, completion, terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from .conftest import ROOT, SAMPLE  # type: ignore[import-not-found]

HEAVY = ("sqlalchemy", "lxml", "textual", "pydantic", "rich", "babel", "alembic", "core.model.records")
SPY = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
sys.argv[0] = "kvkk"
from kvkk_cli.app import run
try:
    run()
finally:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


def kvkk(*argv: str, **more: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.update(more.pop("env", {}))  # type: ignore[call-overload]
    return subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "kvkk_cli", *argv], check=False, capture_output=True, text=True, env=env, timeout=60, **more
    )


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (["--help"], {}),
        (["--version"], {}),
        (["resolve", "--help"], {}),
        (["help", "exit-codes"], {}),
        (["requsts"], {}),
        ([], {"_KVKK_COMPLETE": "complete_bash", "COMP_WORDS": "kvkk re", "COMP_CWORD": "1"}),
        ([], {"_KVKK_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "kvkk requests "}),
        ([], {"_KVKK_COMPLETE": "complete_bash", "COMP_WORDS": "kvkk settings set enf", "COMP_CWORD": "3"}),
    ],
)
def test_words_load_nothing_heavy(argv: list[str], env: dict[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SPY, *argv], check=False, capture_output=True, text=True, env={**os.environ, **env}, timeout=60
    )
    assert ran.stderr.splitlines()[-1] == "[]"


def completed(words: str, **env: str) -> list[str]:
    ran = kvkk(env={"_KVKK_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1), **env})
    return ran.stdout.split()


def test_completion_knows_commands_options_settings_and_requests() -> None:
    assert completed("kvkk req") == ["requests"]
    assert completed("kvkk requests sh") == ["show"]
    assert "--blacklist" in completed("kvkk resolve 3 --b")
    assert completed("kvkk settings set enforce") == ["enforce-consent"]
    numbers = completed("kvkk requests show ", KVKK_DB=str(SAMPLE))
    assert numbers
    assert all(number.isdigit() for number in numbers)
    assert completed("kvkk requests show ", KVKK_DB="/nowhere.db") == []


def test_the_completion_script_is_printed_for_the_shell() -> None:
    ran = kvkk("--show-completion", env={"SHELL": "/bin/zsh"})
    assert ran.returncode == 0
    assert "_KVKK_COMPLETE" in ran.stdout


def test_a_closed_pipe_ends_with_141_and_no_words() -> None:
    process = subprocess.Popen(
        f"{sys.executable} -m kvkk_cli audit export --db {SAMPLE} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )
    out, err = process.communicate(timeout=60)
    assert out.strip() in {"141", "0"}  # 0: the pipe's buffer took it all before head left
    assert err == ""


def test_a_closed_or_full_standard_output_is_no_traceback() -> None:
    base = f"{sys.executable} -m kvkk_cli --lang en settings list --db {SAMPLE}"
    unbuffered = f"PYTHONUNBUFFERED=1 {base}"
    buffered = f"PYTHONUNBUFFERED= {base} --json"
    full = ((unbuffered, ">/dev/full", 13), (buffered, ">/dev/full", 13))
    for call, redirect, code in ((base, ">&-", 0), *full, (base, "2>&-", 0), (base, "<&-", 0)):
        ran = subprocess.run(
            f"{call} {redirect}",
            check=False,
            shell=True,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert ran.returncode == code, (redirect, ran.stderr)
        assert (code == 0) is ("Error: The answer cannot be written" not in ran.stderr)
        assert ran.stderr.count("Error:") <= 1
        assert "Traceback" not in ran.stderr
        assert "Exception ignored" not in ran.stderr


def test_ctrl_c_and_sigterm_end_with_their_codes() -> None:
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)):
        process = subprocess.Popen(
            [sys.executable, "-m", "kvkk_cli", "--lang", "en", "customers", "find", "-", "--db", str(SAMPLE)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # it waits for the line
        process.send_signal(number)
        _out, err = process.communicate(timeout=30)
        assert process.returncode == code
        assert err.startswith("Error: Stopped.")


def test_a_terminal_without_utf8_gets_question_marks() -> None:
    ran = kvkk("--help", "--lang", "tr", env={"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert ran.returncode == 0
    assert "Kullan?m" in ran.stdout


def test_a_foreign_folder_cannot_put_its_core_in_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("raise SystemExit('taken over')")
    ran = subprocess.run(
        [sys.executable, "-I", "-c", SPY, "--version"], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert ran.stdout.startswith("kvkk ")


def test_an_erase_asks_on_a_real_terminal(db: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "KVKK_DB": str(db), "TERM": "xterm", "NO_COLOR": "1"}
    child = pexpect.spawn(
        sys.executable, ["-m", "kvkk_cli", "--lang", "tr", "resolve", "18", "--erase"], env=env, encoding="utf-8", timeout=30
    )
    child.expect("talep numarasını yazın:")
    child.sendline("17")
    child.expect("Kalıcı silme onaylanmadı")
    child.wait()
    assert child.exitstatus == 2
