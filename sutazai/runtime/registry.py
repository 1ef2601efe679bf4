"""Installed agents, at three grains: names (imports nothing), one, all. Knows no agent by name.

Plugins register agents in the entry point group `sutazai.agents`, and may list their capabilities in
`sutazai.capabilities`, so that asking for one capability imports one plugin.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from sutazai.errors.base import SutazAIError
from sutazai.errors.usage import BrokenPlugin, DuplicateAgent, UnknownCapability
from sutazai.sdk.agent import Agent, Capability

AGENTS: Final = "sutazai.agents"
CAPABILITIES: Final = "sutazai.capabilities"


@dataclass(frozen=True, slots=True)
class Installed:
    """An agent that a distribution registers. Nothing of it is imported yet."""

    name: str
    owner: str
    entry: EntryPoint


def _installed(group: str) -> Iterable[EntryPoint]:
    return entry_points(group=group)


class Registry:
    """Finds agents and capabilities among installed plugins.

    Args:
        find: gives the entry points of a group; tests pass their own.
    """

    def __init__(self, find: Callable[[str], Iterable[EntryPoint]] = _installed) -> None:
        self._find = find
        self._loaded: dict[str, Agent] = {}

    @cached_property
    def _by_name(self) -> dict[str, list[Installed]]:
        found: dict[str, list[Installed]] = {}
        for entry in self._find(AGENTS):
            owner = entry.dist.name if entry.dist else "?"
            found.setdefault(entry.name, []).append(Installed(entry.name, owner, entry))
        return found

    def _name_of(self, listed: EntryPoint) -> str:
        """The agent that the entry of a capability points to, empty if there is none."""
        agents = (each for group in self._by_name.values() for each in group)
        return next((each.name for each in agents if each.entry.value == listed.value), "")

    def names(self) -> list[str]:
        """The names of all installed agents, in order; imports no plugin."""
        return sorted(self._by_name)

    def one(self, name: str) -> Agent:
        """The agent of that name; imports its plugin.

        Raises:
            UnknownCapability: no plugin registers it.
            DuplicateAgent: two do.
            BrokenPlugin: it cannot be imported, or is not an agent.
        """
        if name not in self._loaded:
            found = self._by_name.get(name, [])
            if not found:
                raise UnknownCapability(name, self.names())
            if len(found) > 1:
                raise DuplicateAgent(name, [each.owner for each in found])
            self._loaded[name] = _load(found[0])
        return self._loaded[name]

    def all(self) -> tuple[list[Agent], list[SutazAIError]]:
        """Every agent that loads, and the errors of those that do not."""
        agents, broken = [], []
        for name in self.names():
            try:
                agents.append(self.one(name))
            except SutazAIError as error:
                broken.append(error)
        return agents, broken

    def capability(self, key: str) -> Capability:
        """The capability `key`, or the only capability of the agent `key`.

        Raises:
            UnknownCapability: no agent that loads offers it.
        """
        for entry in self._find(CAPABILITIES):
            name = self._name_of(entry) if entry.name == key else ""
            if name and key in self.one(name).capabilities:
                return self.one(name).capabilities[key]
        if key in self._by_name and len(self.one(key).capabilities) == 1:
            return next(iter(self.one(key).capabilities.values()))
        agents, _ = self.all()
        offered = {name: each for agent in agents for name, each in agent.capabilities.items()}
        if key not in offered:
            raise UnknownCapability(key, [*offered, *self.names()])
        return offered[key]


def _load(installed: Installed) -> Agent:
    try:
        agent = installed.entry.load()
    except Exception as error:  # a plugin can fail in any way while it is imported
        raise BrokenPlugin(installed.name, installed.owner, f"{type(error).__name__}: {error}") from error
    if not isinstance(agent, Agent):
        raise BrokenPlugin(installed.name, installed.owner, f"it exports a {type(agent).__name__}, not an Agent")
    return agent
