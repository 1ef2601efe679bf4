"""Our Ollama client and the official one against the protocol server of `tests/support`, over real sockets.

The server and our client come from one description of the protocol and could share a misreading; the official client,
which knows neither, is the judge of both. A real server is tried by `test_chat_models.py` where OLLAMA_HOST names one.
"""

import asyncio
from array import array
from collections.abc import AsyncIterator
from typing import Any, Literal

import httpx
import ollama
import pytest

from sutazai.errors import ollama as errors
from sutazai.errors.embedding import TextTooLong, UnknownEmbedder
from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.llm.embedding.ollama import OllamaEmbedder
from sutazai.llm.ollama import OllamaChat
from sutazai.llm.ollama_probe import probe_ollama
from sutazai.llm.ollama_retry import Backoff
from sutazai.sdk.chat import ChatRequest, Message
from sutazai.sdk.testing import ScriptedChat
from tests.support.ollama_mock import reply_of
from tests.support.ollama_server import BUSY, DIGEST, STOPPED, TOO_LONG, Break, OllamaServer, Refuse, Served
from tests.support.toy_model import CONTEXT_TOKENS, toy_count, toy_info, toy_reply

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])

ASK = ChatRequest(prompt="1, 2, 3,", max_tokens=6, top_logprobs=2)
LONG = "word " * (2 * CONTEXT_TOKENS)


def served(**changes: Any) -> dict[str, Served]:
    toy = ScriptedChat(toy_reply, info=toy_info())
    return {
        "toy:latest": Served(toy, count=toy_count, **changes),
        "embed:latest": Served(toy, ("embedding",), trained_context=16),
    }


async def no_pause(seconds: float) -> None:
    """Waits for nothing."""


def our(server: OllamaServer, model: str = "toy", **settings: Any) -> OllamaChat:
    return OllamaChat(
        model,
        **({"host": server.url, "context_tokens": CONTEXT_TOKENS, "backoff": Backoff(sleep=no_pause)} | settings),
    )


@pytest.fixture
async def server() -> AsyncIterator[OllamaServer]:
    async with OllamaServer(served()) as server:
        yield server


@pytest.fixture
async def chat(server: OllamaServer) -> AsyncIterator[OllamaChat]:
    chat = our(server)
    await chat.open()
    yield chat
    await chat.close()


async def test_a_look_at_the_server_tells_what_it_has(server: OllamaServer) -> None:
    status = await probe_ollama(server.url)
    assert status.reachable
    assert [each.name for each in status.models] == ["toy:latest", "embed:latest"]
    assert [each.capabilities for each in status.models] == [("completion",), ("embedding",)]
    assert status.models[0].digest == DIGEST


async def test_a_look_at_a_port_where_nothing_listens_tells_so(server: OllamaServer) -> None:
    url = server.url
    await server.__aexit__(None, None, None)
    status = await probe_ollama(url)
    assert not status.reachable
    assert "refused" in status.reason


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Refuse(404, "model 'toy' not found"), errors.OllamaModelMissing, "does not have"),
        (Refuse(400, TOO_LONG), PromptTooLong, "does not fit"),
        (Refuse(400, "top_logprobs must be between 0 and 20"), errors.OllamaRequestRefused, "0 and 20"),
        (Refuse(400, '"toy" does not support generate'), errors.OllamaModelUnsuitable, "support generate"),
        (Refuse(401, "unauthorized", extra={"signin_url": "https://x.example"}), errors.OllamaSignInNeeded, "sign-in"),
        (Refuse(403, raw=b""), errors.OllamaHostRefused, "refuses to be called"),
        (Refuse(403, "remote inference is unavailable"), errors.OllamaRemoteFailed, "403"),
        (Refuse(429, "rate limit"), errors.OllamaRemoteFailed, "429"),
        (Refuse(499, "request canceled"), errors.OllamaRequestRefused, "canceled"),
        (Refuse(500, "model requires more system memory (9 GiB)"), errors.OllamaOutOfMemory, "9 GiB"),
        (Refuse(500, "timed out waiting for llama-server to start"), errors.OllamaLoadFailed, "timed out"),
        (Refuse(500, 'option "num_ctx" must be of type integer'), errors.OllamaRequestRefused, "num_ctx"),
        (Refuse(502, "upstream"), errors.OllamaRemoteFailed, "502"),
        (Break("error", text="ran out"), errors.OllamaServerFailed, "ran out"),
        (Break("error", text=STOPPED), errors.OllamaRunnerStopped, "died"),
        (Break("garbage"), errors.NotOllama, "no JSON"),
        (Break("garbage", after=0), errors.NotOllama, "no JSON"),
    ],
)
async def test_every_failure_of_the_server_has_an_error_of_its_own(
    server: OllamaServer, chat: OllamaChat, fault: Refuse | Break, error: type[ModelError], message: str
) -> None:
    server.faults.append(fault)
    with pytest.raises(error, match=message):
        await reply_of(chat, ASK)
    assert (await reply_of(chat, ASK)).finish == "length"


