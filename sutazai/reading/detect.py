"""What a document is, by its bytes. A name's ending only decides among kinds of text.

Opens archives no further than their table of contents. Raises for what is known and cannot be read, with the reason.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from sutazai.reading.decoding import decode_text, looks_like_text
from sutazai.reading.failure import Broken, Encrypted, NoText, TooLarge, Unknown
from sutazai.syntax.languages import language_of

_HEAD_BYTES: Final = 1024
_TEXT_HEAD_BYTES: Final = 20_000
_MAX_MEMBERS: Final = 20_000
_MEMBER_MARK: Final = b"PK\x01\x02"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What a stream in an OLE container is called, in UTF-16; the first that is found decides.
_OLE_STREAMS: Final = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "an old Excel workbook; save it as .xlsx"),
    ("PowerPoint Document", "an old PowerPoint presentation; save it as .pptx"),
    ("__substg1.0_", "an Outlook message; save it as .eml"),
)
_MIMETYPES: Final = (
    (b"application/epub+zip", "epub"),
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
)
_OFFICE: Final = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_BINARY: Final = (
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\0", "an image"),
    (b"MM\0*", "an image"),
    (b"RIFF", "sound, video or an image"),
    (b"OggS", "sound or video"),
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\x1f\x8b", "an archive; unpack it first"),
    (b"BZh", "an archive; unpack it first"),
    (b"\xfd7zXZ\0", "an archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "an archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "an archive; unpack it first"),
    (b"Rar!\x1a\x07", "an archive; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\0asm", "a program"),
    (b"SQLite format 3\0", "a database"),
    (b"%!PS", "PostScript; convert it to PDF"),
)
_BY_ENDING: Final = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown", ".qmd": "markdown",
    ".rst": "rst", ".rest": "rst", ".txt": "text", ".text": "text", ".log": "text", ".csv": "csv", ".tsv": "csv",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".eml": "email", ".mbox": "email",
}  # fmt: skip
_HTML_START: Final = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,4000}?-->\s*){0,9}<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAG: Final = re.compile(
    r"<(?:html|head|body|title|div|p|h[1-6]|table|ul|ol|span|a|br|meta)\b[^<>]{0,300}>", re.IGNORECASE
)
_MAIL_HEAD: Final = re.compile(r"(?:From .*\n)?((?:[!-9;-~]{1,80}:.*\n(?:[ \t].*\n)*){2,200})", re.ASCII)
_MAIL_FIELD: Final = re.compile(
    r"^(From|To|Date|Subject|Message-ID|Received|Return-Path|MIME-Version|Delivered-To|Content-Type):",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_FIELDS: Final = 3
_HEADING: Final = re.compile(r"^#{1,6} \S.*\n\s*\n", re.MULTILINE)
_FORMAT_OF_LANGUAGE: Final = {"markdown": "markdown", "restructuredtext": "rst", "html": "html"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What to read a document as. `language`: our name of the programming language, for `code`."""

    format: str
    language: str = ""


def detect(data: bytes, name: str) -> Kind:
    """What the bytes are.

    Args:
        data: the whole document.
        name: its file name; only the ending counts, and only among kinds of text.

    Returns:
        One of the formats of `formats.MODULES`, or `doc`, which the parent reads.

    Raises:
        ParseFailed: it is empty, encrypted, broken or of no kind that can be read.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise NoText("it is empty" if not data else "there is nothing but blanks in it")
    if _is_pdf(data):
        return Kind("pdf")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind(_zip_format(data))
    if data.startswith(_OLE):
        return Kind(_ole_format(data))
    if data.startswith(b"{\\rtf"):
        return Kind("rtf")
    for magic, what in _BINARY:
        if data.startswith(magic) and not (magic.isalnum() and looks_like_text(data)):
            raise Unknown(f"it is {what}")
    if not looks_like_text(data):
        raise Unknown("it is neither text nor a document of a known kind")
    return _text_kind(data, name)


def _is_pdf(data: bytes) -> bool:
    head = data[:_HEAD_BYTES]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-"):
        return True
    # Some begin with a few stray bytes; a text that speaks of PDF does not have the rest of one.
    return b"%PDF-" in head and b"startxref" in data[-2 * _HEAD_BYTES :] and b" obj" in data


def _zip_format(data: bytes) -> str:
    # Counted before the table of contents is read, which takes a while where it lists millions.
    if data.count(_MEMBER_MARK) > _MAX_MEMBERS:
        raise TooLarge(f"its archive has more than {_MAX_MEMBERS} members")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _archive_format(archive)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise Broken("its archive is cut off or damaged") from error


def _archive_format(archive: zipfile.ZipFile) -> str:
    members = archive.infolist()
    if any(each.flag_bits & 1 for each in members):
        raise Encrypted
    names = {each.filename for each in members}
    if "[Content_Types].xml" in names:
        for start, office in _OFFICE:
            if any(each.startswith(start) for each in names):
                return office
    if "mimetype" in names:
        with archive.open("mimetype") as file:
            stated = file.read(_HEAD_BYTES)
        for mimetype, found in _MIMETYPES:
            if stated.startswith(mimetype):
                return found
    if "META-INF/container.xml" in names:
        return "epub"
    raise Unknown("it is an archive; unpack it first")


def _ole_format(data: bytes) -> str:
    for stream, meaning in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            if meaning == "encrypted":
                raise Encrypted
            if meaning != "doc":
                raise Unknown(f"it is {meaning}")
            return meaning
    raise Unknown("it is an Office file of an unknown kind")


def _text_kind(data: bytes, name: str) -> Kind:
    head = decode_text(data[:_TEXT_HEAD_BYTES])
    head = head.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    by_name = _BY_ENDING.get(ending, "")
    language = language_of(name, head[:500].partition("\n")[0])
    if _is_notebook(data, head):
        return Kind("notebook")
    if language != "yaml" and _is_mail(head, by_name):
        return Kind("email")
    if _is_html(head, by_name, language):
        return Kind("html")
    if by_name not in {"", "html", "email"}:
        return Kind(by_name)
    return _by_language(language, head, ending)


def _by_language(language: str, head: str, ending: str) -> Kind:
    known = _FORMAT_OF_LANGUAGE.get(language, "")
    if language and not known:
        return Kind("code", language)
    if known in {"markdown", "rst"} or (not ending and _HEADING.search(head)):
        return Kind(known or "markdown")
    return Kind("text")


def _is_notebook(data: bytes, head: str) -> bool:
    return head.startswith("{") and b'"nbformat"' in data and b'"cells"' in data


def _is_mail(head: str, by_name: str) -> bool:
    if by_name not in {"", "text", "email"} or (found := _MAIL_HEAD.match(head)) is None:
        return False
    fields = {field.lower() for field in _MAIL_FIELD.findall(found[1])}
    return len(fields) >= (1 if by_name == "email" else _MAIL_FIELDS) and bool(fields & {"from", "received", "subject"})


def _is_html(head: str, by_name: str, language: str) -> bool:
    if by_name == "html":
        return _TAG.search(head) is not None
    # A template or a component begins as a page does, and is code.
    return language in {"", "html", "xml", "markdown"} and _HTML_START.match(head) is not None
