"""A model child without a model: FAKE_CHILD says how it starts, a request's prompt says how it answers."""

# ruff: noqa: T201 (its log is stderr, and it prints where it must not)

import os
import signal
import sys
import threading
from pathlib import Path

from sutazai.llm.child import ModelProcess
from sutazai.llm.engine import Emit
from sutazai.llm.wire import Cancel, Chunk, End, Failure, Hello, Load, Pong, Progress, Ready, encode
from sutazai.process.frames import encode_frame, read_frame
from sutazai.process.streams import claimed_streams
from sutazai.sdk.chat import ChatRequest, TokenLogprob, Usage

FAR_TOO_MANY = 100_000


class FakeEngine:
    """Says each word of the prompt; some words are orders."""

    def __init__(self, out: object) -> None:
        self.out = out

    def load(self, load: Load) -> Ready | Failure:
        """Ready, or what FAKE_CHILD says."""
        how = os.environ.get("FAKE_CHILD", "")
        note(f"{load.threads} {load.slots}")
        if how.startswith("fails:"):
            print("0.1 E llama_model_load: error loading model: it smells", file=sys.stderr, flush=True)
            return Failure(None, how.split(":")[1], "no good")  # type: ignore[arg-type]
        return Ready(load.context_tokens + 24, "fake")

    def generate(self, number: int, request: ChatRequest, emit: Emit) -> None:
        """Obeys the prompt."""
        prompt = request.prompt if request.prompt is not None else request.messages[-1].content
        for word in prompt.split():
            self.obey(word, number, emit)
            if emit(Chunk(number, word, (TokenLogprob(word, -0.5),) if request.top_logprobs else ())):
                note("cancelled")
                return
        emit(End(number, "stop", Usage(len(prompt.split()), 2, 1)))

    def obey(self, word: str, number: int, emit: Emit) -> None:  # noqa: C901, PLR0912 (one order a line)
        """One order."""
        match word:
            case "CRASH":
                print("ggml_abort: something native", file=sys.stderr, flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
            case "RAISE":
                raise RuntimeError("a bug")
            case "TOO-LONG":
                emit(Failure(number, "prompt-too-long", "long", 900, 100))
            case "REFUSE":
                emit(Failure(number, "refused", "not so"))
            case "GARBAGE":
                os.write(self.out.fileno(), encode_frame(b"{}"))  # type: ignore[attr-defined]
            case "HUGE":
                os.write(self.out.fileno(), b"\xff" * 10)  # type: ignore[attr-defined]
            case "FLOOD":
                for _ in range(FAR_TOO_MANY):
                    emit(Progress(number))
            case "UNTIL-CANCELLED":
                while not emit(Progress(number)):
                    threading.Event().wait(0.01)
            case "HANG":
                threading.Event().wait()
            case "STRAY":
                self.out.write(encode_frame(encode(Pong(number + 1000))))  # type: ignore[attr-defined]
            case "PRINT":
                print("native code prints this")


def note(line: str) -> None:
    """Tells the test what happened here."""
    with Path(os.environ["FAKE_LOADS"]).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def main() -> None:
    """Starts as FAKE_CHILD says."""
    frames_in, frames_out = claimed_streams()
    match os.environ.get("FAKE_CHILD", ""):
        case "old":
            frames_out.write(encode_frame(encode(Hello(0))))
        case "text":
            frames_out.write(b"Welcome to Python!\n")
        case "mute":
            pass
        case "gone":
            print("ImportError: libfoo", file=sys.stderr, flush=True)
            os._exit(1)
        case "rude":
            frames_out.write(encode_frame(encode(Pong(0))))
        case "parrot":
            frames_out.write(encode_frame(encode(Hello(1))) + encode_frame(encode(Cancel(0))))
        case _:
            os._exit(ModelProcess(frames_in, frames_out, FakeEngine(frames_out)).serve())
    frames_out.flush()
    while read_frame(frames_in) is not None:
        pass


main()
