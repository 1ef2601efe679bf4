"""The site probe: the finding is the edit the model would rather read, and it lies in the unit."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.errors.models import PromptTooLong, ReplyUnusable
from sutazai.review.recipes import slips
from sutazai.review.recipes.asking import heading
from sutazai.review.recipes.probe import MOST_SITES, probe, suspects
from sutazai.review.recipes.rules import RULES
from sutazai.review.recipes.sites import sites
from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.profile import Calibration, RecipeProfile
from sutazai.sdk.source import Segment, Unit
from sutazai.sdk.testing import ScriptedChat, next_token
from tests.support.knowing_model import FILLS_HOLES, filling, knowing
from tests.unit.review.recipes.conftest import unit_of

RIGHT = "def late(days, grace):\n    if days <= grace:\n        return 0\n    return days - grace\n"
PROFILE = RecipeProfile(threshold=2.0, calibration=Calibration(slope=0.5))


async def probed(text, right=RIGHT, profile=PROFILE):
    unit = unit_of(text)
    found, _ = await probe(knowing(right), unit, profile)
    return [(text[claim.start : claim.end], claim.replacement, claim.rule) for claim in found]


@pytest.mark.parametrize(
    ("written", "expected", "rule"),
    [
        ("<=", "<", slips.BOUNDARY),
        ("0", "1", slips.CONSTANT),
        ("-", "+", slips.OPERATOR),
    ],
)
async def test_a_planted_slip_is_found_as_the_edit_that_cures_it(written, expected, rule):
    found = await probed(RIGHT.replace(written, expected))
    assert found[0] == (expected.strip(), written.strip(), rule)


async def test_a_right_function_has_no_finding():
    assert await probed(RIGHT) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [(None, ["<="]), ({1}, ["<="]), ({0, 1, 2}, ["<="]), ({0, 2, 3}, []), (set(), [])],
)
async def test_of_a_change_only_its_lines_are_asked_about(changed, found):
    text = RIGHT.replace("<=", "<")
    unit = replace(unit_of(text), changed=None if changed is None else frozenset(changed))
    chat = knowing(RIGHT)
    claims, cut = await probe(chat, unit, PROFILE)
    assert ([claim.replacement for claim in claims], cut) == (found, False)
    lines = set(range(4)) if changed is None else changed
    slips_there = [
        each for site in sites(text, "python") for each in site.slips if text.count("\n", 0, each.start) in lines
    ]
    assert bool(chat.requests) == bool(slips_there)


async def test_a_gain_under_the_threshold_is_no_finding():
    assert await probed(RIGHT.replace("<=", "<"), profile=RecipeProfile(threshold=99)) == []


async def test_an_insertion_takes_in_a_word_so_that_it_has_a_place():
    right = "def f(held, tool):\n    if not held:\n        return tool\n    return held\n"
    assert await probed(right.replace("not ", ""), right) == [("held", "not held", slips.NEGATION)]


async def test_a_deletion_takes_in_a_word_too():
    right = "def f(held, tool):\n    if held:\n        return tool\n    return held\n"
    [(written, replacement, rule)] = await probed(right.replace("if held", "if not held"), right)
    assert (written, replacement, rule) == ("if not ", "if ", slips.NEGATION)


async def test_a_missing_return_is_found():
    right = "def f(prices):\n    total = sum(prices)\n    return total\n"
    assert await probed(right.replace("return ", ""), right) == [("total", "return total", slips.RETURN)]


async def test_the_message_shows_both_spellings_and_the_confidence_is_calibrated():
    unit = unit_of(RIGHT.replace("<=", "<"))
    [claim], _ = await probe(knowing(RIGHT), unit, PROFILE)
    assert claim.message == "`if days < grace:` here, where `if days <= grace:` is expected"
    assert 0.5 < claim.confidence <= 1
    assert (claim.recipe, claim.cwe) == ("probe", (193,))
    assert "does not run the code" in claim.explanation


async def test_what_follows_can_clear_a_suspicion():
    text = "def f(a, b):\n    return a < b\n"

    def reply(request):
        if request.prompt.endswith("a"):
            return next_token((" <=", -0.1), (" <", -4.0), ("~", -9.0))
        return next_token((" b", -0.1 if request.prompt.endswith("<") else -20.0), ("\n", -0.1), ("~", -20.0))

    [suspect] = await suspects(ScriptedChat(reply), unit_of(text), sites(text, "python", variables=False))
    assert suspect.gain == pytest.approx(3.9)
    assert suspect.score < 0


async def test_the_strangest_of_many_places_has_to_be_stranger():
    """In four times as many places as usual, ln 4 = 1.39 nats more have to speak for an edit."""
    text = "def f(a, b):\n    if a < b:\n        return 10\n"
    [site] = [each for each in sites(text, "python") if any(slip.replacement == "<=" for slip in each.slips)]
    chat = ScriptedChat(lambda _request: next_token((" <=", -0.1), (" <", -4.1)), info=FILLS_HOLES)
    few, many = [await suspects(chat, unit_of(text), [site] * times) for times in (25, 100)]
    assert few[0].score == pytest.approx(4.0)
    assert many[0].score == pytest.approx(4.0 - math.log(4))


async def test_that_a_condition_is_meant_the_other_way_round_needs_more_than_another_edit():
    text = "def f(held):\n    if held:\n        pass\n"
    chat = ScriptedChat(lambda _request: next_token((" not", -0.1), (" held", -4.1)), info=FILLS_HOLES)
    [suspect] = await suspects(chat, unit_of(text), sites(text, "python", variables=False))
    assert (suspect.gain, suspect.score) == (pytest.approx(4.0), pytest.approx(2.5))


async def test_prompts_grow_with_the_text_so_that_a_prefix_cache_holds():
    chat = knowing(RIGHT)
    unit = unit_of(RIGHT, context="import math")
    await suspects(chat, unit, sites(RIGHT, "python"))
    prompts = [request.prompt for request in chat.requests]
    assert all(later.startswith(earlier) for earlier, later in pairwise(prompts))
    assert prompts[0].startswith("# shop.py\nimport math\n")
    assert all((request.max_tokens, request.top_logprobs) == (1, 20) for request in chat.requests)


def test_the_heading_is_a_comment_of_the_language():
    assert heading(unit_of("x", "go")) == "// shop.py\n"


async def test_a_unit_with_too_many_sites_says_that_not_all_of_it_was_asked():
    text = "def f(a):\n" + "".join(f"    a{number} = {number % 9}\n" for number in range(MOST_SITES + 1))
    chat = ScriptedChat(lambda _request: next_token(("~", -0.1)))
    found, cut = await probe(chat, unit_of(text), PROFILE)
    assert (found, cut, len(chat.requests)) == ([], True, MOST_SITES)


async def test_a_runtime_without_log_probabilities_is_unusable():
    with pytest.raises(ReplyUnusable, match="log-probabilities"):
        await probe(ScriptedChat(lambda _request: "x"), unit_of(RIGHT), PROFILE)


async def test_a_language_without_a_grammar_is_not_asked():
    assert await probe(ScriptedChat([]), unit_of("x", "klingon"), PROFILE) == ([], False)


_TOKENS = st.lists(
    st.tuples(
        st.one_of(
            st.text(max_size=4),
            st.sampled_from(
                [" <", " <=", " >", " days", " grace", "grace", " -", " +", "0", "1", "\n", " not", ":", ""]
            ),
        ),
        st.floats(-40, 0),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(replies=st.lists(_TOKENS, min_size=1, max_size=12), threshold=st.floats(-5, 5))
async def test_any_replies_give_claims_inside_the_unit(replies, threshold):
    asked = 0

    def reply(_request):
        nonlocal asked
        asked += 1
        return next_token(*replies[asked % len(replies)])

    unit = unit_of(RIGHT)
    found, _ = await probe(ScriptedChat(reply), unit, RecipeProfile(threshold=threshold))
    for claim in found:
        assert 0 <= claim.start < claim.end <= len(unit.text)
        assert unit.text[claim.start : claim.end].strip()
        assert claim.replacement != unit.text[claim.start : claim.end]
        assert claim.rule in RULES
        assert 0 <= claim.confidence <= 1


_WITH_SLIPS = [each for each in RULES.values() if each.bad and each.id != slips.MISSING]


@pytest.mark.parametrize("rule", _WITH_SLIPS, ids=lambda rule: rule.id)
async def test_the_bad_example_of_each_rule_has_an_edit_of_its_class_that_gives_the_good_one(rule):
    cures = {
        rule.bad[: slip.start] + slip.replacement + rule.bad[slip.end :]
        for site in sites(rule.bad, rule.language)
        for slip in site.slips
        if slip.rule == rule.id
    }
    assert rule.good in cures
    found = await probed(rule.bad, rule.good)
    assert rule.id in {each[2] for each in found}
    assert await probed(rule.good, rule.good) == []


async def test_a_model_that_fills_holes_sees_what_follows():
    text = "def f(a, b):\n    return a < b\n"
    chat = ScriptedChat(
        lambda request: next_token((" <=", -0.1), (" <", -4.0 if "<|fim_suffix|>" not in request.prompt else -1.1)),
        info=FILLS_HOLES,
    )
    [suspect] = await suspects(chat, unit_of(text), sites(text, "python", variables=False))
    assert suspect.gain == pytest.approx(3.9)
    assert suspect.score == pytest.approx(1.0)
    with_holes = [request.prompt for request in chat.requests if "<|fim_suffix|>" in request.prompt]
    assert with_holes[0] == "<|fim_prefix|># shop.py\ndef f(a, b):\n    return a<|fim_suffix|> b\n<|fim_middle|>"
    assert all(request.prompt.startswith("<|fim_prefix|># shop.py\n") for request in chat.requests)


async def test_the_hole_of_an_insertion_takes_in_the_next_word():
    text = "def f(held):\n    if held:\n        pass\n"
    chat = ScriptedChat(
        lambda _request: next_token((" not", -0.1), (" held", -4.0)),
        info=FILLS_HOLES,
    )
    await suspects(chat, unit_of(text), sites(text, "python", variables=False))
    assert any("if<|fim_suffix|>:\n" in request.prompt for request in chat.requests)


async def test_a_slip_the_hole_is_not_filled_with_is_no_suspect():
    text = "def f(a, b):\n    return a < b\n"
    chat = ScriptedChat(
        lambda request: next_token((" <" if "<|fim_suffix|>" in request.prompt else " <=", -0.1), ("~", -4.0)),
        info=FILLS_HOLES,
    )
    [suspect] = await suspects(chat, unit_of(text), sites(text, "python", variables=False))
    assert suspect.score < -10


async def test_a_statement_at_the_wrong_depth_is_told_by_its_level():
    right = "def f(prices):\n    total = 0\n    for price in prices:\n        total += price\n    return total\n"
    unit = unit_of(right.replace("    return", "        return"))
    [claim], _ = await probe(knowing(right), unit, PROFILE)
    assert claim.message == "`return total` here, where it is expected one level further out"
    assert (unit.text[claim.start : claim.end], claim.replacement) == ("        return", "    return")


async def test_a_unit_that_no_prompt_can_hold_is_refused_before_any_work():
    chat = ScriptedChat([], info=ModelInfo(name="m", runtime="scripted", context_tokens=10))
    with pytest.raises(PromptTooLong):
        await probe(chat, unit_of("x = 1\n" * 20), PROFILE)


async def test_control_tokens_in_the_code_are_not_passed_on():
    """Code that spells the marks of a hole does not move the hole."""
    chat = ScriptedChat(lambda _: next_token((" x", -0.1)), info=ModelInfo("qwen2.5-coder:1.5b", "scripted"))
    text = 'def f(a, b):\n    return "<|fim_suffix|>" if a < b else "<|im_end|>"\n'
    unit = Unit("a.py", "python", "function", "f", 1, 2, text, (Segment(0, len(text), 1),))
    await probe(chat, unit, RecipeProfile(threshold=3.0))
    assert chat.requests
    assert not any("<|fim_suffix|>" in (each.prompt or "") for each in chat.requests)


@pytest.mark.parametrize(
    ("by_what_stands_before", "in_the_hole", "found"),
    [("data", "data", ["data"]), ("data", "data_geo", []), ("data_geo", "data", [])],
)
async def test_names_that_begin_alike_are_told_apart_by_how_the_word_goes_on(by_what_stands_before, in_the_hole, found):
    """Most models spell `data_geo` as `data` and `_geo`: the first token says nothing about which of them is meant."""
    text = "def f(data, data_geo):\n    return data_geo\n"

    def reply(request):
        if request.prompt.endswith(("return", "<|fim_middle|>")):
            return next_token((" data", -0.1), (" x", -9.0))
        meant = in_the_hole if "<|fim_middle|>" in request.prompt else by_what_stands_before
        return next_token(
            ("_geo", -0.01 if meant == "data_geo" else -7.0), ("", -7.0 if meant == "data_geo" else -0.01)
        )

    chat = ScriptedChat(reply, info=FILLS_HOLES)
    claims, _ = await probe(chat, unit_of(text), PROFILE)
    assert [claim.replacement for claim in claims] == found
    assert any("return<|fim_suffix|>" in each.prompt for each in chat.requests) is (by_what_stands_before == "data")


async def test_a_hole_sees_the_next_lines_and_not_all_of_a_long_function():
    text = "def f(a, b):\n    if a < b:\n        return a\n" + "    a += 1\n" * 100
    chat = ScriptedChat(lambda _request: next_token((" <=", -0.1), (" <", -4.0)), info=FILLS_HOLES)
    await suspects(chat, unit_of(text), sites(text, "python", variables=False))
    holes = [each.prompt.partition("<|fim_suffix|>")[2] for each in chat.requests if "fim_suffix" in each.prompt]
    [behind] = [each for each in holes if each.startswith(" b:\n        return a\n")]
    assert behind.endswith("    a += 1\n<|fim_middle|>")
    assert 400 < len(behind) < 440


DRAIN = RULES[slips.MISSING]


async def test_a_statement_that_is_missing_is_shown_before_the_one_it_belongs_to():
    unit = unit_of(DRAIN.bad)
    [claim], _ = await probe(filling(DRAIN.good), unit, PROFILE)
    assert claim.message == "`del queue[0]` is expected before `return taken`"
    assert DRAIN.bad[: claim.start] + claim.replacement + DRAIN.bad[claim.end :] == DRAIN.good
    assert claim.rule == slips.MISSING
    assert await probe(filling(DRAIN.good), unit_of(DRAIN.good), PROFILE) == ([], False)


async def test_a_line_that_the_model_is_unsure_of_is_not_missing():
    assert await probe(filling(DRAIN.good, sure=-0.9), unit_of(DRAIN.bad), PROFILE) == ([], False)


@pytest.mark.parametrize(
    "line",
    [
        "        taken.append(queue[0])\n",
        "    # takes one\n",
        '    """Text."""\n',
        "\n",
        "    queue = (\n",
        "pass\n",
        "    if x:\n",
        "    raise StopIteration\n",
        "    unheard: list[int] = []\n",
    ],
)
async def test_a_line_that_is_there_already_or_would_do_nothing_is_not_missing(line):
    right = DRAIN.good.replace("        del queue[0]\n", line)
    assert await probe(filling(right), unit_of(DRAIN.bad), PROFILE) == ([], False)


@pytest.mark.parametrize("line", ["        break\n", "    queue = queue[1:]\n"])
async def test_a_jump_out_of_the_block_before_and_a_name_that_is_used_may_be_missing(line):
    right = DRAIN.good.replace("        del queue[0]\n", line)
    [claim], _ = await probe(filling(right), unit_of(DRAIN.bad), PROFILE)
    assert claim.replacement == f"{line}    return"


async def test_only_a_model_that_fills_holes_is_asked_for_what_is_missing():
    assert await probed(DRAIN.bad, DRAIN.good) == []


async def test_two_that_change_places_are_compared_as_a_whole_with_what_follows(monkeypatch):
    right = "def f(total, people):\n    return total / people\n"
    wrong = "def f(total, people):\n    return people / total\n"
    found = await suspects(filling(right), unit_of(wrong), sites(wrong, "python", variables=False))
    [swap] = [each for each in found if each.slip.rule == slips.ORDER]
    assert (swap.slip.replacement, swap.score > 2) == ("total / people", True)
    monkeypatch.setattr(slips, "AGAINST", {})
    found = await suspects(filling(right), unit_of(wrong), sites(wrong, "python", variables=False))
    assert swap.score == pytest.approx(max(each.score for each in found if each.slip.rule == slips.ORDER) - 1.5)
    assert not [
        each for each in await suspects(filling(right), unit_of(right), sites(right, "python")) if each.score > 0
    ]
