"""One measurement in its own process: `python -m tests.bench.child module:function JSON`. Prints the answer and the highest memory."""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module


def main(function: str, arguments: str) -> None:
    module, name = function.split(":")
    answer = getattr(import_module(f"tests.bench.{module}"), name)(**json.loads(arguments)) or {}
    answer["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
