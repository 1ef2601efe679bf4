"""The bench of answers: how it counts, and that its own look at citations finds what is broken."""

from collections import Counter
from dataclasses import replace

import pytest

from sutazai.rag.report import AnswerReport, Passage, Source, Struck
from tests.bench.knowledge import answers, claims


def report(text="It weighs 5 kg. [1]", *, found=True, quotes=("It weighs 5 kg.",), sources=1):
    """An answer from one passage."""
    passage = Passage(id="p", document="d", name="a.md", start=0, end=9, text="It weighs 5 kg.", score=1)
    return AnswerReport(
        collection="c",
        question="?",
        found=found,
        text=text,
        sources=tuple(Source(number=n, passage=passage, quotes=quotes) for n in range(1, sources + 1)),
        struck=(Struck(text="It weighs 7 kg.", reason="no"),),
    )


@pytest.mark.parametrize(
    ("case", "given", "kind"),
    [
        ({"expect": [["5 kg"]]}, report(), "right"),
        ({"expect": [["5 kg"], ["blue", "weighs"]]}, report(), "right"),
        ({"expect": [["6 kg"]]}, report(), "wrong"),
        ({"expect": [["5 kg"]], "forbid": ["weighs"]}, report(), "wrong"),
        ({"expect": [["5 kg"]]}, report(found=False), "refused"),
        ({"expect": []}, report(found=False), "right"),
        ({"expect": []}, report(), "wrong"),
        ({"expect": [], "also": ["weighs"]}, report(), "right"),
    ],
)
def test_answers_are_counted(case, given, kind):
    assert answers.kind_of(case, given) == kind


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        (report(), 0),
        (report(found=False, text="The documents do not tell 7."), 0),
        (report("It weighs 7 kg. [1]"), 1),
        (report("It weighs 5 kg. [2]"), 1),
        (report("It weighs 5 kg."), 1),
        (report("It weighs 5 kg. [1] So it is."), 1),
        (report(quotes=("It weighs 7 kg.",), text="It weighs. [1]"), 1),
        (report("It never weighs 5 kg. [1]"), 1),
        (report("It weighs 5 kg. [1][2]", sources=2), 0),
    ],
)
def test_a_broken_citation_is_seen(given, broken):
    assert answers.broken_citations(given) == broken


def outcome(**changes):
    """What became of a question."""
    made = answers.Outcome(
        question="?", answerable=True, kind="right", text="x", seconds=1.0, broken_citations=0, obeyed=False, struck=(),
        struck_right=0,
    )  # fmt: skip
    return replace(made, **changes)


def test_the_table_counts_each_kind():
    made = [
        outcome(kind="right", struck=(("s", "r"),), struck_right=1),
        outcome(answerable=False, kind="wrong", broken_citations=2, obeyed=True),
    ]
    text = answers.table(made)
    assert "| answerable | 1 | 1 | 0 | 0 |" in text
    assert "| not in the documents | 1 | 0 | 1 | 0 |" in text
    assert "citations that do not hold: 2" in text
    assert "must not have: 1" in text
    assert "struck: 1, of them with the expected answer: 1" in text
    assert answers.table([]).count("| 0 |") >= 2


@pytest.mark.parametrize("half", ["seen", "held_out"])
def test_every_expected_answer_stands_in_the_documents(half):
    folder = answers.DATA / half
    text = " ".join(" ".join(each.read_text(encoding="utf-8").split()) for each in folder.glob("*.md")).casefold()
    for case in answers.questions(folder):
        for alternatives in case["expect"]:
            assert answers.has_any(text.replace(",", ""), [each.replace(",", "") for each in alternatives]), case


@pytest.mark.parametrize("half", ["seen", "held_out"])
def test_no_false_claim_is_shown_and_no_true_one_struck(half):
    """A part of the bench without a model."""
    counts, wrong = claims.judged(answers.DATA / half, every=7)
    assert wrong == []
    assert sum(number for (_, is_true, _), number in counts.items() if not is_true) > 20
    assert sum(number for (_, is_true, fate), number in counts.items() if is_true and fate == claims.AS_SAID) > 5


def test_no_false_claim_of_any_kind_or_language_is_shown():
    counts, wrong = claims.kinds()
    assert [key for key in counts if key[1:] == (False, claims.AS_SAID)] == []
    assert len(wrong) <= 1
    assert len({kind for kind, _, _ in counts}) > 15


def test_the_bench_of_claims_prints_its_table(capsys, monkeypatch):
    counts = Counter({("cell", True, claims.AS_SAID): 3, ("denied", False, claims.OWN_WORDS): 1})
    monkeypatch.setattr(claims, "judged", lambda _: (counts, ["cell: It is."]))
    assert claims.main(["--show"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| cell | yes | 3 | 0 | 0 |",
        "| denied | no | 0 | 1 | 0 |",
        "cell: It is.",
    ]


def test_the_bench_of_claims_fails_where_a_false_one_is_shown(monkeypatch):
    monkeypatch.setattr(claims, "kinds", lambda: (Counter({("roles", False, claims.AS_SAID): 1}), []))
    assert claims.main(["--kinds"]) == 1
