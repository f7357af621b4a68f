"""The answer to screen readers: what the console does, the commands do. The two lists side by side, both derived, both whole.

Every binding of the console is a verb that names its command (with the option that says so), or only moves what is shown.
Every command is reached from the console, or says why it is not. The same holds of the verbs of `core` below them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import kvkk_cli
import kvkk_tui
from tests.cli.test_help import commands

CONSOLE, COMMANDS = Path(kvkk_tui.__file__).parent, Path(kvkk_cli.__file__).parent

SAME = {
    "app.queue": "requests list",
    "queue.search": "requests list --customer",
    "queue.filter": "requests list --state",
    "queue.kind": "requests list --kind",
    "queue.newest": "requests list",
    "queue.open": "requests show",
    "magnifier.refresh": "requests show",
    "outbox.request": "requests show",
    "customer.request": "requests show",
    "request.resolve": "resolve",
    "request.reject": "requests reject --reason",
    "request.cancel": "requests cancel --reason",
    "request.approve": "requests approve --plan",
    "approve.go": "requests approve --plan",
    "approve.look": "resolve --dry-run",
    "request.extend": "requests extend --reason",
    "request.certificate": "certificate",
    "request.letter": "letter",
    "request.export": "export",
    "resolve.go": "resolve --plan",
    "resolve.look": "resolve --dry-run",
    "resolve.access": "resolve --anonymise",
    "resolve.mask": "resolve --mask",
    "resolve.erase": "resolve --erase",
    "resolve.blacklist": "resolve --blacklist",
    "resolve.notify": "resolve --notify",
    "resolve.reason": "resolve --reason",
    "resolve.force": "resolve --force",
    "resolve.waive": "resolve --waive-residue",
    "resolve.certificate": "certificate",
    "file.go": "requests add",
    "file.anonymise": "requests add --anonymise",
    "file.erase": "requests add --erase",
    "file.note": "requests add --note",
    "asked.channel": "requests add --channel",
    "asked.received": "requests add --received",
    "asked.verified": "requests add --verified-by",
    "app.customers": "customers find",
    "customers.search": "customers find",
    "customers.open": "customers show",
    "customer.refresh": "customers show",
    "consent.customer": "customers show",
    "consents.customer": "customers show",
    "downloads.customer": "customers show",
    "customer.file": "requests add",
    "customer.give": "consent give",
    "customer.withdraw": "consent withdraw",
    "customer.notice": "consent notice",
    "customer.consents": "consent show",
    "customer.export": "export",
    "customer.password": "access reset",
    "customer.restore": "access restore --reason",
    "export.go": "export --output",
    "export.xml": "export --format",
    "export.json": "export --format",
    "export.csv": "export --format",
    "export.html": "export --format",
    "export.reason": "export --reason",
    "app.consents": "consent list",
    "consents.search": "consent list --search",
    "consents.filter": "consent list --missing",
    "consents.open": "consent show",
    "consents.texts": "consent texts",
    "consent.refresh": "consent show",
    "consent.give": "consent give",
    "consent.withdraw": "consent withdraw",
    "consent.notice": "consent notice",
    "word.go": "consent give",
    "word.version": "consent give --text-version",
    "documents.open": "consent text --text-version",
    "documents.reset": "settings reset",
    "settings.texts": "consent texts",
    "editor.save": "settings set --from-file",
    "editor.other": "templates preview",
    "app.downloads": "downloads list",
    "app.blacklist": "blacklist list",
    "blacklist.add": "blacklist add --reason",
    "blacklist.remove": "blacklist remove --reason",
    "blacklist.check": "blacklist check",
    "blacklist.removals": "blacklist list --removed",
    "app.outbox": "outbox list",
    "outbox.filter": "outbox list --state",
    "outbox.retry": "outbox retry",
    "outbox.drop": "outbox drop",
    "outbox.send": "outbox send",
    "app.audit": "audit list",
    "audit.verify": "audit verify",
    "audit.anchor": "audit anchor",
    "audit.reports": "reports list",
    "reports.open": "reports show",
    "app.runs": "runs list",
    "runs.open": "runs show",
    "runs.resume": "resolve --resume",
    "app.staff": "staff list",
    "staff.add": "staff add",
    "staff.role": "staff add --role",
    "staff.remove": "staff remove",
    "app.settings": "settings list",
    "settings.edit": "settings set",
    "settings.reset": "settings reset",
    "settings.templates": "templates list",
    "templates.open": "templates edit",
    "templates.reset": "templates reset",
    "app.language": "--lang",
    "app.help": "help",
}
"""Verb of the console → the command that does it, with the option that stands for the key."""

ALSO = {
    "access check": "customers.open",  # the line "Account" of the customer
    "access register": "blacklist.check",  # may an account with these details be opened?
    "due": "queue.filter",  # overdue; least time left first; the counts in the first line
    "settings get": "app.settings",
    "templates show": "templates.open",
}
"""Command → the verb of the console that shows the same."""

ONLY_MOVES = {
    "grid.*": "moves the cursor",
    "sheet.*": "scrolls",
    "draft.*": "moves in a text; a command takes the text from a file or an editor",
    "entry.*": "ends a line that is typed",
    "options.*": "chooses from a list",
    "palette.*": "chooses a verb by its name",
    "confirm.*": "a question; commands take --yes, or act as they are called",
    "*.leave": "one step back",
    "*.back": "one step back",
    "app.palette": "finds a verb",
    "app.ctrl-c": "says how to leave",
    "app.quit": "leaves",
    "app.suspend": "leaves for a while",
    "app.redraw": "draws anew",
    "list.refresh": "reads again; a command always does",
    "queue.refresh": "reads again; a command always does",
    "queue.order": "what a command prints can be sorted by anything",
    "queue.mark": "several numbers after one command",
    "queue.mark-all": "`--pending`, or numbers from standard input",
    "request.copy": "what a command prints can be copied",
    "runs.stop": "Ctrl+C between two requests",
}
"""Verbs that change and show nothing of their own, and why no command is needed."""

NOT_IN_THE_CONSOLE = {
    "tui": "it is the console",
    "demo": "opens the console on a private copy",
    "panel serve": "a web server: a service of the machine",
    "run": "for cron: what nobody waits for",
    "replay": "after a restored backup, beside the backup and before anybody works",
    "blacklist rotate-key": "changes the key file of the machine",
    "staff recover": "for root, when no admin is left",
    "audit export": "writes a file of the whole chain, for an archive",
    "map check": "the data map is a file of the machine; who changes it sits at a shell",
    "map draft": "the data map is a file of the machine; who writes it sits at a shell",
    "map show": "the data map is a file of the machine; who changes it sits at a shell",
    "config show": "which database is meant is decided before the console opens",
    "config path": "which database is meant is decided before the console opens",
    "init": "there is no database to open yet",
    "upgrade": "the console does not open before it",
    "doctor": "looks at files and rights of the machine",
}
"""Command → why it is for the shell only."""

CORE_OF_THE_CONSOLE = {
    "customers.search": "by parts, to show each as it comes; `customers find` prints the whole",
    "consent.search": "see customers.search; `consent list --search`",
    "requests.search": "see customers.search; `requests list --customer`",
    "requests.hit_rows": "the requests that such a search has found, for the screen",
    "requests.pulse": "a command asks once and ends: it waits for no news",
    "requests.tally": "`due` tells the same counts, by `deadlines.due`",
    "notices.undelivered": "`due` tells the same, by `deadlines.due`",
}
CORE_OF_THE_COMMANDS = {
    "admission.register": "the console looks up with `blacklist.check`, which asks the same",
    "audit.export": "see audit export",
    "automation.run": "see run",
    "consent.find": "the console asks by parts, with `consent.search`",
    "customers.find": "the console asks by parts, with `customers.search`",
    "deadlines.due": "the queue and its counts show the same",
    "keys.rotate": "see blacklist rotate-key",
    "keys.at_risk": "see blacklist rotate-key",
    "blacklist.add_customer": "the resolution form lists a customer who is resolved; a detail is added by hand",
    "blacklist.remove_details": "the console removes the entry under the cursor",
    "bulk.choose": "the console shows what it chooses from",
    "consent.text": "the console shows all versions, by `consent.texts`",
    "export_runs.export": "many at once write into a folder of the machine, resumable by --resume",
    "export_runs.count": "see export_runs.export",
    "intake.add_file": "a file of the machine",
    "maps.check": "see map check",
    "maps.draft": "see map draft",
    "maps.show": "see map show",
    "replay.plan": "see replay",
    "replay.carry_out": "see replay",
    "staff.recover": "see staff recover",
    "upkeep.init": "see init",
    "upkeep.upgrade": "see upgrade",
    "upkeep.doctor": "see doctor",
}
"""Verbs of `core` that one front calls and the other does not, and why."""


def bindings() -> set[str]:
    """The id of every binding."""
    found = set()
    for path in CONSOLE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Binding":
                found |= {
                    str(keyword.value.value) for keyword in node.keywords if keyword.arg == "id" and isinstance(keyword.value, ast.Constant)
                }
    return found


def fits(verb: str, pattern: str) -> bool:
    room, _, name = verb.partition(".")
    return pattern in (verb, f"{room}.*", f"*.{name}")


def verbs_of_core(home: Path) -> set[str]:
    """`service.verb` of every call on a desk."""
    found = set()
    for path in home.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                owner = node.value.value
                if "desk" in (getattr(owner, "id", ""), getattr(owner, "attr", "")):
                    found.add(f"{node.value.attr}.{node.attr}")
    return found - {"target.map"}


def options() -> Iterator[tuple[str, set[str]]]:
    """(command, its options)"""
    for path, command in commands():
        yield path, {name for one in command.params for name in (*one.opts, *one.secondary_opts)}


def test_every_verb_of_the_console_has_its_command_or_only_moves() -> None:
    every = bindings()
    assert len(every) > 120
    moving = {verb for verb in every if any(fits(verb, pattern) for pattern in ONLY_MOVES)}
    assert not set(SAME) & moving, "a verb stands on both lists"
    assert every - moving - set(SAME) == set(), "verbs without a command"
    assert set(SAME) - every == set(), "verbs that are gone"
    stale = [pattern for pattern in ONLY_MOVES if not any(fits(verb, pattern) for verb in every)]
    assert not stale


def test_every_command_that_is_named_is_there_with_its_option() -> None:
    known = dict(options())
    for verb, said in SAME.items():
        words = said.split()
        command = " ".join(word for word in words if not word.startswith("--"))
        if not command:
            assert words == ["--lang"]  # read before and after every command
            continue
        assert command in known, f"{verb}: {said}"
        assert {word for word in words if word.startswith("--")} <= known[command], f"{verb}: {said}"


def test_every_command_is_reached_from_the_console_or_says_why_it_is_not() -> None:
    every = {path for path, _command in commands()}
    reached = {" ".join(word for word in said.split() if not word.startswith("--")) for said in SAME.values()} - {""}
    assert set(ALSO.values()) <= set(SAME)
    assert not set(NOT_IN_THE_CONSOLE) & (reached | set(ALSO)), "a command is reached and said not to be"
    assert not set(ALSO) & reached
    assert every - reached - set(ALSO) - set(NOT_IN_THE_CONSOLE) == set(), "commands that the console lacks"
    assert (set(ALSO) | set(NOT_IN_THE_CONSOLE)) - every == set(), "commands that are gone"


def test_both_call_the_same_verbs_of_core_or_say_why_not() -> None:
    console, shell = verbs_of_core(CONSOLE), verbs_of_core(COMMANDS)
    assert len(console) > 50
    assert console - shell == set(CORE_OF_THE_CONSOLE)
    assert shell - console == set(CORE_OF_THE_COMMANDS)
