"""The answer to a customer as a value: what `kvkk letter` says, before it is put into words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.model.certificate import Controller
from core.model.records import Channel, HoldLine, Kind, Regime


class Answer(StrEnum):
    """What the letter tells."""

    RECEIVED = "received"
    """Nothing is decided yet: the request is acknowledged, with the day of the answer."""
    EXTENDED = "extended"
    """More time is taken (GDPR art. 12(3)), with the reason."""
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    """With the reason and the right to complain (Law 6698 art. 13/3 and 14, GDPR art. 12(4))."""
    ACCESS = "access"
    MASK = "mask"
    ERASE = "erase"

    @property
    def is_final(self) -> bool:
        """Whether something was done or refused: then the letter names the right to complain."""
        return self not in (Answer.RECEIVED, Answer.EXTENDED, Answer.CANCELLED)

    @property
    def is_done(self) -> bool:
        """Whether data were changed."""
        return self in (Answer.ACCESS, Answer.MASK, Answer.ERASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that a letter needs. `name` None: a place for it is left blank."""

    answer: Answer
    controller: Controller
    number: int
    asked: Kind
    regime: Regime
    channel: Channel
    received_on: date
    due_on: date
    dated: date
    decided_on: date | None = None
    reason: str | None = None
    holds: tuple[HoldLine, ...] = ()
    blacklisted: bool = False
    name: str | None = None

    @property
    def is_less(self) -> bool:
        """Whether less was done than was asked for."""
        return self.answer.is_done and self.asked is Kind.ERASE and self.answer is not Answer.ERASE
