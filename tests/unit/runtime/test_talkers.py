"""Who can be talked to."""

import pytest
from pydantic import BaseModel

from sutazai.errors.usage import UnknownCapability
from sutazai.runtime.registry import Registry
from sutazai.runtime.talkers import DEFAULT_AGENT, talker, talkers
from sutazai.sdk.agent import Agent, AgentContext


class Question(BaseModel):
    question: str
    history: tuple[str, ...] = ()


class Order(BaseModel):
    question: str


class Said(BaseModel):
    text: str


def registry(*agents: Agent) -> Registry:
    found = Registry(lambda _group: ())
    found._loaded = {each.name: each for each in agents}
    found._by_name = {name: [] for name in found._loaded}
    return found


def agent(name: str, *requests: type[BaseModel]) -> Agent:
    found = Agent(name, f"the {name}")
    for number, request in enumerate(requests):

        async def answer(request: BaseModel, context: AgentContext) -> Said:
            return Said(text="")

        answer.__annotations__["request"] = request
        found.capability(f"{name}.{number}")(answer)
    return found


def test_a_capability_that_takes_a_question_and_what_was_said_can_be_talked_to():
    """The first of an agent that does; others are no talkers."""
    known = registry(agent("mute", Order), agent("able", Order, Question, Question), agent("empty"))
    (found,) = talkers(known)
    assert (found.agent, found.summary, found.capability.key) == ("able", "the able", "able.1")
    assert talker(known, "able") == found


@pytest.mark.parametrize("name", ["mute", "nobody"])
def test_who_cannot_be_talked_to_is_refused_with_who_can(name: str):
    with pytest.raises(UnknownCapability) as refused:
        talker(registry(agent("mute", Order), agent("able", Question)), name)
    assert "able" in refused.value.hint


def test_the_installed_documentation_assistant_can_be_talked_to():
    assert talker(Registry(), DEFAULT_AGENT).capability.key == "docs.answer"
