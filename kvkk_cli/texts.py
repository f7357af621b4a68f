"""Wording of what only the command line can complain about; the codes of `core` have theirs in `core.locale.texts`."""

from __future__ import annotations

from core import N_, Text

HELP = N_("`{command} --help` shows how it is used.")
EXAMPLE = N_("It looks like {example}; also national_id and tax_id.")

TEXTS: dict[str, Text] = {
    "option-needs-value": Text(N_("The option {option} needs a value."), N_("`kvkk --help` shows how it is used.")),
    "option-takes-no-value": Text(N_("The option {option} takes no value."), HELP),
    "no-such-option": Text(N_("There is no option {option}."), HELP),
    "no-such-option-near": Text(N_("There is no option {option}. Did you mean {near}?"), HELP),
    "no-such-command": Text(N_("There is no command {name}."), N_("`{command} --help` lists the commands.")),
    "no-such-command-near": Text(N_("There is no command {name}. Did you mean {near}?"), N_("`{command} --help` lists the commands.")),
    "no-command": Text(N_("No command was given after {command}."), HELP),
    "missing-argument": Text(N_("{argument} is missing."), HELP),
    "too-many-arguments": Text(N_("Too many arguments: {extra}."), HELP),
    "wrong-value": Text(N_("The value of {argument} is wrong."), HELP),
    "not-between": Text(N_("{argument} must be a whole number from {least} to {most}."), HELP),
    "less-than-least": Text(N_("{argument} must be a whole number, {least} or more."), HELP),
    "not-one-of": Text(N_("The value of {argument} must be one of: {allowed}."), HELP),
    "not-a-number": Text(N_("{argument} must be a whole number such as 12."), HELP),
    "line-not-a-number": Text(
        N_("Line {line} of standard input is no number of a request. Nothing was changed."),
        N_("Give one whole number a line, such as 12; blank lines and what follows a # are passed over."),
    ),
    "no-numbers": Text(N_("Standard input held no number of a request. Nothing was changed."), N_("Give one number a line, such as 12.")),
    "not-a-date": Text(N_("{argument} must be a date such as 2026-11-23 or 23.11.2026."), HELP),
    "wrong-usage": Text(N_("The command was not understood."), HELP),
    "no-such-topic": Text(N_("There is no help on {name}."), N_("Topics: {allowed}. `kvkk --help` lists the commands.")),
    "panel-not-installed": Text(
        N_("The customer panel needs packages that are not installed. Nothing was served."),
        N_("Install them: pip install 'kvkk-desk[panel]'."),
    ),
    "panel-needs-proxy": Text(
        N_("Without https the panel listens on this machine only. Nothing was served."),
        N_("Leave --host out, or name the reverse proxy that speaks https: --proxy ADDRESS."),
    ),
    "bad-proxy": Text(N_("--proxy takes the address or the network of a reverse proxy. Nothing was served."), N_("Such as {allowed}.")),
    "port-taken": Text(
        N_("Nobody can listen there: port {port} ({kind}). Nothing was served."), N_("Name another one: --port N, or 0 for any free one.")
    ),
    "no-terminal": Text(
        N_("The console needs a terminal for input and for messages. Nothing was opened."),
        N_("In scripts, use the commands: `kvkk --help` lists them."),
    ),
    "dumb-terminal": Text(
        N_("This terminal (TERM is unset or `dumb`) cannot show the console. Nothing was opened."),
        N_("Set TERM, for example to xterm, or use the commands: `kvkk --help` lists them."),
    ),
    "not-utf8": Text(
        N_("The console needs a terminal that speaks UTF-8. Nothing was opened."),
        N_("Set LC_ALL=C.UTF-8, or use the commands: `kvkk --help` lists them."),
    ),
    "role-missing": Text(N_("The role is missing. Nothing was changed."), N_("Say it behind the account: {allowed}.")),
    "nothing-chosen": Text(N_("Nothing was chosen. Nothing was changed."), N_("Say what is to be done: {allowed}.")),
    "mask-needs-anonymise": Text(
        N_("--mask needs --anonymise: masking goes together with the block of access. Nothing was changed."),
        N_("Use `--anonymise --mask`."),
    ),
    "anonymise-with-erase": Text(N_("--anonymise and --erase exclude each other. Nothing was changed."), N_("Choose one of them.")),
    "plan-needs-one": Text(
        N_("--plan belongs to one request, and several were named. Nothing was changed."),
        N_("Do them one by one, or leave --plan out."),
    ),
    "resume-alone": Text(
        N_("--resume goes on with a run as it was begun and takes no other choice. Nothing was changed."),
        N_("Leave the rest out: `kvkk resolve --resume RUN`."),
    ),
    "pending-with-numbers": Text(
        N_("--pending takes every open request, and numbers were named too. Nothing was changed."), N_("Use one of the two.")
    ),
    "filter-needs-pending": Text(
        N_("--kind, --received-before and --no-open-account choose among many requests. Nothing was changed."),
        N_("Use them with --pending or with -."),
    ),
    "stdin-alone": Text(N_("- stands for all numbers and goes with no other one. Nothing was changed."), N_("Put every number on stdin.")),
    "bulk-not-confirmed": Text(
        N_("{count} requests were not confirmed. Nothing was changed."),
        N_("On a terminal, type their number when asked; in a script, add --yes."),
    ),
    "report-exists": Text(
        N_("The file of the report exists already and was not overwritten. Nothing was changed."),
        N_("Choose another name. Only with --resume is an earlier report added to."),
    ),
    "report-needs-file": Text(
        N_("--report takes the name of an ordinary file. Nothing was changed."), N_("Such as report.jsonl, or report.csv for a table.")
    ),
    "report-of-something-else": Text(
        N_("The file is no report of a run in this format. Nothing was added to it, and nothing was changed."),
        N_("Name the report of the run, or a new file."),
    ),
    "report-unwritable": Text(
        N_("The report cannot be written ({kind}). Nothing was changed."), N_("Check the folder and the disk, or choose another file.")
    ),
    "one-source": Text(N_("Name the customers in one way only. Nothing was written."), N_("CUSTOMER, -, --all or --from-file FILE.")),
    "run-needs-folder": Text(N_("A run of exports needs a folder. Nothing was written."), N_("Add -o FOLDER.")),
    "exports-not-confirmed": Text(
        N_("The export of {count} customers was not confirmed. Nothing was written."),
        N_("On a terminal, type their number when asked; in a script, add --yes."),
    ),
    "list-unreadable": Text(N_("The list of customers cannot be read. Nothing was written."), N_("It is UTF-8 text, one customer a line.")),
    "same-request-twice": Text(N_("Request {number} is named twice. Nothing was changed."), N_("Name every request once.")),
    "same-message-twice": Text(N_("Message {number} is named twice. Nothing was changed."), N_("Name every message once.")),
    "edit-needs-text": Text(
        N_("Without a terminal there is no editor. Nothing was changed."), N_("Name a file with the new text, or - for standard input.")
    ),
    "no-editor": Text(
        N_("The editor {command} cannot be started. Nothing was changed."), N_("Set EDITOR, or name a file with the new text.")
    ),
    "editor-failed": Text(
        N_("The editor {command} ended with an error. Nothing was changed."), N_("Try again, or name a file with the new text.")
    ),
    "text-file-unreadable": Text(
        N_("The text {file} cannot be read: it is not there, not yours to read, or no UTF-8. Nothing was changed."),
        N_("Name another file, or - for standard input."),
    ),
    "text-file-long": Text(N_("The text {file} is too long. Nothing was changed."), N_("At most {most} bytes are read.")),
    "erase-not-confirmed": Text(
        N_("The permanent erase was not confirmed. Nothing was changed."),
        N_("On a terminal, type the number of the request when asked; in a script, add --yes or --plan FINGERPRINT."),
    ),
    "from-file-alone": Text(
        N_("--from-file takes everything from the file, and the call says more. Nothing was changed."),
        N_("Leave CUSTOMER and the options of one request out."),
    ),
    "dry-run-needs-file": Text(N_("--dry-run belongs to --from-file. Nothing was changed."), N_("Leave it out, or name a file.")),
    "replay-not-confirmed": Text(
        N_("The replay was not confirmed. Nothing was changed."),
        N_("On a terminal, type what is asked for; in a script, add --yes after you have looked with --dry-run."),
    ),
    "filters-exclude": Text(N_("These filters exclude each other."), N_("Choose one of {allowed}.")),
    "value-and-file": Text(N_("A value and --from-file exclude each other. Nothing was changed."), N_("Give one of them.")),
    "unknown-shell": Text(N_("The shell is not known to the completion."), N_("Run it inside one of: {allowed}.")),
    "stdin-empty": Text(
        N_("Standard input held no customer. Nothing was changed."),
        N_("Give one line with the key, the e-mail address, `phone:` or `id:`."),
    ),
    "drop-not-confirmed": Text(
        N_("Giving up the older keys was not confirmed. Nothing was changed."), N_("On a terminal, answer yes; in a script, add --yes.")
    ),
    "details-not-json": Text(N_("Standard input held no JSON object with details. Nothing was changed."), EXAMPLE),
    "details-unknown-key": Text(N_("The JSON object names a detail that is not known. Nothing was changed."), N_("Allowed: {allowed}.")),
    "details-bad-value": Text(
        N_("A value in the JSON object cannot be read: {field}. Nothing was changed."), N_("Give a text, or a list of texts.")
    ),
    "details-too-long": Text(N_("Standard input held more than {most} characters. Nothing was changed."), EXAMPLE),
    "removed-has-no-filter": Text(
        N_("--removed goes with neither --kind nor --request. Nothing was changed."), N_("Leave --removed out, or the others.")
    ),
    "overwrite-in-run": Text(
        N_("--overwrite is for one file; a run of exports replaces none. Nothing was written."), N_("Leave --overwrite out.")
    ),
    "resume-one": Text(
        N_("--resume goes on with a run of exports, and this call names one customer. Nothing was written."),
        N_("Name the customers as the run did: -, --all or --from-file FILE."),
    ),
    "list-empty": Text(N_("The list holds no customer. Nothing was written."), N_("It is UTF-8 text, one customer a line.")),
    "overwrite-needs-file": Text(N_("--overwrite needs -o FILE. Nothing was written."), N_("Add -o FILE, or leave --overwrite out.")),
    "json-with-stream": Text(
        N_("--json and an export on standard output exclude each other. Nothing was written."), N_("Leave --json out, or write to a file.")
    ),
    "answer-lost": Text(
        N_("The answer cannot be written to standard output ({kind}). What the command has done up to then stands."),
        N_("Make room there and look at what was done, `kvkk audit list`, before you call it again."),
    ),
    "interrupted": Text(
        N_("Stopped. What was running was finished whole or undone whole."),
        N_("`kvkk requests list` shows where things stand."),
    ),
    "unexpected": Text(
        N_("Unexpected failure, reference {reference} ({kind} at {place}). What was not finished was undone whole."),
        N_("Please report it with the reference; KVKK_DEBUG=1 shows the details, which may hold personal data."),
    ),
}
