"""The one family of errors that `core` raises, and the exit code each of them stands for.

    KvkkError
    ├── UsageError          2   the call is wrong: value, option mix, no database named      (the caller's fault)
    │   ├── MapError        2   the data map cannot be carried out; lists every problem      (whoever wrote the map)
    │   └── KeyFileError    2   the key file is missing, readable by others, or another one  (the set-up)
    ├── NotAllowed          3   role, blocked, consent required, blacklisted                 (nobody's: a rule)
    ├── NotFound            4   no such request, customer, setting, template
    ├── Conflict            5   already resolved, changed since the preview, duplicate
    ├── Refused             6   a guard said no: open service, hold not chosen, residue
    │   └── Drift           6   tables or columns appeared that the data map has never judged
    ├── PartlyDone          7   some of several failed; the result names each
    ├── ChainBroken         8   the audit chain does not verify
    ├── Unavailable         9   database or mail away, locked, full, read-only, damaged      (the machine)
    ├── OutcomeUnknown     12   the line was lost during COMMIT
    └── StillPending       13   committed, but a later step is still to be done

An error carries a stable `code` (kebab-case) by which its wording (core/locale/texts.py), the documentation and `--json`
find it, and `facts`: numbers, names of tables and columns, keys of requests, allowed values. A fact is never a value of a
person: not an e-mail, not a name, not what a customer typed. Anything that is not a KvkkError is a bug and ends with exit 1.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line; `--json` repeats them as `status`."""

    DONE = 0
    """Done, also when a list is empty."""
    FAILED = 1
    """Unexpected failure; nothing was changed."""
    USAGE = 2
    """Wrong usage, wrong value, bad data map, bad settings, no database named."""
    NOT_ALLOWED = 3
    """Role, blocked, consent required, blacklisted, unknown account at the gate."""
    NOT_FOUND = 4
    """No such request, customer, setting or template."""
    CONFLICT = 5
    """Already resolved, changed since the preview, duplicate request."""
    REFUSED = 6
    """A guard refused: open service, unpaid invoice, grace, kind, hold not chosen, residue, second person, drift."""
    PARTLY = 7
    """Some of several failed; the report names each."""
    CHAIN = 8
    """The audit chain does not verify."""
    UNAVAILABLE = 9
    """Database or mail server away, locked, full, read-only or damaged; nothing was changed."""
    NEAR = 10
    """`kvkk due`: a deadline is near."""
    OVERDUE = 11
    """`kvkk due`: a request is overdue."""
    UNKNOWN = 12
    """The connection was lost during COMMIT: look the request up to learn the outcome."""
    PENDING = 13
    """Committed, but a later step is pending."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""
    CLOSED_PIPE = 141
    """The reader of standard output went away."""
    TERMINATED = 143
    """Stopped by SIGTERM."""


Fact = str | int | tuple[str, ...]


class KvkkError(Exception):
    """Base of the family. `code` finds the wording; `facts` fill it in and hold no value of a person."""

    exit_code: Exit = Exit.FAILED

    def __init__(self, code: str, /, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code


class UsageError(KvkkError):
    """The call itself is wrong; refused before the first side effect."""

    exit_code = Exit.USAGE


class MapError(UsageError):
    """The data map cannot be carried out. `problems` holds every finding: where in the file, what, what is allowed."""

    def __init__(self, code: str, problems: tuple[tuple[str, str, dict[str, Fact]], ...], /, **facts: Fact) -> None:
        super().__init__(code, count=len(problems), **facts)
        self.problems = problems
        """(path in the map such as `tables.invoices.columns.tax_no`, code of the finding, its facts), in file order."""


class KeyFileError(UsageError):
    """The key file is missing though fingerprints exist, is readable by others, or belongs to another database."""


class NotAllowed(KvkkError):
    """A rule forbids it to this person or account."""

    exit_code = Exit.NOT_ALLOWED


class NotFound(KvkkError):
    """What was named does not exist."""

    exit_code = Exit.NOT_FOUND


class Conflict(KvkkError):
    """Somebody or something was there first."""

    exit_code = Exit.CONFLICT


class Refused(KvkkError):
    """A guard refused; nothing was changed."""

    exit_code = Exit.REFUSED


class Drift(Refused):
    """Tables or columns that the map has never judged. `problems` as in MapError: each of them by name."""

    def __init__(self, code: str, problems: tuple[tuple[str, str, dict[str, Fact]], ...], /, **facts: Fact) -> None:
        super().__init__(code, count=len(problems), **facts)
        self.problems = problems


class PartlyDone(KvkkError):
    """Some of several units failed; the others stand."""

    exit_code = Exit.PARTLY


class ChainBroken(KvkkError):
    """The audit chain does not verify; `seq` names the first entry that does not fit."""

    exit_code = Exit.CHAIN


class Unavailable(KvkkError):
    """The database (or mail server) cannot be used now; nothing was changed."""

    exit_code = Exit.UNAVAILABLE


class OutcomeUnknown(KvkkError):
    """The connection was lost during COMMIT; only reading again tells."""

    exit_code = Exit.UNKNOWN


class StillPending(KvkkError):
    """The change is committed; a later step is still to be done."""

    exit_code = Exit.PENDING
