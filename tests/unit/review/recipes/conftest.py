"""Units and models for the recipes."""

import pytest

from sutazai.sdk.source import Segment, Unit


def unit_of(text, language="python", context=""):
    return Unit(
        "shop.py", language, "function", "f", 1, text.count("\n") + 1, text, (Segment(0, len(text), 1),), context
    )


@pytest.fixture
def unit():
    return unit_of("def late(days, grace):\n    if days <= grace:\n        return 0\n    return days - grace\n")
