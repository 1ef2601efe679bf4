"""llama.cpp through xllamacpp, as the model child uses it: parameters, requests and answers. Runs only in the child.

Never reaches a network: nothing is downloaded, and the HTTP listener that the binding insists on gets a socket file in
a private folder, deleted as soon as the model is loaded, so that nobody can connect.
"""

import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from sutazai.llm.wire import Chunk, End, Failure, FromChild, Load, Progress, Ready
from sutazai.sdk.chat import ChatRequest, TokenLogprob, Usage

_BATCH: Final = 128  # small, so that a cancel is heard after each one; larger ones are no faster on a CPU
_CONTEXT_STEP: Final = 256  # llama.cpp rounds contexts up to this
_FEWEST_LOGPROB: Final = -1e4
_LONGEST_FOLDER: Final = 70
_MAGIC: Final = b"GGUF"
# A small model that may write blank space anywhere in JSON can write it until its tokens run out.
_COMPACT: Final = {"x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}

Emit = Callable[[FromChild], bool]


class Engine(Protocol):
    """What the child asks of a runtime."""

    def load(self, load: Load) -> Ready | Failure:
        """Loads the model."""

    def generate(self, number: int, request: ChatRequest, emit: Emit) -> None:
        """Answers a request; `emit` returns True when the answer is no longer wanted."""


class LlamaEngine:
    """One model in xllamacpp."""

    def __init__(self) -> None:
        self._binding: Any = None
        self._server: Any = None

    def load(self, load: Load) -> Ready | Failure:
        """Loads the model, or says why it cannot."""
        if (reason := _unreadable(Path(load.path))) is not None:
            return Failure(None, "file-broken", reason)
        try:
            import xllamacpp  # noqa: PLC0415 (loaded only when used)
        except ImportError as error:
            return Failure(None, "runtime-missing", str(error))
        self._binding = xllamacpp
        try:
            self._server = _served(xllamacpp, load)
        except (RuntimeError, ValueError) as error:
            return Failure(None, "file-broken", str(error))
        return Ready(self._context_tokens(load), f"xllamacpp {xllamacpp.__version__}")

    def _context_tokens(self, load: Load) -> int:
        # The binding does not tell what it serves; the refusal of a prompt that is too long does, and costs nothing.
        events: list[dict[str, Any]] = []
        too_long = [0] * (_rounded(load.context_tokens) + 1)
        self._server.handle_completions({"prompt": too_long, "n_predict": 1, "stream": True}, events.append)
        error = events[0].get("error", {}) if events else {}
        return int(error.get("n_ctx", load.context_tokens))

    def generate(self, number: int, request: ChatRequest, emit: Emit) -> None:
        """Answers a request; the last message is an `End` or a `Failure`, unless nobody wants it any more."""
        failed: list[Exception] = []

        def receive(event: dict[str, Any]) -> bool:
            try:  # the binding swallows what a callback raises
                return any(emit(message) for message in messages_of(number, event))
            except Exception as error:  # noqa: BLE001 (raised again below)
                failed.append(error)
                return True

        try:
            self._call(request)(self._body(request), receive)
        except (RuntimeError, ValueError, TypeError) as error:
            emit(Failure(number, "refused", str(error)))
        if failed:
            raise failed[0]

    def _call(self, request: ChatRequest) -> Callable[[dict[str, Any], Callable[[dict[str, Any]], bool]], None]:
        raw = request.prompt is not None
        call: Callable[..., None] = self._server.handle_completions if raw else self._server.handle_chat_completions
        return call

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        body = body_of(request)
        if request.json_schema is not None:
            # Given as `json_schema`, the chat path forgets the end of the text (and, with plain content, the schema).
            body["grammar"] = self._binding.json_schema_to_grammar({**request.json_schema, **_COMPACT})
        return body


def body_of(request: ChatRequest) -> dict[str, Any]:
    """The request in llama.cpp's words, but for its JSON schema."""
    body: dict[str, Any] = {
        "stream": True,
        "return_progress": True,
        "cache_prompt": True,
        "n_predict": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "stop": list(request.stop),
    }
    if request.prompt is not None:
        return body | {"prompt": request.prompt, "n_probs": request.top_logprobs}
    body["messages"] = [{"role": each.role, "content": each.content} for each in request.messages]
    if request.top_logprobs:
        body |= {"logprobs": True, "top_logprobs": request.top_logprobs}
    return body


def messages_of(number: int, event: Mapping[str, Any]) -> list[FromChild]:
    """What one event of llama.cpp says."""
    if "error" in event or "choices" not in event:
        return [_failure(number, event.get("error", event))]
    choice = event["choices"][0]
    text = choice.get("text") or choice.get("delta", {}).get("content") or ""
    logprobs = tuple(_logprob(each) for each in (choice.get("logprobs") or {}).get("content") or ())
    told: list[FromChild] = [Chunk(number, text, logprobs)] if text or logprobs else []
    if choice.get("finish_reason") is not None:
        told.append(End(number, "length" if choice["finish_reason"] == "length" else "stop", _usage(event)))
    return told or [Progress(number)]


def _failure(number: int, error: Any) -> Failure:
    error = error if isinstance(error, Mapping) else {"message": str(error)}
    message = str(error.get("message", error))
    if error.get("type") == "exceed_context_size_error":
        return Failure(number, "prompt-too-long", message, int(error["n_prompt_tokens"]), int(error["n_ctx"]))
    return Failure(number, "refused" if error.get("code") == 400 else "internal", message)  # noqa: PLR2004 (HTTP's)


def _usage(event: Mapping[str, Any]) -> Usage:
    timings = event.get("timings", {})
    cached = int(timings.get("cache_n", 0))
    return Usage(cached + int(timings.get("prompt_n", 0)), int(timings.get("predicted_n", 0)), cached)


def _logprob(token: Mapping[str, Any]) -> TokenLogprob:
    top = tuple(_logprob(each) for each in token.get("top_logprobs") or ())
    return TokenLogprob(str(token["token"]), max(float(token["logprob"]), _FEWEST_LOGPROB), top)


def _unreadable(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return None if file.read(len(_MAGIC)) == _MAGIC else "it is not a GGUF file"
    except OSError as error:
        return error.strerror or str(error)


def _served(binding: Any, load: Load) -> Any:
    # The address of a socket file holds about a hundred bytes.
    folder = "/tmp" if len(tempfile.gettempdir()) > _LONGEST_FOLDER else None  # noqa: S108 (a private folder in it)
    with tempfile.TemporaryDirectory(prefix="sutazai-", dir=folder, ignore_cleanup_errors=True) as private:
        return binding.Server(_parameters(binding, load, Path(private) / "llama.sock"))


def _parameters(binding: Any, load: Load, socket: Path) -> Any:
    params = binding.CommonParams()
    params.model.path = load.path
    params.n_ctx = _rounded(load.context_tokens) * load.slots
    params.n_parallel = load.slots
    params.n_batch = params.n_ubatch = _BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = load.threads
    params.ctx_shift = False
    params.cache_ram_mib = 0  # else old prompts are kept, up to 8 GiB
    params.warmup = params.fit_params = False
    params.force_pure_content_parser = True  # the text as it was generated, whatever it looks like
    # Read instead of mapped: the same speed, and a third less memory, since repacked weights are not held twice.
    params.load_mode = binding.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.verbosity = 1  # errors, to stderr: why a file cannot be loaded is told nowhere else
    _closed(params, socket)
    return params


def _closed(params: Any, socket: Path) -> None:
    params.offline = True
    params.hostnames = [str(socket)]
    params.api_keys = [secrets.token_hex(32)]
    params.n_threads_http = 1
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False


def _rounded(context_tokens: int) -> int:
    return -(-context_tokens // _CONTEXT_STEP) * _CONTEXT_STEP
