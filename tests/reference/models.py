"""The page of models: the catalogue of weights, and what the shipped profiles say that models were measured to do."""

import tomllib
from importlib.resources import files

from sutazai.llm.catalog import CATALOG, Entry, Https
from sutazai.sdk.profile import ModelProfile, RecipeProfile
from tests.reference.markdown import generated, table

_CATALOGUE = """
## Catalogue

Weights that are known by name. The hash is what is trusted, never the place that the bytes came from: a file with
another hash is deleted.

"""
_PROFILES = """
## Measured

What the profiles that ship with SutazAI say. *Found* is the share of planted faults that were found, *false alarms*
the share of right functions that were flagged, *second look* the area under the ROC curve when the model judges a claim
(0.5 is a coin toss). A dash means: not measured, or not used. A recipe that is missing is not run with that model.

Measure any model on your own machine with `sutazai models bench --review`.

"""


def page() -> str:
    """The page."""
    head = ("name", "MB", "for", "licence", "file", "sha256", "sources, in order")
    measured = ("model", "recipe", "threshold", "found", "false alarms", "second look", "measured on")
    rows = [row for names, profile in _shipped() for row in _rows(names, profile)]
    parts = [generated("Models"), _CATALOGUE, table(head, (_entry(each) for each in CATALOG))]
    return "".join([*parts, _PROFILES, table(measured, rows)])


def _entry(entry: Entry) -> tuple[str, ...]:
    places = (each.url.split("/")[2] if isinstance(each, Https) else "package index" for each in entry.sources)
    size = f"{entry.size_bytes / 1e6:,.0f}"
    purpose = {"code": "reviews", "plumbing": "tests only", "embedding": "documents"}[entry.purpose]
    return (f"`{entry.name}`", size, purpose, entry.licence, f"`{entry.file}`", f"`{entry.sha256}`", ", ".join(places))


def _shipped() -> list[tuple[str, ModelProfile]]:
    found = []
    for each in sorted(files("sutazai.llm.profiles").iterdir(), key=lambda each: each.name):
        if each.name.endswith(".toml"):
            data = tomllib.loads(each.read_text("utf-8"))
            names = data.pop("names", [each.name])
            data.pop("digests", None)
            found.append((names[0], ModelProfile.model_validate(data)))
    return found


def _rows(name: str, profile: ModelProfile) -> list[tuple[str, ...]]:
    return [
        (f"`{name}`", recipe, f"{each.threshold:g}", *_figures(each), profile.measured_at or "-")
        for recipe, each in profile.recipes.items()
    ]


def _figures(recipe: RecipeProfile) -> tuple[str, ...]:
    shares = (recipe.recall, recipe.false_alarm_rate)
    auc = "-" if recipe.auc is None else f"{recipe.auc:.2f}"
    return (*("-" if each is None else f"{each:.0%}" for each in shares), auc)
