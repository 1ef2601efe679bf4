"""The port `Embedder` over an Ollama server. Never starts, stops or changes the server, and never lets it cut a text.

A request carries one text, and one request goes at a time: texts that share a batch change one another's last digits,
and a server with one place for each model would only queue the others.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from sutazai.errors.embedding import EmbeddingFailed, TextTooLong, UnknownEmbedder
from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.errors.ollama import NotOllama, OllamaModelMissing, OllamaModelUnsuitable
from sutazai.llm.embedding.counting import CautiousCounter
from sutazai.llm.embedding.packing import unit_row
from sutazai.llm.embedding.prompts import prompts_of
from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.embedding.texts import sendable
from sutazai.llm.embedding.wordpiece import read_vocabulary
from sutazai.llm.ollama_errors import Asked
from sutazai.llm.ollama_host import ollama_url
from sutazai.llm.ollama_listing import model_entry, names_of, set_context, trained_context
from sutazai.llm.ollama_retry import Backoff, Retries
from sutazai.llm.ollama_wire import keep_alive_of
from sutazai.sdk.document import FLOAT32_BYTES, EmbedderInfo, Vectors

if TYPE_CHECKING:
    import httpx

    from sutazai.llm.ollama_client import OllamaClient

_QUESTION_S: Final = 15.0
_MOST_CONTEXT: Final = 2048  # a passage is never longer; memory of an encoder grows with its square
_LEAST_CONTEXT: Final = 64  # less can only be a mistake
_AROUND: Final = 8  # the model's own marks around a text, and what tells a full context from a cut text
_NEAR_END: Final = 2
_SUITABLE: Final = "choose a model that makes vectors: `ollama pull nomic-embed-text`, then `ollama:nomic-embed-text`"


@dataclass(frozen=True, slots=True)
class _Serving:
    client: "OllamaClient"
    words: CautiousCounter
    context_tokens: int


class OllamaEmbedder:
    """An embedding model served by Ollama.

    Args:
        model: Ollama's name of it, e.g. `nomic-embed-text`.
        host: as in OLLAMA_HOST; empty for this machine.
        keep_alive: how long the server keeps the model loaded: `5m`, seconds, or `-1` for ever.
        connect_timeout_s: longest wait for a connection.
        answer_timeout_s: longest wait for a vector: the queue, loading, computing.
        api_key: bearer token for a reverse proxy.
        backoff: how patient to be with a busy server.
        transport: replaces the network in tests.
    """

    def __init__(  # noqa: PLR0913 (each a setting of its own, given by name)
        self,
        model: str,
        *,
        host: str = "",
        keep_alive: str = "5m",
        connect_timeout_s: float = 4.0,
        answer_timeout_s: float = 180.0,
        api_key: str = "",
        backoff: Backoff | None = None,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._model, self._url = model, ollama_url(host)
        self._prompts = prompts_of(model)
        self._keep_alive = keep_alive_of(keep_alive)
        self._connect_timeout_s, self._answer_timeout_s = connect_timeout_s, answer_timeout_s
        self._api_key, self._transport = api_key, transport
        self._backoff = backoff or Backoff()
        self._opening, self._turn = asyncio.Lock(), asyncio.Lock()
        self._serving: _Serving | None = None
        self._info = EmbedderInfo(model, "ollama", "", 0, 0)

    @property
    def info(self) -> EmbedderInfo:
        """Which weights these are; complete only after `open`."""
        return self._info

    async def open(self) -> None:
        """Has the model loaded, and looks what it gives: one text is embedded.

        Raises:
            ModelError: no server, no such model, or one that makes no vectors; the subclass says which.
        """
        async with self._opening:
            if self._serving is not None:
                return
            client = self._new_client()
            try:
                serving, info = await self._looked(client)
                row = await self._vector(serving, "", "")
            except BaseException:
                await client.close()
                raise
            self._info, self._serving = replace(info, dimensions=len(row) // FLOAT32_BYTES), serving

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of `text` begins and ends, in code points, by a cautious rule. Only after `open`."""
        return self._ready().words.spans(text)

    async def embed(self, texts: Sequence[str], *, kind: Literal["document", "query"] = "document") -> Vectors:
        """One vector of unit length for each text, in order. Cancelling closes the connection.

        Raises:
            TextTooLong: a text has more tokens than `info.max_tokens`, or more than the server takes.
            ModelError: the server fails.
        """
        serving = self._ready()
        for text in texts:
            if (count := len(serving.words.spans(text))) > self._info.max_tokens:
                raise TextTooLong(self._model, count, self._info.max_tokens, text)
        prompt = self._prompts.of(kind)
        rows = {text: await self._one(serving, text, prompt) for text in dict.fromkeys(texts)}
        return Vectors(self._info.dimensions, b"".join(rows[text] for text in texts))

    async def close(self) -> None:
        """Closes the connections; the server keeps the model for `keep_alive`, since others may use it."""
        serving, self._serving = self._serving, None
        if serving is not None:
            await serving.client.close()

    def _ready(self) -> _Serving:
        if self._serving is None:
            raise EmbeddingFailed(self._model, "it is not open")
        return self._serving

    def _new_client(self) -> "OllamaClient":
        from sutazai.llm.ollama_client import OllamaClient  # noqa: PLC0415 (loaded only when used)

        return OllamaClient(
            self._url, connect_timeout_s=self._connect_timeout_s, api_key=self._api_key, transport=self._transport
        )

    async def _looked(self, client: "OllamaClient") -> tuple[_Serving, EmbedderInfo]:
        tags = await self._asked(client, "GET", "/api/tags", _QUESTION_S)
        try:
            shown = await self._asked(client, "POST", "/api/show", _QUESTION_S, {"model": self._model})
        except OllamaModelMissing:
            raise OllamaModelMissing(self._model, names_of(tags)) from None
        words = CautiousCounter(read_vocabulary(RECIPES[0].vocabulary, RECIPES[0].vocabulary_sha256))
        context = _context(shown)
        prompt = max(len(words.spans(each)) for each in (self._prompts.document, self._prompts.query))
        digest = self._digest(model_entry(tags, self._model).digest, context)
        info = EmbedderInfo(self._model, "ollama", digest, 0, context - _AROUND - prompt)
        return _Serving(client, words, context), info

    def _digest(self, weights: str, context: int) -> str:
        """Identifies the vectors: the weights as the server names them (else the model's name), what is put before."""
        parts = ("ollama", weights or self._model, self._prompts.document, self._prompts.query, str(context))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    async def _one(self, serving: _Serving, text: str, prompt: str) -> bytes:
        row = await self._vector(serving, text, prompt)
        if (found := len(row) // FLOAT32_BYTES) != self._info.dimensions:
            raise NotOllama(self._url, f"a vector of {found} numbers, and before of {self._info.dimensions}")
        return row

    async def _vector(self, serving: _Serving, text: str, prompt: str) -> bytes:
        sent = prompt + sendable(text)
        try:
            async with self._turn:
                answer = await self._asked(
                    serving.client, "POST", "/api/embed", self._answer_timeout_s, self._body(serving, sent)
                )
            return _row(answer, serving.context_tokens)
        except (_WasCut, PromptTooLong) as error:
            raise self._too_long(serving, text) from error
        except OllamaModelUnsuitable as error:
            raise UnknownEmbedder(f"ollama:{self._model}", _SUITABLE) from error
        except ValueError as error:
            raise NotOllama(self._url, str(error)) from error

    def _too_long(self, serving: _Serving, text: str) -> TextTooLong:
        # The server tells no count: more than its context is certain.
        count = max(len(serving.words.spans(text)), serving.context_tokens + 1)
        return TextTooLong(self._model, count, serving.context_tokens, text)

    def _body(self, serving: _Serving, text: str) -> dict[str, Any]:
        # An encoder reads a text in one batch: what is longer than the batch would be refused.
        options = {"num_ctx": serving.context_tokens, "num_batch": serving.context_tokens}
        return {
            "model": self._model,
            "input": [text],
            "truncate": False,
            "keep_alive": self._keep_alive,
            "options": options,
        }

    async def _asked(
        self, client: "OllamaClient", method: str, path: str, timeout_s: float, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        retries, asked = Retries(self._backoff), Asked(self._url, self._model)
        while True:
            try:
                return await client.ask(method, path, asked=asked, timeout_s=timeout_s, body=body)
            except ModelError as error:
                if not await retries.again(error):
                    raise


class _WasCut(Exception):
    """A server that does not know `truncate` may have cut the text."""


def _context(shown: Mapping[str, Any]) -> int:
    """The tokens that a text may have: as trained, as the Modelfile says, and no more than a passage needs."""
    said = [each for each in (trained_context(shown), set_context(shown)) if each]
    return max(_LEAST_CONTEXT, min([*said, _MOST_CONTEXT]))


def _row(answer: Mapping[str, Any], context_tokens: int) -> bytes:
    """The one vector of an answer.

    Raises:
        ValueError: there is none.
    """
    rows, count = answer.get("embeddings"), answer.get("prompt_eval_count")
    if not isinstance(rows, list) or len(rows) != 1:
        raise ValueError("/api/embed gave not one vector for one text")
    if isinstance(count, int) and count >= context_tokens - _NEAR_END:
        raise _WasCut
    return unit_row(rows[0])
