"""The data map as staff see it: is it sound, what does it say, and what would a first one look like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.adapters.files import Atomic
from core.errors import UsageError
from core.locale import translator
from core.model.datamap import Action, LinkKind, TableMap
from core.model.records import Actor, MapDraft, MapTable, MapView, Role
from core.services.gate import needs

if TYPE_CHECKING:
    from pathlib import Path

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

    @needs(Role.VIEWER)
    def draft(self, actor: Actor, language: str, *, customers: str | None = None, target: Path | None = None) -> MapDraft:
        """Propose a map from the live schema; not one row is read. With `target` it is written there, never over another file.

        Raises UsageError `draft-exists`, `draft-no-customers`, `draft-alike`, `draft-no-table`, `draft-no-key`, and as Atomic.
        """
        from core.model.drafting import draft
        from core.store.reflect import LiveSchema

        place = None if target is None else Atomic(target)
        if place is not None:
            _free(place)
        with self._context.reading() as conn:
            schema = LiveSchema(conn).whole()
        made = draft(schema, "draft" if target is None else target.stem, customers, translator(language))
        if place is None:
            return made
        with place as file:
            file.write(made.text.encode())
            place.keep()
        return replace(made, path=str(target))

    def _view(self) -> MapView:
        mapping = self._context.atlas.map
        lines = tuple(_line(table) for table in mapping.tables.values())
        return MapView(mapping.name, mapping.sha256, lines, tuple(mapping.not_personal.items()), mapping.outside)


def _free(place: Atomic) -> None:
    """Refuse before anything is read what could not be written afterwards."""
    try:
        place.check()
    except UsageError as error:
        raise UsageError("draft-exists") if error.code == "output-exists" else error from None


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
