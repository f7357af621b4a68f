"""The pictures of the documents are what the console draws."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "docs/screens").glob("*.svg"))


def test_the_pictures_are_drawn_from_the_sample_as_it_is_now() -> None:
    """`tools/screens` makes them anew."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/screens"), "--check"], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_pictures_are_small_and_load_nothing() -> None:
    assert len(PICTURES) >= 6
    for path in PICTURES:
        text = path.read_text(encoding="utf-8")
        assert len(text) < 40_000, path.name
        assert "sample.db" in text
        assert set(re.findall(r"https?://[^\"']*", text)) == {"http://www.w3.org/2000/svg"}
        assert not re.search(r"<(script|image|foreignObject|a)\b|@import|url\(", text)
