"""`python -m tests.reference --check` tells which pages are stale; `--write` makes them anew."""

import sys
from pathlib import Path

from tests.reference.freshness import stale, write

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """0 where every page is what the code says, 1 where one is not, 2 for wrong use."""
    if arguments == ["--write"]:
        for path in write(ROOT):
            print(path)  # noqa: T201 (a command)
        return 0
    if arguments != ["--check"]:
        print("usage: python -m tests.reference --check | --write", file=sys.stderr)  # noqa: T201 (a command)
        return 2
    found = stale(ROOT)
    for path, reason in found.items():
        print(f"{path}: {reason}", file=sys.stderr)  # noqa: T201 (a command)
    if found:
        print("run `python -m tests.reference --write` and commit the result", file=sys.stderr)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
