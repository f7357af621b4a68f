"""The console itself: its views, its one way to the desk, the pulse of the database, the language."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.binding import Binding, BindingType

from core import N_, KvkkError
from kvkk_tui import words
from kvkk_tui.aftermath import Aftermath
from kvkk_tui.ahead import Known, Opening, known
from kvkk_tui.lanes import Lanes
from kvkk_tui.news import News
from kvkk_tui.page import Page
from kvkk_tui.places import PLACES
from kvkk_tui.terminal import too_small
from kvkk_tui.widgets.bars import Standing, TopBar
from kvkk_tui.words import _

if TYPE_CHECKING:
    from core import Desk, Tally
    from kvkk_tui.ahead import Ahead

ROLES = ("viewer", "operator", "admin")
"""Each may also what the ones before may."""
PULSE_S = 1.0
"""Seconds between two looks for news."""
LATE_S = 600.0
"""Seconds between two looks for what only time has changed: answers that have not arrived for a week."""
HELLO_S = 20.0
"""Seconds that the first word stays."""


class Console(Aftermath):
    """Staff answer requests. `error` is what kept it from opening, for the caller to tell."""

    CSS_PATH = Path(__file__).parent / "kvkk.tcss"
    TITLE = "KVKK"
    MODES = {place.name: place.open for place in PLACES}  # noqa: RUF012 - Textual declares it so
    DEFAULT_MODE = "queue"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('queue')", N_("Requests"), show=False, id="app.queue"),
        Binding("2", "view('customers')", N_("Customers"), show=False, id="app.customers"),
        Binding("3", "view('consents')", N_("Consents"), show=False, id="app.consents"),
        Binding("4", "view('downloads')", N_("Downloads"), show=False, id="app.downloads"),
        Binding("5", "view('blacklist')", N_("Blacklist"), show=False, id="app.blacklist"),
        Binding("6", "view('outbox')", N_("Outbox"), show=False, id="app.outbox"),
        Binding("7", "view('audit')", N_("Audit"), show=False, id="app.audit"),
        Binding("8", "view('runs')", N_("Runs"), show=False, id="app.runs"),
        Binding("9", "view('staff')", N_("Staff"), show=False, id="app.staff"),
        Binding("0", "view('settings')", N_("Settings"), show=False, id="app.settings"),
        Binding("colon,ctrl+p", "palette", N_("Commands"), id="app.palette", tooltip=N_("Every verb by its name.")),
        Binding("f2", "language", "Türkçe/English", show=False, id="app.language"),
        Binding("question_mark,f1", "help", N_("Help"), id="app.help", tooltip=N_("Every key of this screen.")),
        Binding("q", "leave", N_("Quit"), show=False, id="app.leave"),
    ]

    def __init__(self, desk: Desk, *, language_chosen: bool = True, hello: str = "", ahead: Ahead | None = None) -> None:
        super().__init__()
        self.lanes = Lanes(desk)
        self.standing = Standing()
        self.opened = False
        self.error: KvkkError | None = None
        self.near = 7
        self.key_told = False
        self._language_chosen = language_chosen
        self._hello = hello
        self._ahead = ahead
        self._reading: Ahead | None = None
        self.news = News()
        self._asking = False
        self._rings = True

    def on_mount(self) -> None:
        self.set_interval(PULSE_S, self._beat)
        self.set_interval(LATE_S, self._look_around)

    def on_unmount(self) -> None:
        self.lanes.close()

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self._cover)

    def _cover(self) -> None:
        """A window that is too small is covered until it has grown."""
        if too_small(*self.size):
            from kvkk_tui.screens.small import SmallScreen

            if not isinstance(self.screen, SmallScreen):
                self.push_screen(SmallScreen())

    # -- opening --------------------------------------------------------------------------------------------------

    def give_up(self, error: KvkkError) -> None:
        """The database cannot be used: leave, and let the caller say why."""
        self.error = error
        self.call_after_refresh(self.exit, return_code=int(error.exit_code))  # not before the screen is whole

    async def opening(self) -> Opening | None:
        """What another process has read for the first screen; asked for once."""
        ahead, self._reading = self._ahead, self._ahead
        self._ahead = None
        found = await self.lanes.quick(lambda _desk: ahead.take()) if ahead else None
        if found is not None:
            self.news.learn(found.pulse)
            self._obey(found.known)
        return found

    async def counts(self) -> Tally | None:
        """How many requests it has counted behind the `opening`."""
        ahead, self._reading = self._reading, None
        return await self.lanes.quick(lambda _desk: ahead.counts()) if ahead else None

    def first_rows(self, tally: Tally | None) -> None:
        """The queue is there: learn what else the first line and the dates need."""
        self._stand(tally=tally)
        if self.opened:
            return
        self.opened = True
        self.call_after_refresh(self._settled)
        if self._hello:
            self.tell(self._hello, timeout=HELLO_S)

    def _settled(self) -> None:
        """The first rows are painted: what they need not wait for."""
        if not gc.isenabled():  # switched off by `start`
            gc.freeze()  # what the opening made stays to the end: no later look for rubbish goes through it
            gc.enable()
        if not self.standing.database:
            self._learn()
            self._beat()  # else another process has read both, and the pulse is soon enough
        self._look_around()

    @work(group="learn")
    async def _learn(self) -> None:
        try:
            self._obey(await self.lanes.quick(known))
        except KvkkError as error:
            self.complain(error)

    @work(group="around")
    async def _look_around(self) -> None:
        if not self.opened:
            return
        try:
            self._notice(await self.lanes.quick(_around))
        except KvkkError as error:
            self.complain(error)

    def _notice(self, around: tuple[bool, int]) -> None:
        """Whether the bell is wanted, and how many answers have not arrived."""
        self._rings, undelivered = around
        if undelivered != self.standing.undelivered:
            self._stand(undelivered=undelivered)

    def bell(self) -> None:
        """As the setting says."""
        if self._rings:
            super().bell()

    def _obey(self, told: Known) -> None:
        """The settings that the console obeys, as they are now."""
        words.use_zone(told.zone)
        self.near = told.near
        self._stand(database=told.database, account=told.account, role=told.role, open=told.open)
        if not self._language_chosen and told.language != words.language():
            self._speak(told.language)
        self._language_chosen = True
        self.screen.refresh_bindings()  # another role dims other verbs

    def role_too_low(self, needed: str) -> str | None:
        """The sentence that says so; None while the role is not known, or when it is enough."""
        role = self.standing.role
        if not role or ROLES.index(role) >= ROLES.index(needed):
            return None
        facts: dict[str, object] = {"needed": needed, "role": role, "account": self.standing.account}
        return words.against("role-too-low", facts)

    def _stand(self, **facts: object) -> None:
        self.standing = replace(self.standing, **facts)  # type: ignore[arg-type]  # names of its own fields
        for screen in self.screen_stack:
            for bar in screen.query(TopBar):
                bar.refresh()

    # -- the pulse ------------------------------------------------------------------------------------------------

    @work(group="pulse")
    async def _beat(self) -> None:
        if not self.opened or self._asking:
            return
        self._asking = True
        try:
            await self._look()
        except KvkkError:
            return  # a verb of a person says what is wrong; the pulse tries again
        finally:
            self._asking = False

    async def _look(self) -> None:
        """Look for what others did, and show it."""
        arrived, since = self.news.arrived, self.news.seen or None
        if self.news.learn(await self.lanes.quick(lambda desk: desk.requests.pulse(desk.actor, since))):
            await self._changed(self.news.arrived - arrived)

    async def _changed(self, fresh: int) -> None:
        self._notice(await self.lanes.quick(_around))
        if fresh > 0:
            self._ring(fresh)
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                await screen.changed()
        tally = await self.lanes.quick(self._tally)
        self._stand(tally=tally, arrived=self.news.arrived)
        self._learn()  # settings and roles may have been changed by others too

    def _tally(self, desk: Desk) -> Tally:
        from core import RequestFilter

        return desk.requests.tally(desk.actor, RequestFilter())

    def _ring(self, fresh: int) -> None:
        """The warning bubble: toast, bell where it is wanted, and title; the badge follows with the counts."""
        self.tell(_("{n} new requests").format(n=fresh) if fresh > 1 else _("A new request"), severity="warning")
        self.bell()
        self.title_to(f"({self.news.arrived}) KVKK")

    def seen(self) -> None:
        """The new requests have been looked at: the badge goes."""
        self.news.all_seen()
        self._stand(arrived=0)
        self.title_to("KVKK")

    async def moved(self) -> None:
        """We changed something ourselves: show it now and not with the next pulse."""
        try:
            await self._look()
        except KvkkError as error:
            self.complain(error)
        self.post()

    # -- words ----------------------------------------------------------------------------------------------------

    def refuses(self, key: str) -> bool:
        return isinstance(self.screen, Page) and self.screen.refuses(key)

    def action_language(self) -> None:
        """Turkish or English, at once and everywhere."""
        self._speak("en" if words.language() == "tr" else "tr")

    def _speak(self, language: str) -> None:
        words.use(language)
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, Page) and screen.is_mounted:
                    screen.spoken()

    # -- ways -----------------------------------------------------------------------------------------------------

    def action_view(self, name: str) -> None:
        """One of the views; what is open above another view stays there."""
        self.switch_mode(name)

    def action_help(self) -> None:
        from kvkk_tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def action_palette(self) -> None:
        from kvkk_tui.screens.palette import PaletteScreen

        self.push_screen(PaletteScreen())

    def action_leave(self) -> None:
        """q: from the top only; Esc goes back."""
        if len(self.screen_stack) == 1:
            self.run_worker(self.action_quit())

    async def action_quit(self) -> None:
        if self.lanes.busy:
            self.tell(_("A change is under way. The console can be left when it has finished."), severity="warning")
            return
        self.exit()

    def export(self, customer: str) -> None:
        """Ask in which format a customer's data are exported, and do it."""
        from kvkk_tui.screens.export import ExportScreen

        self.push_screen(ExportScreen(customer))


def _around(desk: Desk) -> tuple[bool, int]:
    """(whether the bell is wanted, answers that have not arrived). Raises KvkkError."""
    return desk.settings.get(desk.actor, "bell") == "on", len(desk.notices.undelivered(desk.actor))
