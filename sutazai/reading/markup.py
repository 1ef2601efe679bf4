"""XML out of untrusted files, as elements with local names.

Owns how deep and how large a tree may be. A document type, and with it every entity of its own, is refused; nothing
that a file names is ever fetched.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from sutazai.reading.failure import Broken, TooLarge

MAX_DEPTH: Final = 200
MAX_ELEMENTS: Final = 1_000_000
_CHUNK: Final = 1 << 16


def elements(chunks: Iterable[bytes], *, whole: Collection[str], opened: Collection[str] = ()) -> Iterator[Element]:
    """The elements of a document that are wanted, one at a time, so that the rest need not be held.

    Names are local ones: namespaces are taken off, but for attributes of `relationships`, which begin with `r:`.

    Args:
        chunks: the document's bytes.
        whole: names of elements to give with all they hold; one inside of another comes only within it.
        opened: names of elements around them, given where they begin, with their attributes and nothing else.

    Raises:
        Broken: it is not well-formed.
        TooLarge: it nests too deep, or one element holds too many.
    """
    target = _Wanted(frozenset(whole), frozenset(opened))
    parser = XMLParser(target=target)  # noqa: S314 (the target refuses what attacks: document types)
    try:
        for chunk in chunks:
            parser.feed(chunk)
            yield from target.taken()
        parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise Broken("its XML is not well-formed") from error
    yield from target.taken()


def tree(chunks: Iterable[bytes]) -> Element:
    """A whole document as its outermost element; raises like `elements`."""
    target = _Wanted(None, frozenset())
    parser = XMLParser(target=target)  # noqa: S314 (the target refuses what attacks: document types)
    try:
        for chunk in chunks:
            parser.feed(chunk)
        parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise Broken("its XML is not well-formed") from error
    return next(target.taken())


def pieces(data: bytes) -> Iterator[bytes]:
    """Bytes cut for `elements` and `tree`."""
    return (data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK))


def number_in(text: str | None, default: int = 0) -> int:
    """A small whole number out of an attribute; `default` for anything else."""
    try:
        return int(text or "")
    except ValueError:
        return default


class _Wanted:
    """What the parser calls. `whole` of None: the outermost element."""

    def __init__(self, whole: frozenset[str] | None, opened: frozenset[str]) -> None:
        self._whole = whole
        self._opened = opened
        self._ready: list[Element] = []
        self._names = _LocalNames()
        self._attribute_names = _AttributeNames()
        self._depth = 0
        self._begun_at = 0
        self._count = 0
        self._builder: TreeBuilder | None = None

    def taken(self) -> Iterator[Element]:
        ready, self._ready = self._ready, []
        return iter(ready)

    def doctype(self, *_: object) -> None:
        raise Broken("its XML brings a document type")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooLarge(f"its XML nests more than {MAX_DEPTH} deep")
        name = self._names[tag]
        if self._builder is None and (self._whole is None or name in self._whole):
            self._builder, self._begun_at, self._count = TreeBuilder(), self._depth, 0
        if self._builder is not None:
            self._count += 1
            if self._count > MAX_ELEMENTS:
                raise TooLarge(f"its XML holds more than {MAX_ELEMENTS} elements in one")
            self._builder.start(name, self._plain(attributes))
        elif name in self._opened:
            self._ready.append(Element(name, self._plain(attributes)))

    def data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(self._names[tag])
            if self._depth == self._begun_at:
                self._ready.append(self._builder.close())
                self._builder = None
        self._depth -= 1

    def close(self) -> None:
        """Nothing is left to be done."""

    def _plain(self, attributes: Mapping[str, str]) -> dict[str, str]:
        names = self._attribute_names
        return {names[key]: value for key, value in attributes.items()} if attributes else {}


class _LocalNames(dict[str, str]):
    """Names without their namespace, each cut once: a sheet has millions of them, and a dozen different ones."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition("}")[2]
        return local


class _AttributeNames(dict[str, str]):
    def __missing__(self, name: str) -> str:
        namespace, _, local = name.rpartition("}")
        self[name] = local = f"r:{local}" if namespace.endswith("/relationships") else local
        return local
