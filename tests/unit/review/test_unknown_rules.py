"""A rule that nobody has is told with the closest that somebody has, and changes nothing else."""

import pytest

from sutazai.review.unknown_rules import unknown_rules
from sutazai.sdk.events import Note
from sutazai.sdk.finding import PathRules
from tests.unit.review.fixing.bench import Bench
from tests.unit.review.lab import Grep, Lab


def warnings(lab: Lab | Bench) -> list[str]:
    """What the last review warned of."""
    return [each.text for each in lab.seen.events if isinstance(each, Note) and each.level == "warning"]


@pytest.mark.parametrize(
    "request_", [{"rules": {"has-risk": "off"}}, {"per_path": {"*.py": PathRules(rules={"has-risk": "low"})}}]
)
async def test_a_slip_in_a_rules_id_is_told(request_):
    lab = Lab(engines=[Grep("risky")])
    report = await lab.review(model=False, **request_)
    assert warnings(lab) == ["no engine in use has a rule 'has-risk': did you mean 'has-risky'?"]
    assert [each.rule for each in report.findings] == ["has-risky"]


@pytest.mark.parametrize("rule", ["has-risky", "has-fine", "model-claim"])
async def test_rules_of_engines_that_this_review_does_not_ask_and_of_the_model_are_known(rule):
    lab = Lab(engines=[Grep("risky"), Grep("fine", "other")])
    await lab.review(model=False, rules={rule: "low"}, engines=("grep",))
    assert warnings(lab) == []


async def test_a_fix_of_a_rule_that_nobody_has_says_so_too():
    bench = Bench({"a.py": "risky\n"}, Grep("risky"))
    await bench.fix(only_rules=("has-risk",))
    assert warnings(bench) == ["no engine in use has a rule 'has-risk': did you mean 'has-risky'?"]


async def test_a_review_without_such_rules_reads_no_tables():
    """They take a moment, and where results are cached nothing else asks for them."""

    class Silent(Grep):
        @property
        def rules(self):
            raise AssertionError

        @rules.setter
        def rules(self, _rules):
            pass

    lab = Lab(engines=[Silent("nowhere")])
    report = await lab.review(model=False)
    assert (warnings(lab), report.coverage.files_skipped) == ([], ())


def test_few_of_many_are_told_and_no_text_is_long():
    notes = unknown_rules([f"{at}" * 500 for at in range(9)], [])
    assert len(notes) == 5
    assert max(len(each.text) for each in notes) < 200
