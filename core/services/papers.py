"""The papers of a request: its certificate with addenda, and the letter to the customer. Reads only, decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.adapters.certificate import to_xml
from core.adapters.certificate_text import to_text
from core.adapters.letter import write_letter
from core.errors import NotFound
from core.locale import LANGUAGES
from core.model.certificate import Addendum, Certificate, CertificateView, Controller
from core.model.letter import Answer, Letter
from core.model.records import Actor, Channel, HoldLine, Kind, Regime, Role, State
from core.services.gate import needs
from core.store import certificates, customers, requests

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.services.context import Context

FINAL = {State.CANCELLED: Answer.CANCELLED, State.REJECTED: Answer.REJECTED}


class Papers:
    """The verbs `kvkk certificate` and `kvkk letter`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def certificate(self, actor: Actor, number: int, language: str) -> CertificateView:
        """The certificate as it was fixed, with its addenda. Raises NotFound `request-not-found`, `certificate-missing`."""
        with self._context.reading() as conn:
            row = requests.one(conn, number)
            documents = [document for _, _, document in certificates.load(conn, number)]
            zone = self._zone(conn)
        if not documents:
            raise NotFound("certificate-missing", number=number, state=row.state)
        certificate = Certificate.from_json(documents[0])
        addenda = tuple(Addendum.from_json(document) for document in documents[1:])
        return CertificateView(
            xml=to_xml(certificate, addenda, language),
            text=to_text(certificate, addenda, language, zone),
            certificate=certificate,
            addenda=addenda,
        )

    @needs(Role.VIEWER)
    def letter(self, actor: Actor, number: int, language: str | None = None) -> str:
        """The answer as it stands now, for print. Language None: the customer's, then the setting. Raises NotFound."""
        with self._context.reading() as conn:
            row = requests.one(conn, number)
            spoken = language or self._language(conn, row)
            return write_letter(self._letter(conn, row), spoken)

    def _letter(self, conn: Connection, row: Row[Any]) -> Letter:
        settings, answer = self._context.settings, _answer(row)
        return Letter(
            answer=answer,
            controller=Controller.read(lambda name: settings.get(conn, name)),
            number=row.number,
            asked=Kind(row.kind),
            regime=Regime(row.regime),
            channel=Channel(row.channel),
            received_on=row.received_on,
            due_on=row.due_on,
            dated=self._context.today(conn),
            decided_on=row.decided_at.astimezone(self._zone(conn)).date() if row.decided_at else None,
            reason=row.reason,
            holds=_holds(conn, row.number) if answer.is_done else (),
            blacklisted=bool(row.blacklisted),
            name=self._name(conn, row, answer),
        )

    def _zone(self, conn: Connection) -> ZoneInfo:
        return ZoneInfo(self._context.settings.get(conn, "timezone"))

    def _name(self, conn: Connection, row: Row[Any], answer: Answer) -> str | None:
        """The customer's name while we know it: after a mask or an erase there is none to be read."""
        if row.customer is None or answer in (Answer.MASK, Answer.ERASE):
            return None
        found = customers.rows_for(conn, self._context.atlas, [row.customer]).get(row.customer)
        return found.name or None if found else None

    def _language(self, conn: Connection, row: Row[Any]) -> str:
        own = customers.language(conn, self._context.atlas, row.customer) if row.customer is not None else None
        return own if own in LANGUAGES else str(self._context.settings.get(conn, "language"))


def _answer(row: Row[Any]) -> Answer:
    state = State(row.state)
    if state is State.RESOLVED:
        return Answer(row.outcome)
    return FINAL.get(state) or (Answer.EXTENDED if row.extended_to else Answer.RECEIVED)


def _holds(conn: Connection, number: int) -> tuple[HoldLine, ...]:
    documents = certificates.load(conn, number)
    return Certificate.from_json(documents[0][2]).holds if documents else ()
