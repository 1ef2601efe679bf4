"""stderr: what is said to a person. Data never goes here, and nothing here goes to stdout."""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def console() -> "Console":
    """A console on stderr; colour only on a terminal and without `NO_COLOR`."""
    from rich.console import Console  # noqa: PLC0415 (loaded only when used)

    return Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """One line to the person at the terminal."""
    _write(f"sutazai: {printable(text)}\n")


def plain(text: str) -> None:
    """Text without our name before it, its line not ended: lists and prompts of a conversation."""
    _write(printable(text))


def problem(message: str, hint: str = "") -> None:
    """An error and the next step."""
    red, dim, plain = ("\x1b[31m", "\x1b[2m", "\x1b[0m") if _colour() else ("", "", "")
    _write(f"{red}error:{plain} {printable(message)}\n")
    if hint:
        _write(f"{dim}  → {printable(hint)}{plain}\n")


def _write(text: str) -> None:
    """Nobody may be listening any more: that changes neither the work nor its exit code."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def live() -> bool:
    """Whether stderr is a terminal on which something can be drawn anew."""
    return sys.stderr.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}


def _colour() -> bool:
    return live() and not os.environ.get("NO_COLOR")


def printable(text: str) -> str:
    """The text with control characters made visible: file names and model output must not drive the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
