"""A customer's word on the consent text and the notice: the same three verbs in the list, in the history and beside the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from core import N_
from kvkk_tui import words
from kvkk_tui.page import Page
from kvkk_tui.words import _

if TYPE_CHECKING:
    from core import ConsentStatus

VERBS = ("give", "withdraw", "notice")
OPERATORS = dict.fromkeys(VERBS, "operator")


class Consenting(Page):
    """A screen on which one customer is meant."""

    def whom(self) -> tuple[str, str] | None:
        """(key, name) of the customer that is meant now."""
        return None

    def against_word(self, action: str, stands: ConsentStatus | None) -> str | None:
        """Why a word would change nothing, as far as it is known here; core knows the rest."""
        if self.whom() is None:
            return _("There is no customer here.")
        if stands is None:
            return None
        if action == "give" and stands.given and not stands.outdated:
            return words.against("consent-given", {})
        if action == "withdraw" and not (stands.given or stands.outdated):
            return words.against("consent-not-given", {})
        return None

    def action_give(self) -> None:
        self._word("give")

    def action_withdraw(self) -> None:
        self._word("withdraw")

    def action_notice(self) -> None:
        self._word("notice")

    def _word(self, verb: str) -> None:
        from kvkk_tui.screens.word import WordScreen

        whom = self.whom()
        if whom is not None:
            self.app.push_screen(WordScreen(verb, *whom))


class ConsentPage(Consenting):
    """The same with its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "give", N_("Accepted"), id="consent.give", tooltip=N_("The customer accepts the consent text.")),
        Binding("w", "withdraw", N_("Withdrawn"), id="consent.withdraw", tooltip=N_("The customer withdraws the consent.")),
        Binding("m", "notice", N_("Notice read"), id="consent.notice", tooltip=N_("The customer has read the privacy notice.")),
    ]
    ROLES: ClassVar[dict[str, str]] = OPERATORS
