"""Commands without a shell: a line of text becomes a list of arguments, where a shell would only have split it."""

import re
import shlex
from collections.abc import Sequence
from typing import Final

from sutazai.review.fixes.pieces import Hole, Literal, Piece, as_format, as_text, built
from sutazai.review.fixes.site import Change, Rewrite, Site, arguments, joined, value_of
from sutazai.syntax.parse import Node

_STARTERS: Final = frozenset(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen"))
# What a shell would read as more than words; quotes are left to `shlex`, and a hole is one private character.
_MEANT_FOR_A_SHELL: Final = re.compile(r"[|&;<>()$`\\*?\[\]#~!{}\r\n\t]")
_BUILTINS: Final = frozenset(
    (
        *("cd", "export", "source", ".", "alias", "set", "unset", "exec", "eval", "ulimit", "umask", "exit", "type"),
        *(
            "command",
            "wait",
            "trap",
            "read",
            "dir",
            "copy",
            "del",
            "start",
            "cls",
            "time",
            "if",
            "for",
            "while",
            "case",
        ),
    )
)
_SEVERAL_WORDS: Final = re.compile(r"(?i)(args?|argv|options?|opts?|flags?|params?|commands?|cmds?|extra|files|paths)$")
_HOLE: Final = 0xE000


def without_shell(site: Site) -> Rewrite | None:
    """`run(f"tar czf x {name}", shell=True)` → `run(["tar", "czf", "x", name])`; a list only loses its `shell=True`."""
    call = _call(site)
    function = call.child_by_field_name("function") if call else None
    found = arguments(call) if call else None
    if call is None or function is None or found is None:
        return None
    positional, keywords = found
    name = site.meaning(function)
    if name == "os.system" and len(positional) == 1 and not keywords:
        return _system(site, call, positional[0])
    shell = keywords.get("shell")
    if name not in _STARTERS or shell is None or value_of(shell) != b"True" or "executable" in keywords:
        return None
    if len(positional) != 1:
        return None
    words = () if positional[0].type == "list" else _words(site, positional[0])
    return None if words is None else joined("start the program without a shell", words, site.remove_argument(shell))


def _call(site: Site) -> Node | None:
    """The call around the finding that starts a program."""
    for node in site.upwards(site.node()):
        function = node.child_by_field_name("function") if node.type == "call" else None
        if function is not None and site.meaning(function) in _STARTERS | {"os.system"}:
            return node
        if node.type == "block":
            return None
    return None


def _system(site: Site, call: Node, command: Node) -> Rewrite | None:
    """`os.system(…)` as a statement: nobody looks at what it gives back."""
    words, imported = _words(site, command), site.imported("subprocess")
    if call.parent is None or call.parent.type != "expression_statement" or words is None or imported is None:
        return None
    function = call.child_by_field_name("function")
    if function is None:
        return None
    unchecked = site.span(command.end_byte, command.end_byte, ", check=False")
    return joined(
        "start the program without a shell", site.replace(function, "subprocess.run"), words, unchecked, imported
    )


def _words(site: Site, command: Node) -> tuple[Change, ...] | None:
    """The list of arguments in the place of the line, None where the shell has more to do than to split it."""
    text = built(site, command)
    if text is None or not text.pieces or len(text.holes) > 0xFF:  # noqa: PLR2004 (private characters at hand)
        return None
    line = "".join(each.text if isinstance(each, Literal) else "" for each in text.pieces)
    if _MEANT_FOR_A_SHELL.search(line) or any(chr(_HOLE) <= each <= chr(_HOLE + 0xFF) for each in line):
        return None
    try:
        words = shlex.split(_marked(text.pieces))
    except ValueError:
        return None
    if not words or _is_hole(words[0]) or "=" in words[0] or words[0] in _BUILTINS:
        return None
    if any(_SEVERAL_WORDS.search(each.code) for each in text.holes):
        return None
    coded = [_word(site, each, text.holes) for each in words]
    return None if None in coded else (site.replace(command, f"[{', '.join(map(str, coded))}]"),)


def _marked(pieces: Sequence[Piece]) -> str:
    """The line with one private character for each hole."""
    marks, marked = iter(range(_HOLE, _HOLE + 0x100)), ""
    for each in pieces:
        marked += each.text if isinstance(each, Literal) else chr(next(marks))
    return marked


def _is_hole(word: str) -> bool:
    return any(_HOLE <= ord(each) <= _HOLE + 0xFF for each in word)


def _word(site: Site, word: str, holes: Sequence[Hole]) -> str | None:
    """One argument as code."""
    if not _is_hole(word):
        return _quoted(word)
    if len(word) == 1:
        return as_text(site, holes[ord(word) - _HOLE])
    return as_format([holes[ord(each) - _HOLE] if _is_hole(each) else each for each in word])


def _quoted(word: str) -> str:
    return f'"{word}"' if '"' not in word else repr(word)
