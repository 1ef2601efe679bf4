"""One capability, called by a command: the runtime is opened, events go to a view, the typed result comes back."""

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from sutazai.cli.session import run_async
from sutazai.review.formats.json_text import dump
from sutazai.settings.load import Loaded

if TYPE_CHECKING:
    from sutazai.cli.live import View
    from sutazai.runtime.run import Runtime

ResultT = TypeVar("ResultT", bound=BaseModel)


def call(loaded: Loaded, capability: str, request: BaseModel, result: type[ResultT], sink: "View") -> ResultT:
    """The result of a capability, in a runtime of its own."""
    return run_async(_in_new_runtime(loaded, capability, request, result, sink))


async def _in_new_runtime(
    loaded: Loaded, capability: str, request: BaseModel, result: type[ResultT], sink: "View"
) -> ResultT:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(loaded) as runtime:
        return await call_in(runtime, capability, request, result, sink)


async def call_in(
    runtime: "Runtime", capability: str, request: BaseModel, result: type[ResultT], sink: "View"
) -> ResultT:
    """The result of a capability, in a runtime that is open."""
    found = await runtime.run(capability, request, on_event=sink)
    assert isinstance(found, result)  # noqa: S101 (narrows for mypy)
    return found


def as_json(report: BaseModel, *, indent: int | None = 2) -> str:
    """A report as JSON with its `schema`, ending with a newline; no character in it steers a terminal."""
    return dump(report.model_dump(mode="json", by_alias=True), indent=indent) + "\n"
