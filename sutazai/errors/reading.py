"""What can go wrong when a document is turned into text, one class for each kind of reason."""

from sutazai.errors.knowledge import DocumentError


class DocumentUnreadable(DocumentError):
    """A file whose bytes cannot be had: it is gone, a device, or may not be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason, hint="check the path and its permissions")


class DocumentEncrypted(DocumentError):
    """A document that opens only with a password."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason, hint="save it without a password and add it again")


class DocumentWithoutText(DocumentError):
    """A document that opens and holds no text, such as a scan."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason, hint="a scan needs text recognition first, for example with `ocrmypdf`")


class DocumentBroken(DocumentError):
    """A document that is damaged, or made to do harm."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason, hint="open it in the program that made it and save it anew")


class DocumentTooLarge(DocumentError):
    """A document over a limit of size, text, pages or memory."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason, hint="split it, or raise `docs.max_file_bytes` or `docs.parse_memory_bytes`")


class DocumentTooSlow(DocumentError):
    """A document that takes too long to read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason, hint="split it, or raise `docs.parse_timeout_s`")


class DocumentUnknown(DocumentError):
    """Bytes of no kind that can be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason, hint="convert it to PDF or text")


class ConverterMissing(DocumentError):
    """An old Word document, and no program here that reads it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            "it is an old Word document (.doc), which needs antiword or catdoc",
            hint="install antiword or catdoc, or save it as .docx",
        )
