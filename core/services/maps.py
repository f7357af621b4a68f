"""The data map as staff see it: is it sound, and what does it say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model.datamap import Action, LinkKind, TableMap
from core.model.records import Actor, MapTable, MapView, Role
from core.services.gate import needs

if TYPE_CHECKING:
    from core.services.context import Context


class Maps:
    """The verbs of `kvkk map`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def check(self, actor: Actor) -> MapView:
        """Prove the map against the live schema. Raises MapError with every problem."""
        with self._context.reading() as conn:
            self._context.atlas.proof(conn)
        return self._view()

    @needs(Role.VIEWER)
    def show(self, actor: Actor) -> MapView:
        """What the map says, table by table. Raises MapError when it is not even sound in itself."""
        return self._view()

    def _view(self) -> MapView:
        mapping = self._context.atlas.map
        lines = tuple(_line(table) for table in mapping.tables.values())
        return MapView(mapping.name, mapping.sha256, lines, tuple(mapping.not_personal.items()), mapping.outside)


def _line(table: TableMap) -> MapTable:
    link = table.link
    words = {
        LinkKind.ROOT: "customer",
        LinkKind.UP: f"{', '.join(link.columns)} -> {link.parent}.{', '.join(link.parent_columns)}",
        LinkKind.DOWN: f"{', '.join(link.columns)} <- {link.parent}.{', '.join(link.parent_columns)}",
        LinkKind.MATCH: f"{', '.join(link.columns)} = {link.to}",
        LinkKind.NONE: "none",
    }
    stays = table.on_erase is not Action.DELETE or table.hold is not None
    return MapTable(
        table=table.name,
        link=words[link.kind],
        personal=tuple((rule.name, rule.kind) for rule in table.personal),
        on_mask=table.on_mask.value,
        on_erase=table.on_erase.value,
        because=(table.hold.because if table.hold else table.because) if stays else "",
    )