@pytest.mark.parametrize(
    "faults",
    [
        [Refuse(503, BUSY), Refuse(503, BUSY)],
        [Refuse(500, STOPPED)],
        [Break("error", after=0)],
        [Break("cut", after=0)],
        [Refuse(503, BUSY), Refuse(500, STOPPED), Refuse(503, BUSY)],
    ],
)
async def test_what_passes_is_waited_out(
    server: OllamaServer, chat: OllamaChat, faults: list[Refuse | Break | None]
) -> None:
    server.faults.extend(faults)
    assert (await reply_of(chat, ASK)).finish == "length"
    assert not server.faults


@pytest.mark.parametrize("fault", [Break("end"), Break("cut"), Break("half")])
async def test_a_stream_that_just_ends_is_truncated(server: OllamaServer, chat: OllamaChat, fault: Break) -> None:
    server.faults.append(fault)
    reply = await reply_of(chat, ASK)
    assert reply.finish == "truncated"
    assert reply.text


async def test_a_server_that_falls_silent_is_given_up(server: OllamaServer) -> None:
    chat = our(server, load_timeout_s=30, token_timeout_s=0.05)
    server.faults += [None, Break("hang")]
    with pytest.raises(errors.OllamaSilent, match="no next token"):
        await reply_of(chat, ASK)
    await server.hung_up.wait()
    await chat.close()


async def test_closing_the_generator_ends_the_work_on_the_server(server: OllamaServer, chat: OllamaChat) -> None:
    server.faults.append(Break("hang"))
    stream = chat.stream(ASK)
    assert (await anext(stream)).text
    assert not server.hung_up.is_set()
    await stream.aclose()
    await server.hung_up.wait()
    assert (await reply_of(chat, ASK)).finish == "length"


@pytest.mark.parametrize("model", ["absent", "embed"])
async def test_a_model_that_cannot_serve_is_told_when_it_is_opened(server: OllamaServer, model: str) -> None:
    wanted = errors.OllamaModelMissing if model == "absent" else errors.OllamaModelUnsuitable
    with pytest.raises(wanted) as caught:
        await our(server, model).open()
    assert ("installed: toy:latest" in caught.value.hint) == (model == "absent")


async def test_the_head_of_a_long_prompt_is_never_lost_in_silence(server: OllamaServer, chat: OllamaChat) -> None:
    for request in (ChatRequest(prompt=LONG), ChatRequest(messages=(Message("user", LONG),))):
        with pytest.raises(PromptTooLong):
            await reply_of(chat, request)


async def test_an_old_server_that_cuts_all_the_same_is_found_out() -> None:
    async with OllamaServer(served(), age="old") as server:
        chat = our(server)
        await chat.open()
        assert not chat.info.logprobs
        assert (await reply_of(chat, ChatRequest(prompt=LONG, max_tokens=8))).finish == "truncated"
        assert (await reply_of(chat, ASK)).finish == "length"
        await chat.close()


async def test_the_context_that_is_really_served_counts() -> None:
    async with OllamaServer(served(trained_context=1024)) as server:
        chat = our(server, context_tokens=9000)
        await chat.open()
        assert chat.info.context_tokens == 1024
        await chat.close()


async def test_a_server_of_another_kind_is_told(server: OllamaServer) -> None:
    with pytest.raises(errors.NotOllama, match="404"):
        await our(server, host=f"{server.url}/prefix").open()


