"""A real browser, driven over the WebDriver protocol: Chromium without a screen, JavaScript switched off, a profile of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

WAIT_S = 15.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=390,844",
)
TAB = "\ue004"


class Chromium:
    """One window."""

    def __init__(self, driver: str, folder: Path) -> None:
        options = {
            "binary": shutil.which("chromium"),
            "args": [*FLAGS, f"--user-data-dir={folder / 'profile'}"],
            "prefs": {"profile.managed_default_content_settings.javascript": 2},
        }
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._call("POST", f"{driver}/session", {"capabilities": {"alwaysMatch": wanted}})
        self._at = f"{driver}/session/{made['sessionId']}"
        behaviour = {"behavior": "allow", "downloadPath": str(folder)}
        self.post("/goog/cdp/execute", cmd="Browser.setDownloadBehavior", params=behaviour)

    def post(self, path: str, **body: Any) -> Any:
        return self._call("POST", self._at + path, body)

    def open(self, url: str) -> None:
        self.post("/url", url=url)

    def click(self, css: str) -> None:
        self.post(f"/element/{self.find(css)}/click")

    def type(self, css: str, text: str) -> None:
        self.post(f"/element/{self.find(css)}/value", text=text)

    def find(self, css: str) -> str:
        """The first element; waits for it, since a page may still be on its way."""
        found = self.until(lambda: self.post("/elements", using="css selector", value=css), css)
        return str(next(iter(found[0].values())))

    def text(self, css: str = "body") -> str:
        return str(self._call("GET", f"{self._at}/element/{self.find(css)}/text"))

    def shows(self, text: str) -> None:
        def seen() -> bool:
            try:
                return text in self.text()
            except urllib.error.HTTPError:  # the page went while it was read
                return False

        self.until(seen, text)

    def press(self, key: str) -> None:
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.post("/actions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    @property
    def focused(self) -> str:
        """The words of the element that has the focus."""
        found = self._call("GET", f"{self._at}/element/active")
        return str(self._call("GET", f"{self._at}/element/{next(iter(found.values()))}/text"))

    @property
    def complaints(self) -> list[str]:
        """What the browser found wrong: a policy that was broken, a file that did not come."""
        return [one["message"] for one in self.post("/se/log", type="browser") if one["level"] == "SEVERE"]

    def close(self) -> None:
        self._call("DELETE", self._at)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.05)
        pytest.fail(f"waited in vain for {what}\n{self.text()}")

    @staticmethod
    def _call(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)["value"]


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """A browser, or the test skips with one line where there is none."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("no chromium: apt install chromium chromium-driver")
    process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        line = next(line for line in process.stdout if "started successfully on port" in line)
        window = Chromium(f"http://127.0.0.1:{line.strip().rstrip('.').rpartition(' ')[2]}", folder)
        try:
            yield window
        finally:
            window.close()
    finally:
        process.terminate()
        process.communicate()
