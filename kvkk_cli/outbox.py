"""`kvkk outbox`: list, send, retry, drop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core import N_, explain_code
from kvkk_cli import failures, forms, several, values, words
from kvkk_cli.forms import named
from kvkk_cli.requests import Limit
from kvkk_cli.session import here
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Delivery, OutboxPage, OutboxRow

app = typer.Typer()

States = Literal["open", "all", "queued", "sending", "sent", "unknown", "failed", "dropped"]
Messages = Annotated[
    list[int],
    typer.Argument(
        parser=values.message, metavar="MESSAGE...", show_default=False, help=N_("Numbers of messages, as the list shows them.")
    ),
]


@app.command("list", help=N_("List messages, newest first; those that have not arrived unless told otherwise. Addresses are never shown."))
def list_(
    state: Annotated[
        States, typer.Option("--state", metavar="STATE", help=N_("queued, sending, sent, unknown, failed, dropped, open or all."))
    ] = "open",
    request: Annotated[int | None, typer.Option("--request", metavar="REQ", min=1, help=N_("Only messages of this request."))] = None,
    limit: Limit = 50,
    after: Annotated[
        int | None, typer.Option("--after", metavar="CURSOR", help=N_("Go on after the page that ended with this cursor."))
    ] = None,
) -> None:
    from core import OPEN_MESSAGES

    states = OPEN_MESSAGES if state == "open" else () if state == "all" else (state,)
    session = here()
    with session.desk() as desk:
        page = desk.notices.list(desk.actor, states=states, request=request, after=after, limit=limit)
        session.out.show(page, lambda: _page(page, session.zone(desk)))
    _summary(page)


def _page(page: OutboxPage, zone: str) -> None:
    here().out.table(
        (_("No"), _("Queued"), _("Event"), _("To"), _("Request"), _("State"), _("Tries")),
        [
            (
                str(row.id),
                forms.moment(row.queued_at, zone),
                named("event", row.event),
                named("recipient", row.recipient),
                str(row.request or ""),
                named("message", row.state),
                str(row.attempts),
            )
            for row in page.rows
        ],
        [_plain(row) for row in page.rows],
    )
    if here().out.on_terminal:
        for row in page.rows:
            _trouble(row, zone)
    if page.cursor:
        here().out.say(_("More: add --after {cursor}").format(cursor=page.cursor))


def _trouble(row: OutboxRow, zone: str) -> None:
    """Why a message has not arrived, and when it is tried again: too long for a cell."""
    told = [forms.trouble(row.last_error)] if row.last_error else []
    if row.next_at is not None:
        told.append(_("Next try: {at}.").format(at=forms.moment(row.next_at, zone)))
    if told:
        here().out.sentence(f"{row.id}: {' '.join(told)}")


def _plain(row: OutboxRow) -> tuple[str, ...]:
    next_at = row.next_at.isoformat() if row.next_at else ""
    first = (str(row.id), row.queued_at.isoformat(), row.event, row.recipient, str(row.request or ""), row.state)
    return (*first, str(row.attempts), next_at, row.last_error or "")


def _summary(page: OutboxPage) -> None:
    out = here().out
    told = _("Waiting: {waiting}, may have arrived: {unknown}, not delivered: {failed}.")
    out.say(told.format(waiting=page.waiting, unknown=page.unknown, failed=page.failed))
    if not page.mail_set and page.waiting + page.unknown:
        out.warn(" ".join(explain_code("mail-not-set", {}, words.language())))


@app.command("send", help=N_("Send everything that is due now, as `kvkk run` does."))
def send() -> None:
    session = here()
    with session.desk() as desk:
        done = desk.notices.deliver(desk.actor)
    session.out.show(done, lambda: _sent(done))
    session.status = done.exit_code
    if done.trouble is not None:
        what, then = explain_code(done.trouble.code, dict(done.trouble.facts), words.language(), TEXTS)
        session.out.fail(done.trouble.code, what, then, dict(done.trouble.facts))
    elif done.failed or done.unknown:
        session.out.warn(_("`kvkk outbox list` says why; `kvkk outbox retry` sends again, `kvkk outbox drop` gives up."))


def _sent(done: Delivery) -> None:
    told = _("Sent: {sent}, put off: {later}, refused: {failed}, may have arrived: {unknown}, still waiting: {waiting}.")
    here().out.sentence(told.format(sent=done.sent, later=done.later, failed=done.failed, unknown=done.unknown, waiting=done.waiting))


@app.command(
    "retry", help=N_("Send messages again that were refused, may have arrived, or wait for their next try; at once where possible.")
)
def retry(message: Messages) -> None:
    several.once_each(message, "same-message-twice")
    with here().desk() as desk:
        several.run(message, lambda number: desk.notices.retry(desk.actor, number), _again, failures.of_message)


@app.command("drop", help=N_("Give messages up: they are never sent, and their addresses are removed."))
def drop(message: Messages) -> None:
    several.once_each(message, "same-message-twice")
    with here().desk() as desk:
        several.run(message, lambda number: desk.notices.drop(desk.actor, number), _dropped, failures.of_message)


def _again(row: OutboxRow) -> None:
    """It is sent at the end of the command; if that fails, a warning follows."""
    here().out.sentence(_("Message {number} is being sent again.").format(number=row.id))


def _dropped(row: OutboxRow) -> None:
    here().out.sentence(_("Message {number}: {state}.").format(number=row.id, state=named("message", row.state)))
