"""`kvkk panel serve` on a machine without what it needs; the process itself is tried in tests/panel."""

from __future__ import annotations

from typing import Any

import pytest


def test_without_the_extra_one_line_says_what_to_install(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvkk_cli.panel.find_spec", lambda _: None)
    ran = run("panel", "serve", lang="en")
    assert ran.code == 2
    assert "pip install 'kvkk-desk[panel]'" in ran.err
