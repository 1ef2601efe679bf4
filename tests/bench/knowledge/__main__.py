"""Measures documents: `python -m tests.bench.knowledge NAME …`, where NAME is a module of this folder with a `main`."""

import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module

from tests.bench import knowledge


def main(arguments: Sequence[str]) -> int:
    """Runs the bench that is named first, with the rest of the arguments."""
    names = sorted(each.name for each in pkgutil.iter_modules(knowledge.__path__) if not each.name.startswith("_"))
    runnable = [each for each in names if hasattr(import_module(f"{knowledge.__name__}.{each}"), "main")]
    if not arguments or arguments[0] not in runnable:
        sys.stderr.write(f"say what to measure: {', '.join(runnable)}\n")
        return 2
    module = import_module(f"{knowledge.__name__}.{arguments[0]}")
    return int(module.main(arguments[1:]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
