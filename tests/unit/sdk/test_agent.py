"""Agents declare capabilities; a capability reaches only what it declares and its caller was granted."""

from collections.abc import Callable

import pytest
from pydantic import BaseModel

from sutazai.errors.usage import PermissionMissing, ScopeMissing, UnknownCapability
from sutazai.sdk.agent import PERMISSIONS, Agent, AgentContext
from sutazai.sdk.events import Note
from sutazai.sdk.principal import Principal, local_principal
from sutazai.sdk.testing import FixedClock, MemoryPorts, collect


class Question(BaseModel):
    """What is asked."""

    text: str = "hi"


class Answer(BaseModel):
    """What comes back."""

    text: str


PORTS = {
    "chat": "model:chat",
    "profiles": "model:chat",
    "analyzers": "files:read",
    "workspace": "files:read",
    "editor": "files:write",
    "undo": "files:write",
    "commands": "commands:run",
    "documents": "documents:read",
    "document_store": "documents:write",
    "embedder": "documents:read",
    "reranker": "documents:read",
    "reader": "files:read",
    "history": "history:read",
    "feedback": "feedback:read",
}


def context(permissions: set[str], principal: Principal | None = None) -> AgentContext:
    """A context with these permissions and ports in memory."""

    async def call(capability: str, request: BaseModel) -> BaseModel:
        return Answer(text=capability)

    return AgentContext(
        capability="test.it",
        permissions=frozenset(permissions),
        ports=MemoryPorts(),
        emit=lambda event: None,
        principal=principal or local_principal(),
        clock=FixedClock(),
        call=call,
    )


@pytest.mark.parametrize(("port", "permission"), PORTS.items())
async def test_a_port_opens_only_with_its_permission(port, permission):
    with pytest.raises(PermissionMissing, match=permission):
        await getattr(context(set(PERMISSIONS) - {permission}), port)()
    assert await getattr(context({permission}), port)() is not None


async def test_calling_others_needs_its_permission():
    with pytest.raises(PermissionMissing, match="agents:call"):
        await context(set()).call("x", Question())
    assert await context({"agents:call"}).call("x", Question()) == Answer(text="x")


async def test_the_cache_needs_no_permission():
    assert await context(set()).cache() is not None


@pytest.mark.parametrize(("port", "permission"), PORTS.items())
async def test_a_capability_gets_no_more_than_its_caller_was_granted(port, permission):
    guest = Principal("guest", "tenant", frozenset(PERMISSIONS) - {permission})
    with pytest.raises(ScopeMissing, match=f"guest may not use test.it.*{permission}"):
        await getattr(context({permission}, guest), port)()
    granted = Principal("guest", "tenant", frozenset({permission}))
    assert await getattr(context({permission}, granted), port)() is not None


def test_the_local_person_may_everything():
    assert all(local_principal().may(each) for each in PERMISSIONS)


def made(key: str = "test.it", **options: object) -> tuple[Agent, Callable]:
    """An agent and the decorator of one capability."""
    agent = Agent("tester", summary="Tests")
    return agent, agent.capability(key, **options)


def test_a_capability_takes_its_models_and_summary_from_the_function():
    agent, register = made(permissions={"files:read"}, settings="review")

    async def it(request: Question, context: AgentContext) -> Answer:
        """Answers.

        At length.
        """
        return Answer(text=request.text)

    assert register(it) is it
    found = agent.capabilities["test.it"]
    assert (found.key, found.summary, found.request, found.result) == ("test.it", "Answers.", Question, Answer)
    assert (found.permissions, found.settings) == (frozenset({"files:read"}), "review")


@pytest.mark.parametrize("doc", [None, "", "  \n "])
def test_a_capability_without_docstring_is_summed_up_by_its_key(doc):
    agent, register = made()

    async def it(request: Question, context: AgentContext) -> Answer:
        return Answer(text=request.text)

    it.__doc__ = doc
    register(it)
    assert agent.capabilities["test.it"].summary == "test.it"


def test_an_unknown_permission_is_refused():
    with pytest.raises(TypeError, match=r"unknown permissions.*everything"):
        made(permissions={"everything"})


def test_a_key_is_given_once():
    agent, register = made()

    async def it(request: Question, context: AgentContext) -> Answer:
        return Answer(text=request.text)

    register(it)
    with pytest.raises(TypeError, match="the key is taken"):
        agent.capability("test.it")


def test_functions_without_models_are_refused():
    async def nothing():
        """Has no annotations."""

    async def text(request: str, context: AgentContext) -> Answer:
        return Answer(text=request)

    async def plain(request: Question, context: AgentContext) -> str:
        return request.text

    for each in (nothing, text, plain):
        _, register = made()
        with pytest.raises(TypeError, match="pydantic models"):
            register(each)


async def test_collect_runs_a_capability_and_numbers_its_events():
    agent, register = made(permissions={"agents:call"})

    @register
    async def it(request: Question, context: AgentContext) -> Answer:
        context.emit(Note(text="one"))
        return await context.call("test.inner", request)

    @agent.capability("test.inner")
    async def inner(request: Question, context: AgentContext) -> Answer:
        context.emit(Note(text="two"))
        return Answer(text=request.text)

    seen = await collect(agent, "test.it", Question(text="yes"))
    assert seen.result == Answer(text="yes")
    assert [(each.seq, each.text, each.task) for each in seen.of("note")] == [(1, "one", "test"), (2, "two", "test")]
    assert seen.of("done") == []
    assert seen.events[0].at == FixedClock().now()


async def test_collect_knows_only_the_agents_own_capabilities():
    with pytest.raises(UnknownCapability):
        await collect(Agent("empty", summary="Nothing"), "test.it", Question())
