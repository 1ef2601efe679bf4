"""The page of commands: every help page as the program prints it, 80 columns wide and without colour."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from io import StringIO
from os import environ
from typing import Any

from sutazai.cli.app import command
from tests.reference.markdown import block, generated

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PRINTED = re.compile(r"<!-- Printed by (?P<by>[^;]*); the commands are (?P<digest>[0-9a-f]{16})\. -->")


@dataclass(frozen=True)
class Described:
    """One command or group. `flags` are all spellings of its options, `texts` everything it says of itself."""

    path: tuple[str, ...]
    group: bool
    flags: frozenset[str]
    valued: frozenset[str]
    texts: tuple[str, ...]

    @property
    def name(self) -> str:
        """As it is typed after `sutazai`."""
        return " ".join(self.path)


def described() -> list[Described]:
    """Every command and sub-command in the order of the help; the program itself is the first, with an empty path."""
    return list(_walk(command(), ()))


def _walk(node: Any, path: tuple[str, ...]) -> Iterator[Described]:
    group = hasattr(node, "list_commands")
    options = [each for each in node.params if each.opts[0].startswith("-")]
    flags = {spelling for each in options for spelling in (*each.opts, *each.secondary_opts)}
    valued = {spelling for each in options if not each.is_flag for spelling in each.opts}
    said = [f"{' '.join([*each.opts, *each.secondary_opts])}: {getattr(each, 'help', '')}" for each in node.params]
    yield Described(path, group, frozenset(flags | {"--help"}), frozenset(valued), (node.help or "", *said))
    if group:
        context = node.make_context("sutazai", [], resilient_parsing=True)
        for name in node.list_commands(context):
            yield from _walk(node.get_command(context, name), (*path, name))


def page() -> str:
    """The page."""
    found = described()
    toc = [f"- [sutazai {each.name}](#{_anchor(each)})\n" for each in found if len(each.path) == 1]
    parts = [generated("Commands"), f"{_stamp(found)}\n\n", "".join(toc)]
    for each in found:
        title = f"sutazai {each.name}".strip()
        parts.append(f"\n{'##' if len(each.path) < 2 else '###'} {title}\n\n{block(printed(each.path), 'text')}")
    return "".join(parts)


def _anchor(each: Described) -> str:
    return "-".join(("sutazai", *each.path))


def _stamp(found: list[Described]) -> str:
    said = "\n".join(f"{each.name}\n" + "\n".join(each.texts) for each in found)
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return f"<!-- Printed by typer {version('typer')} and rich {version('rich')}; the commands are {digest}. -->"


def same_but_for_layout(written: str, fresh: str) -> bool:
    """Whether both tell of the same commands, and differ because another version of the libraries printed them."""
    before, now = _PRINTED.search(written), _PRINTED.search(fresh)
    return bool(before and now and before["by"] != now["by"] and before["digest"] == now["digest"])


def printed(path: tuple[str, ...]) -> str:
    """The help page of a command."""
    text = StringIO()
    with _plain_terminal(), redirect_stdout(text):
        command().main(args=[*path, "--help"], prog_name="sutazai", standalone_mode=False)
    lines = _COLOUR.sub("", text.getvalue()).splitlines()
    return "\n".join(each.rstrip() for each in lines).strip("\n")


@contextmanager
def _plain_terminal() -> Iterator[None]:
    before = environ.copy()
    environ.update(COLUMNS="80", NO_COLOR="1", TERM="dumb")
    try:
        yield
    finally:
        environ.clear()
        environ.update(before)
