"""One call of the command line: from arguments to an exit code. Errors and signals are mapped here and nowhere else."""

import os
import signal
import sys
import traceback
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Any, TypeVar

from sutazai import __version__
from sutazai.cli import talk
from sutazai.errors.base import ExitCode, SutazAIError

T = TypeVar("T")


class Terminated(KeyboardInterrupt):
    """SIGTERM: ends the work as Ctrl-C does, with its own exit code."""


def run_face(arguments: Sequence[str]) -> int:
    """Runs the command that `arguments` name and gives its exit code."""
    # Looking for plugins of pydantic costs as much as the rest of its import, and none is wanted here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from sutazai.cli.app import command  # noqa: PLC0415 (typer is loaded only for a command)

    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = int(command().main(args=list(arguments), prog_name="sutazai", standalone_mode=False) or 0)
        sys.stdout.flush()
    except Terminated:
        return ExitCode.TERMINATED
    except KeyboardInterrupt:
        talk.say("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _closed_pipe()
    except SutazAIError as error:
        talk.problem(error.message, error.hint)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (the last place: what is left is our own fault)
        return _other(error)
    return code


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def _closed_pipe() -> int:
    """The reader went away: nothing is left to say, and Python must not say it at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.CLEAN


def _other(error: Exception) -> int:
    from typer._click.exceptions import ClickException  # noqa: PLC0415 (typer has no public name for it)

    if isinstance(error, ClickException):
        error.show()
        return ExitCode.USAGE
    return _crashed(error)


def _crashed(error: BaseException) -> int:
    text = "".join(traceback.format_exception(error))
    hint = "please report it"
    try:
        path = _write_crash(text)
        hint = f"please report it with {path}"
    except OSError:
        sys.stderr.write(text)
    talk.problem(f"internal error: {type(error).__name__}: {error}", hint)
    return ExitCode.INTERNAL


def _write_crash(text: str) -> str:
    from sutazai.settings.folders import folders  # noqa: PLC0415 (loaded only when used)

    folder = folders(os.environ).crashes
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    path.write_text(f"sutazai {__version__}, Python {sys.version}, {sys.platform}\n\n{text}", encoding="utf-8")
    return str(path)


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; Ctrl-C and SIGTERM cancel it and wait until it has cleaned up."""
    import asyncio  # noqa: PLC0415 (not for commands that do nothing at once)

    return asyncio.run(work)
