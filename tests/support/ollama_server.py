"""A local server that speaks Ollama's protocol as our notes on it say, error table and quirks included.

It is **not** Ollama. This server and our client were written from one description of the protocol, read from Ollama's
source, so both could share a misreading; a test that passes here proves that the two agree, no more. What balances it:
the official `ollama` client is tried against this server as well, and where a real server answers at `OLLAMA_HOST` the
contract suite runs against that too.

Answers come from any `ChatModel` (a scripted one, or the embedded runtime with real weights).
"""

import asyncio
import ipaddress
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Literal, Self

from sutazai.errors.models import PromptTooLong
from sutazai.sdk.chat import ChatChunk, ChatRequest, Message, TokenLogprob
from sutazai.sdk.ports import ChatModel
from tests.support.http_server import HttpServer, Reply, Request
from tests.support.ollama_checks import Refused, check_generation, check_name, go_json

DIGEST: Final = "ab" * 32
TOO_LONG: Final = (
    "the prompt is longer than the context length currently available to the model; shorten the prompt or raise num_ctx"
)
BUSY: Final = "server busy, please try again.  maximum pending requests exceeded"
STOPPED: Final = (
    "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, "
    "check ollama server logs for details"
)


@dataclass(frozen=True, slots=True)
class Served:
    """A model of the server. `count` gives the tokens of a text; None leaves that to the model behind.

    `vectors` embeds texts; None: all alike. `parameters` is what its Modelfile sets.
    """

    chat: ChatModel
    capabilities: tuple[str, ...] = ("completion",)
    trained_context: int = 32768
    count: Callable[[str], int] | None = None
    vectors: Callable[[list[str]], Awaitable[list[list[float]]]] | None = None
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The next generation is answered with this status and body."""

    status: int
    error: str = ""
    raw: bytes | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The bytes of the answer."""
        return json.dumps({"error": self.error, **self.extra}).encode() if self.raw is None else self.raw


@dataclass(frozen=True, slots=True)
class Break:
    """The next generation breaks after `after` objects of its stream.

    `error`: an error line; `end`: a proper end without `done`; `cut`: the connection breaks; `half`: it breaks within a
    line; `garbage`: a line that is no JSON; `hang`: nothing more comes until the client hangs up.
    """

    how: Literal["error", "end", "cut", "half", "garbage", "hang"]
    after: int = 1
    text: str = STOPPED


