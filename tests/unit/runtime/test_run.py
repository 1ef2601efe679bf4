"""A run gives a gapless stream from Started to Done or Failed, fills in what is configured, and is recorded."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from sutazai.errors.base import ExitCode
from sutazai.errors.models import ModelUnavailable
from sutazai.errors.usage import InvalidRequest, UnknownCapability
from sutazai.review.request import ReviewRequest
from sutazai.runtime.clock import SystemClock
from sutazai.runtime.registry import AGENTS, Registry
from sutazai.runtime.run import Runtime, fill
from sutazai.sdk.agent import Agent, AgentContext
from sutazai.sdk.events import Event, Note
from sutazai.sdk.finding import Severity
from sutazai.sdk.principal import Principal
from sutazai.sdk.testing import FixedClock, MemoryHistory, MemoryPorts
from sutazai.settings.model import HistorySettings, ReviewSettings, Settings


class Ask(BaseModel):
    """An input with a configured field."""

    model_config = ConfigDict(extra="forbid")

    text: str = ""
    max_findings: int | None = None


class Told(BaseModel):
    """A result that history keeps."""

    root: str = "/root"
    text: str = ""
    max_findings: int | None = None

    def summary(self) -> str:
        """One line."""
        return f"told {self.text}"

    def outcome(self) -> ExitCode:
        """How it ended."""
        return ExitCode.FINDINGS


class Plain(BaseModel):
    """A result that nobody keeps."""


def sample() -> Agent:
    """An agent whose capabilities show what a run does."""
    agent = Agent("tester", summary="Tests")

    @agent.capability("test.it", permissions={"agents:call"}, settings="review")
    async def it(request: Ask, context: AgentContext) -> Told:
        context.emit(Note(text="working", task="mine", seq=99))
        context.clock.advance(2)
        return Told(text=request.text, max_findings=request.max_findings)

    @agent.capability("test.project")
    async def project(request: Ask, context: AgentContext) -> Told:
        return Told(text=" ".join(context.project_settings))

    @agent.capability("test.plain")
    async def plain(request: Ask, context: AgentContext) -> Plain:
        return Plain()

    @agent.capability("test.nested", permissions={"agents:call"})
    async def nested(request: Ask, context: AgentContext) -> BaseModel:
        return await context.call(request.text, Ask(text="inner"))

    @agent.capability("test.model", permissions={"model:chat"})
    async def model(request: Ask, context: AgentContext) -> Plain:
        await context.chat()
        raise ModelUnavailable("m", ["nothing"])

    @agent.capability("test.bug")
    async def bug(request: Ask, context: AgentContext) -> Plain:
        raise ZeroDivisionError("oops")

    @agent.capability("test.cancelled")
    async def cancelled(request: Ask, context: AgentContext) -> Plain:
        raise asyncio.CancelledError

    return agent


class Bench:
    """A runtime over ports in memory, and everything it said."""

    def __init__(self, settings: Settings | None = None, history: Callable[[], Any] | None = None) -> None:
        agent = sample()
        entry = type("Entry", (EntryPoint,), {"load": lambda self: agent})("tester", "t:t", AGENTS)
        self.history = MemoryHistory()
        self.clock = FixedClock()
        self.events: list[Event] = []

        async def opened() -> MemoryHistory:
            return history() if history else self.history

        resources = SimpleNamespace(
            clock=self.clock,
            settings=settings or Settings(),
            project_settings=("review.rules",),
            history=opened,
            ports=lambda emit: MemoryPorts(),
        )
        registry = Registry(lambda group: [entry] if group == AGENTS else [])
        self.runtime = Runtime(registry, resources)

    async def run(self, capability: str, request: Any = None, **options: Any) -> BaseModel:
        """Runs one capability."""
        return await self.runtime.run(capability, request or {}, on_event=self.events.append, **options)

    @property
    def kinds(self) -> list[str]:
        """The kinds of events in order."""
        return [each.kind for each in self.events]


async def test_a_capability_knows_what_the_file_of_the_project_set():
    bench = Bench()
    assert (await bench.run("test.project")).text == "review.rules"
    assert (await bench.run("test.nested", {"text": "test.project"})).text == "review.rules"


async def test_the_stream_runs_from_started_to_done_without_a_gap():
    bench = Bench()
    result = await bench.run("test.it", {"text": "x"})
    assert bench.kinds == ["started", "note", "done"]
    assert bench.events[-1].result is result
    assert [each.seq for each in bench.events] == [1, 2, 3]
    assert len({each.task for each in bench.events}) == 1
    assert bench.events[0].task not in {"", "mine"}
    assert all(each.at is not None for each in bench.events)


async def test_two_runs_are_two_tasks():
    bench = Bench()
    await bench.run("test.plain")
    await bench.run("test.plain")
    assert len({each.task for each in bench.events}) == 2
    assert [each.seq for each in bench.events] == [1, 2, 1, 2]


async def test_a_caller_may_want_only_the_result():
    assert await Bench().runtime.run("test.plain", Ask()) == Plain()


async def test_an_error_is_told_by_the_stream_before_it_is_raised():
    bench = Bench()
    with pytest.raises(ModelUnavailable):
        await bench.run("test.model")
    assert bench.kinds == ["started", "failed"]
    failed = bench.events[-1]
    assert (failed.problem, failed.exit_code) == ("model-unavailable", 3)
    assert failed.message
    assert failed.hint


@pytest.mark.parametrize(
    ("capability", "request_", "error", "problem"),
    [
        ("test.nothing", {}, UnknownCapability, "unknown-capability"),
        ("test.it", {"nothing": 1}, InvalidRequest, "invalid-request"),
        ("test.it", Plain(), InvalidRequest, "invalid-request"),
        ("test.bug", {}, ZeroDivisionError, "internal-error"),
    ],
)
async def test_whatever_goes_wrong_ends_the_stream(capability, request_, error, problem):
    bench = Bench()
    with pytest.raises(error):
        await bench.run(capability, request_)
    assert bench.kinds == ["started", "failed"]
    assert bench.events[-1].problem == problem


async def test_a_bug_of_a_plugin_is_told_with_the_plugin_it_is_in():
    bench = Bench()
    with pytest.raises(ZeroDivisionError):
        await bench.run("test.bug")
    assert bench.events[-1].message == "internal error in test.bug of tests: ZeroDivisionError: oops"
    assert bench.events[-1].exit_code == 70


async def test_a_cancelled_run_is_not_told_as_failed():
    bench = Bench()
    with pytest.raises(asyncio.CancelledError):
        await bench.run("test.cancelled")
    assert bench.kinds == ["started"]


async def test_a_request_that_does_not_fit_names_the_field():
    with pytest.raises(InvalidRequest, match=r"does not fit test.it: max_findings: 'many' is no whole number"):
        await Bench().run("test.it", {"max_findings": "many"})
    with pytest.raises(InvalidRequest, match=r"does not fit test.it: input: "):
        await Bench().run("test.it", Plain())


async def test_a_called_capability_stands_between_its_own_events():
    bench = Bench()
    result = await bench.run("test.nested", {"text": "test.it"})
    assert bench.kinds == ["started", "call_started", "note", "call_ended", "done"]
    assert [each.seq for each in bench.events] == [1, 2, 3, 4, 5]
    assert (bench.events[1].capability, bench.events[3].capability) == ("test.it", "test.it")
    assert not bench.events[3].failed
    assert result.max_findings == Settings().review.max_findings


@pytest.mark.parametrize(("inner", "error"), [("test.bug", ZeroDivisionError), ("test.model", ModelUnavailable)])
async def test_a_called_capability_that_fails_says_so(inner, error):
    bench = Bench()
    with pytest.raises(error):
        await bench.run("test.nested", {"text": inner})
    assert bench.kinds == ["started", "call_started", "call_ended", "failed"]
    assert bench.events[2].failed


async def test_a_capability_runs_for_its_caller_also_when_called_by_another():
    guest = Principal("guest", "tenant", frozenset({"agents:call"}))
    with pytest.raises(Exception, match=r"guest may not use test\.model"):
        await Bench().run("test.nested", {"text": "test.model"}, principal=guest)


async def test_a_run_is_recorded_with_its_start_its_length_and_its_report():
    bench = Bench()
    started = bench.clock.now()
    await bench.run("test.it", {"text": "x"})
    (run,) = bench.history.records
    assert run.id == bench.events[0].task
    assert (run.capability, run.root, run.summary, run.exit_code) == ("test.it", "/root", "told x", 1)
    assert (run.started_at, run.seconds) == (started, 2)
    assert bench.clock.now() - started == timedelta(seconds=2)
    assert run.report["text"] == "x"


async def test_nothing_is_recorded_where_history_is_off_or_the_result_is_not_for_it():
    bench = Bench()
    await bench.run("test.plain")
    off = Bench(Settings(history=HistorySettings(enabled=False)))
    await off.run("test.it")
    assert bench.history.records + off.history.records == []


@pytest.mark.parametrize("error", [ModelUnavailable("m", []), OSError("disk full"), ValueError("odd")])
async def test_a_history_that_fails_costs_a_warning_and_no_result(error):
    def broken() -> MemoryHistory:
        raise error

    bench = Bench(history=broken)
    assert (await bench.run("test.it", {"text": "x"})).text == "x"
    assert bench.kinds == ["started", "note", "note", "done"]
    assert bench.events[2].level == "warning"
    assert "the run is not in the history" in bench.events[2].text


def capability(key: str) -> Any:
    """A capability of the tester."""
    return sample().capabilities[key]


def test_fields_that_are_none_are_filled_from_the_settings_and_no_others():
    settings = Settings(review=ReviewSettings(max_findings=3))
    assert fill(capability("test.it"), {}, settings).max_findings == 3
    assert fill(capability("test.it"), {"max_findings": 7}, settings).max_findings == 7
    assert fill(capability("test.it"), {"max_findings": 0}, settings).max_findings == 0
    assert fill(capability("test.plain"), {}, settings).max_findings is None


def test_every_open_field_of_a_review_has_a_setting():
    review = replace(capability("test.it"), request=ReviewRequest)
    filled = fill(review, {"min_severity": "high", "exclude": ["a"]}, Settings())
    assert [name for name in ReviewRequest.model_fields if getattr(filled, name) is None] == ["stdin"]
    assert (filled.min_severity, filled.exclude) == (Severity.HIGH, ("a",))


def test_the_system_clock_tells_the_zone_and_never_goes_back():
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() <= clock.monotonic()
