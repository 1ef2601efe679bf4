"""Which capabilities can hold a conversation: those whose request takes a question and what was said before."""

from dataclasses import dataclass
from typing import Final

from sutazai.errors.usage import UnknownCapability
from sutazai.runtime.registry import Registry
from sutazai.sdk.agent import Agent, Capability

DEFAULT_AGENT: Final = "documentation-assistant"
_FIELDS: Final = frozenset({"question", "history"})


@dataclass(frozen=True, slots=True)
class Talker:
    """An agent that can be talked to, and by which capability."""

    agent: str
    summary: str
    capability: Capability


def talkers(registry: Registry) -> list[Talker]:
    """Every installed agent that can be talked to, by name."""
    agents, _ = registry.all()
    return [found for agent in agents if (found := _of(agent))]


def talker(registry: Registry, agent: str) -> Talker:
    """The agent of that name.

    Raises:
        UnknownCapability: it is not installed, or cannot be talked to.
    """
    if agent in registry.names() and (found := _of(registry.one(agent))):
        return found
    raise UnknownCapability(agent, [each.agent for each in talkers(registry)])


def _of(agent: Agent) -> Talker | None:
    able = (each for each in agent.capabilities.values() if set(each.request.model_fields) >= _FIELDS)
    capability = next(able, None)
    return Talker(agent.name, agent.summary, capability) if capability else None
