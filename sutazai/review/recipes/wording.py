"""The prompts of the recipes, kept as files beside the code, and how code is put into them as data."""

import hashlib
from functools import cache
from importlib import resources


@cache
def prompt(name: str) -> str:
    """The text of `prompts/NAME.md`."""
    return resources.files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()


def inert(text: str) -> str:
    """The text, as long as before, in which no control token of a model can be spelled: `<|im_end|>` becomes plain.

    Runtimes read such tokens wherever they stand in a prompt, also in the middle of somebody's code.
    """
    return text.replace("<|", "<\u00a6")


def as_data(code: str) -> str:
    """The code between two marks that it cannot contain: text in it that orders a model about stays text.

    The mark is drawn from the code itself, so that the same question is the same prompt: code that holds its own hash
    cannot be written.
    """
    mark = "code-" + hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"<{mark}>\n{inert(code.rstrip())}\n</{mark}>"


def fill(template: str, **values: str) -> str:
    """The template with each `{{name}}` replaced once; braces and names inside the values stay as they are."""
    pieces = template.split("{{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        filled.append(values[name.strip()] + rest)
    return "".join(filled)
