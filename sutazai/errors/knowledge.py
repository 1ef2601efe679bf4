"""What can go wrong with documents, collections and answers."""

from sutazai.errors.base import ExitCode, SutazAIError


class DocumentError(SutazAIError):
    """A document that cannot be read. `reason` is short, for lists of what was skipped."""

    exit_code, status = ExitCode.TARGET, 422

    def __init__(self, name: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{name}: {reason}", hint=hint)
        self.name = name
        self.reason = reason


class CollectionMissing(SutazAIError):
    """A collection that is not there."""

    exit_code, status = ExitCode.USAGE, 404

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no collection {name!r}",
            hint=f"`sutazai docs add PATH --collection {name}` makes it; `sutazai docs collections` lists all",
        )


class CollectionNameBad(SutazAIError):
    """A text that cannot name a collection."""

    exit_code, status = ExitCode.USAGE, 422

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} cannot name a collection", hint="letters, digits, '-', '_' and '.', up to 64, a letter first"
        )


class CollectionMismatch(SutazAIError):
    """Vectors of other weights than those at hand, or of the same ones run in another way."""

    exit_code, status = ExitCode.USAGE, 409

    def __init__(self, name: str, has: str, wanted: str) -> None:
        again = f"`sutazai docs reindex --collection {name}` makes them anew"
        if has == wanted:
            super().__init__(f"the vectors of {name!r} were made by another version of {has}", hint=again)
            return
        super().__init__(
            f"the vectors of {name!r} were made by {has}, not by {wanted}",
            hint=f"{again}, or set `docs.embedder` to {has}",
        )


class DocumentMissing(SutazAIError):
    """An id or name of no document, or of more than one."""

    exit_code, status = ExitCode.USAGE, 404

    def __init__(self, document: str, collection: str) -> None:
        super().__init__(
            f"no single document of {collection!r} is called {document!r}", hint="`sutazai docs list` shows them"
        )


class FilterBad(SutazAIError):
    """A filter that cannot be understood."""

    exit_code, status = ExitCode.USAGE, 422

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"the filter {text[:200]!r} cannot be understood: {reason}",
            hint="for example: 'format=pdf and page>=3', 'name~docs/**', 'tag=team=search'",
        )


class CollectionBroken(SutazAIError):
    """Files of a collection that cannot be read; the other collections go on."""

    exit_code, status = ExitCode.USAGE, 503

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"the files of the collection {name!r} are damaged: {reason[:300]}",
            hint=f"`sutazai docs remove --all --collection {name}` removes it, then add its documents again; the other "
            "collections are not concerned",
        )


class CollectionUnwritable(SutazAIError):
    """A collection that cannot be written: the disk is full, or the folder may not be written.

    Attributes:
        reason: what the system or LanceDB says, for whoever tells it of something else.
    """

    exit_code, status = ExitCode.USAGE, 507

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"the collection {name!r} cannot be written: {reason[:300]}",
            hint="check the free space and the permissions, then add the documents again: what was stored stays",
        )
        self.reason = reason


class OriginalsUnwritable(SutazAIError):
    """The folder in which documents are kept as they came, and which cannot be written."""

    exit_code, status = ExitCode.USAGE, 507

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"documents cannot be kept: {reason[:300]}",
            hint="check the free space and the permissions, then add the documents again: what was stored stays",
        )


class CollectionBusy(SutazAIError):
    """A collection that others were writing for too long."""

    exit_code, status = ExitCode.USAGE, 503

    def __init__(self, name: str, waited_s: float) -> None:
        super().__init__(
            f"another process has been writing the collection {name!r} for {waited_s:.0f} s",
            hint="wait for it to end and try again",
        )


class CollectionTooNew(SutazAIError):
    """A collection that a later version of SutazAI wrote."""

    exit_code, status = ExitCode.USAGE, 503

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"the collection {name!r} was written by a later version of SutazAI (schema {found}, known up to {known})",
            hint="update SutazAI, or set SUTAZAI_HOME to another folder",
        )


class ReindexUnfinished(SutazAIError):
    """A change of weights that cannot end yet: there are chunks without a new vector."""

    exit_code, status = ExitCode.USAGE, 409

    def __init__(self, name: str, chunks: int) -> None:
        super().__init__(
            f"{chunks} chunks of {name!r} have no new vector yet",
            hint=f"documents were added meanwhile: `sutazai docs reindex --collection {name}` goes on where it stopped",
        )
