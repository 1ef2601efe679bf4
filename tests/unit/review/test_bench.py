"""The bench measures what a model finds, and its profile says so."""

import json

import pytest

from sutazai.review.bench import measure
from sutazai.review.bench_data.planted import samples
from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.testing import ScriptedChat, next_token
from tests.support.knowing_model import knowing

RIGHT = {each.unit.text.splitlines()[0]: each.unit.text for each in samples()}


def expert(request):
    """Knows every right function; asked for a verdict, says whether the shown code is a right one."""
    if request.json_schema is not None:
        return json.dumps({"claims": []})
    if request.messages:
        text = request.messages[-1].content
        wrong = not any(each.rstrip() in text for each in RIGHT.values())
        says = wrong != ("mistake, because" in text)
        return next_token(("yes", -0.01), ("no", -5.0)) if says else next_token(("no", -0.01), ("yes", -5.0))
    head = max((each for each in RIGHT if each in request.prompt), key=len, default="")
    return knowing(RIGHT[head])._function(request) if head else next_token(("~", -0.1))


async def test_a_model_that_knows_better_finds_faults_without_false_alarms():
    seen = []
    profile = await measure(ScriptedChat(expert), seed=1, limit=8, on_progress=lambda *at: seen.append(at))
    probe = profile.recipes["probe"]
    assert probe.recall >= 0.5
    assert probe.false_alarm_rate == 0
    assert seen[-1] == (8, 8)
    assert profile.origin == "measured"
    assert profile.measured_at


async def test_a_second_look_better_than_chance_allows_judging_and_claims():
    profile = await measure(ScriptedChat(expert), limit=4)
    assert profile.recipes["adjudicate"].auc == 1.0
    assert profile.recipes["claims"].recall == 0


async def test_a_model_that_always_says_the_same_is_not_asked_to_judge():
    chat = ScriptedChat(lambda request: next_token(("yes" if request.messages else "~", -0.1)))
    profile = await measure(chat, limit=3)
    assert set(profile.recipes) == {"probe"}
    assert profile.recipes["probe"].recall == 0


async def test_a_model_that_cannot_say_yes_or_no_is_not_asked_to_judge():
    profile = await measure(ScriptedChat(lambda _request: next_token(("~", -0.1))), limit=2)
    assert set(profile.recipes) == {"probe"}


async def test_claims_that_do_not_parse_count_as_none():
    def reply(request):
        return "no json" if request.json_schema is not None else expert(request)

    assert (await measure(ScriptedChat(reply), limit=3)).recipes["claims"].recall == 0


async def test_claims_on_the_fault_are_hits_and_on_right_code_alarms():
    def reply(request):
        if request.json_schema is None:
            return expert(request)
        code = request.messages[-1].content.split("\n\n")[1]
        claims = [
            {"claim": "wrong", "category": "bug", "severity": "low", "quote": line.strip()}
            for line in code.splitlines()[1:-1]
            if len(line.strip()) > 8
        ]
        return json.dumps({"claims": claims[:5]})

    found = (await measure(ScriptedChat(reply), limit=6)).recipes["claims"]
    assert found.recall > 0
    assert found.false_alarm_rate == 1.0


async def test_the_same_seed_asks_the_same(monkeypatch):
    async def prompts(seed):
        chat = ScriptedChat(expert)
        await measure(chat, seed=seed, limit=3)
        return [request.prompt for request in chat.requests]

    assert await prompts(5) == await prompts(5) != await prompts(6)


async def test_without_log_probabilities_nothing_can_be_measured():
    chat = ScriptedChat([], info=ModelInfo(name="m", runtime="scripted", logprobs=False))
    assert (await measure(chat)).recipes == {}


@pytest.mark.parametrize("sample", samples(), ids=lambda each: each.unit.symbol)
def test_a_planted_function_differs_from_the_right_one_by_its_fault_only(sample):
    for fault in sample.faults:
        planted = sample.planted(fault)
        assert planted.text != sample.unit.text
        assert planted.symbol == sample.unit.symbol
        assert len(planted.text) - len(sample.unit.text) == len(fault.replacement) - len(fault.written)
        assert max(sample.lines(fault)) <= planted.text.count("\n") + 1
