"""One parser a module, each with the same function: `parse(data: bytes, draft: Draft) -> None`.

A parser writes what it finds into the draft and raises a `ParseFailed` (`reading/failure.py`) for what it cannot read.
It runs in a child with limits on time and memory, yet is bounded by itself wherever a few bytes may become many: it
opens no file, no address and no program, and recurses no deeper than it says.
"""

from typing import Final

MODULES: Final = {
    "pdf": "pdf",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "xlsx",
    "odt": "odt",
    "odp": "odt",
    "ods": "odt",
    "rtf": "rtf",
    "epub": "epub",
    "html": "web",
    "markdown": "markdown",
    "rst": "rst",
    "email": "mail",
    "notebook": "notebook",
    "csv": "table",
    "code": "source",
    "text": "plain",
}
"""What a document is read as, and the module here that does it."""

TEXT_FORMATS: Final = frozenset({"html", "markdown", "rst", "notebook", "csv", "code", "text"})
"""Formats of which a character takes four bytes at most, so that a file's size alone may tell that it is too long."""
