"""Which edits bring back what a change replaced, and how much less has to speak for them."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.recipes import slips
from sutazai.review.recipes.probe import probe, suspects
from sutazai.review.recipes.restoring import restoring
from sutazai.review.recipes.sites import sites
from sutazai.sdk.chat import ChatReply
from sutazai.sdk.profile import Calibration, RecipeProfile
from sutazai.sdk.testing import ScriptedChat, next_token
from tests.support.knowing_model import FILLS_HOLES
from tests.unit.review.recipes.conftest import unit_of

OLD = "def late(days, grace):\n    if days <= grace:\n        return 0\n    return days - grace\n"
NEW = OLD.replace("<=", "<")
MARKED = "<|fim_suffix|>"


def changed(text, **before):
    """A unit whose lines read differently before: `_1` is the second line."""
    lines = {int(at[1:]): line for at, line in before.items()}
    return replace(unit_of(text), changed=frozenset(lines), before=lines)


def found(unit):
    return [(slip.replacement, slip.rule) for _, slip in restoring(unit, sites(unit.text, "python"))]


def gaining(nats, *, first=-9.0):
    """Finds `<=` likelier than `<` by `nats` in a hole, and by `first` where it only reads on; knows nothing else."""

    def reply(request) -> ChatReply:
        asked = request.prompt or ""
        if MARKED in asked or re.search(r"if \w+$", asked):
            gain = nats if MARKED in asked else first
            return next_token((" <", -10.0), (" <=", -10.0 + gain))
        return next_token(("~", -1.0), ("?", -6.0))

    return ScriptedChat(reply, info=FILLS_HOLES)


async def claims_of(unit, chat, restoring_nats=1.5):
    profile = RecipeProfile(threshold=3.5, restoring=restoring_nats, calibration=Calibration(slope=0.5))
    claims, _ = await probe(chat, unit, profile)
    return [(each.replacement, each.message) for each in claims]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("    if days <= grace:", [("<=", slips.BOUNDARY)]),
        ("    if grace < days:", []),
        ("    if  days <= grace:", []),
        ("    if days <= grace + 1:", []),
        ("    if days < grace:", []),
        ("", []),
    ],
)
def test_a_slip_restores_where_its_edit_gives_the_old_line_to_the_letter(before, expected):
    assert found(changed(NEW, _1=before)) == expected


def test_without_an_old_version_nothing_is_restored():
    assert found(unit_of(NEW)) == []
    assert found(changed(NEW, _99="    if days <= grace:")) == []


def test_the_last_line_needs_no_line_end_and_windows_line_ends_are_none_of_the_line():
    last = changed("def f(a, b):\n    return a - b", _1="    return a + b")
    windows = changed("def f(a, b):\r\n    return a - b\r\n", _1="    return a + b")
    assert found(last) == found(windows) == [("+", slips.OPERATOR)]


@given(st.data())
def test_what_any_slip_makes_of_a_line_is_restored_by_that_slip(data):
    """Of whatever place, in the same words."""
    every = [(site, slip) for site in sites(NEW, "python") for slip in site.slips]
    site, slip = data.draw(st.sampled_from(every))
    edited = NEW[: slip.start] + slip.replacement + NEW[slip.end :]
    at = NEW.count("\n", 0, slip.start)
    unit = replace(unit_of(NEW), before={at: edited.split("\n")[at]})
    assert (site, slip) in list(restoring(unit, [site]))


async def test_an_edit_that_restores_needs_less_to_speak_for_it_and_says_so():
    old = changed(NEW, _1="    if days <= grace:")
    [(replacement, message)] = await claims_of(old, gaining(2.5))
    assert replacement == "<="
    assert message == "`if days < grace:` here, where `if days <= grace:` stood before and is expected"
    assert await claims_of(old, gaining(1.5)) == []
    assert await claims_of(old, gaining(2.5), restoring_nats=0.0) == []
    assert await claims_of(unit_of(NEW), gaining(2.5, first=2.5)) == []
    [(_, message)] = await claims_of(unit_of(NEW), gaining(4.5, first=4.5))
    assert "before" not in message


async def test_it_is_asked_about_once_and_only_with_what_follows():
    chat = gaining(2.5)
    unit = changed(NEW, _1="    if days <= grace:")
    at = NEW.index(" < ")
    await suspects(chat, unit, [each for each in sites(NEW, "python") if each.cut == at])
    asked = [each.prompt or "" for each in chat.requests]
    assert sum(MARKED in each for each in asked) == 1
    # The other comparisons are still asked about at their place.
    assert sum(each.endswith("if days") for each in asked) == 1


async def test_a_change_of_many_lines_is_asked_about_at_a_few_of_them():
    lines = [f"    if a{at} < b:\n        return {at}\n" for at in range(30)]
    text = "def f(b):\n" + "".join(lines)
    before = {at: line.replace("<", "<=") for at, line in enumerate(text.split("\n")) if "<" in line}
    chat = gaining(9, first=9)
    places = [replace(each, gap=False) for each in sites(text, "python")]
    await suspects(chat, replace(unit_of(text), changed=frozenset(before), before=before), places)
    assert sum(MARKED in (each.prompt or "") for each in chat.requests) == 8 + 3  # of the others, the likeliest
