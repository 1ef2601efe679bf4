"""What can go wrong with embedding models."""

from sutazai.errors.models import ModelError

_SHOWN = 60


class EmbedderMissing(ModelError):
    """A library that runs embedding models is not installed."""

    def __init__(self, name: str, library: str, *, hint: str = "") -> None:
        super().__init__(
            f"{name} cannot run here: {library} is not installed",
            hint=hint or "set `docs.embedder` to `ollama:NAME`, e.g. `ollama:nomic-embed-text`, to use an Ollama",
        )


class UnknownEmbedder(ModelError):
    """A name of no embedding model."""

    status = 404

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"{name[:_SHOWN]!r} is no embedding model", hint=hint)


class UnknownReranker(ModelError):
    """A setting that names no reranker."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:_SHOWN]!r} is no reranker", hint="set `docs.reranker` to `st:NAME-OR-PATH`, or leave it empty"
        )


class HubModelMissing(ModelError):
    """A model of Hugging Face that is not on this machine and must not be fetched."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not on this machine, and nothing may be fetched",
            hint="allow it once (no SUTAZAI_OFFLINE, `model.download` true), or name a copy of its folder: `st:/path`",
        )


class HubFetchFailed(ModelError):
    """A model of Hugging Face that could not be fetched, or not be loaded once it was."""

    status = 502

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} could not be fetched and loaded: {reason}",
            hint="check the name and the network (`HTTPS_PROXY`, `HF_ENDPOINT`), or name a copy of it: `st:/path`",
        )


class TextTooLong(ModelError):
    """A text with more tokens than the model reads. It is never cut in silence."""

    status = 413

    def __init__(self, name: str, tokens: int, max_tokens: int, text: str) -> None:
        super().__init__(
            f"a text of {tokens} tokens does not fit the {max_tokens} of {name}: {text[:_SHOWN]!r}",
            hint="make it shorter; for documents, lower `docs.chunk_tokens`",
        )


class EmbeddingFailed(ModelError):
    """The runtime of an embedding model failed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} failed: {reason}", hint="`sutazai doctor` shows what is installed")


class WeightsUnreadable(ModelError):
    """A file of weights that is not what it should be."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file} cannot be read as weights: {reason}", hint="fetch it again: `sutazai models pull`")


class PreparationDiffers(ModelError):
    """Weights were prepared and the result is not the one that is pinned."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(
            f"preparing {name} gave {found[:12]}…, not {expected[:12]}…: this Python's numpy computes otherwise",
            hint="report it with what `sutazai doctor` says; meanwhile set `docs.embedder` to `ollama:NAME`",
        )
