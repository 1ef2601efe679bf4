"""What is told of a value that does not fit: where it is, the value itself, what is allowed; never pydantic's words."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sutazai.sdk.finding import PathRules, Severity
from sutazai.sdk.invalid import Wrong, first_wrong, shown
from sutazai.sdk.taint import TaintTable
from sutazai.settings.model import Settings

LEVELS = "critical, high, medium, low, info, never"
UNKNOWN = "there is nothing of this name"


class Odd(BaseModel):
    """One field of each kind that settings do not have."""

    model_config = ConfigDict(extra="forbid")

    needed: int = 0
    below: float = Field(default=0, lt=1)
    word: str = Field(default="", pattern="^[a-z]*$", max_length=3)
    paths: dict[str, PathRules] = {}
    when: bytes = b""


def wrong(data: Any, model: type[BaseModel] = Settings) -> Wrong:
    with pytest.raises(ValidationError) as error:
        model.model_validate(data)
    return first_wrong(error.value, data, model)


@pytest.mark.parametrize(
    ("data", "name", "reason", "hint"),
    [
        ({"review": {"fail_on": "hihg"}}, "review.fail_on", f"'hihg' is none of {LEVELS}", "did you mean 'high'?"),
        ({"review": {"fail_on": "qqq"}}, "review.fail_on", f"'qqq' is none of {LEVELS}", ""),
        ({"review": {"profile": True}}, "review.profile", "true is none of quiet, default, thorough", ""),
        ({"review": {"min_confidence": 3.0}}, "review.min_confidence", "3 is too much: at most 1", ""),
        ({"review": {"min_confidence": float("nan")}}, "review.min_confidence", "nan is no finite number", ""),
        ({"review": {"max_findings": "-1"}}, "review.max_findings", "'-1' is too little: at least 0", ""),
        ({"review": {"max_file_bytes": 0}}, "review.max_file_bytes", "0 is too little: more than 0", ""),
        ({"review": {"jobs": "x"}}, "review.jobs", "'x' is no whole number", ""),
        ({"review": {"engines": 3}}, "review.engines", "3 is no list", ""),
        ({"review": {"rules": "a=b"}}, "review.rules", "'a=b' is no table", ""),
        ({"review": {"rules": {"py-x": 3}}}, "review.rules.py-x", "3 is no text", ""),
        ({"review": {"exclude": [[]]}}, "review.exclude.0", "a list is no text", ""),
        ({"offline": {}}, "offline", "a table is neither true nor false", ""),
        ({"model": {"name": "x", "token_timeout_s": "slow"}}, "model.token_timeout_s", "'slow' is no number", ""),
        ({"review": {"per_path": {"tests/": {"min_sev": 1}}}},
         'review.per_path."tests/".min_sev', UNKNOWN, "did you mean 'min_severity'?"),
        ({"review": {"per_path": {"a b": 3}}}, 'review.per_path."a b"', "3 is no table", ""),
        ({"modle": {}}, "modle", UNKNOWN, "did you mean 'model'?"),
    ],
)  # fmt: skip
def test_the_place_the_value_and_what_is_allowed_are_told(data, name, reason, hint):
    found = wrong(data)
    assert (found.name, found.reason, found.hint) == (name, reason, hint)


@pytest.mark.parametrize(
    ("data", "name", "reason", "hint"),
    [
        ({"sorce": []}, "sorce", UNKNOWN, "did you mean 'source'?"),
        ({"pass": [{"nmes": ["a"]}]}, "pass.0.names", "it is missing", ""),
        ({"source": [{"names": []}]}, "source.0.names", "it holds fewer than 1", ""),
        ({"sink": [{"names": ["a"], "kind": "sqll"}]}, "sink.0.kind", None, "did you mean 'sql'?"),
        ({"source": [{"names": ["a"], "notes": "x"}]}, "source.0.notes", None, "did you mean 'note'?"),
        ("rows", "", "'rows' is no table", ""),
    ],
)
def test_rows_in_lists_are_found_by_their_position(data, name, reason, hint):
    found = wrong(data, TaintTable)
    assert (found.name, found.hint) == (name, hint)
    assert reason in {None, found.reason}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"below": 1}, "1 is too much: less than 1"),
        ({"word": "abcd"}, "'abcd' is longer than 3 characters"),
        ({"word": "A"}, "'A' is not of the form asked for"),
        ({"paths": {"a": {"x": 1}}}, UNKNOWN),
        ({"when": 3}, "it should be a valid bytes"),
    ],
)
def test_other_limits_are_told_in_the_same_way(data, reason):
    assert wrong(data, Odd).reason == reason


def test_a_long_value_is_cut_and_nothing_in_it_steers_a_terminal():
    assert shown("x" * 1000) == repr("x" * 60 + "…")
    assert "\x1b" not in wrong({"log": "\x1b[31m"}).reason


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(
                st.none(), st.text(max_size=5), st.integers(), st.floats(), st.lists(st.integers(), max_size=2),
                st.dictionaries(st.sampled_from([*PathRules.model_fields, *Severity, "x"]), st.integers(), max_size=2),
            )
            for name in ("review", "log", "offline", "model", "x")
        },
    )
)  # fmt: skip
def test_whatever_is_given_is_told_in_few_plain_words(data):
    try:
        Settings.model_validate(data)
    except ValidationError as error:
        found = first_wrong(error, data, Settings)
        assert found.reason
        assert len(found.reason) < 300
        assert not re.search("Input|Extra|Value error|valid_|pydantic", found.reason)
