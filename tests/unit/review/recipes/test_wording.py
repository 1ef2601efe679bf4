"""The prompts ship, and values are put into them as they are."""

import pytest

from sutazai.review.recipes.wording import fill, prompt


def test_values_are_not_read_as_templates():
    assert fill("a {{one}} b {{two}}", one="{{two}}", two="{x}") == "a {{two}} b {x}"


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(KeyError):
        fill("{{one}}")


@pytest.mark.parametrize("name", ["judge", "adjudicate", "claims_system", "claims", "second_look"])
def test_every_prompt_ships(name):
    assert len(prompt(name)) > 40
