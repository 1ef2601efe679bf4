"""The child's side of the protocol, over streams in memory."""

import io
import threading
from collections.abc import Callable

import pytest

from sutazai.llm import child as child_module
from sutazai.llm.child import ModelProcess
from sutazai.llm.engine import Emit
from sutazai.llm.wire import (
    Cancel,
    Cancelled,
    Chunk,
    End,
    Failure,
    Generate,
    Hello,
    Load,
    Message,
    Ping,
    Pong,
    Progress,
    Ready,
    decode,
    encode,
)
from sutazai.process.frames import FrameDecoder, encode_frame
from sutazai.sdk.chat import ChatRequest, Usage

ASK = ChatRequest(prompt="x")


class Engine:
    """Answers as a function says."""

    def __init__(self, answer: Callable[[int, Emit], None]) -> None:
        self.answer = answer

    def load(self, load: Load) -> Ready:
        return Ready(load.context_tokens, "fake")

    def generate(self, number: int, request: ChatRequest, emit: Emit) -> None:
        self.answer(number, emit)


class ClosedPipe(io.BytesIO):
    """A parent that is gone."""

    def write(self, data: object) -> int:  # type: ignore[override]
        raise BrokenPipeError


def served(answer: Callable[[int, Emit], None], *messages: Message, rest: bytes = b"") -> tuple[int, list[Message]]:
    frames = b"".join(encode_frame(encode(each)) for each in messages)
    out = io.BytesIO()
    code = ModelProcess(io.BytesIO(frames + rest), out, Engine(answer)).serve()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "_generate" in thread.name:
            thread.join(20)
    return code, [decode(frame) for frame in FrameDecoder().feed(out.getvalue())]


def end(number: int, emit: Emit) -> None:
    emit(Chunk(number, "hi"))
    emit(End(number, "stop", Usage()))


def test_the_version_is_said_first_and_the_end_of_input_ends_it() -> None:
    """Before anything is asked."""
    assert served(end) == (0, [Hello(1)])


def test_loading_pings_and_requests_are_answered() -> None:
    """Each by its id."""
    code, said = served(end, Load("m", 9, 1), Ping(4), Generate(1, ASK))
    assert said == [Hello(1), Ready(9, "fake"), Pong(4), Chunk(1, "hi"), End(1, "stop", Usage())]
    assert code == 0


def test_a_cancelled_request_says_no_more_and_tells_that_it_stopped() -> None:
    """Its slot is free from then on."""

    def until_cancelled(number: int, emit: Emit) -> None:
        while not emit(Progress(number)):
            pass

    said = served(until_cancelled, Generate(1, ASK), Cancel(1), Cancel(99))[1]
    assert said[-1] == Cancelled(1)
    assert all(isinstance(each, Progress) for each in said[1:-1])


@pytest.mark.parametrize(("raised", "says"), [(KeyError("x"), "KeyError: 'x'"), (None, "without an end")])
def test_a_request_that_breaks_fails_alone(raised: Exception | None, says: str) -> None:
    """The process goes on."""

    def broken(_: int, __: Emit) -> None:
        if raised is not None:
            raise raised

    code, said = served(broken, Generate(1, ASK), Ping(2))
    failure = next(each for each in said if isinstance(each, Failure))
    assert (failure.id, failure.reason, says in failure.message) == (1, "internal", True)
    assert (code, Pong(2) in said) == (0, True)


def test_more_requests_than_it_can_hold_are_refused() -> None:
    """Threads are not started without a bound."""
    hold = threading.Event()

    def held(number: int, emit: Emit) -> None:
        hold.wait(20)
        end(number, emit)

    out = io.BytesIO()
    frames = b"".join(encode_frame(encode(Generate(number, ASK))) for number in range(65))
    ModelProcess(io.BytesIO(frames), out, Engine(held)).serve()
    hold.set()
    refused = decode(FrameDecoder().feed(out.getvalue())[1])
    assert isinstance(refused, Failure)
    assert (refused.id, refused.reason) == (64, "refused")


@pytest.mark.parametrize("rest", [b"hello, world", encode_frame(b"{}")])
def test_nonsense_from_the_parent_ends_it_with_a_line_on_stderr(
    rest: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which the parent then shows."""
    assert served(end, rest=rest)[0] == 2
    assert "the parent sent" in capsys.readouterr().err


def test_what_only_a_child_says_is_ignored() -> None:
    """It asks for nothing."""
    assert served(end, Pong(1)) == (0, [Hello(1)])


def test_a_parent_that_is_gone_ends_it_quietly() -> None:
    """Also when a thread finds out first."""

    def unheard(number: int, emit: Emit) -> None:
        raise BrokenPipeError

    assert ModelProcess(io.BytesIO(), ClosedPipe(), Engine(end)).serve() == 0
    assert served(unheard, Generate(1, ASK)) == (0, [Hello(1)])


def test_the_program_leaves_with_the_code_of_its_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting for native threads."""
    codes: list[int] = []
    monkeypatch.setattr(child_module, "claimed_streams", lambda: (io.BytesIO(), io.BytesIO()))
    child_module.main(codes.append)
    assert codes == [0]
