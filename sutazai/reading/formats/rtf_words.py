"""The words of RTF: braces, control words with their numbers, and text. Knows nothing of what they mean."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_WORD: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|((?:\\'[0-9a-fA-F]{2}){1,1000})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|.",
    re.DOTALL,
)


class Word(NamedTuple):
    """One word.

    Attributes:
        kind: `word`, `symbol`, `open`, `close` or `text`.
        name: of a control word, or the character of a symbol.
        number: after a control word; None where there is none.
        data: bytes of text.
    """

    kind: str
    name: str = ""
    number: int | None = None
    data: bytes = b""


_OPEN: Final = Word("open")
_CLOSE: Final = Word("close")


def words(data: bytes) -> Iterator[Word]:
    r"""The words of a file in order; what `\bin` carries is passed over."""
    at = 0
    while found := _WORD.match(data, at):
        at = found.end()
        name, number, hexadecimal, symbol, brace, text = found.groups()
        if name is not None:
            value = None if number is None else int(number)
            if name == b"bin":
                at += max(value or 0, 0)
            else:
                yield Word("word", name.decode("ascii"), value)
        elif hexadecimal is not None:
            yield Word("text", data=bytes.fromhex(hexadecimal.replace(b"\\'", b"").decode("ascii")))
        elif symbol is not None:
            yield Word("symbol", symbol.decode("latin-1"))
        elif brace is not None:
            yield _OPEN if brace == b"{" else _CLOSE
        elif text is not None:
            yield Word("text", data=text)
