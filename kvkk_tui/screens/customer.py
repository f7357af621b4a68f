"""One customer, and what staff do on the customer's behalf: file a request, record consent, export the data."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core import N_, NONE, OPEN_STATES, AccessAnswer, CustomerDetail, Desk, ResetSent, Restored
from kvkk_tui.consenting import OPERATORS, Consenting
from kvkk_tui.lines import Lines
from kvkk_tui.sheetpage import SheetPage
from kvkk_tui.words import _, forms, zone


class CustomerScreen(SheetPage[tuple[CustomerDetail, AccessAnswer]], Consenting):
    """Everything about one customer that is no request."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "file", N_("New request"), id="customer.file", tooltip=N_("File a request on the customer's behalf.")),
        Binding("o", "request", N_("Open request"), id="customer.request", tooltip=N_("The magnifier of the newest request.")),
        Binding("a,g", "give", N_("Consent given"), id="customer.give", tooltip=N_("The customer accepts the consent text.")),
        Binding("w", "withdraw", N_("Consent withdrawn"), id="customer.withdraw", tooltip=N_("The customer withdraws the consent.")),
        Binding("i", "export", N_("Export"), id="customer.export", tooltip=N_("Everything stored about the customer, in a file.")),
        Binding(
            "m", "notice", N_("Notice read"), show=False, id="customer.notice", tooltip=N_("The customer has read the privacy notice.")
        ),
        Binding("h", "consents", N_("Consents"), show=False, id="customer.consents", tooltip=N_("Everything that the customer has said.")),
        Binding("p", "password", N_("New password"), show=False, id="customer.password", tooltip=N_("Send the customer a link to one.")),
        Binding("b", "restore", N_("Give access back"), show=False, id="customer.restore", tooltip=N_("A block that was a mistake.")),
        Binding("r", "read", N_("Refresh"), show=False, id="customer.refresh"),
        Binding("escape,q", "leave", N_("Back"), id="customer.leave"),
    ]

    ROLES: ClassVar[dict[str, str]] = {
        **OPERATORS,
        **dict.fromkeys(("file", "export", "password"), "operator"),
        "restore": "admin",
    }

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    @property
    def _detail(self) -> CustomerDetail | None:
        return self.seen[0] if self.seen else None

    @property
    def _gate(self) -> AccessAnswer | None:
        return self.seen[1] if self.seen else None

    def read(self, desk: Desk) -> tuple[CustomerDetail, AccessAnswer]:
        return desk.customers.show(desk.actor, self._key), desk.access.check(desk.actor, self._key)

    def draw(self, lines: Lines) -> None:
        detail, say = self._detail, forms()
        if detail is None:
            lines.text(_("Reading…"), "dim")
            return
        row = detail.row
        lines.title(_("Customer {key}").format(key=row.key))
        lines.fields(
            (
                (_("Name"), row.name),
                (_("E-mail"), row.email or NONE),
                (_("Phone"), row.phone or NONE),
                (_("Service status"), say.services(row.services)),
                (_("Invoice status"), say.invoices(row.invoices)),
                (_("Account"), *_account(self._gate)),
                (_("Consent"), say.consent(detail.consent, zone())),
                (_("Last download"), say.download(detail.last_download, zone())),
            )
        )
        if detail.requests:
            lines.title(_("Requests"))
            rows = [
                (str(r.number), say.day(r.received_on), say.named("kind-short", r.kind), say.named("state", r.state))
                for r in detail.requests
            ]
            lines.table((_("No"), _("Received"), _("Type"), _("State")), rows, right=(0,))
        lines.title(_("Stored rows"))
        lines.table((_("Table"), _("Rows")), [(name, say.whole(count)) for name, count in detail.tables if count], right=(1,))

    def why_not(self, action: str) -> str | None:
        detail = self._detail
        if action not in ("file", "request", "give", "withdraw", "notice", "consents", "export", "password", "restore"):
            return None
        if detail is None:
            return _("The customer is still being read.")
        if action == "file" and any(row.state in OPEN_STATES for row in detail.requests):
            return _("The customer has an open request already; a second one would be a conflict.")
        if action == "request" and not detail.requests:
            return _("The customer has no request.")
        if action == "restore" and (self._gate is None or self._gate.reason != "blocked"):
            return _("The account is not blocked.")
        return self.against_word(action, detail.consent)

    def action_file(self) -> None:
        from kvkk_tui.screens.file import FileScreen

        if self._detail is not None:
            self.app.push_screen(FileScreen(self._detail.row))

    def action_request(self) -> None:
        from kvkk_tui.screens.magnifier import MagnifierScreen

        if self._detail is not None and self._detail.requests:
            self.app.push_screen(MagnifierScreen(self._detail.requests[0].number))

    def action_export(self) -> None:
        self.console.export(self._key)

    def whom(self) -> tuple[str, str] | None:
        return (self._key, self._detail.row.name) if self._detail is not None else None

    def action_consents(self) -> None:
        from kvkk_tui.screens.consent import ConsentScreen

        whom = self.whom()
        if whom is not None:
            self.app.push_screen(ConsentScreen(*whom))

    @work(group="verb")
    async def action_password(self) -> None:
        title = f"{_('New password')} · {_('Customer {key}').format(key=self._key)} · {self.console.standing.database}"
        question = _("The customer has asked for it: a link to a new password goes to the address that is stored.")
        if await self.confirm(title, question):
            key = self._key
            await self.carry_out(lambda desk: desk.admission.send_reset(desk.actor, key), _sent)

    @work(group="verb")
    async def action_restore(self) -> None:
        key = self._key
        title = f"{_('Give access back')} · {_('Customer {key}').format(key=key)} · {self.console.standing.database}"
        question = _(
            "The block was a mistake. The old password stays dead: the customer needs a new one. Why? It is kept with the request."
        )
        reason = await self.ask(title, question)
        if reason is not None:
            await self.carry_out(lambda desk: desk.admission.restore(desk.actor, key, reason), _restored)


def _account(gate: AccessAnswer | None) -> tuple[str, str]:
    """Whether the account may be used, and how that looks."""
    if gate is None:
        return NONE, "dim"
    return forms().named("gate", gate.reason or "allowed"), "text" if gate.allowed else "bad"


def _sent(done: ResetSent) -> str:
    told = _("A link to a new password waits to be sent to customer {key}. It can be used for {minutes} minutes, once.")
    return told.format(key=done.customer, minutes=done.minutes)


def _restored(done: Restored) -> str:
    told = [_("Customer {key} may use the account again. The old password stays dead.").format(key=done.customer)]
    if done.left:
        told.append(_("These columns were changed since and stay as they are: {columns}.").format(columns=", ".join(done.left)))
    if done.blacklisted:
        told.append(_("Entries on the blacklist that stay: {count}.").format(count=done.blacklisted))
    return " ".join(told)
