"""Runs capabilities: checks the request, fills in what is "as configured", numbers the events, records the run."""

import secrets
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from sutazai.errors.base import SutazAIError, unexpected
from sutazai.errors.usage import InvalidRequest
from sutazai.runtime.registry import Registry
from sutazai.runtime.resources import Resources
from sutazai.sdk.agent import AgentContext, Capability, Recorded
from sutazai.sdk.events import CallEnded, CallStarted, Done, Event, Failed, Note, Started
from sutazai.sdk.invalid import first_wrong
from sutazai.sdk.ports import Clock, RunRecord
from sutazai.sdk.principal import Principal, local_principal
from sutazai.settings.model import Settings

EventSink = Callable[[Event], None]


def ignore_event(_event: Event) -> None:
    """A sink for callers that want only the result."""


class Runtime:
    """What a face holds: every installed capability, one way to run it.

    Attributes:
        registry: the installed agents.
        resources: the ports, for faces that show them (history, cache, weights).
    """

    def __init__(self, registry: Registry, resources: Resources) -> None:
        self.registry = registry
        self.resources = resources

    async def run(
        self,
        capability: str,
        request: BaseModel | dict[str, Any],
        *,
        on_event: EventSink = ignore_event,
        principal: Principal | None = None,
    ) -> BaseModel:
        """The result of a capability. Every event goes to `on_event` first: `Started` to `Done` or `Failed`.

        Raises:
            Exception: whatever kept the capability from its result, nearly always a `SutazAIError`; `Failed` said so
                before. A cancelled run ends without it.
        """
        stream = _Stream(self.resources.clock, on_event)
        stream.emit(Started(capability=capability))
        started = _Moment(self.resources.clock)
        try:
            found = self.registry.capability(capability)
            filled = fill(found, request, self.resources.settings)
            result = await self._call(found, filled, stream, principal or local_principal())
        except Exception as error:
            stream.emit(_failed(error))
            raise
        await self._record(found, result, stream, started)
        stream.emit(Done(result=result))
        return result

    async def _call(
        self, capability: Capability, request: BaseModel, stream: "_Stream", principal: Principal
    ) -> BaseModel:
        async def call(capability: str, request: BaseModel) -> BaseModel:
            called = self.registry.capability(capability)
            stream.emit(CallStarted(capability=called.key))
            try:
                result = await self._call(called, fill(called, request, self.resources.settings), stream, principal)
            except BaseException:
                stream.emit(CallEnded(capability=called.key, failed=True))
                raise
            stream.emit(CallEnded(capability=called.key))
            return result

        context = AgentContext(
            capability=capability.key,
            permissions=capability.permissions,
            ports=self.resources.ports(stream.emit),
            emit=stream.emit,
            principal=principal,
            clock=self.resources.clock,
            call=call,
            project_settings=self.resources.project_settings,
        )
        try:
            return await capability.function(request, context)
        except Exception as error:
            if not isinstance(error, SutazAIError):
                error.add_note(f"in {capability.key} of {capability.function.__module__.partition('.')[0]}")
            raise

    async def _record(self, capability: Capability, result: BaseModel, stream: "_Stream", started: "_Moment") -> None:
        if not (self.resources.settings.history.enabled and isinstance(result, Recorded)):
            return
        try:
            run = RunRecord(
                id=stream.task,
                capability=capability.key,
                started_at=started.at,
                seconds=started.seconds_since(),
                root=result.root,
                summary=result.summary(),
                exit_code=result.outcome(),
                report=result.model_dump(mode="json", by_alias=True),
            )
            await (await self.resources.history()).record(run)
        except Exception as error:  # noqa: BLE001 (whatever ails the history, the result is there)
            stream.emit(Note(level="warning", text=f"the run is not in the history: {_failed(error).message}"))


class _Moment:
    """When a run began."""

    def __init__(self, clock: Clock) -> None:
        self.at = clock.now()
        self._clock = clock
        self._started = clock.monotonic()

    def seconds_since(self) -> float:
        return self._clock.monotonic() - self._started


def _failed(error: Exception) -> Failed:
    """What the stream says of an error; one that is not ours is a fault of the plugin or of us."""
    if isinstance(error, SutazAIError):
        return Failed(
            problem=error.problem_type(), message=error.message, hint=error.hint, exit_code=int(error.exit_code)
        )
    return Failed(problem="internal-error", message=unexpected(error))


class _Stream:
    """Gives each event its task, its number and its time."""

    def __init__(self, clock: Clock, sink: EventSink) -> None:
        self.task = secrets.token_hex(6)
        self._clock = clock
        self._sink = sink
        self._seq = 0

    def emit(self, event: Event) -> None:
        self._seq += 1
        self._sink(event.model_copy(update={"task": self.task, "seq": self._seq, "at": self._clock.now()}))


def fill(capability: Capability, request: BaseModel | dict[str, Any], settings: Settings) -> BaseModel:
    """The request with every None field of a configured name filled in.

    Raises:
        InvalidRequest: the request does not fit the capability's model.
    """
    section = getattr(settings, capability.settings, None) if capability.settings else None
    try:
        whole = capability.request.model_validate(request)
    except ValidationError as error:
        wrong = first_wrong(error, request, capability.request)
        raise InvalidRequest(capability.key, f"{wrong.name or 'input'}: {wrong.reason}", hint=wrong.hint) from error
    if section is None:
        return whole
    missing = {
        name: getattr(section, name)
        for name in type(whole).model_fields
        if getattr(whole, name) is None and name in type(section).model_fields
    }
    return whole.model_copy(update=missing)
