"""The parent's side of one model child: its hello, loading, and answers sorted by request. Used for one child only.

Decides nothing about when a child is started; turns whatever the child does into messages or errors.
"""

import asyncio
import itertools
import os
from collections.abc import Mapping
from typing import Final

from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.errors.runtime import (
    ModelClosed,
    ModelCrashed,
    ModelFileBroken,
    ModelRefused,
    ModelRuntimeMismatch,
    ModelRuntimeMissing,
)
from sutazai.llm.wire import (
    VERSION,
    Cancel,
    Failure,
    FromChild,
    Generate,
    Hello,
    Load,
    Message,
    Ready,
    WireError,
    decode,
    encode,
)
from sutazai.process.child import Child, ChildEnd
from sutazai.process.frames import FrameTooLarge
from sutazai.sdk.chat import ChatRequest

_CONTROL: Final = 0
_CONTROL_MESSAGES: Final = 8
_LOAD_ERROR: Final = "error loading model: "
# llama.cpp reads these; the two settings keep it from spinning on a busy machine (7 times faster there, no slower on
# an idle one) and from starting a debugger when it aborts.
_FOREIGN: Final = ("LLAMA_", "GGML_", "AIP_")
_OURS: Final = {"OMP_WAIT_POLICY": "passive", "GGML_NO_BACKTRACE": "1"}

Inbox = asyncio.Queue[FromChild | ChildEnd]


class Link:
    """One child and what is asked of it.

    Args:
        name: the model's name, for errors.
        module: the child's module.
        grace_s: how long the child may take to end when asked to.
    """

    def __init__(self, name: str, *, module: str, grace_s: float) -> None:
        self._name = name
        self._numbers = itertools.count(_CONTROL + 1)
        self._inboxes: dict[int, Inbox] = {_CONTROL: asyncio.Queue(_CONTROL_MESSAGES)}
        self._end: ChildEnd | None = None
        self._stopping = False
        self._child = Child(
            module, on_frame=self._receive, on_end=self._ended, env=_environment(os.environ), grace_s=grace_s
        )

    @property
    def alive(self) -> bool:
        """Whether requests can be sent."""
        return self._child.alive and not self._stopping

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return self._child.pid

    async def load(self, load: Load) -> Ready:
        """Starts the child and has it load a model.

        Raises:
            ModelError: why it could not.
        """
        try:
            await self._child.start()
        except OSError as error:
            raise ModelCrashed(self._name, f"cannot be started ({error.strerror})") from error
        hello = await self._control()
        if not isinstance(hello, Hello):
            raise ModelCrashed(self._name, "did not say its version")
        if hello.version != VERSION:
            raise ModelRuntimeMismatch(VERSION, hello.version)
        self._send(load)
        answer = await self._control()
        if isinstance(answer, Ready):
            return answer
        raise self._load_error(answer, load)

    async def _control(self) -> FromChild:
        return await self.next(_CONTROL)

    def _load_error(self, answer: FromChild, load: Load) -> ModelError:
        match answer:
            case Failure(reason="runtime-missing", message=message):
                return ModelRuntimeMissing(message)
            case Failure(reason="file-broken", message=message):
                return ModelFileBroken(load.path, self._why_broken() or message)
            case _:
                return ModelCrashed(self._name, f"answered loading with {answer.kind!r}", self._child.stderr)

    def _why_broken(self) -> str:
        # llama.cpp tells the reason only in its log: the first line of it says most.
        told = [why for line in self._child.stderr for _, mark, why in [line.partition(_LOAD_ERROR)] if mark]
        return told[0] if told else ""

    def ask(self, request: ChatRequest, most_messages: int) -> int:
        """Sends a request; returns its number. More than `most_messages` unread messages for it end the child.

        Raises:
            ModelRefused: the request cannot be sent.
        """
        number = next(self._numbers)
        try:
            payload = encode(Generate(number, request))
            self._child.send(payload)
        except (WireError, FrameTooLarge) as error:
            raise ModelRefused(self._name, str(error)) from error
        self._inboxes[number] = asyncio.Queue(most_messages)
        if self._end is not None:
            self._inboxes[number].put_nowait(self._end)
        return number

    async def next(self, number: int) -> FromChild:
        """The next message for a request.

        Raises:
            ModelError: the request failed, or the child has ended.
        """
        message = await self._inboxes[number].get()
        match message:
            case ChildEnd():
                raise self._end_error(message)
            case Failure(id=int(), reason="prompt-too-long"):
                raise PromptTooLong(self._name, message.prompt_tokens, message.context_tokens)
            case Failure(id=int(), reason="refused"):
                raise ModelRefused(self._name, message.message)
            case Failure(id=int()):
                raise ModelCrashed(self._name, f"failed ({message.message})", self._child.stderr)
            case _:
                return message

    def _end_error(self, end: ChildEnd) -> ModelError:
        if self._stopping and not end.reason:
            return ModelClosed(self._name)
        how = f"was ended: {end.reason}" if end.reason else f"ended unasked ({_code(end.returncode)})"
        return ModelCrashed(self._name, how, end.stderr)

    def forget(self, number: int, *, cancel: bool) -> None:
        """No longer waits for a request, and cancels it in the child where it is not finished."""
        self._inboxes.pop(number, None)
        if cancel and self.alive:
            self._send(Cancel(number))

    async def stop(self) -> None:
        """Ends the child."""
        self._stopping = True
        await self._child.stop()

    def kill(self, reason: str) -> None:
        """Kills the child; `reason` goes into the errors of its other requests."""
        self._child.kill(reason)

    def _send(self, message: Message) -> None:
        self._child.send(encode(message))

    def _receive(self, frame: bytes) -> None:
        try:
            message = decode(frame)
            inbox = self._inboxes.get(getattr(message, "id", None) or _CONTROL)
            if inbox is not None:
                inbox.put_nowait(message)  # type: ignore[arg-type]  # a parent's message is refused by whoever reads it
        except WireError as error:
            self._child.kill(f"it sent {error}")
        except asyncio.QueueFull:
            self._child.kill("it sent more than was asked for")

    def _ended(self, end: ChildEnd) -> None:
        self._end = end
        for inbox in self._inboxes.values():
            while inbox.full():
                inbox.get_nowait()
            inbox.put_nowait(end)


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Our environment without what would steer llama.cpp behind our back."""
    kept = {name: value for name, value in ours.items() if not name.upper().startswith(_FOREIGN)}
    return kept | _OURS


def _code(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"signal {-returncode}"
    return f"exit code {returncode}"
