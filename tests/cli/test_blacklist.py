"""`kvkk blacklist` as people and scripts meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

DETAILS = json.dumps({"email": "Yeni.Kişi@Ornek.example", "phone": ["0532 111 22 33", None], "national_id": 10000000146, "tax_id": ""})
SPELLED = json.dumps({"phone": "+90 532 1112233"})
REASON = ("--reason", "fraud")


def test_add_check_list_and_remove(run, db: Path) -> None:
    added = run("blacklist", "add", *REASON, "--expires", "2030-12-31", stdin=DETAILS)
    assert (added.code, "A key file was made" in added.err) == (0, True)
    assert added.out.splitlines() == [
        "The e-mail is on the blacklist until 2030-12-31.",
        "The phone number is on the blacklist until 2030-12-31.",
        "The national id is on the blacklist until 2030-12-31.",
    ]
    hit = run("blacklist", "check", stdin=SPELLED, lang="tr")
    assert (hit.code, hit.out) == (3, "Kara listede: telefon numarası.\n")
    entry, kind, _, _, who, until, key, reason = run("blacklist", "list", "--kind", "phone", "--limit", "1").rows[0]
    assert (len(entry), kind, until, len(key), reason) == (16, "phone", "2030-12-31", 16, "fraud")
    assert "@" in who
    gone = run("blacklist", "remove", entry[:8], "--reason", "paid", lang="tr")
    assert (gone.code, gone.out) == (0, "Kara listeden çıkarıldı: telefon numarası.\n")
    clean = run("blacklist", "check", stdin=SPELLED)
    assert (clean.code, clean.out) == (0, "Not on the blacklist.\n")
    removed = run("blacklist", "list", "--removed").rows
    assert [(row[0], row[-1]) for row in removed] == [("phone", "paid")]
    assert "5321112233" not in "".join(one.out + one.err for one in (added, hit, gone, clean))


def test_json_envelopes(run, db: Path) -> None:
    added = run("blacklist", "add", *REASON, "--json", stdin=DETAILS).json
    assert (added["command"], added["status"]) == ("blacklist add", 0)
    assert [set(one) for one in added["data"]] == [{"kind", "how", "expires_on", "customers"}] * 3
    checked = run("blacklist", "check", "--json", stdin=SPELLED).json
    assert (checked["status"], checked["data"]) == (3, {"listed": True, "kinds": ["phone"]})
    page = run("blacklist", "list", "--json", "--limit", "2").json["data"]
    keys = {"entry", "kind", "request", "added_at", "added_by", "expires_on", "ended", "reason", "key_id", "key_state"}
    assert set(page["rows"][0]) == keys
    further = run("blacklist", "list", "--json", "--after", page["cursor"]).json["data"]["rows"]
    assert not {row["entry"] for row in further} & {row["entry"] for row in page["rows"]}
    gone = run("blacklist", "remove", "-", *REASON, "--json", stdin=DETAILS).json
    assert [one["kind"] for one in gone["data"]] == ["email", "phone", "national_id"]
    missing = run("blacklist", "remove", "-", *REASON, "--json", stdin=DETAILS)
    assert (missing.code, missing.json["errors"][0]["code"]) == (4, "details-not-listed")


def test_a_terminal_is_asked_and_shown_a_table(run, db: Path) -> None:
    added = run("blacklist", "add", *REASON, stdin="yeni@ornek.example\n\n\n\n", tty=True)
    assert added.code == 0
    assert [word in added.err for word in ("E-mail address:", "Phone number:", "National id", "Tax number")] == [True] * 4
    assert "yeni@" not in added.out + added.err
    shown = run("blacklist", "list", tty=True, lang="tr")
    assert [title in shown.out for title in ("Kayıt", "Tür", "Son", "Gerekçe")] == [True] * 4
    nothing = run("blacklist", "check", stdin="\n\n\n\n", tty=True)
    assert (nothing.code, "No details" in nothing.err) == (2, True)


def test_customers_who_keep_their_accounts_are_named_on_stderr(run, db: Path) -> None:
    email = run("customers", "show", "77", "--json").json["data"]["email"]
    added = run("blacklist", "add", *REASON, stdin=json.dumps({"email": email}), lang="tr")
    assert (added.code, "77" in added.err, email in added.out + added.err) == (0, True, False)
    mine = run("blacklist", "add", "--customer", "-", *REASON, stdin=f"{email}\n")
    assert (mine.code, "keep their accounts" in mine.err) == (0, False)


@pytest.mark.parametrize(
    ("stdin", "code"),
    [
        ("", "details-empty"),
        ("{}", "details-empty"),
        ('{"email": ""}', "details-empty"),
        ("ali@x.example", "details-not-json"),
        ('["ali@x.example"]', "details-not-json"),
        ("[" * 60_000, "details-not-json"),
        (" " * 70_000, "details-too-long"),
        ('{"mail": "ali@x.example"}', "details-unknown-key"),
        ('{"email": {"a": 1}}', "details-bad-value"),
        ('{"phone": 1.5}', "details-bad-value"),
        ('{"phone": true}', "details-bad-value"),
        ('{"email": "\\ud800@x.example"}', "text-unreadable"),
        ('{"phone": "7"}', "nothing-listed"),
    ],
    ids=lambda text: text[:24],
)
@pytest.mark.parametrize("lang", ["tr", "en"])
def test_wrong_details_are_told_by_code_and_never_quoted(run, db: Path, stdin: str, code: str, lang: str) -> None:
    ran = run("blacklist", "add", *REASON, "--json", stdin=stdin, lang=lang)
    assert (ran.code, ran.json["errors"][0]["code"]) == (2, code)
    assert "x.example" not in ran.out + ran.err
    said = run("blacklist", "add", *REASON, stdin=stdin, lang=lang)
    assert said.err.startswith("Hata: " if lang == "tr" else "Error: ")
    assert ("Hiçbir şey değiştirilmedi" if lang == "tr" else "Nothing was changed") in said.err


@pytest.mark.parametrize(
    ("argv", "code", "exit_code"),
    [
        (("remove", "xyz", *REASON), "entry-malformed", 2),
        (("remove", "12345678", *REASON), "entry-not-found", 4),
        (("remove", "12345678"), "text-needed", 2),
        (("remove",), "missing-argument", 2),
        (("list", "--after", "x"), "bad-cursor", 2),
        (("list", "--removed", "--after", "x"), "bad-cursor", 2),
        (("list", "--removed", "--kind", "phone"), "removed-has-no-filter", 2),
        (("list", "--kind", "name"), "not-one-of", 2),
        (("add", "--expires", "soon", *REASON), "not-a-date", 2),
        (("add", "--expires", "01.01.2020", *REASON), "expiry-out-of-range", 2),
        (("add", "--customer", "99999", *REASON), "customer-not-found", 4),
        (("add",), "text-needed", 2),
        (("add", "ali@x.example", *REASON), "too-many-arguments", 2),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_wrong_calls(run, db: Path, argv: tuple[str, ...], code: str, exit_code: int) -> None:
    ran = run("blacklist", *argv, "--json", stdin=DETAILS)
    assert (ran.code, ran.json["errors"][0]["code"]) == (exit_code, code)


@pytest.mark.parametrize("lang", ["tr", "en"])
def test_a_key_file_that_is_away_open_or_another_is_told_and_never_taken_for_not_listed(run, db: Path, lang: str) -> None:
    run("blacklist", "add", *REASON, stdin=DETAILS)
    key = Path(f"{db}.key")
    text = key.read_text(encoding="ascii")

    def refused(code: str) -> None:
        ran = run("blacklist", "check", stdin=SPELLED, lang=lang)
        assert (ran.code, ran.out) == (2, "")
        assert str(key) in ran.err
        assert run("blacklist", "check", "--json", stdin=SPELLED).json["errors"][0]["code"] == code

    key.chmod(0o644)
    refused("key-file-open-to-others")
    key.write_text("11" * 32, encoding="ascii")
    key.chmod(0o600)
    refused("key-file-other")
    key.write_text("nonsense", encoding="ascii")
    refused("key-file-damaged")
    key.unlink()
    refused("key-file-missing")
    key.write_text(text, encoding="ascii")
    key.chmod(0o600)
    assert run("blacklist", "check", stdin=SPELLED).code == 3


# -- rotate-key -------------------------------------------------------------------------------------------------------


def test_rotate_key_tells_what_to_do_with_the_file(run, db: Path) -> None:
    run("blacklist", "add", *REASON, stdin=DETAILS)
    key = Path(f"{db}.key")
    ran = run("blacklist", "rotate-key", lang="tr")
    assert ran.code == 0
    assert ran.out.splitlines()[0].startswith("Geçerli anahtar artık ")
    assert ran.out.splitlines()[1].startswith("Doğrulamak için kalan eski anahtarlar: ")
    assert str(key) in ran.err
    again = run("blacklist", "rotate-key", "--json").json
    assert (again["status"], set(again["data"])) == (0, {"key_id", "path", "kept", "lost", "pending"})
    assert (len(again["data"]["kept"]), again["data"]["lost"]) == (2, None)
    assert len(key.read_text(encoding="ascii").splitlines()) == 3
    assert not any(line in ran.out + ran.err for line in key.read_text(encoding="ascii").splitlines())
    assert run("blacklist", "check", stdin=SPELLED).code == 3
    assert run("audit", "verify").code == 0
    shown = run("blacklist", "list", tty=True)
    assert "Key" in shown.out  # the entries are of an older key now


@pytest.mark.parametrize(("lang", "yes"), [("tr", "evet"), ("en", "y")])
def test_dropping_is_asked_on_a_terminal(run, db: Path, lang: str, yes: str) -> None:
    run("blacklist", "add", *REASON, stdin=DETAILS)
    no = run("blacklist", "rotate-key", "--drop-old", stdin="hayır\n", tty=True, lang=lang)
    assert no.code == 2
    assert ("kara liste kayıtları: 3" if lang == "tr" else "blacklist entries: 3") in no.err
    assert run("blacklist", "check", stdin=SPELLED).code == 3
    done = run("blacklist", "rotate-key", "--drop-old", stdin=f"{yes}\n", tty=True, lang=lang)
    assert (done.code, db.name in done.err) == (0, True)
    assert ("kara liste kayıtları: 3" if lang == "tr" else "lost with them: 3") in done.out
    assert run("blacklist", "check", stdin=SPELLED).code == 0
    assert "unbroken" in run("audit", "verify").out


def test_dropping_in_a_script_needs_yes(run, db: Path) -> None:
    run("blacklist", "add", *REASON, stdin=DETAILS)
    refused = run("blacklist", "rotate-key", "--drop-old", "--json")
    assert (refused.code, refused.json["errors"][0]["code"]) == (2, "drop-not-confirmed")
    assert run("blacklist", "check", stdin=SPELLED).code == 3
    done = run("blacklist", "rotate-key", "--drop-old", "--yes", "--json").json["data"]
    assert (done["lost"]["entries"], done["kept"], done["pending"]) == (3, [], False)


@pytest.mark.parametrize(
    ("argv", "code", "exit_code"),
    [
        ((), "no-key-yet", 2),
        (("--lost",), "lost-needs-drop", 2),
        (("--drop-old", "--yes"), "no-key-yet", 2),
        (("now",), "too-many-arguments", 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_rotations(run, db: Path, argv: tuple[str, ...], code: str, exit_code: int) -> None:
    ran = run("blacklist", "rotate-key", *argv, "--json")
    assert (ran.code, ran.json["errors"][0]["code"]) == (exit_code, code)
    assert not Path(f"{db}.key").exists()


def test_an_outdated_copy_of_the_key_file_is_told_in_both_languages(run, db: Path) -> None:
    run("blacklist", "add", *REASON, stdin=DETAILS)
    key = Path(f"{db}.key")
    before = key.read_text(encoding="ascii")
    run("blacklist", "rotate-key")
    key.write_text(before, encoding="ascii")
    for lang, word in (("tr", "Anahtar yenilenmiş"), ("en", "The key was rotated")):
        ran = run("blacklist", "check", stdin=SPELLED, lang=lang)
        assert (ran.code, ran.out, word in ran.err, "rotate-key" in ran.err) == (2, "", True, True)
    found = run("doctor", "--json").json["data"]
    assert [one["grade"] for one in found if one["code"] == "key-file-outdated"] == ["error"]


def test_a_lost_key_is_given_up_in_words(run, db: Path) -> None:
    run("blacklist", "add", *REASON, stdin=DETAILS)
    kept = run("blacklist", "rotate-key", "--drop-old", "--lost", "--yes", "--json")
    assert (kept.code, kept.json["errors"][0]["code"]) == (6, "key-not-lost")
    Path(f"{db}.key").unlink()
    assert run("settings", "set", "near-days", "5").code == 2
    assert run("blacklist", "rotate-key", "--drop-old", "--lost", "--yes").code == 0
    assert run("settings", "set", "near-days", "5").code == 0
