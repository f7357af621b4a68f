"""The company's logo: a file that an admin has named. Shown as a picture only; what is none, or is too large, is left out."""

from __future__ import annotations

from pathlib import Path

MOST = 256 * 1024
SIGNS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For an SVG that somebody opens by itself: a drawing may hold a script."""


def read(path: str | None) -> tuple[bytes, str] | None:
    """(bytes, media type) of the file; None when there is none that can be shown."""
    if path is None:
        return None
    try:
        with Path(path).open("rb") as file:
            body = file.read(MOST + 1)
    except OSError:
        return None
    kind = _kind(body) if len(body) <= MOST else None
    return (body, kind) if kind else None


def _kind(body: bytes) -> str | None:
    for sign, kind in SIGNS:
        if body.startswith(sign):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return "image/svg+xml" if b"<svg" in body[:2048] else None
