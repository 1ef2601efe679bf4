"""Every row of Ollama's error table gives the failure, message and next step of its own."""

import json
from socket import gaierror

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors import ollama as errors
from sutazai.errors.base import ExitCode
from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.llm.ollama_errors import SHOWN, Asked, Refusal, connection_reason, error_of, printable, refusal_of

ASKED = Asked("http://box:11434", "coder:7b", tokens=900, context_tokens=4096)
STOPPED = "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error"
LONG = "the prompt is longer than the context length currently available to the model; shorten the prompt"

ROWS = [
    (404, "model 'coder:7b' not found", errors.OllamaModelMissing, "does not have", "ollama pull coder:7b"),
    (404, 'model "coder:7b" not found, try pulling it first', errors.OllamaModelMissing, "does not", "ollama pull"),
    (400, "model is required", errors.OllamaRequestRefused, "model is required", "update"),
    (400, "invalid model name", errors.OllamaModelUnsuitable, "invalid model name", "ollama list"),
    (400, '"coder:7b" does not support chat', errors.OllamaModelUnsuitable, "does not support chat", "ollama list"),
    (400, '"coder:7b" does not support generate', errors.OllamaModelUnsuitable, "generate", "can chat"),
    (400, "coder:7b does not support tools", errors.OllamaModelUnsuitable, "tools", "ollama list"),
    (400, '"coder:7b" does not support thinking', errors.OllamaModelUnsuitable, "thinking", "ollama list"),
    (400, 'invalid think value: "x"', errors.OllamaRequestRefused, "invalid think", "update"),
    (500, 'invalid format: "x"; expected "json" or a valid JSON Schema object', errors.OllamaRequestRefused, "format",
     "update"),
    (400, "failed to parse grammar", errors.OllamaRequestRefused, "grammar", "update"),
    (500, 'option "num_ctx" must be of type integer', errors.OllamaRequestRefused, "num_ctx", "update"),
    (400, "top_logprobs must be between 0 and 20", errors.OllamaRequestRefused, "0 and 20", "update"),
    (400, "invalid input type", errors.OllamaRequestRefused, "invalid input type", "update"),
    (400, "missing request body", errors.OllamaRequestRefused, "missing request body", "update"),
    (400, "the input length exceeds the context length", PromptTooLong, "4096 tokens of coder", "smaller functions"),
    (400, LONG, PromptTooLong, "a prompt of 4097 tokens", "smaller functions"),
    (503, "server busy, please try again.  maximum pending requests exceeded", errors.OllamaBusy, "busy", "QUEUE"),
    (499, "request canceled", errors.OllamaRequestRefused, "request canceled", "update"),
    (500, "timed out waiting for llama-server to start: no", errors.OllamaLoadFailed, "timed out", "ollama pull"),
    (500, "error loading model: bad magic", errors.OllamaLoadFailed, "bad magic", "log"),
    (500, "unable to load model: /blobs/sha256-1", errors.OllamaLoadFailed, "could not load", "update Ollama"),
    (500, "model requires more system memory (8 GiB) than is available", errors.OllamaOutOfMemory, "too little memory",
     "smaller model"),
    (500, "cudaMalloc failed: out of memory", errors.OllamaOutOfMemory, "cudaMalloc", "model.context_tokens"),
    (500, f"{STOPPED}: CUDA error: out of memory", errors.OllamaOutOfMemory, "out of memory", "ollama ps"),
    (500, STOPPED, errors.OllamaRunnerStopped, "died", "log"),
    (500, "llama runner process has terminated: exit status 2", errors.OllamaRunnerStopped, "exit status 2", "log"),
    (500, "the last line of a child", errors.OllamaServerFailed, "the last line of a child", "log"),
    (500, "", errors.OllamaServerFailed, "no reason given", "log"),
    (401, "unauthorized", errors.OllamaSignInNeeded, "sign-in", "ollama signin"),
    (403, "remote inference is unavailable", errors.OllamaRemoteFailed, "(403)", "local model"),
    (429, "too many requests", errors.OllamaRemoteFailed, "(429)", "local model"),
    (502, "upstream", errors.OllamaRemoteFailed, "(502)", "local model"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "text", "error", "message", "hint"), ROWS)
def test_a_refusal_is_told_with_its_next_step(
    status: int, text: str, error: type[ModelError], message: str, hint: str
) -> None:
    body = json.dumps({"error": text, "signin_url": "https://example.org"}).encode()
    found = error_of(refusal_of(status, body), ASKED)
    assert type(found) is error
    assert message in found.message
    assert hint in found.hint
    assert not found.message.endswith(".")
    assert found.exit_code is ExitCode.MODEL


