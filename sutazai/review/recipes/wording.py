"""The prompts of the recipes, kept as files beside the code, and how values are put into them."""

from functools import cache
from importlib import resources


@cache
def prompt(name: str) -> str:
    """The text of `prompts/NAME.md`."""
    return resources.files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()


def fill(template: str, **values: str) -> str:
    """The template with each `{{name}}` replaced once; braces and names inside the values stay as they are."""
    pieces = template.split("{{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        filled.append(values[name.strip()] + rest)
    return "".join(filled)
