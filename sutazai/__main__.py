"""The entry point: answers `--version` before anything is imported, and loads a face otherwise."""

import gc
import sys

from sutazai import __version__

_INTERRUPTED = 130
_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main() -> int:
    """Runs the command line and gives the exit code. Nothing a user did wrong ends in a traceback."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"sutazai {__version__}\n")
        return 0
    # Imports make many objects and no garbage: by default a part of a short run goes into looking for some.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        from sutazai.cli.session import run_face  # noqa: PLC0415 (a face is loaded only when asked for)

        return run_face(sys.argv[1:])
    except KeyboardInterrupt:  # while it was loading: later the face itself says more
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
