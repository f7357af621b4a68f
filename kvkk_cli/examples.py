"""Examples of every command, shown at the end of its help. A test parses each of them with the real grammar."""

from __future__ import annotations

from core import N_

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("kvkk demo", N_("look round on made-up data")),
        ("kvkk requests list", N_("open requests, most urgent first")),
        ("kvkk resolve 12 --anonymise --mask --blacklist", N_("block, mask and blacklist the customer of request 12")),
        ("kvkk export 77", N_("write what is stored about customer 77 to a new XML file")),
        ("kvkk settings set enforce-consent on", N_("only customers who gave consent can use their account")),
    ),
    "demo": (
        ("kvkk demo", N_("the console on a copy, in a folder of its own")),
        ("kvkk demo --no-console", N_("the whole job, told step by step")),
    ),
    "tui": (
        ("kvkk tui", N_("the queue of open requests, most urgent first")),
        ("kvkk tui --no-mouse", N_("the terminal's own selection of text works")),
    ),
    "requests list": (
        ("kvkk requests list --kind erase --due-before 2026-12-01", N_("erase requests that are due soon")),
        ("kvkk requests list --state all --customer 77", N_("everything customer 77 ever asked for")),
        ("kvkk requests list --json", N_("for scripts")),
    ),
    "requests show": (("kvkk requests show 12", N_("customer, services, invoices, state, history of request 12")),),
    "requests add": (
        (
            "kvkk requests add ayse@example.com --anonymise --channel letter --received 2026-11-20",
            N_("a letter that came in on 20 November"),
        ),
        ("kvkk requests add --from-file letters.csv --dry-run", N_("a list from a spreadsheet: look first")),
        ("echo id:10000000146 | kvkk requests add - --erase --channel kep", N_("the customer's number on standard input")),
    ),
    "requests cancel": (("kvkk requests cancel 12", N_("the customer has thought better of it")),),
    "requests reject": (('kvkk requests reject 12 --reason "identity could not be verified"', N_("refuse it and tell the customer why")),),
    "requests approve": (("kvkk requests approve 12", N_("the second person agrees to the erase")),),
    "requests extend": (('kvkk requests extend 12 --reason "many systems"', N_("two more months, under the GDPR only")),),
    "resolve": (
        ("kvkk resolve 12 --anonymise --mask --dry-run", N_("look first: counts, holds, values that would remain")),
        ("kvkk resolve 12 --anonymise --mask --blacklist", N_("block, mask and blacklist")),
        ("kvkk resolve 12 --erase", N_("erase for good; asks for the number of the request again")),
        ("kvkk resolve 12 13 14 --anonymise --no-notify", N_("three requests, each a unit of its own; 7 when some failed")),
        ("kvkk resolve --pending --kind anonymise --no-open-account --anonymise --mask --report r.csv", N_("thousands, as one run")),
        ("kvkk resolve --resume 5f0a3c1e", N_("a run that was cut off goes on")),
    ),
    "certificate": (
        ("kvkk certificate 12", N_("as text")),
        ("kvkk certificate 12 --xml > certificate-12.xml", N_("as XML")),
    ),
    "letter": (("kvkk letter 12 --lang en", N_("the answer in English")),),
    "export": (
        ("kvkk export 77", N_("a new file in this folder; its name is printed")),
        ('kvkk export ayse@example.com -o ayse.xml --reason "asked by letter"', N_("to a file, with the reason")),
        (
            'kvkk export 77 --channel letter --received 2026-11-20 --verified-by "signature compared"',
            N_("for a customer who wrote a letter"),
        ),
        ("kvkk export phone:+905320000000 -o - | xmllint --format -", N_("to standard output")),
    ),
    "customers find": (("kvkk customers find yılmaz", N_("Turkish letters and case do not matter")),),
    "customers show": (("kvkk customers show 77", N_("by key")), ("kvkk customers show ayse@example.com", N_("by e-mail address"))),
    "panel serve": (
        ("kvkk panel serve", N_("on this machine, to look at it: http://127.0.0.1:8080/")),
        ("kvkk panel serve --port 8090 --proxy 127.0.0.1", N_("for customers, behind a web server that speaks https")),
    ),
    "consent give": (
        ("kvkk consent give 77 --channel letter --received 2026-11-20", N_("it came by letter on 20 November")),
        (
            'kvkk consent give 77 --channel in-person --verified-by "identity card" --text-version 1',
            N_("signed on paper, on the first version"),
        ),
    ),
    "consent withdraw": (("kvkk consent withdraw 77", N_("from now on the consent counts no more")),),
    "consent notice": (("kvkk consent notice 77 --channel in-person", N_("the customer has read the privacy notice")),),
    "consent show": (("kvkk consent show 77", N_("what counts now, and everything said before")),),
    "consent list": (
        ("kvkk consent list --missing", N_("who has not accepted")),
        ("kvkk consent list --search isik", N_("how it stands with everybody whom this fits")),
        ("kvkk consent list --outdated --limit 1000 --json", N_("who accepted an older version, for scripts")),
    ),
    "consent text": (
        ("kvkk consent text --lang tr", N_("the consent text in Turkish")),
        ("kvkk consent text --notice --text-version 1 > notice.txt", N_("the first version of the privacy notice, to a file")),
    ),
    "consent texts": (("kvkk consent texts", N_("every version with its SHA-256")),),
    "access check": (
        ("kvkk access check 77", N_("ends with 0 when customer 77 may use the account, else with 3")),
        ("echo ayse@example.com | kvkk access check -", N_("the customer on standard input, where other users cannot see it")),
    ),
    "access register": (
        ("kvkk access register < details.json", N_('{"email": "…", "phone": "…"} on standard input; ends with 0 or 3')),
        ("kvkk access register --json < details.json", N_("for a website: which of the details is on the blacklist")),
    ),
    "access restore": (('kvkk access restore 221 --reason "wrong customer"', N_("the block was a mistake")),),
    "access reset": (("kvkk access reset 77", N_("the customer has forgotten the password and called")),),
    "downloads list": (("kvkk downloads list --customer 77", N_("who exported the data of customer 77")),),
    "due": (
        ("kvkk due", N_("what has to be answered soon")),
        ("kvkk due --days 3 --json", N_("for a monitor; the exit code tells the most urgent")),
    ),
    "run": (
        ("kvkk run", N_("once a quarter of an hour, by cron or a systemd timer")),
        ("kvkk run --json", N_("what each job has done")),
        ("kvkk run --units service > kvkk-run.service", N_("the service for systemd; `--units timer` starts it")),
    ),
    "blacklist list": (
        ("kvkk blacklist list --request 12", N_("what request 12 has put there")),
        ("kvkk blacklist list --removed", N_("who took an entry off, and why")),
    ),
    "blacklist add": (
        ("kvkk blacklist add --reason fraud < details.json", N_('details.json holds {"email": "…", "phone": "…"}')),
        ("kvkk blacklist add --customer 77 --expires 2027-06-30 --reason spam", N_("everything that identifies customer 77")),
    ),
    "blacklist remove": (
        ('kvkk blacklist remove 3f9a0c1b --reason "paid in full"', N_("one entry, by its name in the list")),
        ('kvkk blacklist remove - --reason "wrong person" < details.json', N_("every entry of these details")),
    ),
    "blacklist check": (("kvkk blacklist check < details.json", N_("0: may be opened; 3: may not")),),
    "blacklist rotate-key": (
        ("kvkk blacklist rotate-key", N_("a new key; what older ones made is still recognised")),
        ("kvkk blacklist rotate-key --drop-old", N_("the key file leaked: says what is lost, and asks")),
    ),
    "templates list": (("kvkk templates list", N_("every message in both languages")),),
    "templates show": (
        ("kvkk templates show resolved en", N_("the answer to a resolved request, in English")),
        ("kvkk templates show received tr > received.txt", N_("to change it in a file")),
    ),
    "templates preview": (
        ("kvkk templates preview rejected", N_("as a customer would read it")),
        ("kvkk templates preview received tr received.txt", N_("a text that is not kept yet")),
    ),
    "templates edit": (
        ("kvkk templates edit received tr", N_("in your editor")),
        ("kvkk templates edit received tr received.txt", N_("from a file")),
    ),
    "templates reset": (("kvkk templates reset received tr", N_("the built-in text again")),),
    "outbox list": (
        ("kvkk outbox list", N_("what has not arrived")),
        ("kvkk outbox list --state all --request 12", N_("every message about request 12")),
    ),
    "outbox send": (("kvkk outbox send", N_("now, without waiting for kvkk run")),),
    "outbox retry": (("kvkk outbox retry 31 32", N_("the trouble is gone: send them again")),),
    "outbox drop": (("kvkk outbox drop 31", N_("the answer went out by letter")),),
    "replay": (
        ("kvkk replay --since 2026-11-20 --dry-run", N_("who came back with the backup of 20 November?")),
        ("kvkk replay --since 2026-11-20", N_("treat them again, after a look and a question")),
        ("kvkk replay --since 2026-11-20 --file host2.tombstones", N_("with what another host has kept")),
    ),
    "reports list": (("kvkk reports list", N_("every period that has a report")),),
    "reports show": (("kvkk reports show 1 --lang en > report-1.txt", N_("the first report in English, for print")),),
    "settings list": (("kvkk settings list", N_("all settings")),),
    "settings get": (("kvkk settings get near-days", N_("one value")),),
    "settings set": (
        ("kvkk settings set enforce-consent on", N_("only customers who gave consent can use their account")),
        ("kvkk settings set consent-text --from-file consent.tr.txt --language tr", N_("a new version of the consent text")),
        ("kvkk settings set invoice-retention-years 10", N_("issued invoices are held for ten years")),
    ),
    "runs list": (("kvkk runs list", N_("which runs there were, and what became of them")),),
    "runs show": (("kvkk runs show 5f0a3c1e", N_("what failed in one of them, and why")),),
    "settings reset": (
        ("kvkk settings reset near-days", N_("the default again")),
        ("kvkk settings reset consent-text", N_("a new version that is the built-in text, with the company as it is named now")),
    ),
    "staff list": (("kvkk staff list", N_("who may do what, and who am I")),),
    "staff add": (
        ("kvkk staff add ayse operator", N_("Ayşe answers requests")),
        ("kvkk staff add kvkk-cron operator", N_("the account of the timed job")),
        ("kvkk staff add mehmet admin", N_("and Mehmet is an admin from now on")),
    ),
    "staff remove": (("kvkk staff remove ayse", N_("she works here no more")),),
    "staff recover": (("sudo kvkk staff recover mehmet", N_("the only admin has left the company")),),
    "audit list": (("kvkk audit list --request 12", N_("what was done with request 12")),),
    "audit verify": (
        ("kvkk audit verify", N_("is the chain unbroken?")),
        ("kvkk audit verify --archives", N_("with the years that are archived")),
        ('kvkk audit verify --checkpoint "$(cat checkpoint.txt)"', N_("and is its end the true one?")),
    ),
    "audit export": (("kvkk audit export > audit.jsonl", N_("everything, for another machine")),),
    "audit anchor": (("kvkk audit anchor >> checkpoint.txt", N_("keep it where the database's owner cannot change it")),),
    "map draft": (
        ("kvkk map draft --db panel.db --out panel.toml", N_("a first map, to go on with")),
        ("kvkk map draft --customers tblclients", N_("the customers are in this table; to the screen")),
    ),
    "map check": (("kvkk map check --map panel.toml", N_("is this map sound, and does it fit the database?")),),
    "map show": (("kvkk map show", N_("what the map says")),),
    "config show": (("kvkk config show", N_("what counts now")),),
    "config path": (("kvkk config path", N_("which files are looked at")),),
    "init": (
        ("kvkk init --db customers.db", N_("a new database with a schema of its own")),
        ("kvkk init --db postgresql://kvkk@db.example/panel --map panel.toml", N_("the company's own database")),
    ),
    "upgrade": (("kvkk upgrade", N_("after a new version was installed")),),
    "doctor": (("kvkk doctor", N_("every finding with what to do")),),
    "help": (
        ("kvkk help exit-codes", N_("what the exit codes mean")),
        ("kvkk help requests add", N_("the same as kvkk requests add --help")),
    ),
}
