"""Installed agents, at three grains: names (imports nothing), one, all. Knows no agent by name.

Plugins register agents in the entry point group `sutazai.agents`, and may list their capabilities in
`sutazai.capabilities`, so that asking for one capability imports one plugin.
"""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from typing import Final

from sutazai.errors.base import SutazAIError
from sutazai.errors.usage import BrokenPlugin, DuplicateAgent, DuplicateCapability, UnknownCapability
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
    return _read_once(tuple((each, _changed_ns(each)) for each in sys.path))(group=group)


@cache
def _read_once(_installation: tuple[tuple[str, int], ...]) -> Callable[..., EntryPoints]:
    """The entry points of every installed distribution, read once: with hundreds installed that takes a while."""
    return entry_points().select


def _changed_ns(folder: str) -> int:
    try:
        return Path(folder or ".").stat().st_mtime_ns
    except OSError:
        return 0


class Registry:
    """Finds agents and capabilities among installed plugins.

    Args:
        find: gives the entry points of a group; None: those of what is installed.
    """

    def __init__(self, find: Callable[[str], Iterable[EntryPoint]] | None = None) -> None:
        self._find = find or _installed
        self._loaded: dict[str, Agent] = {}

    @cached_property
    def _by_name(self) -> dict[str, list[Installed]]:
        found: dict[str, list[Installed]] = {}
        for entry in self._find(AGENTS):
            owner = (entry.dist.name if entry.dist else "") or "?"
            found.setdefault(entry.name, []).append(Installed(entry.name, owner, entry))
        return found

    def _listed(self, key: str) -> list[str]:
        """The names of the agents that the index gives for a capability; imports no plugin."""
        places = {entry.value for entry in self._find(CAPABILITIES) if entry.name == key}
        return [name for name, group in self._by_name.items() if any(each.entry.value in places for each in group)]

    def _owned(self, name: str) -> str:
        return f"{name} of {self._by_name[name][0].owner}"

    def entries(self, group: str) -> Iterable[EntryPoint]:
        """What plugins register in another group; imports nothing."""
        return self._find(group)

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
            DuplicateCapability: two agents do: neither may take the place of the other.
            DuplicateAgent: two plugins register the agent that offers it.
            BrokenPlugin: the plugin that offers it cannot be loaded.
        """
        listed = self._listed(key)
        if len(listed) > 1:
            raise DuplicateCapability(key, [self._owned(name) for name in listed])
        if listed and key in self.one(listed[0]).capabilities:
            return self.one(listed[0]).capabilities[key]
        if key in self._by_name:
            return _only_capability(self.one(key))
        return self._searched(key)

    def _searched(self, key: str) -> Capability:
        """The capability that the index does not know: every plugin has to be asked."""
        agents = {name: agent for name in self.names() if (agent := self._loadable(name))}
        offering = [name for name, agent in agents.items() if key in agent.capabilities]
        if len(offering) > 1:
            raise DuplicateCapability(key, [self._owned(name) for name in offering])
        if not offering:
            raise UnknownCapability(key, [*(each for agent in agents.values() for each in agent.capabilities), *agents])
        return agents[offering[0]].capabilities[key]

    def _loadable(self, name: str) -> Agent | None:
        with suppress(SutazAIError):
            return self.one(name)
        return None


def _only_capability(agent: Agent) -> Capability:
    if len(agent.capabilities) != 1:
        raise UnknownCapability(agent.name, list(agent.capabilities))
    return next(iter(agent.capabilities.values()))


def _load(installed: Installed) -> Agent:
    try:
        agent = installed.entry.load()
    except (Exception, SystemExit) as error:  # a plugin can fail in any way while it is imported
        raise BrokenPlugin(installed.name, installed.owner, f"{type(error).__name__}: {error}") from error
    if not isinstance(agent, Agent):
        raise BrokenPlugin(installed.name, installed.owner, f"it exports a {type(agent).__name__}, not an Agent")
    return agent
