"""One call of the command line: from arguments to an exit code. Errors and signals are mapped here and nowhere else."""

import errno
import os
import re
import signal
import sys
import traceback
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sutazai import __version__
from sutazai.cli import output, talk
from sutazai.errors.base import ExitCode, SutazAIError, unexpected
from sutazai.errors.usage import nearest
from sutazai.errors.workspace import TargetUnwritable

if TYPE_CHECKING:
    from asyncio import Runner, Task

T = TypeVar("T")
_ONE_OF: Final = re.compile(r"'([^']*)' is not one of (.*)\.$")


class Terminated(SystemExit):
    """SIGTERM: ends the work as Ctrl-C does, with its own exit code. Typer would take another Ctrl-C for it."""


def run_face(arguments: Sequence[str], ready: Any = None) -> int:
    """Runs the command that `arguments` name and gives its exit code.

    Args:
        arguments: without the program's name.
        ready: the whole command line, where it was made before.
    """
    # Looking for plugins of pydantic costs as much as the rest of its import, and none is wanted here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from sutazai.cli.app import command  # noqa: PLC0415 (typer is loaded only for a command)

    _fill_closed_streams()
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        whole = ready or command()
        return _ended(int(whole.main(args=list(arguments), prog_name="sutazai", standalone_mode=False) or 0))
    except KeyboardInterrupt:
        return _ended(ExitCode.INTERRUPTED)
    except SystemExit as stop:  # SIGTERM; also typer, after a completion, or where help met a closed pipe
        return _closed_pipe() if isinstance(stop.__context__, BrokenPipeError) else int(stop.code or 0)
    except SutazAIError as error:
        talk.problem(error.message, error.hint)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (the last place: what is left is our own fault)
        return _other(error)
    finally:
        signal.signal(signal.SIGTERM, before)


def _fill_closed_streams() -> None:
    """Gives a closed stdin, stdout or stderr the null device: else a file opened later would become it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 (open to the end)


def _ended(code: int) -> int:
    if code == ExitCode.INTERRUPTED:
        talk.say("interrupted")
    sys.stdout.flush()
    return code


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated(ExitCode.TERMINATED)


def _closed_pipe() -> int:
    """The reader went away: nothing is left to say, and Python must not say it at exit either."""
    output.discard()
    return ExitCode.CLEAN


def _other(error: Exception) -> int:
    from typer import Abort  # noqa: PLC0415 (typer is loaded only for a command)
    from typer._click.exceptions import ClickException  # noqa: PLC0415 (typer has no public name for it)

    if isinstance(error, ClickException):
        message = error.format_message().replace("Value error, ", "")  # pydantic's words, which typer passes on
        if message:  # none where the help was printed instead
            talk.problem(message, _near(message) + _help_of(error))
        return ExitCode.USAGE
    if isinstance(error, BrokenPipeError):
        return _closed_pipe()
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        output.discard()
        full = TargetUnwritable("the output", os.strerror(error.errno))
        talk.problem(full.message, full.hint)
        return full.exit_code
    return _ended(ExitCode.INTERRUPTED) if isinstance(error, Abort) else _crashed(error)


def _near(message: str) -> str:
    """The nearest of the values that a flag takes."""
    given = _ONE_OF.search(message)
    close = nearest(given[1], re.findall(r"'([^']+)'", given[2])) if given else ""
    return f"{close} " if close.startswith("did you mean") else ""


def _help_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path if context else 'sutazai'} --help` shows what there is"


def _crashed(error: BaseException) -> int:
    text = "".join(traceback.format_exception(error))
    hint = "please report it"
    try:
        path = _write_crash(text)
        hint = f"please report it with {path}"
    except OSError:
        talk.say(text)
    talk.problem(unexpected(error), hint)
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
    with async_calls() as run:
        return run(work)


@contextmanager
def async_calls() -> Iterator["AsyncCalls"]:
    """Runs one piece of asynchronous work after the other on the same event loop, as `run_async` does."""
    import asyncio  # noqa: PLC0415 (not for commands that do nothing at once)

    with asyncio.Runner() as runner:
        yield AsyncCalls(runner)


class AsyncCalls:
    """Does asynchronous work on one event loop and waits for it. Between two calls nothing on the loop goes on."""

    def __init__(self, runner: "Runner") -> None:
        self._runner = runner

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; Ctrl-C and SIGTERM cancel it and wait until it has cleaned up."""
        import asyncio  # noqa: PLC0415 (loaded already)

        stop = _Stop()
        try:
            return self._runner.run(stop.guarded(work))
        except asyncio.CancelledError:
            if stop.asked:
                raise Terminated(ExitCode.TERMINATED) from None
            # asyncio names Ctrl-C so only where nothing else cancelled the task too, as a failing task group does.
            raise KeyboardInterrupt from None


class _Stop:
    """Turns the first SIGTERM into a cancelled task, as asyncio does with Ctrl-C; the second ends at once."""

    def __init__(self) -> None:
        self.asked = False

    async def guarded(self, work: Coroutine[Any, Any, T]) -> T:
        """Does the work until it ends or is asked to."""
        import asyncio  # noqa: PLC0415 (loaded already)

        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (narrows for mypy)
        before = signal.signal(signal.SIGTERM, lambda *_: self._ask(task))
        try:
            return await work
        finally:
            signal.signal(signal.SIGTERM, before)

    def _ask(self, task: "Task[Any]") -> None:
        if self.asked:
            raise Terminated(ExitCode.TERMINATED)
        self.asked = True
        task.get_loop().call_soon_threadsafe(task.cancel)  # from the loop: it may be asleep, waiting for input