class OllamaServer:
    """The server, on a free loopback port between `async with`.

    Args:
        models: by name, `:latest` included where the name has no tag.
        age: an `old` server knows no log-probabilities, capabilities, `shift`, `truncate`, nor the served context.
        faults: what happens to the next generations, in order; `None` lets one pass.
    """

    def __init__(
        self,
        models: Mapping[str, Served],
        *,
        age: Literal["new", "old"] = "new",
        faults: list[Refuse | Break | None] | None = None,
    ) -> None:
        self.models = dict(models)
        self.old = age == "old"
        self.faults = faults or []
        self.requests: list[tuple[str, Any]] = []
        self.loaded: dict[str, int] = {}
        self._http = HttpServer(self._handle)
        self._busy = asyncio.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._http.url

    @property
    def hung_up(self) -> asyncio.Event:
        """Set once a client went away before its answer was whole."""
        return self._http.hung_up

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def _handle(self, request: Request, reply: Reply) -> None:
        if not _is_local(request.headers.get("host", "")):
            await reply.send(403)
            return
        routes = _ROUTES.get(request.path)
        if routes is None:
            await reply.send(404, b"404 page not found", "text/plain")
        elif request.method not in routes:
            await reply.send(405, b"405 method not allowed", "text/plain")
        else:
            await self._route(routes[request.method], request, reply)

    async def _route(self, name: str, request: Request, reply: Reply) -> None:
        try:
            body = go_json(request.body) if request.method in {"POST", "DELETE"} else {}
            self.requests.append((request.path, body))
            await getattr(self, f"_{name}")(body, reply)
        except Refused as refused:
            item = {"error": refused.text}
            if reply.started:
                await reply.write(json.dumps(item).encode() + b"\n")
                await reply.end()
            else:
                await reply.json(refused.status, item)

    async def _root(self, body: Any, reply: Reply) -> None:
        await reply.send(200, b"Ollama is running", "text/plain")

    async def _version(self, body: Any, reply: Reply) -> None:
        await reply.json(200, {"version": "0.5.0" if self.old else "0.15.2"})

    async def _tags(self, body: Any, reply: Reply) -> None:
        await reply.json(200, {"models": [self._entry(name) for name in self.models]})

    async def _ps(self, body: Any, reply: Reply) -> None:
        models = []
        for name, context in self.loaded.items():
            entry = self._entry(name) | {"expires_at": "2318-01-01T00:00:00.123456789+01:00", "size_vram": 0}
            models.append(entry if self.old else entry | {"context_length": context})
        await reply.json(200, {"models": models})

    def _entry(self, name: str) -> dict[str, Any]:
        details = {"parent_model": "", "format": "gguf", "family": "qwen2", "families": None}
        entry = {
            "name": name,
            "model": name,
            "modified_at": "2026-08-21T10:00:00.123456789+02:00",
            "size": 1_000_000,
            "digest": DIGEST,
            "details": details | {"parameter_size": "1.5B", "quantization_level": "Q4_K_M"},
        }
        return entry if self.old else entry | {"capabilities": list(self.models[name].capabilities)}

    async def _show(self, body: Any, reply: Reply) -> None:
        if not body.get("model"):
            raise Refused(400, "model is required")
        _, served = self._model(body)
        info = {"general.architecture": "qwen2", "qwen2.context_length": served.trained_context}
        item = {
            "license": "",
            "modelfile": "",
            "parameters": served.parameters,
            "template": "",
            "details": {},
            "model_info": info,
        }
        await reply.json(200, item if self.old else item | {"capabilities": list(served.capabilities)})

    async def _pull(self, body: Any, reply: Reply) -> None:
        check_name(body.get("model") or body.get("name"), 400, "invalid model name")
        await reply.write(b'{"status":"pulling manifest"}\n')
        name = _full(body.get("model") or body.get("name"))
        if name not in self.models:
            raise Refused(500, "pull model manifest: file does not exist")
        layer = {"status": f"pulling {DIGEST[:12]}", "digest": f"sha256:{DIGEST}", "total": 10}
        for item in (layer, layer | {"completed": 10}, *({"status": each} for each in _PULL_ENDS)):
            await reply.write(json.dumps(item).encode() + b"\n")
        await reply.end()

    async def _copy(self, body: Any, reply: Reply) -> None:
        source = _full(body.get("source", ""))
        if source not in self.models:
            raise Refused(404, f'model "{body.get("source")}" not found')
        self.models[_full(body["destination"])] = self.models[source]
        await reply.send(200)

    async def _delete(self, body: Any, reply: Reply) -> None:
        name, _ = self._model(body)
        del self.models[name]
        await reply.send(200)

    async def _embed(self, body: Any, reply: Reply) -> None:
        _, served = self._model(body)
        texts = body.get("input")
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise Refused(400, "invalid input type")
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Refuse):
            await reply.send(fault.status, fault.body)
            return
        async with self._busy:
            await reply.json(200, await self._embeddings(body, served, texts))

    async def _embeddings(self, body: Any, served: Served, texts: list[str]) -> dict[str, Any]:
        count = served.count or len
        context = min((body.get("options") or {}).get("num_ctx", 4096), served.trained_context)
        counts = [count(each) for each in texts]
        if max(counts, default=0) > context:
            if body.get("truncate") is False and not self.old:
                raise Refused(400, "the input length exceeds the context length")
            # The end is thrown away without a word: the trap that `truncate: false` is there to close.
            texts, counts = [each[:context] for each in texts], [min(each, context) for each in counts]
        rows = [[1.0, 0.0] for _ in texts] if served.vectors is None else await served.vectors(texts)
        return {"model": body["model"], "embeddings": rows, "total_duration": 1, "prompt_eval_count": sum(counts)}

    async def _chat(self, body: Any, reply: Reply) -> None:
        if not body.get("model"):
            raise Refused(400, "model is required")
        messages = body.get("messages") or []
        await self._generation("chat", body, reply, empty=not messages)

    async def _generate(self, body: Any, reply: Reply) -> None:
        if body.get("raw") and (body.get("system") or body.get("template") or body.get("context")):
            raise Refused(400, "raw mode does not support template, system, or context")
        await self._generation("generate", body, reply, empty=not body.get("prompt"))

    async def _generation(self, kind: str, body: Any, reply: Reply, *, empty: bool) -> None:
        name, served = self._model(body)
        check_generation(kind, body, served.capabilities)
        fault = self.faults.pop(0) if self.faults and not empty else None
        if isinstance(fault, Refuse):
            await reply.send(fault.status, fault.body)
            return
        context = min((body.get("options") or {}).get("num_ctx", 4096), served.trained_context)
        self.loaded[name] = context
        if empty:
            unload = body.get("keep_alive") == 0
            await self._answer([_done(kind, body, "unload" if unload else "load")], body, reply)
            return
        # A server runs one request at a time by default; the others wait in its queue.
        async with self._busy, aclosing(self._items(kind, body, served, context)) as items:
            await self._stream(items, body, reply, fault)

    async def _stream(
        self, items: AsyncGenerator[dict[str, Any], None], body: Any, reply: Reply, fault: Break | None
    ) -> None:
        if body.get("stream") is False:
            await self._answer([each async for each in items], body, reply)
            return
        sent = 0
        async for item in items:
            if fault is not None and sent == fault.after:
                await _broken(fault, item, reply)
                return
            await reply.write(json.dumps(item).encode() + b"\n")
            sent += 1
        await reply.end()

    async def _answer(self, items: list[dict[str, Any]], body: Any, reply: Reply) -> None:
        whole = dict(items[-1])
        for key in ("response", "message", "logprobs"):
            found = [each[key] for each in items if key in each]
            if key == "message" and found:
                whole[key] = {"role": "assistant", "content": "".join(each["content"] for each in found)}
            elif found:
                whole[key] = "".join(found) if key == "response" else [token for each in found for token in each]
        await reply.json(200, whole)

    async def _items(self, kind: str, body: Any, served: Served, context: int) -> AsyncGenerator[dict[str, Any], None]:
        request, cut_to = self._request(kind, body, served, context)
        try:
            async with aclosing(served.chat.stream(request)) as chunks:
                async for chunk in chunks:
                    for piece in _pieces(chunk):
                        yield _item(kind, body, piece, None if self.old else piece.logprobs)
                    if chunk.finish == "truncated":
                        return
                    if chunk.finish is not None:
                        yield _done(kind, body, chunk.finish, cut_to or chunk.usage.prompt_tokens, chunk)
        except PromptTooLong:
            raise Refused(400, TOO_LONG) from None

    def _request(self, kind: str, body: Any, served: Served, context: int) -> tuple[ChatRequest, int]:
        options = body.get("options") or {}
        request = ChatRequest(
            messages=tuple(Message(each["role"].lower(), each["content"]) for each in body.get("messages") or ()),
            prompt=body.get("prompt") if kind == "generate" else None,
            max_tokens=options.get("num_predict", 128),
            temperature=options.get("temperature", 0.8),
            seed=options.get("seed", 0),
            stop=tuple(options.get("stop") or ()),
            json_schema=body.get("format") if isinstance(body.get("format"), dict) else None,
            top_logprobs=max(body.get("top_logprobs", 0), 1) if body.get("logprobs") and not self.old else 0,
        )
        if served.count is None:
            return request, 0
        text = request.prompt if request.prompt is not None else " ".join(each.content for each in request.messages)
        if served.count(text) <= context - 1:
            return request, 0
        if body.get("shift", True) is False and not self.old:
            raise Refused(400, TOO_LONG)
        # The head is thrown away without a word: the trap that `shift: false` is there to close.
        return ChatRequest(prompt=text[-context:], max_tokens=8), context - max((context - 5) // 2, 1)

    def _model(self, body: Any) -> tuple[str, Served]:
        name = _full(str(body.get("model") or ""))
        if name not in self.models:
            raise Refused(404, f"model '{body.get('model', '')}' not found")
        return name, self.models[name]


async def _broken(fault: Break, item: dict[str, Any], reply: Reply) -> None:
    line = json.dumps(item).encode()
    if fault.how == "hang":
        await asyncio.Event().wait()
    if fault.how == "half":
        await reply.write(line[: len(line) // 2])
    if fault.how == "error":
        await reply.write(json.dumps({"error": fault.text}).encode() + b"\n")
    if fault.how == "garbage":
        await reply.write(b"<html>\n" + line + b"\n")
    if fault.how in {"error", "end", "garbage"}:
        await reply.end()
    await reply.start()


def _pieces(chunk: ChatChunk) -> list[ChatChunk]:
    # Ollama sends a few bytes at a time; a scripted model answers at once.
    if chunk.logprobs or len(chunk.text) < 2:
        return [chunk] if chunk.text else []
    middle = len(chunk.text) // 2
    return [ChatChunk(chunk.text[:middle]), ChatChunk(chunk.text[middle:])]


def _item(kind: str, body: Any, chunk: ChatChunk, logprobs: tuple[TokenLogprob, ...] | None) -> dict[str, Any]:
    item: dict[str, Any] = {"model": body["model"], "created_at": "2026-08-21T10:00:00.1Z", "done": False}
    if kind == "chat":
        item["message"] = {"role": "assistant", "content": chunk.text}
    else:
        item["response"] = chunk.text
    if logprobs:
        item["logprobs"] = [_logprob(each) for each in logprobs]
    return item


def _logprob(token: TokenLogprob) -> dict[str, Any]:
    item: dict[str, Any] = {"token": token.token, "logprob": token.logprob, "bytes": list(token.token.encode())}
    return item | ({"top_logprobs": [_logprob(each) for each in token.top]} if token.top else {})


def _done(kind: str, body: Any, reason: str, prompt_tokens: int = 0, chunk: ChatChunk | None = None) -> dict[str, Any]:
    item = _item(kind, body, ChatChunk(), None) | {"done": True, "done_reason": reason, "total_duration": 1_000_000}
    completion_tokens = chunk.usage.completion_tokens if chunk else 0
    metrics = {"prompt_eval_count": prompt_tokens, "eval_count": completion_tokens}
    # Go leaves out what is zero.
    return item | {key: value for key, value in metrics.items() if value}


def _is_local(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_private
    except ValueError:
        return False


def _full(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


_PULL_ENDS: Final = ("verifying sha256 digest", "writing manifest", "success")
_ROUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "/": {"GET": "root", "HEAD": "root"},
    "/api/version": {"GET": "version", "HEAD": "version"},
    "/api/tags": {"GET": "tags", "HEAD": "tags"},
    "/api/ps": {"GET": "ps"},
    "/api/show": {"POST": "show"},
    "/api/pull": {"POST": "pull"},
    "/api/copy": {"POST": "copy"},
    "/api/delete": {"DELETE": "delete"},
    "/api/embed": {"POST": "embed"},
    "/api/chat": {"POST": "chat"},
    "/api/generate": {"POST": "generate"},
}
