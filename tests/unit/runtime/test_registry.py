"""Plugins are found at three grains; none disturbs another, and none takes the place of another."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import pytest
from pydantic import BaseModel

from sutazai.errors.usage import BrokenPlugin, DuplicateAgent, DuplicateCapability, UnknownCapability
from sutazai.runtime.registry import AGENTS, CAPABILITIES, Registry
from sutazai.sdk.agent import Agent, AgentContext


class Nothing(BaseModel):
    """No input and no output."""


def agent(name: str, *keys: str) -> Agent:
    """An agent with these capabilities."""
    made = Agent(name, summary=name)
    for key in keys:

        @made.capability(key)
        async def act(request: Nothing, context: AgentContext) -> Nothing:
            return request

    return made


class Owner(Distribution):
    """A distribution of that name."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    def read_text(self, filename: str) -> str | None:
        """Nothing."""
        return None

    def locate_file(self, path: object) -> Path:
        """Nowhere."""
        return Path(str(path))


class Plugin(EntryPoint):
    """An entry point that gives what it was made with, and counts how often it was imported."""

    loads: Callable[[], object]

    @classmethod
    def of(cls, name: str, value: str, loads: Callable[[], object], owner: str = "") -> "Plugin":
        """An entry point of `name`, at `value`."""
        made = cls(name, value, AGENTS)
        vars(made).update(loads=loads, imported=[], dist=Owner(owner) if owner else None)
        return made

    def load(self) -> object:
        """What the plugin exports."""
        vars(self)["imported"].append(1)
        return vars(self)["loads"]()

    @property
    def times(self) -> int:
        """How often it was imported."""
        return len(vars(self)["imported"])


def registry(*plugins: Plugin, index: dict[str, str] | None = None, extra: Iterable[EntryPoint] = ()) -> Registry:
    """A registry over these plugins; `index` gives the value of the agent by capability."""
    listed = [EntryPoint(key, value, CAPABILITIES) for key, value in (index or {}).items()]
    return Registry({AGENTS: plugins, CAPABILITIES: [*listed, *extra]}.__getitem__)


def raising(error: BaseException) -> Callable[[], object]:
    """A plugin that fails while it is imported."""

    def load() -> object:
        raise error

    return load


GOOD = ("good", "good:agent")


def test_names_are_in_order_and_import_nothing():
    b, a = Plugin.of("b", "b:x", raising(ValueError())), Plugin.of("a", "a:x", raising(ValueError()))
    assert registry(b, a).names() == ["a", "b"]
    assert (a.times, b.times) == (0, 0)


def test_one_imports_only_its_plugin_and_only_once():
    good, other = Plugin.of(*GOOD, lambda: agent("good")), Plugin.of("other", "other:x", lambda: agent("other"))
    found = registry(good, other)
    assert found.one("good") is found.one("good")
    assert (good.times, other.times) == (1, 0)


def test_a_name_that_nobody_registers_is_refused():
    with pytest.raises(UnknownCapability, match="goood") as error:
        registry(Plugin.of(*GOOD, lambda: agent("good"))).one("goood")
    assert "'good'" in error.value.hint


def test_a_name_registered_twice_is_refused_with_both_owners():
    one, two = (Plugin.of("same", f"{each}:x", lambda: agent("same"), each) for each in ("first", "second"))
    with pytest.raises(DuplicateAgent, match=r"'same'.*first and by second"):
        registry(one, two).one("same")
    assert (one.times, two.times) == (0, 0)


@pytest.mark.parametrize("error", [ValueError("bad"), ImportError("bad"), SystemExit("bad"), SyntaxError("bad")])
def test_a_broken_plugin_is_told_with_its_owner_and_disturbs_no_other(error):
    bad = Plugin.of("bad", "bad:x", raising(error), "its-owner")
    good = Plugin.of(*GOOD, lambda: agent("good", "do.it"))
    found = registry(bad, good)
    agents, broken = found.all()
    assert [each.name for each in agents] == ["good"]
    assert [each.message for each in broken] == [
        f"the plugin 'bad' of its-owner cannot be loaded: {type(error).__name__}: bad"
    ]
    assert found.capability("do.it").key == "do.it"


def test_an_interrupt_while_a_plugin_is_imported_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt):
        registry(Plugin.of("bad", "bad:x", raising(KeyboardInterrupt()))).all()


def test_a_plugin_that_exports_something_else_is_broken():
    with pytest.raises(BrokenPlugin, match=r"of .*exports a str, not an Agent"):
        registry(Plugin.of("bad", "bad:x", lambda: "agent")).one("bad")


def test_the_index_leads_to_a_capability_by_importing_one_plugin():
    good = Plugin.of(*GOOD, lambda: agent("good", "do.it", "do.more"))
    other = Plugin.of("other", "other:x", lambda: agent("other", "do.other"))
    found = registry(good, other, index={"do.it": "good:agent", "do.other": "other:x"})
    assert found.capability("do.it").key == "do.it"
    assert (good.times, other.times) == (1, 0)


