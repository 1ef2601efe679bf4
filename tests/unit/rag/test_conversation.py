"""A question that leans on what was said is searched together with it; others stand alone."""

import pytest

from sutazai.rag.conversation import Question, leans, stand_alone
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


@pytest.mark.parametrize(
    ("answer", "text", "whole"),
    [
        ("Pavel Horak is the treasurer. [1]", "When was he elected?", "When was Pavel Horak elected?"),
        ("The minutes are by Ida Krogh. [1]", "And what is her role?", "What is Ida Krogh's role?"),
        ("The minutes are by Ida Krogh. [1]", "Who works with her?", "Who works with Ida Krogh?"),
        ("The minutes are by Ida Krogh. [1]", "Who told her about pay?", "Who told Ida Krogh about pay?"),
        ("Ida Krogh and Pavel Horak signed. [1]", "When was he elected?", ""),
        ("Ida signed. [1]", "When was she elected?", ""),
        ("Pavel Horak is the treasurer. [1]", "When does it end?", ""),
    ],
)
def test_the_one_person_of_the_answer_takes_the_place_of_the_pronoun(answer, text, whole):
    found = stand_alone(text, (Turn(question="Who is it?", answer=answer),))
    assert (found.text, found.search, found.leans_on) == (whole, whole, ()) if whole else found.leans_on != ()


def test_a_question_that_leans_on_more_than_the_person_takes_the_turn_along():
    found = stand_alone("Did he sign it?", (Turn(question="Who is it?", answer="Pavel Horak is. [1]"),))
    assert found.text == "Did Pavel Horak sign it?"
    assert found.search == "Who is it? Did Pavel Horak sign it?"
    assert len(found.leans_on) == 1


def test_what_was_answered_before_answers_only_if_it_speaks_of_what_is_asked_now():
    turn = Turn(question="Who is the treasurer?", answer="Pavel Horak is the treasurer. [1] He is paid. [2]")
    said = "Pavel Horak is the treasurer."
    assert stand_alone("When was he elected?", (turn,)).is_answered_before(said)
    assert not stand_alone("When was he elected?", (turn,)).is_answered_before("Pavel Horak was elected in May.")
    assert not stand_alone("What is he treasurer of?", (turn,)).is_answered_before(said)
    assert not stand_alone("Are you sure that it is he?", (turn,)).is_answered_before(said)
    assert not Question("Who?", "Who?").is_answered_before(said)
