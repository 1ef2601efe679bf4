"""The pages of exit codes and of errors, read from the error classes."""

import inspect
import pkgutil
from importlib import import_module

import sutazai.errors
from sutazai.errors.base import PRECEDENCE, ExitCode, SutazAIError
from tests.reference.markdown import generated, table

MEANINGS = {
    ExitCode.CLEAN: (
        "nothing at or above `--fail-on` was found, or there was nothing to fail; also: the documents hold no answer"
    ),
    ExitCode.FINDINGS: "at least one finding at or above `--fail-on`",
    ExitCode.USAGE: "the call or the configuration is wrong, or something it needs is not installed",
    ExitCode.MODEL: "a model was demanded (`--require-model`, `models pull`, `doctor`) and cannot be had",
    ExitCode.TARGET: "a file or folder that was named cannot be read",
    ExitCode.INCOMPLETE: "`--require-complete`, and something was not reviewed",
    ExitCode.INTERNAL: "a fault of SutazAI or of a plugin; a crash file is written and named",
    ExitCode.INTERRUPTED: "Ctrl-C",
    ExitCode.TERMINATED: "SIGTERM",
}
_EXIT_HEAD = """
What the process returns. A reader that closes the pipe early (`| head`) is no error.
"""
_ERRORS_HEAD = """
Every failure has a class of its own with a message, a next step, an exit code for the command line and, for servers,
an HTTP status and a stable problem type ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). In the event stream of
`sutazai run --events` the problem type is the field `problem` of the event `failed`.
"""


def exit_codes_page() -> str:
    """The page of exit codes."""
    rows = ((f"`{code.value}`", MEANINGS[code]) for code in ExitCode)
    order = " > ".join(str(code.value) for code in PRECEDENCE)
    return (
        generated("Exit codes")
        + _EXIT_HEAD
        + "\n"
        + table(("code", "meaning"), rows)
        + f"\nWhere several hold, the first of these is returned: {order}.\n"
        + "\nWhich error ends with which code: [errors](errors.md).\n"
    )


def errors_page() -> str:
    """The page of errors."""
    parts = [generated("Errors"), _ERRORS_HEAD]
    for area, classes in _areas().items():
        about = inspect.cleandoc(import_module(f"sutazai.errors.{area}").__doc__ or "").splitlines()[0]
        head = ("problem type", "what happened", "exit code", "HTTP status", "class")
        parts.append(f"\n## {area.capitalize()}\n\n{about}\n\n{table(head, (_row(each) for each in classes))}")
    return "".join(parts)


def _areas() -> dict[str, list[type[SutazAIError]]]:
    found = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(sutazai.errors.__path__)):
        loaded = import_module(f"sutazai.errors.{module}")
        classes = [
            each for _, each in inspect.getmembers(loaded, inspect.isclass) if each.__module__ == loaded.__name__
        ]
        errors = [each for each in classes if issubclass(each, SutazAIError)]
        if errors and module != "base":
            found[module] = errors
    return found


def _row(error: type[SutazAIError]) -> tuple[str, ...]:
    about = inspect.cleandoc(error.__doc__ or "").split("\n\n")[0]
    return (f"`{error.problem_type()}`", about, str(int(error.exit_code)), str(error.status), f"`{error.__name__}`")
