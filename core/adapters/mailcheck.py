"""What `kvkk doctor` can say of mail: is it set, and does the server let us in now? Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from core.adapters.mail import Sender
from core.adapters.smtpline import AT_ONCE, Server, dial
from core.errors import Unavailable, UsageError
from core.model.records import Finding


def findings(setting: Callable[[str], Any]) -> Iterator[Finding]:
    """One finding. Without a mail server messages wait, which may be meant."""
    try:
        server = Server.read(setting)
        Sender.read(setting)
        dial(server, AT_ONCE).close(politely=True)
    except (UsageError, Unavailable) as error:
        grade = "note" if error.code == "mail-not-set" else "warning"
        yield Finding(error.code, grade, tuple(error.facts.items()))
    else:
        yield Finding("mail-ok", "ok", (("host", server.host),))