def test_without_an_index_every_plugin_is_asked():
    good = Plugin.of(*GOOD, lambda: agent("good", "do.it"))
    other = Plugin.of("other", "other:x", lambda: agent("other", "do.other"))
    assert registry(good, other).capability("do.it").key == "do.it"


@pytest.mark.parametrize("index", [{"do.it": "nowhere:x"}, {"do.it": "other:x"}, {}])
def test_an_index_that_leads_nowhere_does_no_harm(index):
    good = Plugin.of(*GOOD, lambda: agent("good", "do.it"))
    other = Plugin.of("other", "other:x", lambda: agent("other", "do.other"))
    assert registry(good, other, index=index).capability("do.it").key == "do.it"


@pytest.mark.parametrize("indexed", [True, False])
def test_a_capability_offered_twice_is_refused_with_both_owners(indexed):
    one, two = (Plugin.of(each, f"{each}:x", lambda: agent("a", "do.it"), f"by-{each}") for each in ("one", "two"))
    index = [EntryPoint("do.it", f"{each}:x", CAPABILITIES) for each in ("one", "two")]
    with pytest.raises(DuplicateCapability, match=r"'do.it'.*one of by-one and by two of by-two"):
        registry(one, two, extra=index if indexed else ()).capability("do.it")
    assert (one.times, two.times) == ((0, 0) if indexed else (1, 1))


def test_a_capability_listed_twice_by_the_same_agent_is_one():
    good = Plugin.of(*GOOD, lambda: agent("good", "do.it"))
    twice = [EntryPoint("do.it", "good:agent", CAPABILITIES)] * 2
    assert registry(good, extra=twice).capability("do.it").key == "do.it"


def test_the_index_tells_why_the_one_plugin_that_offers_it_is_broken():
    bad = Plugin.of("bad", "bad:x", raising(ValueError("why")))
    with pytest.raises(BrokenPlugin, match="why"):
        registry(bad, index={"do.it": "bad:x"}).capability("do.it")


def test_an_agent_with_one_capability_is_a_name_for_it():
    found = registry(Plugin.of(*GOOD, lambda: agent("good", "do.it")))
    assert found.capability("good").key == "do.it"


def test_an_agent_with_several_capabilities_names_them():
    found = registry(Plugin.of("x", "x:x", lambda: agent("x", "do.it", "do.more")))
    with pytest.raises(UnknownCapability) as error:
        found.capability("x")
    assert error.value.hint == "known: do.it, do.more"


def test_an_unknown_capability_is_refused_with_the_nearest_name():
    bad = Plugin.of("bad", "bad:x", raising(ValueError()))
    with pytest.raises(UnknownCapability) as error:
        registry(bad, Plugin.of(*GOOD, lambda: agent("good", "do.it"))).capability("do.itt")
    assert "'do.it'" in error.value.hint


def test_with_nothing_installed_everything_is_unknown():
    with pytest.raises(UnknownCapability) as error:
        registry().capability("code.review")
    assert error.value.hint == "there are none"


def test_the_installed_index_leads_to_every_capability_of_the_shipped_agents():
    found = Registry()
    agents, broken = found.all()
    assert broken == []
    for each in agents:
        for key, capability in each.capabilities.items():
            assert Registry().capability(key) is capability


PROGRAM = """
import sys
sys.path[:0] = {path!r}
from sutazai.runtime.registry import Registry
registry = Registry()
print(registry.names())
assert not [name for name in ("plugin_a", "plugin_b") if name in sys.modules]
print(registry.capability("a.do").key)
print(sorted(name for name in ("plugin_a", "plugin_b") if name in sys.modules))
"""


def test_in_a_real_process_only_the_one_plugin_is_imported(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"plugin_{name}.py").write_text(
            "from pydantic import BaseModel\n"
            "from sutazai.sdk.agent import Agent, AgentContext\n"
            "class Nothing(BaseModel): pass\n"
            f"agent = Agent('{name}', summary='s')\n"
            f"@agent.capability('{name}.do')\n"
            "async def do(request: Nothing, context: AgentContext) -> Nothing: return request\n"
        )
        info = tmp_path / f"plugin_{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin-{name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(
            f"[sutazai.agents]\nplugin-{name} = plugin_{name}:agent\n"
            f"[sutazai.capabilities]\n{name}.do = plugin_{name}:agent\n"
        )
    program = PROGRAM.format(path=[str(tmp_path)])
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    names, key, imported = done.stdout.splitlines()
    assert "'plugin-a', 'plugin-b'" in names
    assert (key, imported) == ("a.do", "['plugin_a']")
