"""The choices of a resolution as lines with a key each: nothing to tab through, everything at a glance, the mouse works too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.style import Style
from textual.widget import Widget

from core import safe
from kvkk_tui.lines import exactly


@dataclass(frozen=True)
class Choice:
    """One thing to choose: its key, its action on the screen, its words, and how it stands."""

    key: str
    action: str
    text: str
    mark: str = ""
    style: str = "text"


Row = tuple[str, Sequence[Choice]]
LABEL = 18


class Form(Widget):
    """Rows of choices; the screen says how they stand each time they are drawn."""

    auto_links = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{name}" for name in ("label", "key", "text", "dim", "bad", "near", "good")}

    DEFAULT_CSS = "Form { height: auto; }"

    def __init__(self, rows: Callable[[], Sequence[Row]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = rows

    def render(self) -> RenderResult:
        lines = [self._line(label, choices) for label, choices in self._rows()]
        return Content("\n").join([line.truncate(self.size.width, ellipsis=True) for line in lines])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows())

    def _line(self, label: str, choices: Sequence[Choice]) -> Content:
        parts = [Content.styled(" " + exactly(label, LABEL) + " ", self._look("label"))]
        for choice in choices:
            click = Style.from_meta({"@click": f"screen.{choice.action}"}) if choice.action else Style()
            parts.append(Content.styled(f"{choice.key} ", self._look("key" if choice.action else "dim") + click))
            parts.append(Content.styled(f"{choice.mark}{safe(choice.text)}   ", self._look(choice.style) + click))
        return Content.assemble(*parts)

    def _look(self, name: str) -> Style:
        return self.get_visual_style(f"lines--{name}", partial=True)
