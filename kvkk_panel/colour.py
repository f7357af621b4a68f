"""The company's colour, made readable: the nearest lighter or darker one that has enough contrast on our paper, by day and by night.

Contrast as WCAG 2.2 computes it. The stylesheet takes these and no other colour from outside.
"""

from __future__ import annotations

DEFAULT = "#0a5c7a"
PAPER = {"light": "#f4f6f8", "dark": "#1b2127"}
"""The ground on which coloured words are hardest to read: the page by day, a card by night. Stands in panel.css too; a test compares."""
ENOUGH = 4.6
"""WCAG asks for 4.5 for text."""
STEPS = 40

Rgb = tuple[float, float, float]


def stylesheet(accent: str | None) -> str:
    """Variables of the stylesheet for a colour `#rrggbb`; None: our own."""
    wanted = accent or DEFAULT
    light, dark = (readable(wanted, PAPER[name]) for name in ("light", "dark"))
    return (
        f":root {{ --accent: {light}; --on-accent: {on(light)}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; --on-accent: {on(dark)}; }} }}\n"
    )


def readable(colour: str, ground: str) -> str:
    """The colour itself, or the nearest towards black (on light) or white (on dark) that can be read on the ground."""
    towards: Rgb = (0, 0, 0) if luminance(ground) > 0.5 else (255, 255, 255)
    start = _rgb(colour)
    for step in range(STEPS + 1):
        red, green, blue = (a + (b - a) * step / STEPS for a, b in zip(start, towards, strict=True))
        found = _hex((red, green, blue))
        if contrast(found, ground) >= ENOUGH:
            return found
    return _hex(towards)


def on(ground: str) -> str:
    """Black or white, whichever is read better on it; the better of the two always has 4.5."""
    return max("#ffffff", "#101418", key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour)
