"""One customer's words: what counts now, when the notice was read, and everything that was said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from core import N_, NONE, ConsentDetail, ConsentEntry, Desk
from kvkk_tui.consenting import ConsentPage
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.sheetpage import SheetPage
from kvkk_tui.words import _, forms, zone

WIDE = 110
LOOKS = {"consent.give": ("✓", "good"), "consent.withdraw": ("✗", "bad"), "notice.read": ("·", "text")}


class ConsentScreen(SheetPage[ConsentDetail], ConsentPage):
    """Above the list, or above the customer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "customer", N_("Customer"), id="consent.customer", tooltip=N_("Everything about the customer.")),
        Binding("r", "read", N_("Refresh"), show=False, id="consent.refresh"),
        Binding("escape,q", "leave", N_("Back"), id="consent.leave"),
    ]

    def __init__(self, key: str, name: str) -> None:
        super().__init__()
        self._key, self._called = key, name

    def read(self, desk: Desk) -> ConsentDetail:
        return desk.consent.show(desk.actor, self._key)

    def whom(self) -> tuple[str, str] | None:
        return self._key, self._called

    def why_not(self, action: str) -> str | None:
        if action in ("give", "withdraw"):
            return self.against_word(action, self.seen.row if self.seen else None)
        return None

    def draw(self, lines: Lines) -> None:
        seen, say = self.seen, forms()
        lines.title(_("Consent of customer {key}").format(key=self._key))
        if seen is None:
            lines.text(_("Reading…"), "dim")
            return
        read = seen.notice
        told = _("{at}, version {version}").format(at=say.moment(read.at, zone()), version=read.version) if read else NONE
        lines.fields(
            (
                (_("Name"), self._called),
                (_("Consent"), say.consent(seen.row, zone()), "good" if seen.row.given else "near"),
                (_("Version in force"), str(seen.current_version)),
                (_("Notice read"), told),
            )
        )
        lines.title(_("History"))
        if seen.history:
            _history(lines, seen.history)
        else:
            lines.text(_("The customer has said nothing yet."), "dim")

    def action_customer(self) -> None:
        from kvkk_tui.screens.customer import CustomerScreen

        self.app.push_screen(CustomerScreen(self._key))


def _history(lines: Lines, history: Sequence[ConsentEntry]) -> None:
    """A line a word; where the terminal is narrow, its proof and its clerk stand below it."""
    say = forms()
    if lines.width >= WIDE:
        titles = (_("When"), _("What"), _("Version"), _("Channel"), _("Received"), _("Identity verified"), _("By"))
        rows = [(*_short(one), say.day(one.received_on), piece(one.verified_by or NONE), piece(one.recorded_by)) for one in history]
        lines.table(titles, rows, right=(2,))
        return
    for one in history:
        when, what, version, channel = _short(one)
        lines.add(
            Piece(f"{when.text}  "), what, Piece("  " + _("version {version}").format(version=version.text)), Piece("  " + channel.text)
        )
        more = [(_("Received"), say.day(one.received_on) if one.received_on else ""), (_("Identity verified"), one.verified_by or "")]
        told = [f"{name}: {value}" for name, value in (*more, (_("By"), one.recorded_by)) if value]
        lines.text(" · ".join(told), "dim", indent=2)


def _short(one: ConsentEntry) -> tuple[Piece, Piece, Piece, Piece]:
    word = "notice.read" if one.kind == "notice" else "consent.give" if one.given else "consent.withdraw"
    sign, style = LOOKS[word]
    say = forms()
    what = Piece(f"{sign} {say.named('word', word)}", style)
    return Piece(say.moment(one.at, zone())), what, Piece(str(one.version)), Piece(say.named("channel", one.channel))
