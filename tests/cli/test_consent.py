"""`kvkk consent`, `kvkk access check` and the texts under `kvkk settings`, as a person and as a script call them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

GIVEN, FREE = "112", "250"
"""In the sample one has accepted and the other never said a word."""


def test_the_gate_is_asked_and_answers_by_word_and_exit_code(run, db: Path) -> None:
    assert (run("access", "check", FREE).out, run("access", "check", FREE).code) == ("allowed\n", 0)
    run("settings", "set", "enforce-consent", "on")
    ran = run("access", "check", FREE)
    assert (ran.code, ran.out, ran.err) == (3, "consent-required\n", "")
    assert run("access", "check", GIVEN).code == 0
    assert (run("access", "check", "99999").out, run("access", "check", "99999").code) == ("unknown\n", 3)
    told = run("access", "check", FREE, tty=True, lang="tr")
    assert told.out == "İzin yok: yetkilendirme onayı gerekiyor ve verilmemiş.\n"


def test_the_gate_says_nothing_of_the_person_and_takes_them_on_stdin(run, db: Path) -> None:
    email = run("customers", "show", FREE, "--json").json["data"]["email"]
    for ran in (run("access", "check", "-", stdin=f"{email}\n"), run("access", "check", email, "--json")):
        assert email not in ran.out + ran.err
        assert FREE not in ran.out + ran.err
        assert ran.code == 0
    asked = run("access", "check", "99999", "--json")
    assert (asked.json["status"], asked.json["data"], asked.json["errors"]) == (3, {"allowed": False, "reason": "unknown"}, [])
    assert run("access", "check", "-").code == 2
    assert run("access", "check").code == 2


def test_a_word_is_recorded_with_day_channel_and_proof(run, db: Path) -> None:
    ran = run("consent", "give", FREE, "--channel", "letter", "--received", "20.10.2026", "--verified-by", "identity card")
    assert ran.code == 0
    assert ran.out.startswith("given ")
    assert "version 1, letter" in ran.out
    shown = run("consent", "show", FREE)
    assert "2026-10-20" in shown.out
    assert "identity card" in shown.out
    data = run("consent", "show", FREE, "--json").json["data"]
    assert (data["given"], data["version"], data["outdated"], data["current_version"], data["notice"]) == (True, 1, False, 1, None)
    (word,) = data["history"]
    assert (word["received_on"], word["channel"], word["kind"], word["given"]) == ("2026-10-20", "letter", "consent", True)
    assert run("consent", "withdraw", FREE).out.startswith("withdrawn ")


def test_wrong_words_end_with_their_exit_code(run, db: Path) -> None:
    for argv, code, name in (
        (["give", FREE, "--received", "2999-01-01"], 2, "received-in-future"),
        (["give", FREE, "--received", "yesterday"], 2, "not-a-date"),
        (["give", FREE, "--channel", "pigeon"], 2, "not-one-of"),
        (["give", FREE, "--text-version", "9"], 4, "no-such-text-version"),
        (["give", FREE, "--text-version", "0"], 2, "not-between"),
        (["withdraw", FREE], 5, "consent-not-given"),
        (["withdraw", GIVEN, "--received", "2020-01-01"], 5, "consent-later-word"),
        (["notice", "99999"], 4, "customer-not-found"),
        (["text", "--text-version", "7"], 4, "no-such-text-version"),
        (["list", "--after", "x"], 2, "bad-cursor"),
        (["list", "--given", "--missing"], 2, "filters-exclude"),
        (["list", "--limit", "0"], 2, "not-between"),
    ):
        ran = run("consent", *argv, "--json")
        assert (ran.code, ran.json["errors"][0]["code"]) == (code, name), argv
        for lang in ("tr", "en"):
            said = run("consent", *argv, lang=lang)
            assert (said.code, said.out) == (code, "")
            assert len(said.err.splitlines()) == 2, said.err


def test_the_notice_is_recorded_apart(run, db: Path) -> None:
    ran = run("consent", "notice", FREE, "--channel", "in-person")
    assert (ran.code, ran.out) == (0, "Recorded: the customer has read the privacy notice.\n")
    data = run("consent", "show", FREE, "--json").json["data"]
    assert (data["given"], data["notice"]["version"], data["notice"]["channel"]) == (False, 1, "in-person")
    assert run("consent", "notice", FREE, "--json").json["errors"][0]["code"] == "notice-read"
    assert "müşterinin aydınlatma metninin 1. sürümünü okuduğu".lower() in run("consent", "notice", FREE, lang="tr").err.lower()


def test_the_list_pages_and_filters(run, db: Path) -> None:
    first = run("consent", "list", "--limit", "2")
    assert [row[0] for row in first.rows] == ["1", "2"]
    cursor = first.err.split("--after ")[1].strip()
    assert [row[0] for row in run("consent", "list", "--limit", "2", "--after", cursor).rows] == ["3", "4"]
    given = run("consent", "list", "--given", "--limit", "1000", "--json").json["data"]
    assert given["cursor"] is None
    assert {row["state"] for row in given["rows"]} == {"given"}
    missing = run("consent", "list", "--missing", "--limit", "1000", "--json").json["data"]["rows"]
    assert len(missing) + len(given["rows"]) == len(run("consent", "list", "--limit", "1000", "--json").json["data"]["rows"])
    assert FREE in {row["customer"] for row in missing}
    assert run("consent", "list", "--outdated").out == ""
    drawn = run("consent", "list", "--given", "--limit", "1", tty=True, lang="tr")
    assert "Kabul etti" in drawn.out


def test_the_list_is_searched_as_customers_are(run, db: Path) -> None:
    found = {row["key"] for row in run("customers", "find", "isik", "--json").json["data"]}
    listed = run("consent", "list", "--search", "ISIK", "--json").json["data"]["rows"]
    assert {row["customer"] for row in listed} == found
    given = run("consent", "list", "--search", "-", "--given", "--json", stdin="isik\n").json["data"]["rows"]
    assert [row["customer"] for row in given] == [row["customer"] for row in listed if row["counts"]]
    assert 0 < len(given) < len(listed)
    assert run("consent", "list", "--search", "x", "--after", "y").code == 2
    assert run("consent", "list", "--search", " ").code == 2


def test_a_text_is_printed_exactly_and_its_hash_is_that_of_the_file(run, db: Path, tmp_path: Path) -> None:
    ran = run("consent", "text", lang="tr")
    assert ran.out.startswith("YETKİLENDİRME ONAYI\n\nVeri sorumlusu (Şirket): Örnek Barındırma Hizmetleri A.Ş.\n")
    digest = hashlib.sha256(ran.out.removesuffix("\n").encode()).hexdigest()
    assert digest in ran.err
    assert run("consent", "texts", "--json").json["data"][0]["sha256"] == digest
    assert run("consent", "text", "--notice").out.startswith("PRIVACY NOTICE\n")
    assert run("settings", "get", "notice-text", lang="tr").out == run("consent", "text", "--notice", lang="tr").out


def test_a_text_comes_from_a_file_or_stdin_and_makes_a_version(run, db: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_bytes("\ufeffUzun satır: ".encode() + b"a" * 5000 + "\r\nİkinci\r\n".encode())
    ran = run("settings", "set", "consent-text", "--from-file", str(file), "--language", "tr")
    assert (ran.code, ran.out) == (0, "consent-text: version 2\n")
    assert "English" in ran.err
    assert run("consent", "text", lang="tr").out == "Uzun satır: " + "a" * 5000 + "\nİkinci\n"
    assert run("settings", "set", "consent-text", "-", stdin="Üçüncü\n").out == "consent-text: version 3\n"
    assert run("settings", "set", "consent-text", "Üçüncü").out == "consent-text: version 3, unchanged\n"
    assert run("settings", "set", "notice-text", "-", "--language", "en", stdin="Notice\n", lang="tr").out == "notice-text: sürüm 2\n"
    assert [row[:3] for row in run("consent", "texts").rows][:2] == [["3", "tr", "current"], ["3", "en", "current"]]
    assert run("consent", "text", "--text-version", "2", lang="tr").out.startswith("Uzun satır")
    assert ["consent-text", "3"] in [row[:2] for row in run("settings", "list").rows]
    assert run("settings", "reset", "consent-text").out == "consent-text: version 4\n"
    assert run("consent", "text", lang="tr").out == run("consent", "text", "--text-version", "1", lang="tr").out


@pytest.mark.parametrize(
    ("argv", "stdin", "code"),
    [
        (["consent-text"], "", "missing-argument"),
        (["consent-text", "-"], "", "document-empty"),
        (["consent-text", "-"], "a\x1b[0m", "document-hidden"),
        (["consent-text", "-"], "a" * 100_001, "document-too-long"),
        (["consent-text", "-"], "a" * 300_000, "text-file-long"),
        (["consent-text", "--from-file", "nowhere.txt"], "", "text-file-unreadable"),
        (["consent-text", "--from-file", "."], "", "text-file-unreadable"),
        (["consent-text", "x", "--from-file", "y"], "", "value-and-file"),
        (["consent-text", "x", "--language", "de"], "", "not-one-of"),
        (["near-days", "3", "--language", "tr"], "", "language-not-for-setting"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(run, db: Path, argv: list[str], stdin: str, code: str) -> None:
    ran = run("settings", "set", *argv, "--json", stdin=stdin)
    assert (ran.code, ran.json["errors"][0]["code"]) == (2, code)
    assert run("consent", "texts", "--json").json["data"][0]["version"] == 1


def test_renewal_and_a_new_name_of_the_company_tell_what_they_mean(run, db: Path) -> None:
    run("settings", "set", "enforce-consent", "on")
    run("settings", "set", "consent-renewal", "on")
    ran = run("settings", "set", "consent-text", "Yeni metin")
    assert "292 customers have not accepted the consent text: the access gate refuses them." in ran.err
    assert run("consent", "show", GIVEN).out.splitlines()[0].endswith("the new text was not")
    assert run("access", "check", GIVEN).code == 3
    told = run("settings", "set", "company-name", "Yeni A.Ş.").err
    assert "`kvkk settings reset consent-text`" in told
    assert "`kvkk settings reset notice-text`" not in told
    doctor = {row[1]: row[0] for row in run("doctor").rows}
    assert doctor["texts-stale"] == "warning"
    assert doctor["view-ok"] == "ok"


def test_switched_off_the_panel_is_refused_in_words(run, db: Path) -> None:
    run("settings", "set", "enabled", "off")
    ran = run("consent", "give", FREE, "--channel", "panel")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("Error: Personal data management is switched off")
    assert run("requests", "add", FREE, "--erase", "--channel", "panel").code == 3
    assert run("requests", "add", FREE, "--erase", "--channel", "letter").code == 0
