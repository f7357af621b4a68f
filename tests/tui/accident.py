"""The command line with an accident built in, as a process of its own: `python accident.py KIND ARGUMENTS …`

crash        Ctrl+L breaks in the middle of personal data: its locals and its message are SECRET
hold:FILE:N  the N-th resolution stands still with everything written and nothing committed: FILE is made, and it waits until it is gone
hasty        what runs and what is not yet drawn after SIGTERM gets HASTE_S and not the seconds that it has otherwise

Several are joined by a comma.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

HASTE_S = 0.5
SECRET = "Ayşe-Işık-10000000146"


def crash() -> None:
    from kvkk_tui.app import Console

    def action_redraw(self: Any) -> None:
        identity = SECRET
        raise ValueError(f"about {identity}")

    Console.action_redraw = action_redraw  # type: ignore[method-assign]


def hold(nth: int, flag: Path) -> None:
    from core.services import context

    sealer, resolved = context.sealer, 0

    def holding(key: Any) -> Any:
        seal = sealer(key)

        def wait(unit: Any) -> Any:
            nonlocal resolved
            resolved += any(verb == "request.resolve" for verb, _number, _detail in unit.entries)
            if resolved == nth and not flag.exists():
                flag.touch()
                while flag.exists():
                    time.sleep(0.01)
            return seal(unit)

        return wait

    context.sealer = holding


def hasty() -> None:
    from kvkk_tui import safeapp

    safeapp.PATIENCE_S = HASTE_S


def main() -> None:
    for one in sys.argv.pop(1).split(","):
        kind, *facts = one.split(":")
        if kind == "hold":
            hold(int(facts[1]), Path(facts[0]))
        else:
            {"crash": crash, "hasty": hasty}[kind]()
    from kvkk_cli.app import run

    run()


if __name__ == "__main__":
    main()
