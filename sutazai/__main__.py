"""The entry point: answers `--version` before anything is imported, and hands a command to a resident or a face."""

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
    try:
        from sutazai.resident.client import ask, suits  # noqa: PLC0415 (not for the version)

        suited = suits(sys.argv)
        code = ask(sys.argv) if suited else None
        if code is None:
            code = _run_here(sys.argv[1:])
            if suited:
                _prepare_the_next()
    except KeyboardInterrupt:  # while it was loading: later the face itself says more
        return _INTERRUPTED
    return code


def _run_here(arguments: list[str]) -> int:
    # Imports make many objects and no garbage: by default a part of a short run goes into looking for some.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    from sutazai.cli.session import run_face  # noqa: PLC0415 (a face is loaded only when asked for)

    return run_face(arguments)


def _prepare_the_next() -> None:
    from sutazai.cli.resident import keep_ready  # noqa: PLC0415 (the face is loaded by now)

    keep_ready()


if __name__ == "__main__":
    sys.exit(main())
