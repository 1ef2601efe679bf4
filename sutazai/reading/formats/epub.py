"""Books (EPUB): the chapters in the order of the book's spine, without its table of contents."""

from typing import Final
from urllib.parse import unquote

from sutazai.reading.archive import Archive, beside
from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft
from sutazai.reading.failure import Broken, Encrypted
from sutazai.reading.formats.web import write_page
from sutazai.reading.markup import elements, tree

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
# These hide fonts only: the text is open.
_FONT_ALGORITHMS: Final = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_PAGES: Final = frozenset({"application/xhtml+xml", "text/html", "application/xml", "text/xml"})


def parse(data: bytes, draft: Draft) -> None:
    """Reads a book."""
    archive = Archive(data)
    locked = _locked(archive)
    book_part = _book_part(archive)
    book = tree(archive.chunks(book_part))
    title = (book.findtext("metadata/title") or "").strip()
    items = {each.get("id", ""): each for each in book.iterfind("manifest/item")}
    # A chapter that is named twice is read once.
    for name in dict.fromkeys(each.get("idref", "") for each in book.iterfind("spine/itemref")):
        item = items.get(name)
        if item is None or item.get("media-type") not in _PAGES or "nav" in item.get("properties", "").split():
            continue
        part = beside(book_part, unquote(item.get("href", "").partition("#")[0]))
        if part.casefold() in locked:
            raise Encrypted("it is locked by its seller")
        if part not in archive:
            draft.note(f"the chapter {part} is missing")
            continue
        write_page(decode_text(archive.read(part)), draft)
    draft.title = title or draft.title


def _book_part(archive: Archive) -> str:
    for each in elements(archive.chunks(_CONTAINER), whole={"rootfile"}):
        if each.get("full-path"):
            return beside("", each.get("full-path", ""))
    raise Broken("it names no book")


def _locked(archive: Archive) -> set[str]:
    """The members that are encrypted so that they cannot be read."""
    if _ENCRYPTION not in archive:
        return set()
    found = set()
    for each in elements(archive.chunks(_ENCRYPTION), whole={"EncryptedData"}):
        method, reference = each.find("EncryptionMethod"), each.find("CipherData/CipherReference")
        algorithm = method.get("Algorithm", "") if method is not None else ""
        if reference is not None and algorithm not in _FONT_ALGORITHMS:
            found.add(beside("", unquote(reference.get("URI", ""))).casefold())
    return found