@pytest.mark.parametrize(("status", "text", "error", "message", "hint"), [row for row in ROWS if row[0] in {400, 500}])
def test_an_error_line_in_a_stream_is_told_like_a_status(
    status: int, text: str, error: type[ModelError], message: str, hint: str
) -> None:
    found = error_of(Refusal(0, text), ASKED)
    # Without a status a text that names no failure of its own is the server's failure.
    assert type(found) in {error, errors.OllamaServerFailed}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (STOPPED, errors.OllamaRunnerStopped),
        (LONG, PromptTooLong),
        ("model 'x' not found", errors.OllamaModelMissing),
        ("server busy, please try again.", errors.OllamaBusy),
        ("out of memory", errors.OllamaOutOfMemory),
        ("anything else", errors.OllamaServerFailed),
    ],
)
def test_an_error_line_without_a_status_is_known_by_its_text(text: str, error: type[ModelError]) -> None:
    assert type(error_of(Refusal(0, text), ASKED)) is error


def test_an_empty_403_is_the_guard_against_foreign_host_names() -> None:
    found = error_of(refusal_of(403, b""), ASKED)
    assert isinstance(found, errors.OllamaHostRefused)
    assert "localhost" in found.hint


@pytest.mark.parametrize("status", [404, 405, 204, 301, 307])
def test_an_answer_that_is_not_in_ollamas_form_is_not_ollama(status: int) -> None:
    found = error_of(refusal_of(status, b"404 page not found"), ASKED)
    assert isinstance(found, errors.NotOllama)
    assert "OLLAMA_HOST" in found.hint


def test_a_proxy_that_answers_in_html_is_still_told_by_its_status() -> None:
    assert isinstance(error_of(refusal_of(502, b"<html>bad gateway</html>"), ASKED), errors.OllamaRemoteFailed)
    assert isinstance(error_of(refusal_of(503, b"<html>later</html>"), ASKED), errors.OllamaBusy)
    assert isinstance(error_of(refusal_of(418, b""), ASKED), errors.OllamaRequestRefused)


def test_an_error_object_of_the_other_protocol_is_read_too() -> None:
    refusal = refusal_of(500, b'{"error": {"message": "broken", "code": null}}')
    assert refusal.text == "broken"
    assert refusal_of(500, b'{"error": {"code": [1]}}').text == "an error without text"


def test_an_unknown_prompt_length_is_said_to_be_more_than_the_context() -> None:
    short = error_of(Refusal(400, LONG), ASKED)
    long = error_of(Refusal(400, LONG), Asked("h", "m", tokens=9000, context_tokens=4096))
    assert "4097" in short.message
    assert "9000" in long.message


def test_installed_models_are_named_where_one_is_missing() -> None:
    found = errors.OllamaModelMissing("a", [f"m{number}" for number in range(20)])
    assert "installed: m0, m1" in found.hint
    assert "m8" not in found.hint


def test_why_there_is_no_connection_is_told_in_the_systems_words() -> None:
    wrapped = OSError("All connection attempts failed")
    wrapped.__cause__ = ExceptionGroup("several", [ConnectionRefusedError(111, "Connection refused")])
    assert connection_reason(wrapped) == "the connection was refused"
    late = OSError("outer")
    late.__context__ = TimeoutError()
    assert connection_reason(late) == "no connection in time"
    assert connection_reason(gaierror(-2, "Name or service not known")) == "the name is not known"
    assert connection_reason(OSError("No\x1b[0m route")) == "No [0m route"
    assert connection_reason(OSError()) == "the connection was cut"


def test_json_without_an_error_field_is_shown_as_it_is() -> None:
    found = error_of(refusal_of(500, b'{"detail": "x"}'), ASKED)
    assert isinstance(found, errors.OllamaServerFailed)
    assert '{"detail": "x"}' in found.message


@given(st.integers(0, 999), st.binary(max_size=80) | st.builds(lambda text: json.dumps({"error": text}).encode(),
                                                              st.text() | st.integers() | st.none()))  # fmt: skip
def test_any_status_and_body_give_a_printable_error(status: int, body: bytes) -> None:
    found = error_of(refusal_of(status, body), ASKED)
    assert isinstance(found, ModelError)
    assert found.message.isprintable()
    assert found.hint


@given(st.text(max_size=5000))
def test_text_from_outside_is_one_short_printable_line(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= SHOWN
    assert shown.isprintable()
