"""The panel over a copy of the sample, in one process: forms are read from its own pages, as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import pytest
from lxml import html
from starlette.testclient import TestClient

from core.config import Target
from core.desk import Desk
from core.model import passwords
from core.model.records import Actor, Look, Visitor
from kvkk_panel.app import make_app
from kvkk_panel.desks import Desks
from kvkk_panel.site import Site

WHO = "77"
"""The customer of the sample whose password is known."""
PASSWORD = "ornek-parola"
EMAIL = "iraz.aslan77@aslan-iraz77.example"
URL = "http://panel.example"
QUICK = passwords.written("argon2id", PASSWORD, b"kvkkDemoSaltkvkk")


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test names others: the panel knows no engine."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def quick(desk: Desk) -> None:
    """Bcrypt of cost 12 takes a quarter of a second; argon2id as we write it does not."""
    with desk.store.writer.begin() as conn:
        conn.exec_driver_sql(f"UPDATE customers SET password_hash = '{QUICK}'")


@dataclass
class Browser:
    """A visitor with cookies. Answers are read as HTML; forms are filled in by the names of their fields."""

    client: httpx.Client
    site: Site
    last: httpx.Response | None = None

    def get(self, path: str, **more: Any) -> httpx.Response:
        self.last = self.client.get(path, **more)
        return self.last

    @property
    def page(self) -> Any:
        assert self.last is not None
        return html.fromstring(self.last.text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.page.itertext()).split())

    def form(self, action: str) -> dict[str, str]:
        """The fields of a form of the page as they stand."""
        found = next(one for one in self.page.forms if one.action == action)
        return dict(found.form_values())

    def send(self, action: str, **fields: str) -> httpx.Response:
        """Fill a form of the page in and send it."""
        self.last = self.client.post(action, data={**self.form(action), **fields})
        return self.last

    def sign_in(self, name: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
        self.get("/signin")
        return self.send("/signin", name=name, password=password)


@pytest.fixture
def site(desk: Desk, target: Target, clock: Any, quick: None) -> Site:
    visitor = Visitor("panel", "web.example")

    def make() -> Desk:
        return Desk(target, actor=Actor("kvkk-panel", "web.example"), clock=clock)

    look: Look = desk.panel.look(visitor)
    return Site(Desks(make, visitor), "web.example", look)


@pytest.fixture
def told(site: Site) -> list[str]:
    """What the panel tells whoever runs it."""
    lines: list[str] = []
    site.tell = lines.append
    return lines


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """Somebody who is not signed in, and prefers English."""
    with TestClient(make_app(site), base_url=URL, headers={"Accept-Language": "en"}, client=("203.0.113.7", 5000)) as client:
        yield Browser(client, site)


@pytest.fixture
def inside(browser: Browser) -> Browser:
    """The customer, signed in."""
    assert browser.sign_in().status_code == 200
    return browser
