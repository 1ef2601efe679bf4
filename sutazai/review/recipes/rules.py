"""The rules behind a model's findings: what each class of slip is, and what to check before changing anything."""

from collections.abc import Mapping
from typing import Final

from sutazai.review.recipes import slips
from sutazai.review.recipes.claims import RULE as CLAIM
from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.rule import Rule

_HOW: Final = (
    "A language model reads the function up to this place and finds another spelling of the same kind much likelier "
    "than the one that stands there, also with what follows. It does not run the code and does not prove anything: "
)


def _rule(name: str, title: str, check: str, bad: str, good: str, cwe: tuple[int, ...] = ()) -> Rule:
    return Rule(name, title, Category.BUG, Severity.MEDIUM, cwe, _HOW + check, bad, good)


RULES: Final[Mapping[str, Rule]] = {
    rule.id: rule
    for rule in (
        _rule(
            slips.COMPARISON,
            "unexpected comparison",
            "check which way round the comparison has to be.",
            "def is_empty(basket):\n    return len(basket) != 0\n",
            "def is_empty(basket):\n    return len(basket) == 0\n",
            (697,),
        ),
        _rule(
            slips.BOUNDARY,
            "unexpected boundary",
            "check what has to happen when both sides are equal.",
            "def last_index(items):\n    at = 0\n    while at <= len(items):\n        at += 1\n    return at - 1\n",
            "def last_index(items):\n    at = 0\n    while at < len(items):\n        at += 1\n    return at - 1\n",
            (193,),
        ),
        _rule(
            slips.BOOLEAN,
            "unexpected and/or",
            "check whether all of the conditions have to hold, or one of them.",
            "def outside(x, low, high):\n    return x < low and x > high\n",
            "def outside(x, low, high):\n    return x < low or x > high\n",
            (783,),
        ),
        _rule(
            slips.NEGATION,
            "unexpected negation",
            "check whether the condition is meant the other way round.",
            "def first(items):\n    if items:\n        return None\n    return items[0]\n",
            "def first(items):\n    if not items:\n        return None\n    return items[0]\n",
            (480,),
        ),
        _rule(
            slips.OPERATOR,
            "unexpected operator",
            "check the arithmetic with a small example.",
            "def area(width, height):\n    return width + height\n",
            "def area(width, height):\n    return width * height\n",
            (480,),
        ),
        _rule(
            slips.CONSTANT,
            "unexpected constant",
            "check the number or the truth value, above all at the first and the last element.",
            "def last(items):\n    return items[len(items) - 0]\n",
            "def last(items):\n    return items[len(items) - 1]\n",
            (682,),
        ),
        _rule(
            slips.NAME,
            "unexpected function or counterpart",
            "check whether the counterpart of this name is meant (min and max, any and all, start and end).",
            "def smallest(values):\n    return max(values)\n",
            "def smallest(values):\n    return min(values)\n",
            (628,),
        ),
        _rule(
            slips.VARIABLE,
            "unexpected variable",
            "check whether another variable in reach is meant.",
            "def scale(values, factor):\n    return [value * values for value in values]\n",
            "def scale(values, factor):\n    return [value * factor for value in values]\n",
            (688,),
        ),
        _rule(
            slips.JUMP,
            "unexpected break or continue",
            "check whether the loop has to end here or only this turn of it.",
            "def evens(numbers):\n    found = []\n    for number in numbers:\n        if number % 2:\n"
            "            break\n        found.append(number)\n    return found\n",
            "def evens(numbers):\n    found = []\n    for number in numbers:\n        if number % 2:\n"
            "            continue\n        found.append(number)\n    return found\n",
            (670,),
        ),
        _rule(
            slips.OFFSET,
            "unexpected offset",
            "check whether the index or length is one too many or too few.",
            "def pairs(items):\n    return [(items[i], items[i + 1]) for i in range(len(items))]\n",
            "def pairs(items):\n    return [(items[i], items[i + 1]) for i in range(len(items) - 1)]\n",
            (193,),
        ),
        _rule(
            slips.RETURN,
            "value computed and dropped",
            "check whether the value was to be returned.",
            "def total(prices):\n    amount = sum(prices)\n    amount\n",
            "def total(prices):\n    amount = sum(prices)\n    return amount\n",
            (252,),
        ),
        _rule(
            slips.DEPTH,
            "unexpected indentation",
            "check whether the statement belongs inside or after the loop.",
            "def total(prices):\n    amount = 0\n    for price in prices:\n        amount += price\n"
            "        return amount\n",
            "def total(prices):\n    amount = 0\n    for price in prices:\n        amount += price\n"
            "    return amount\n",
            (670,),
        ),
        _rule(
            slips.ORDER,
            "unexpected order",
            "check which argument or operand comes first.",
            "def share(total, people):\n    return people / total\n",
            "def share(total, people):\n    return total / people\n",
            (683,),
        ),
        _rule(
            slips.MISSING,
            "statement missing",
            "check whether the line it would have written is missing.",
            "def drain(queue, most):\n    taken = []\n    while queue and len(taken) < most:\n"
            "        taken.append(queue[0])\n    return taken\n",
            "def drain(queue, most):\n    taken = []\n    while queue and len(taken) < most:\n"
            "        taken.append(queue[0])\n        del queue[0]\n    return taken\n",
        ),
        Rule(
            CLAIM,
            "claim of the model",
            Category.BUG,
            Severity.MEDIUM,
            description="A language model claims a fault in its own words and quotes the code; the quote was found in "
            "the file, and the model stood by the claim when it was asked again without its first answer. Check the "
            "reason it gives: it does not run the code.",
        ),
    )
}
