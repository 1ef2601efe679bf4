"""Every rule of every engine is tried on its own two examples."""

import pytest

from sutazai.analysis.engines import ENGINES, engines
from sutazai.sdk.ports import Analyzer
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import SourceFile

ENDINGS = {"python": ".py"}


def _all_rules() -> list[tuple[Analyzer, Rule]]:
    return [(engine, rule) for engine in engines(list(ENGINES)) for rule in engine.rules.values()]


RULES = _all_rules()
NAMES = [rule.id for _, rule in RULES]


async def found(engine: Analyzer, rule: Rule, text: str) -> set[str]:
    source = SourceFile(f"app/code{ENDINGS.get(rule.language, '')}", text, rule.language)
    report = await engine.analyze([source])
    assert report.failed == ()
    for finding in report.findings:
        assert finding.engines == (engine.name,)
        assert finding.rule in engine.rules
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize(("engine", "rule"), RULES, ids=NAMES)
async def test_the_bad_example_is_reported(engine: Analyzer, rule: Rule) -> None:
    assert rule.id in await found(engine, rule, rule.bad)


@pytest.mark.parametrize(("engine", "rule"), RULES, ids=NAMES)
async def test_the_good_example_is_not_reported(engine: Analyzer, rule: Rule) -> None:
    assert rule.id not in await found(engine, rule, rule.good)


@pytest.mark.parametrize(("engine", "rule"), RULES, ids=NAMES)
def test_a_rule_explains_itself(engine: Analyzer, rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.description) > 40
    assert rule.help_url.startswith("https://")
    assert rule.bad.endswith("\n")
    assert rule.good.endswith("\n")
    assert rule.category != "security" or rule.cwe


def test_no_two_rules_share_an_id() -> None:
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("language", ["javascript", "typescript", "tsx"])
async def test_the_rules_of_javascript_hold_in_its_dialects(language: str) -> None:
    (patterns,) = engines(["patterns"])
    for rule in patterns.rules.values():
        if rule.language == "javascript":
            report = await patterns.analyze([SourceFile("a", rule.bad, language)])
            assert rule.id in {each.rule for each in report.findings}


async def test_the_rules_of_c_hold_in_cpp() -> None:
    (patterns,) = engines(["patterns"])
    for rule in patterns.rules.values():
        if rule.language == "c":
            report = await patterns.analyze([SourceFile("a.cpp", rule.bad, "cpp")])
            assert rule.id in {each.rule for each in report.findings}
