"""The pages of rules: one list, and one page for each rule of every engine and of the model's recipes."""

from dataclasses import dataclass

from sutazai.analysis import patterns, ruff
from sutazai.analysis.engines import ENGINES, engines
from sutazai.analysis.pack import read_pack
from sutazai.review.recipes.rules import RULES
from sutazai.sdk.finding import Category
from sutazai.sdk.rule import Rule
from sutazai.settings.model import ReviewSettings
from tests.reference.markdown import block, generated, table

MODEL = "model"
_HEAD = """
Every rule that a review can report, by category. Switch one off or weigh it anew in [settings](settings.md):

```toml
[review]
rules = { {first} = "off", {second} = "low" }
```

A single place is silenced with a comment: see [suppressions](../guides/suppressions.md).
"""

_CANDIDATE = """
Alone it is a candidate, {confidence:.0%} sure: often right code. The default profile reports it only where another
engine sees the same fault; `--profile thorough` reports it always.
"""


@dataclass(frozen=True)
class Listed:
    """A rule, the engine that reports it, and how sure a finding of it is alone, where a pack says so."""

    engine: str
    rule: Rule
    confidence: float = 1.0


def listed() -> list[Listed]:
    """Every rule, by id."""
    sure = {rule: each.confidence for pack in (*ruff.PACKS, *patterns.PACKS) for rule, each in read_pack(pack).items()}
    found = [
        Listed(each.name, rule, sure.get(rule.id, 1.0))
        for each in engines(list(ENGINES))
        for rule in each.rules.values()
    ]
    found += [Listed(MODEL, rule) for rule in RULES.values()]
    ids = [each.rule.id for each in found]
    assert len(set(ids)) == len(ids), "two engines give one rule id to different rules"
    return sorted(found, key=lambda each: each.rule.id)


def pages() -> dict[str, str]:
    """The pages by their path under `docs/reference`."""
    found = listed()
    return {"rules.md": _list(found)} | {f"rules/{each.rule.id}.md": _page(each) for each in found}


def _list(found: list[Listed]) -> str:
    example = [each.rule.id for each in found if each.engine != MODEL][:2]
    head = _HEAD.replace("{first}", example[0]).replace("{second}", example[1])
    parts = [generated("Rules"), head]
    for category in Category:
        rows = [_row(each) for each in found if each.rule.category is category]
        if rows:
            title = f"{category.value.capitalize()} ({len(rows)})"
            parts.append(f"\n## {title}\n\n{table(('rule', 'what', 'severity', 'CWE', 'engine', 'language'), rows)}")
    return "".join(parts)


def _row(each: Listed) -> tuple[str, ...]:
    rule = each.rule
    language = "any" if each.engine in {"secrets", MODEL} else rule.language
    link = f"[`{rule.id}`](rules/{rule.id}.md)"
    return (link, rule.title, rule.severity.value, _cwe(rule), each.engine, language)


def _cwe(rule: Rule) -> str:
    return ", ".join(f"[{each}](https://cwe.mitre.org/data/definitions/{each}.html)" for each in rule.cwe)


def _page(each: Listed) -> str:
    rule = each.rule
    facts = [("category", rule.category.value), ("severity", rule.severity.value), ("engine", each.engine)]
    if rule.cwe:
        facts.insert(2, ("CWE", _cwe(rule)))
    if rule.help_url:
        facts.append(("read more", f"<{rule.help_url}>"))
    parts = [generated(rule.title), f"\n`{rule.id}`\n\n", table(("", ""), facts)]
    if rule.description:
        parts.append(f"\n{rule.description.strip()}\n")
    if each.confidence < ReviewSettings().min_confidence:
        parts.append(_CANDIDATE.format(confidence=each.confidence))
    # A page with a token in the form of a real one would set off every scanner that looks at this repository.
    bad = "" if each.engine == "secrets" else rule.bad
    for title, example in (("Reported", bad), ("Right", rule.good)):
        if example:
            parts.append(f"\n## {title}\n\n{block(example, rule.language)}")
    parts.append(f"\nSilence one place: `sutazai: ignore[{rule.id}] reason` in a comment on its line\n")
    parts.append("([suppressions](../../guides/suppressions.md)). [All rules](../rules.md).\n")
    return "".join(parts)
