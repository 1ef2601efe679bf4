"""The port `Embedder` over sentence-transformers, for any model that it runs. The library is loaded when it is opened.

A run embeds one text: nothing is padded, and equal texts give equal vectors whatever stands beside them.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from sutazai.errors.embedding import EmbeddingFailed, TextTooLong
from sutazai.llm.embedding.hub import HubModel
from sutazai.llm.embedding.packing import unit_row
from sutazai.llm.embedding.texts import sendable, whole
from sutazai.llm.ollama_errors import printable
from sutazai.llm.weights.parallel import in_thread
from sutazai.sdk.document import FLOAT32_BYTES, EmbedderInfo, Vectors

_USUAL_TOKENS: Final = 512  # of a model that does not say
_MOST_TOKENS: Final = 8192  # some say "without end"
_PROMPTS: Final = {"document": ("document", "passage", "corpus"), "query": ("query",)}


class SentenceTransformersEmbedder:
    """A model that sentence-transformers runs in this process.

    Args:
        name: of Hugging Face, or a folder.
        may_fetch: whether it may be fetched when it is not on this machine.
        announce: told before it is fetched.
    """

    def __init__(self, name: str, *, may_fetch: bool, announce: Callable[[str], None]) -> None:
        self._hub = HubModel(name, may_fetch=may_fetch, announce=announce)
        self._opening = asyncio.Lock()
        self._model: _Model | None = None
        self.info = EmbedderInfo(name, "sentence-transformers", "", 0, 0)

    async def open(self) -> None:
        """Loads the model, fetched before if that is allowed.

        Raises:
            EmbedderMissing: the extra is not installed.
            ModelError: it cannot be had or loaded.
        """
        async with self._opening:
            if self._model is None:
                self._model, self.info = await in_thread(self._load)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of `text` begins and ends, in code points, nothing cut off. Only after `open`."""
        return self._ready().spans(text)

    async def embed(self, texts: Sequence[str], *, kind: Literal["document", "query"] = "document") -> Vectors:
        """One vector for each text, in order. Cancelling takes effect after the text that is being embedded.

        Raises:
            TextTooLong: a text has more tokens than `info.max_tokens`.
            EmbeddingFailed: the library fails.
        """
        model, stop = self._ready(), threading.Event()
        return await in_thread(lambda: self._vectors(model, texts, kind, stop), stop=stop.set)

    async def close(self) -> None:
        """Frees the weights; safe to call twice, and it may be opened again."""
        self._model = None

    def _ready(self) -> "_Model":
        if self._model is None:
            raise EmbeddingFailed(self.info.name, "it is not open")
        return self._model

    def _load(self) -> "tuple[_Model, EmbedderInfo]":
        name = self.info.name

        def made(place: str, *, local: bool) -> _Model:
            return _Model(name, _sentence_transformer(place, local=local))

        model = self._hub.load(made)
        dimensions = len(model.vector("", "document")) // FLOAT32_BYTES
        return model, EmbedderInfo(name, "sentence-transformers", model.digest(), dimensions, model.max_tokens)

    def _vectors(self, model: "_Model", texts: Sequence[str], kind: str, stop: threading.Event) -> Vectors:
        for text in texts:
            model.require_fit(text, kind)
        rows: dict[str, bytes] = {}
        for text in texts:
            if text not in rows and not stop.is_set():
                rows[text] = model.vector(text, kind)
        return Vectors(self.info.dimensions, b"".join(rows.get(text, b"") for text in texts))


def _sentence_transformer(place: str, *, local: bool) -> Any:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (loaded only when used)

    return SentenceTransformer(place, local_files_only=local, trust_remote_code=False)


class _Model:
    """What is loaded. The library's tokenizer is not safe to use from two threads, so counting has one of its own."""

    def __init__(self, name: str, model: Any) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 (loaded only when used)

        backend = getattr(getattr(model, "tokenizer", None), "backend_tokenizer", None)
        if backend is None:
            raise EmbeddingFailed(name, "its tokenizer does not tell where in a text its tokens stand")
        self._name, self._model, self._lock = name, model, threading.Lock()
        self._words = Tokenizer.from_str(backend.to_str())
        self._words.no_truncation()
        self._words.no_padding()
        self._prompts = {kind: _prompt(model, names) for kind, names in _PROMPTS.items()}
        self._room = min(model.max_seq_length or _USUAL_TOKENS, _MOST_TOKENS)
        self._room -= model.tokenizer.num_special_tokens_to_add(pair=False)
        # What stands around every text is not the caller's to count.
        self.max_tokens = self._room - max(len(self.spans(each)) for each in self._prompts.values())
        if self.max_tokens < 1:
            raise EmbeddingFailed(name, "it reads no text")

    def spans(self, text: str) -> list[tuple[int, int]]:
        found = self._words.encode(whole(text), add_special_tokens=False)
        return [(first, last) for first, last in found.offsets]

    def require_fit(self, text: str, kind: str) -> None:
        """Refuses a text that the library would cut, alone or with what is put before it."""
        count, prompt = len(self.spans(text)), self._prompts[kind]
        if count > self.max_tokens or (prompt and len(self.spans(prompt + text)) > self._room):
            raise TextTooLong(self._name, count, self.max_tokens, text)

    def vector(self, text: str, kind: str) -> bytes:
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        try:
            with self._lock:
                rows = encode([sendable(text)], batch_size=1, show_progress_bar=False, convert_to_numpy=True)
            return unit_row(rows[0].tolist())
        except Exception as error:  # what a library of libraries raises has no base but Python's own
            raise EmbeddingFailed(self._name, printable(str(error)) or type(error).__name__) from error

    def digest(self) -> str:
        """Identifies the vectors: the parts, their weights, the tokenizer and what is put before a text.

        Not the name: the same weights in a folder make the same vectors.
        """
        found = hashlib.sha256(self._words.to_str().encode())
        found.update(repr((sorted(self._prompts.items()), self._room)).encode())
        for part in self._model:
            found.update(f"\0{type(part).__name__} {getattr(part, 'pooling_mode', '')}".encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            found.update(f"\0{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
            found.update(tensor.detach().cpu().float().contiguous().numpy())
        return found.hexdigest()


def _prompt(model: Any, names: Sequence[str]) -> str:
    """What the library puts before a text when it is asked for one of these kinds."""
    prompts = model.prompts
    name = next((each for each in names if each in prompts), model.default_prompt_name)
    return str(prompts.get(name) or "") if name else ""
