"""Build hook: compiles the message catalogues (core/locale/LANGUAGE/LC_MESSAGES/kvkk.po) that are kept as text only.

A wheel gets them from a temporary folder, so that a source tree that cannot be written still builds. An editable
install runs from the source tree and gets them there, beside the .po; git ignores them. An sdist holds the .po.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogue(source: Path, target: Path) -> None:
    """Compile one .po file; the .mo appears whole or not at all, since a kvkk that runs may be reading the old one."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as text:
        catalogue = read_po(text, abort_invalid=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, suffix=".new")
    with os.fdopen(descriptor, "wb") as binary:
        write_mo(binary, catalogue)
    Path(name).chmod(0o644)
    Path(name).replace(target)


class CatalogueHook(BuildHookInterface[Any]):
    """Found by hatchling as the only hook of this file."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files are gathered. `version` is "editable" or "standard"."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        for source in sorted(root.glob("core/locale/*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if version != "editable":
                inside = target.relative_to(root).as_posix()
                target = self._apart(inside)
                build_data["force_include"][str(target)] = inside
            compile_catalogue(source, target)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder once the wheel is written."""
        if self._folder is not None:
            self._folder.cleanup()

    def _apart(self, inside: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="kvkk-build-")
        target = Path(self._folder.name, inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target
