"""llama.cpp's words and ours, over a binding that is none."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sutazai.llm.engine import LlamaEngine, body_of, messages_of
from sutazai.llm.wire import Chunk, End, Failure, FromChild, Load, Progress, Ready
from sutazai.sdk.chat import ChatRequest, Message, TokenLogprob, Usage

TIMINGS = {"cache_n": 7, "prompt_n": 3, "predicted_n": 2}
LAST = {"choices": [{"text": "", "finish_reason": "stop"}], "timings": TIMINGS}
Event = dict[str, Any]


class FakeServer:
    """Answers every call with the same events, until told to stop."""

    events: tuple[Any, ...] = ()

    def __init__(self, params: Any) -> None:
        self.params = params
        self.asked: list[tuple[str, Event]] = []
        folder = Path(params.hostnames[0]).parent
        self.private = folder.stat().st_mode & 0o777 == 0o700
        if params.model.path.endswith("damaged.gguf"):
            raise RuntimeError("Failed to init server")

    def handle_completions(self, body: Event, callback: Callable[[Event], Any]) -> None:
        self._answer("raw", body, callback)

    def handle_chat_completions(self, body: Event, callback: Callable[[Event], Any]) -> None:
        self._answer("chat", body, callback)

    def _answer(self, how: str, body: Event, callback: Callable[[Event], Any]) -> None:
        self.asked.append((how, body))
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            if callback(event):
                return


@pytest.fixture
def binding(monkeypatch: pytest.MonkeyPatch) -> Any:
    def parameters() -> Any:
        return SimpleNamespace(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())

    module = SimpleNamespace(
        __version__="1",
        CommonParams=parameters,
        Server=type("Server", (FakeServer,), {}),
        llama_load_mode=SimpleNamespace(LLAMA_LOAD_MODE_NONE=0),
        json_schema_to_grammar=lambda schema: f"grammar of {list(schema)}",
    )
    monkeypatch.setitem(sys.modules, "xllamacpp", module)  # type: ignore[arg-type]
    return module


@pytest.fixture
def load(tmp_path: Path) -> Load:
    (tmp_path / "m.gguf").write_bytes(b"GGUF...")
    return Load(str(tmp_path / "m.gguf"), 1000, 3, 2)


def loaded(binding: Any, load: Load, *events: Any) -> LlamaEngine:
    engine = LlamaEngine()
    assert isinstance(engine.load(load), Ready)
    binding.Server.events = events
    return engine


def answered(engine: LlamaEngine, request: ChatRequest, *, stop_after: int = 99) -> list[FromChild]:
    said: list[FromChild] = []

    def emit(message: FromChild) -> bool:
        said.append(message)
        return len(said) >= stop_after

    engine.generate(5, request, emit)
    return said


def test_loading_tells_the_context_that_is_served(binding: Any, load: Load) -> None:
    """llama.cpp rounds it; its refusal of a prompt that is too long says to what."""
    binding.Server.events = ({"error": {"n_ctx": 1024}},)
    assert LlamaEngine().load(load) == Ready(1024, "xllamacpp 1")


def test_loading_believes_the_request_where_the_runtime_says_nothing(binding: Any, load: Load) -> None:
    """Another version of it may."""
    assert LlamaEngine().load(load) == Ready(1000, "xllamacpp 1")


def test_nothing_listens_where_others_could_reach_it(binding: Any, load: Load) -> None:
    """A socket file in a private folder that is gone after loading, a random key, no pages, no download."""
    server = loaded(binding, load)._server
    params = server.params
    assert [Path(each).name for each in params.hostnames] == ["llama.sock"]
    assert server.private
    assert not Path(params.hostnames[0]).parent.exists()
    assert len(params.api_keys[0]) == 64
    assert params.offline
    assert [params.ui, params.endpoint_slots, params.endpoint_props, params.endpoint_metrics] == [False] * 4


def test_a_long_temporary_folder_does_not_break_the_socket(
    binding: Any, load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its address holds about a hundred bytes."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 90)))
    assert len(loaded(binding, load)._server.params.hostnames[0]) < 100


def test_each_slot_gets_the_whole_context_and_nothing_shifts(binding: Any, load: Load) -> None:
    """llama.cpp divides the context by the slots."""
    params = loaded(binding, load)._server.params
    assert (params.n_ctx, params.n_parallel, params.ctx_shift, params.cache_ram_mib) == (2048, 2, False, 0)
    assert (params.cpuparams.n_threads, params.cpuparams_batch.n_threads) == (3, 3)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.gguf", None, "No such file"),
        ("text.gguf", b"hello", "not a GGUF file"),
        ("damaged.gguf", b"GGUF", "Failed to init"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_why(
    binding: Any, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    """Missing, of another kind, or damaged."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    answer = LlamaEngine().load(Load(str(tmp_path / name), 100, 1))
    assert isinstance(answer, Failure)
    assert (answer.reason, says in answer.message) == ("file-broken", True)


