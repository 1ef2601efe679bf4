"""The lines that a person types in a conversation, with editing where there is a terminal; or all of stdin."""

import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Final

from sutazai.cli import talk

PROMPT: Final = "> "
MORE: Final = "… "
_CONTINUED: Final = "\\"
_MAX_LINE: Final = 100_000


def typed(commands: Sequence[str]) -> Iterator[str]:
    """What a person types, line by line, until Ctrl-D or Ctrl-C twice. A backslash at the end joins the next line."""
    _with_editing(commands)
    warned = False
    while True:
        try:
            line = _whole(lambda: _input(PROMPT))
        except EOFError:
            talk.plain("\n")
            return
        except KeyboardInterrupt:
            talk.plain("\n")
            if warned:
                return
            warned = True
            talk.say("Ctrl-C again or Ctrl-D leaves")
            continue
        except UnicodeDecodeError:
            talk.say("that is not UTF-8 text")
            continue
        warned = False
        yield line


def piped() -> Iterator[str]:
    """The lines of stdin."""
    while line := sys.stdin.buffer.readline(_MAX_LINE):
        yield line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")


def _whole(read: Callable[[], str]) -> str:
    line = read()
    while line.endswith(_CONTINUED):
        line = f"{line[:-1]}\n{_input(MORE)}"
    return line


def _input(prompt: str) -> str:
    if sys.stdout.isatty():
        return input(prompt)
    talk.plain(prompt)  # stdout holds answers only
    line = sys.stdin.readline(_MAX_LINE)
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _with_editing(commands: Sequence[str]) -> None:
    readline = _readline()
    if readline is None:
        return

    def complete(text: str, state: int) -> str | None:
        found = [each for each in commands if text and each.startswith(text)]
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n")
    readline.parse_and_bind("tab: complete")


def _readline() -> ModuleType | None:
    try:
        import readline  # noqa: PLC0415 (not on every platform, and only for people)
    except ImportError:
        return None
    return readline
