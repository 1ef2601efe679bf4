"""Questions that lean on what was said before, made to stand alone for the search. Asks no model.

By rule: a rewriting by a small model takes seconds and loses names. Where the new question only names another thing, it
takes the other's place in the earlier one; where it asks after the one person of the earlier answer, the name takes the
place of the pronoun; else the earlier question beside the new one finds the same passages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sutazai.rag.answer_marks import bare, without_marks
from sutazai.rag.citations_terms import Term, occurs, plain, terms
from sutazai.rag.request import Turn

_LEANS: Final = re.compile(
    r"^\W*(?:and|but|or|so|also|then|what about|how about|what else|anything else|which one|why|why not|since when|"
    r"until when|how come|really|are you sure|more)\b"
    r"|\b(?:it|its|he|him|his|she|her|they|them|their|theirs|this|these|those|that one|there|then|the same|the former|"
    r"the latter|the other|ones?|such)\b(?! (?:is|are) (?:a|an|any)\b)",
    re.IGNORECASE,
)
_AND: Final = re.compile(r"\W*(?:and|what about|how about|or)\b", re.IGNORECASE)
_EXPLETIVE: Final = re.compile(
    r"\b(?:is|are|was|were|will|does|do)\s+(?:there|it)\b\s+(?:a|an|any|possible|allowed|to)\b", re.IGNORECASE
)
_PERSON: Final = re.compile(
    r"\b(?:(?P<whose>his|her(?= (?!(?:about|and|at|for|if|in|of|on|or|the|to|with)\b)\w))|he|she|him|her)\b",
    re.IGNORECASE,
)
_JOINING: Final = re.compile(r"^\W*(?:and|but|so|then)\s+", re.IGNORECASE)
_DOUBTS: Final = re.compile(
    r"\W*(?:really|are you (?:sure|certain)|is (?:that|this|it) (?:so|right|true|correct)|say that again|repeat)\b",
    re.IGNORECASE,
)
_FEW_TERMS: Final = 1
_SHOWN_CHARACTERS: Final = 400
_SEARCHED_CHARACTERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what to search for it: the same words, or those of the turn it leans on too.

    Attributes:
        own: the terms that the question had before it was made to stand alone.
        before: the answer that it follows, where it leans on that.
    """

    text: str
    search: str
    leans_on: tuple[Turn, ...] = ()
    own: tuple[Term, ...] = ()
    before: str = ""

    def is_answered_before(self, sentence: str) -> bool:
        """Whether a sentence only says again what the answer before said, and not what was asked for now."""
        told = terms(sentence)
        return bare(sentence) in self.before and not all(occurs(term, told) for term in self.own)


def stand_alone(text: str, history: Sequence[Turn]) -> Question:
    """A question with what of the conversation it needs: nothing, or the last turn (and what that leans on)."""
    if not history or not leans(text):
        return Question(text, text)
    last = history[-1]
    before = "" if _DOUBTS.match(text) else bare(last.answer)
    named = _named(text, last.answer)
    if whole := _put_in(text, last.question) or ("" if leans(named) else named):
        return Question(whole, whole, (), terms(text), before)
    needed = [last]
    if len(history) > 1 and leans(last.question):
        needed.insert(0, history[-2])
    search = " ".join((*(each.question for each in needed), named))
    return Question(named, search[-_SEARCHED_CHARACTERS:], tuple(map(_shortened, needed)), terms(text), before)


def _named(text: str, answer: str) -> str:
    """The question with the name of the one person that the earlier answer names instead of "he" or "her"."""
    people = _people(answer)
    if len(people) != 1 or not _PERSON.search(text):
        return text
    whole = _PERSON.sub(lambda found: f"{people[0]}'s" if found["whose"] else people[0], _JOINING.sub("", text))
    return whole[:1].upper() + whole[1:]


def _people(text: str) -> list[str]:
    """Names of two words or more, each once."""
    found: list[list[str]] = []
    end = -1
    for term in terms(text := plain(text)):
        if term.kind == "name" and end >= 0 and text[end : term.place] == " ":
            found[-1].append(term.shown)
        elif term.kind == "name":
            found.append([term.shown])
        end = term.place + len(term.shown) if term.kind == "name" else -1
    return list(dict.fromkeys(" ".join(each) for each in found if len(each) > 1))


def _put_in(text: str, before: str) -> str:
    """The earlier question with what the new one names in the place of its like: "And in Rome?" after one on Berlin.

    Empty where it is not plain what takes whose place.
    """
    asked = terms(text)
    if len(asked) != 1 or not asked[0].is_specific or not _AND.match(text):
        return ""
    likes = [term for term in terms(before) if term.kind == asked[0].kind and before.count(term.shown) == 1]
    return before.replace(likes[0].shown, asked[0].shown) if len(likes) == 1 else ""


def leans(text: str) -> bool:
    """Whether a question cannot be understood without what was said before."""
    meant = _EXPLETIVE.sub(" ", text)
    return _LEANS.search(meant) is not None or len(terms(text)) <= _FEW_TERMS


def _shortened(turn: Turn) -> Turn:
    answer = without_marks(" ".join(turn.answer.split()))
    return Turn(question=turn.question[:_SHOWN_CHARACTERS], answer=answer[:_SHOWN_CHARACTERS])
