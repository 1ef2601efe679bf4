"""A question that leans on what was said is searched together with it; others stand alone."""

import pytest

from sutazai.rag.conversation import leans, stand_alone
from sutazai.rag.request import Turn

PUMP = Turn(question="How heavy is the X200?", answer="The X200 weighs 4.2 kg. [1]")
LEASE = Turn(question="When does the lease begin?", answer="On 1 April 2024. [1]")


@pytest.mark.parametrize(
    "text",
    ["And the X300?", "When does it end?", "What about pets?", "Why?", "Who is responsible for them?", "How so?"],
)
def test_pronouns_and_scraps_lean(text):
    assert leans(text)


@pytest.mark.parametrize(
    "text",
    ["How heavy is the X300?", "Is it possible to sublet the premises?", "Is there a fee for late payment?",
     "Who approves trips abroad?"],
)  # fmt: skip
def test_whole_questions_stand_alone(text):
    assert not leans(text)
    assert stand_alone(text, (PUMP,)).search == text
    assert stand_alone(text, (PUMP,)).leans_on == ()


def test_a_leaning_question_is_searched_with_the_last_one_and_shown_its_answer():
    found = stand_alone("And how long is it?", (LEASE, PUMP))
    assert found.search == "How heavy is the X200? And how long is it?"
    assert [each.answer for each in found.leans_on] == ["The X200 weighs 4.2 kg."]


def test_leaning_on_a_leaning_question_goes_one_further_back():
    found = stand_alone("And in winter?", (PUMP, Turn(question="And its brother?", answer="5.6 kg. [1]")))
    assert found.search == "How heavy is the X200? And its brother? And in winter?"


def test_without_a_conversation_there_is_nothing_to_lean_on():
    assert stand_alone("When does it end?", ()).search == "When does it end?"


def test_a_long_conversation_is_shortened():
    found = stand_alone("And it?", (Turn(question="q " * 900, answer="a " * 900),))
    assert len(found.search) <= 1000
    assert len(found.leans_on[0].answer) <= 400
    assert len(found.leans_on[0].question) <= 400


@pytest.mark.parametrize(
    ("before", "text", "whole"),
    [
        ("How heavy is the X200?", "And the X300?", "How heavy is the X300?"),
        ("What may a night in Berlin cost?", "And in Zurich?", "What may a night in Zurich cost?"),
        ("What was the rent in 2024?", "What about 2025?", "What was the rent in 2025?"),
        ("How far is it from Berlin to Rome?", "And Paris?", ""),
        ("How heavy is the X200?", "And in Zurich?", ""),
        ("How heavy is the X200?", "And the blue X300?", ""),
        ("How heavy is the X200?", "Is it the X300?", ""),
    ],
)
def test_a_question_that_only_names_another_thing_puts_it_in_its_place(before, text, whole):
    found = stand_alone(text, (Turn(question=before, answer="That is known."),))
    assert (found.text, found.search, found.leans_on) == (whole, whole, ()) if whole else found.leans_on != ()