def test_a_missing_binding_is_said(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no wheel for every platform."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    answer = LlamaEngine().load(load)
    assert isinstance(answer, Failure)
    assert answer.reason == "runtime-missing"


def test_a_raw_prompt_goes_without_a_template(binding: Any, load: Load) -> None:
    """With everything the request asks for."""
    engine = loaded(binding, load, LAST)
    request = ChatRequest(prompt="x", max_tokens=9, temperature=0.5, seed=4, stop=("a",), top_logprobs=3)
    assert answered(engine, request) == [End(5, "stop", Usage(10, 2, 7))]
    how, body = engine._server.asked[-1]
    assert how == "raw"
    assert body == {
        "prompt": "x",
        "n_predict": 9,
        "temperature": 0.5,
        "seed": 4,
        "stop": ["a"],
        "n_probs": 3,
        "stream": True,
        "return_progress": True,
        "cache_prompt": True,
    }


def test_messages_go_through_the_template_and_a_schema_as_a_grammar(binding: Any, load: Load) -> None:
    """Given as a schema, the chat path of llama.cpp does not hold it."""
    engine = loaded(binding, load, LAST)
    answered(engine, ChatRequest(messages=(Message("user", "hi"),), json_schema={"a": 1}, top_logprobs=2))
    how, body = engine._server.asked[-1]
    assert how == "chat"
    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert (body["grammar"], body["logprobs"], body["top_logprobs"]) == ("grammar of ['a', 'x-guidance']", True, 2)
    assert "logprobs" not in body_of(ChatRequest(messages=(Message("user", "hi"),)))


def test_events_become_chunks_progress_and_an_end() -> None:
    """Raw and chat events have different forms."""
    top = [{"token": "a", "logprob": -0.1}, {"token": "b", "logprob": -3.4e38}]
    token = {"token": "a", "logprob": -0.1, "top_logprobs": top}
    raw = {"choices": [{"text": "a", "logprobs": {"content": [token]}, "finish_reason": None}]}
    logprob = TokenLogprob("a", -0.1, (TokenLogprob("a", -0.1), TokenLogprob("b", -1e4)))
    assert messages_of(1, raw) == [Chunk(1, "a", (logprob,))]
    chat = {"choices": [{"delta": {"content": "hi"}, "finish_reason": None}]}
    assert messages_of(1, chat) == [Chunk(1, "hi")]
    role = {"choices": [{"delta": {"role": "assistant", "content": None}, "finish_reason": None}]}
    assert messages_of(1, role) == [Progress(1)]
    long = {"choices": [{"text": "z", "finish_reason": "length"}], "timings": TIMINGS}
    assert messages_of(1, long) == [Chunk(1, "z"), End(1, "length", Usage(10, 2, 7))]


@pytest.mark.parametrize(
    ("event", "failure"),
    [
        (
            {"error": {"type": "exceed_context_size_error", "message": "m", "n_prompt_tokens": 9, "n_ctx": 8}},
            Failure(1, "prompt-too-long", "m", 9, 8),
        ),
        ({"error": {"code": 400, "message": "bad"}}, Failure(1, "refused", "bad")),
        ({"error": {"code": 500, "message": "bad"}}, Failure(1, "internal", "bad")),
        ({"error": "just text"}, Failure(1, "internal", "just text")),
        ({"code": 503, "message": "no choices"}, Failure(1, "internal", "no choices")),
    ],
)
def test_errors_become_failures(event: Event, failure: Failure) -> None:
    """Whatever form they come in."""
    assert messages_of(1, event) == [failure]


def test_an_answer_stops_when_it_is_no_longer_wanted(binding: Any, load: Load) -> None:
    """The callback's True ends the generation."""
    engine = loaded(binding, load, *[{"choices": [{"text": "a"}]}] * 5)
    assert len(answered(engine, ChatRequest(prompt="x"), stop_after=2)) == 2


def test_an_event_of_an_unknown_form_is_an_error_not_a_silence(binding: Any, load: Load) -> None:
    """The binding would swallow what the callback raises."""
    engine = loaded(binding, load, {"choices": []})
    with pytest.raises(IndexError):
        answered(engine, ChatRequest(prompt="x"))


def test_what_the_runtime_raises_is_a_refusal(binding: Any, load: Load) -> None:
    """A chat template that rejects the messages, for instance."""
    engine = loaded(binding, load, RuntimeError("roles must alternate"))
    assert answered(engine, ChatRequest(prompt="x")) == [Failure(5, "refused", "roles must alternate")]
