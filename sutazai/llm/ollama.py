"""The port `ChatModel` over an Ollama server: opening, asking, closing. Never starts, stops or changes the server.

The protocol's traps are kept below: requests and chunks in `ollama_wire`, one reply in `ollama_stream`, failures in
`ollama_errors`, bytes in `ollama_client`. Importing this module loads none of the network libraries.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sutazai.errors.models import ModelError
from sutazai.errors.ollama import OllamaModelMissing
from sutazai.llm import ollama_wire as wire
from sutazai.llm.ollama_host import ollama_url
from sutazai.llm.ollama_listing import model_entry, names_of, trained_context
from sutazai.llm.ollama_retry import Backoff, Retries
from sutazai.llm.ollama_stream import Patience, Talk
from sutazai.sdk.chat import ChatChunk, ChatRequest, ModelInfo

if TYPE_CHECKING:
    import httpx

    from sutazai.llm.ollama_client import OllamaClient

_QUESTION_S: Final = 15.0  # for what the server knows without a model: versions, lists
_FIRST_REQUEST: Final = ChatRequest(prompt="1, 2,", max_tokens=1, top_logprobs=1)


class OllamaChat:
    """A model served by Ollama.

    Args:
        model: Ollama's name of it, e.g. `qwen2.5-coder:7b`.
        host: as in OLLAMA_HOST; empty for this machine.
        digest: of the weights, as the list of models said; `open` looks again.
        context_tokens: tokens of prompt and reply together; rounded up to a multiple of 2048.
        keep_alive: how long the server keeps the model loaded: `5m`, seconds, or `-1` for ever.
        connect_timeout_s: longest wait for a connection.
        load_timeout_s: longest wait for the first token: the queue, loading, and reading the prompt.
        token_timeout_s: longest wait from one token to the next.
        api_key: bearer token for a reverse proxy.
        why: why this model and runtime were chosen.
        backoff: how patient to be with a busy server.
        transport: replaces the network in tests.
    """

    def __init__(  # noqa: PLR0913 (each a setting of its own, given by name)
        self,
        model: str,
        *,
        host: str = "",
        digest: str = "",
        context_tokens: int = 4096,
        keep_alive: str = "5m",
        connect_timeout_s: float = 4.0,
        load_timeout_s: float = 180.0,
        token_timeout_s: float = 120.0,
        api_key: str = "",
        why: str = "",
        backoff: Backoff | None = None,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._url = ollama_url(host)
        self._serving = wire.Serving(model, wire.context_step(context_tokens), keep_alive)
        self._info = ModelInfo(model, "ollama", digest, context_tokens=self._serving.context_tokens, why=why)
        self._patience = Patience(max(load_timeout_s, token_timeout_s), token_timeout_s, backoff or Backoff())
        self._connect_timeout_s = connect_timeout_s
        self._api_key = api_key
        self._transport = transport
        self._client: OllamaClient | None = None
        self._opening = asyncio.Lock()

    @property
    def info(self) -> ModelInfo:
        """Which model this is; complete only after `open`."""
        return self._info

    async def open(self) -> None:
        """Has the model loaded, and looks how it is served: one token is generated.

        Raises:
            ModelError: no server, no such model, or one that does not load; the subclass says which.
        """
        await self._opened()

    async def _opened(self) -> "OllamaClient":
        async with self._opening:
            if self._client is None:
                client = self._new_client()
                try:
                    await self._look(client)
                except BaseException:
                    await client.close()
                    raise
                self._client = client
            return self._client

    def _new_client(self) -> "OllamaClient":
        from sutazai.llm.ollama_client import OllamaClient  # noqa: PLC0415 (loaded only when used)

        return OllamaClient(
            self._url,
            connect_timeout_s=self._connect_timeout_s,
            api_key=self._api_key,
            transport=self._transport,
        )

    async def _look(self, client: "OllamaClient") -> None:
        await self._identify(client)
        # Loads the model, so that one that does not load fails here; and only trying tells whether
        # log-probabilities come: version numbers of patched servers tell little.
        async with aclosing(self._reply(client, _FIRST_REQUEST)) as chunks:
            async for _ in chunks:
                pass
        running = await self._question(client, "GET", "/api/ps")
        self._lower_context(model_entry(running, self._serving.model).context_tokens)

    async def _identify(self, client: "OllamaClient") -> None:
        model = self._serving.model
        tags = await self._question(client, "GET", "/api/tags")
        try:
            shown = await self._question(client, "POST", "/api/show", {"model": model})
        except OllamaModelMissing:
            raise OllamaModelMissing(model, names_of(tags)) from None
        capabilities = shown.get("capabilities")
        thinks = isinstance(capabilities, list) and "thinking" in capabilities
        self._serving = replace(self._serving, thinks=thinks)
        self._info = replace(self._info, digest=model_entry(tags, model).digest or self._info.digest)
        self._lower_context(trained_context(shown))

    def _lower_context(self, tokens: int) -> None:
        if tokens:
            self._info = replace(self._info, context_tokens=min(tokens, self._info.context_tokens))

    async def _question(
        self, client: "OllamaClient", method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        retries = Retries(self._patience.backoff)
        asked = self._talk(client).asked()
        while True:
            try:
                return await client.ask(method, path, asked=asked, timeout_s=_QUESTION_S, body=body)
            except ModelError as error:
                if not await retries.again(error):
                    raise

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """The reply, piece by piece. Closing the generator closes the connection, and that ends the work there.

        Raises:
            PromptTooLong: the prompt does not fit; nothing was cut.
            ModelError: anything else that keeps the model from answering.
        """
        async with aclosing(self._reply(await self._opened(), request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _reply(self, client: "OllamaClient", request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        text = logprobs = False
        async with aclosing(self._talk(client).reply(request)) as chunks:
            async for chunk in chunks:
                text, logprobs = text or bool(chunk.text), logprobs or bool(chunk.logprobs)
                yield chunk
        if request.top_logprobs and text:
            self._info = replace(self._info, logprobs=logprobs)

    def _talk(self, client: "OllamaClient") -> Talk:
        return Talk(client, self._serving, self._info.context_tokens, self._patience)

    async def close(self) -> None:
        """Closes the connections; the server keeps the model for `keep_alive`, since others may use it."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
