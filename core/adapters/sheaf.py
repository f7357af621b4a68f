"""Many files of one folder that appear together, each whole or not at all.

    with Sheaf() as sheaf:
        file = sheaf.open(path)
        ...
        sheaf.keep()
        ...  # what must be true before the block ends, or all of them are taken back

What one `Atomic` does with a file is done with all of them a step at a time: the data of every file, then the names, then the folder,
which is synced once. The data are synced side by side: a file system commits those who wait at the same time at once.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, Self

from core.adapters.files import Atomic, told

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

SIDE_BY_SIDE = 16
"""Files that are synced at the same time."""


class Sheaf:
    """Files of one folder. Raises as `Atomic`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._files: list[Atomic] = []

    def __enter__(self) -> Self:
        return self

    def open(self, path: Path) -> BinaryIO:
        """A new file, to be written before `keep`."""
        one = Atomic(path)
        file = self._stack.enter_context(one)
        self._files.append(one)
        return file

    def keep(self) -> None:
        """Give every file its name."""
        if not self._files:
            return
        try:
            self._sync()
            for one in self._files:
                one.name()
            self._files[-1].sync_folder()
        except OSError as error:
            raise told(error) from None

    def _sync(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
            for _ in threads.map(Atomic.sync, self._files):
                pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, trace)
