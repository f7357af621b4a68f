"""Yetkilendirme Onayı: who has accepted the consent text and who has not, with what staff record on the customer's behalf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from core import N_, NONE, ConsentFilter, ConsentRow, ConsentStatus, Desk
from kvkk_tui.consenting import ConsentPage
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.bars import Told
from kvkk_tui.widgets.entry import Entry
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, zone

FILTERS = {
    ConsentFilter.ALL: N_("Everybody"),
    ConsentFilter.GIVEN: N_("Consent that counts"),
    ConsentFilter.MISSING: N_("No consent that counts"),
    ConsentFilter.OUTDATED: N_("Older version accepted"),
}
STYLES = {"given": "good", "outdated": "near", "withdrawn": "bad", "none": "dim"}
SIGNS = {"given": "✓ ", "outdated": "! ", "withdrawn": "✗ ", "none": "  "}
WIDE = 110


class ConsentsScreen(ConsentPage, ListPage[ConsentRow]):
    """In the order of the customers' keys; who accepted, by version first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("History"), id="consents.open", tooltip=N_("Everything that the customer has said.")),
        Binding("slash", "search", N_("Search"), id="consents.search", tooltip=N_("By name, e-mail, phone or id.")),
        Binding("f", "filter", N_("Filter"), id="consents.filter", tooltip=N_("Everybody, given, missing, or an older version.")),
        Binding("t", "texts", N_("Texts"), id="consents.texts", tooltip=N_("The consent text and the privacy notice, with every version.")),
        Binding("c", "customer", N_("Customer"), show=False, id="consents.customer", tooltip=N_("Everything about the customer.")),
        Binding("escape", "back", N_("Back"), show=False, id="consents.back", tooltip=N_("Leave the search, then the filter.")),
    ]
    TELLS = True

    def __init__(self) -> None:
        super().__init__()
        self.wanted = ConsentFilter.ALL
        self.search = ""

    def body(self) -> Iterable[Widget]:
        yield Told(self._standing, id="filter")
        yield from super().body()

    def key_of(self, row: ConsentRow) -> str:
        return row.customer

    @property
    def searches(self) -> bool:
        return bool(self.search)

    def page(self, desk: Desk, after: Any, limit: int) -> tuple[Sequence[ConsentRow], Any]:
        if self.search:
            part = desk.consent.search(desk.actor, self.search, self.wanted, after, limit)
            return part.rows, part.onward
        found = desk.consent.list(desk.actor, self.wanted, after=after, limit=limit)
        return found.rows, found.cursor

    def came(self) -> None:
        self.query_one(Told).refresh()

    def columns(self, width: int) -> Sequence[Column[ConsentRow]]:
        found = [
            Column[ConsentRow](N_("Customer"), 8, lambda row: piece(row.customer, "key"), right=True),
            Column[ConsentRow](N_("Name"), 0, lambda row: piece(row.customer_name)),
            Column[ConsentRow](N_("Consent"), 20, _state),
            Column[ConsentRow](N_("Version"), 7, lambda row: Piece(str(row.version or NONE)), right=True),
            Column[ConsentRow](N_("When"), 16, lambda row: Piece(forms().moment(row.at, zone()))),
        ]
        if width >= WIDE:
            found.append(Column[ConsentRow](N_("Channel"), 24, lambda row: Piece(forms().named("channel", row.channel))))
        return found

    def about(self, lines: Lines, row: ConsentRow) -> None:
        lines.fields(
            (
                (_("Customer"), f"{row.customer_name} ({row.customer})"),
                (_("Consent"), forms().consent(_status(row), zone())),
                (_("Account"), _opens(row)),
            )
        )

    def empty(self) -> Sequence[str]:
        if not self._read:
            return [_("Searching…") if self.search else _("Reading…")]
        if self.search:
            return [_("Nobody found."), _("Esc leaves the search.")]
        if self.wanted is not ConsentFilter.ALL:
            return [_("The filter finds nobody."), _("Esc shows everybody again.")]
        return [_("There is no customer yet.")]

    def _standing(self) -> list[tuple[str, bool]]:
        """(words, whether they were chosen) of the line above the table."""
        parts = [(_(FILTERS[self.wanted]), True)]
        if self.search:
            parts.insert(0, (_("search: {text}").format(text=self.search), True))
            parts.append((self.how_many(), False))
        return parts

    # -- who is meant ---------------------------------------------------------------------------------------------

    def whom(self) -> tuple[str, str] | None:
        row = self.grid.row
        return (row.customer, row.customer_name) if row is not None else None

    def why_not(self, action: str) -> str | None:
        if action in ("give", "withdraw", "notice", "open", "customer"):
            row = self.grid.row
            return self.against_word(action, _status(row) if row is not None else None)
        return None

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        from kvkk_tui.screens.consent import ConsentScreen

        whom = self.whom()
        if whom is not None:
            self.app.push_screen(ConsentScreen(*whom))

    def action_customer(self) -> None:
        from kvkk_tui.screens.customer import CustomerScreen

        whom = self.whom()
        if whom is not None:
            self.app.push_screen(CustomerScreen(whom[0]))

    def action_texts(self) -> None:
        from kvkk_tui.screens.documents import DocumentsScreen

        self.app.push_screen(DocumentsScreen())

    # -- filter and search ----------------------------------------------------------------------------------------

    def show(self, wanted: ConsentFilter, search: str) -> None:
        """Another list, from its start."""
        self.wanted, self.search = wanted, search
        self.restart()

    @work(group="choose")
    async def action_filter(self) -> None:
        chosen = await self.choose(_("Whom?"), [(name.value, _(said)) for name, said in FILTERS.items()], self.wanted.value)
        if chosen is not None:
            self.show(ConsentFilter(chosen), self.search)

    async def action_search(self) -> None:
        line = self.query_one(Told)
        if self.query("#find"):
            return
        line.display = False
        entry = Entry(self.search, placeholder=_("Name, e-mail, phone or id; Enter searches, Esc leaves"), id="find")
        await self.mount(entry, after=line)
        entry.select_all()  # so that the next word takes the place of the last
        self.set_focus(entry)

    @on(Input.Submitted, "#find")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._end_search(event.value.strip())

    def _end_search(self, text: str) -> None:
        self.query("#find").remove()
        self.query_one(Told).display = True
        self.set_focus(self.grid)
        if text != self.search:
            self.show(self.wanted, text)

    def action_back(self) -> None:
        """One step back: out of the search box, the details, the search, the filter."""
        if self.query("#find"):
            self._end_search(self.search)
        elif not self.grid.has_focus:
            self.set_focus(self.grid)
        elif self.search:
            self.show(self.wanted, "")
        elif self.wanted is not ConsentFilter.ALL:
            self.show(ConsentFilter.ALL, "")


def _status(row: ConsentRow) -> ConsentStatus:
    return ConsentStatus(row.counts, row.version, row.at, row.channel, outdated=row.state == "outdated")


def _state(row: ConsentRow) -> Piece:
    return Piece(SIGNS[row.state] + forms().named("consent", row.state), STYLES[row.state])


def _opens(row: ConsentRow) -> str:
    return _("The consent counts.") if row.counts else _("No consent counts: refused while consent is required.")