async def test_a_name_that_the_server_does_not_trust_is_told(server: OllamaServer) -> None:
    class Renamed(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            request.headers["host"] = "rebound.example"
            return await super().handle_async_request(request)

    with pytest.raises(errors.OllamaHostRefused, match="refuses to be called by that name"):
        await our(server, transport=Renamed()).open()


ROWS = [
    ("POST", "/api/chat", {}, 400, "model is required"),
    ("POST", "/api/show", {"model": ""}, 400, "model is required"),
    ("POST", "/api/show", {"model": "absent"}, 404, "model 'absent' not found"),
    ("POST", "/api/generate", {"model": ""}, 404, "model '' not found"),
    ("POST", "/api/embed", {"model": "absent", "input": "x"}, 404, "model 'absent' not found"),
    ("DELETE", "/api/delete", {"model": "absent"}, 404, "model 'absent' not found"),
    ("POST", "/api/copy", {"source": "absent", "destination": "x"}, 404, 'model "absent" not found'),
    ("POST", "/api/chat", {"model": "embed", "messages": [{}]}, 400, '"embed" does not support chat'),
    ("POST", "/api/generate", {"model": "embed", "prompt": "x"}, 400, '"embed" does not support generate'),
    ("POST", "/api/chat", {"model": "toy", "tools": [{}]}, 400, "toy does not support tools"),
    ("POST", "/api/chat", {"model": "toy", "think": True}, 400, '"toy" does not support thinking'),
    ("POST", "/api/chat", {"model": "toy", "think": "hard"}, 400, "invalid think value"),
    ("POST", "/api/chat", {"model": "toy", "format": "yaml"}, 500, "invalid format"),
    ("POST", "/api/chat", {"model": "toy", "options": {"num_ctx": "8k"}}, 500, 'option "num_ctx" must be of type int'),
    ("POST", "/api/chat", {"model": "toy", "top_logprobs": 21}, 400, "top_logprobs must be between 0 and 20"),
    ("POST", "/api/generate", {"model": "toy", "raw": True, "system": "x"}, 400, "raw mode does not support"),
    ("POST", "/api/embed", {"model": "toy", "input": 5}, 400, "invalid input type"),
    ("POST", "/api/embed", {"model": "embed", "input": "x" * 99, "truncate": False}, 400, "input length exceeds"),
    ("POST", "/api/generate", {"model": "toy", "prompt": LONG, "shift": False}, 400, "longer than the context length"),
    ("POST", "/api/chat", None, 400, "missing request body"),
    ("POST", "/api/chat", b"{", 400, "invalid character"),
    ("POST", "/api/chat", [], 400, "cannot unmarshal array"),
    ("GET", "/api/chat", None, 405, "405 method not allowed"),
    ("GET", "/api/nothing", None, 404, "404 page not found"),
    ("GET", "/", None, 200, "Ollama is running"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "text"), ROWS)
async def test_the_server_answers_as_the_table_says(
    server: OllamaServer, method: str, path: str, body: Any, status: int, text: str
) -> None:
    content = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.request(method, path, **content)
    assert answer.status_code == status
    assert text in answer.text.replace('\\"', '"')


async def test_the_official_client_reads_the_servers_answers(server: OllamaServer) -> None:
    async with ollama.AsyncClient(server.url) as client:
        assert [each.model for each in (await client.list()).models] == ["toy:latest", "embed:latest"]
        assert (await client.show("toy")).capabilities == ["completion"]
        reply = await client.generate(
            "toy", "1, 2,", raw=True, logprobs=True, top_logprobs=2, options={"num_predict": 3}
        )
        assert (reply.done, reply.done_reason, reply.eval_count) == (True, "length", 3)
        assert reply.logprobs is not None
        assert reply.logprobs[0].top_logprobs is not None
        running = (await client.ps()).models
        assert [(each.model, each.context_length) for each in running] == [("toy:latest", 4096)]


async def test_the_official_client_reads_the_servers_streams(server: OllamaServer) -> None:
    messages = [{"role": "user", "content": "1, 2,"}]
    async with ollama.AsyncClient(server.url) as client:
        whole = await client.chat("toy", messages, options={"num_predict": 5})
        parts = [each async for each in await client.chat("toy", messages, stream=True, options={"num_predict": 5})]
        pulled = [each.status async for each in await client.pull("toy", stream=True)]
    assert "".join(each.message.content or "" for each in parts) == whole.message.content
    assert [each.done for each in parts][-2:] == [False, True]
    assert pulled[0] == "pulling manifest"
    assert pulled[-1] == "success"


async def test_the_official_client_and_ours_get_the_same_text(server: OllamaServer, chat: OllamaChat) -> None:
    ours = (await reply_of(chat, ChatRequest(prompt="same", max_tokens=9))).text
    async with ollama.AsyncClient(server.url) as client:
        theirs = await client.generate("toy", "same", raw=True, options={"num_predict": 9, "temperature": 0})
    assert theirs.response == ours


async def test_the_official_blocking_client_works_too(server: OllamaServer) -> None:
    def talk() -> tuple[str | None, list[str]]:
        client = ollama.Client(server.url)
        reply = client.chat("toy", [{"role": "user", "content": "hi"}], options={"num_predict": 2})
        client.copy("toy", "twin")
        client.delete("toy")
        vectors = client.embed("embed", ["a", "b"]).embeddings
        assert len(vectors) == 2
        client.close()
        return reply.message.content, [each.model or "" for each in client_list(server.url)]

    content, names = await asyncio.to_thread(talk)
    assert content
    assert sorted(names) == ["embed:latest", "twin:latest"]


def client_list(url: str) -> list[Any]:
    client = ollama.Client(url)
    models = list(client.list().models)
    client.close()
    return models


@pytest.mark.parametrize(
    ("fault", "status"), [(Refuse(503, BUSY), 503), (Refuse(404, "model 'toy' not found"), 404), (Break("error"), -1)]
)
async def test_the_official_client_reads_the_servers_refusals(
    server: OllamaServer, fault: Refuse | Break, status: int
) -> None:
    server.faults.append(fault)
    async with ollama.AsyncClient(server.url) as client:
        stream = await client.generate("toy", "x", stream=True, options={"num_predict": 9})
        with pytest.raises(ollama.ResponseError) as caught:
            async for _ in stream:
                pass
    assert caught.value.status_code == status


async def test_a_failed_pull_is_an_error_line_after_a_good_status(server: OllamaServer) -> None:
    async with ollama.AsyncClient(server.url) as client:
        stream = await client.pull("absent", stream=True)
        assert (await anext(stream)).status == "pulling manifest"
        with pytest.raises(ollama.ResponseError, match="file does not exist"):
            await anext(stream)


async def test_an_empty_request_loads_and_unloads(server: OllamaServer) -> None:
    async with ollama.AsyncClient(server.url) as client:
        assert (await client.generate("toy", "")).done_reason == "load"
        assert (await client.chat("toy", [], keep_alive=0)).done_reason == "unload"


async def test_a_stream_that_ends_without_done_is_no_success_for_a_whole_answer_either(server: OllamaServer) -> None:
    def cut_off(request: ChatRequest) -> Any:
        reply = toy_reply(request)
        assert not isinstance(reply, Exception)
        return type(reply)(reply.text, "truncated", reply.logprobs, reply.usage)

    server.models["cut:latest"] = Served(ScriptedChat(cut_off, info=toy_info()))
    async with ollama.AsyncClient(server.url) as client:
        assert not (await client.generate("cut", "x", options={"num_predict": 4})).done
    ours = our(server, "cut")
    assert (await reply_of(ours, ASK)).finish == "truncated"
    await ours.close()


@pytest.mark.parametrize("age", ["new", "old"])
async def test_no_server_cuts_a_text_to_embed_without_our_notice(age: Literal["new", "old"]) -> None:
    """A new one refuses; an old one does not know `truncate`, and the count in its answer gives it away."""
    model = Served(ScriptedChat(), ("embedding",), trained_context=64, count=lambda text: 9 * len(text.split()))
    async with OllamaServer({"embed:latest": model}, age=age) as server:
        embedder = OllamaEmbedder("embed", host=server.url)
        await embedder.open()
        assert embedder.info.digest
        assert (await embedder.embed(["six words are not too many"])).count == 1
        with pytest.raises(TextTooLong):
            await embedder.embed(["nine words are more than this one says that"])
        await embedder.close()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Refuse(404, "model 'embed' not found"), errors.OllamaModelMissing),
        (Refuse(400, '"embed" does not support embed'), UnknownEmbedder),
        (Refuse(404, raw=b"404 page not found"), errors.NotOllama),
        (Refuse(500, "failed to load model"), errors.OllamaLoadFailed),
    ],
)
async def test_what_goes_wrong_with_embedding_has_an_error_of_its_own(
    server: OllamaServer, fault: Refuse, error: type[ModelError]
) -> None:
    server.models["embed:latest"] = Served(ScriptedChat(), ("embedding",), trained_context=512)
    embedder = OllamaEmbedder("embed", host=server.url, backoff=Backoff(sleep=no_pause))
    server.faults.append(fault)
    with pytest.raises(error):
        await embedder.open()
    server.faults += [Refuse(503, BUSY), Refuse(500, STOPPED)]
    await embedder.open()
    assert (await embedder.embed(["a", "b"])).count == 2
    await embedder.close()


async def test_the_official_client_gets_the_same_vectors(server: OllamaServer) -> None:
    async def vectors(texts: list[str]) -> list[list[float]]:
        return [[0.6, 0.8] if text == "cat" else [0.0, 1.0] for text in texts]

    server.models["embed:latest"] = Served(ScriptedChat(), ("embedding",), vectors=vectors)
    embedder = OllamaEmbedder("embed", host=server.url)
    await embedder.open()
    ours = await embedder.embed(["cat", "mat"])
    theirs = await ollama.AsyncClient(server.url).embed("embed", ["cat", "mat"])
    for index, row in enumerate(theirs.embeddings):
        assert list(array("f", ours.row(index))) == pytest.approx(list(row))
    await embedder.close()
