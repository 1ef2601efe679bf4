"""Bounds of what parsers get: what crashes them is kept away, what people write is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.syntax.bounds import beyond_parsing


def nested(depth: int, step: str = " ", opening: str = "if x:", end: str = "\n") -> str:
    return "".join(step * level + opening + end for level in range(depth)) + step * depth + "pass" + end


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("step", [" ", "\t", "    "])
def test_levels_are_counted_whatever_they_are_made_of(step: str, end: str):
    """Blanks and tabs, every line end."""
    assert "deeper" in beyond_parsing(nested(250, step, end=end), "python")
    assert not beyond_parsing(nested(150, step, end=end), "python")


@pytest.mark.parametrize("text", ["a:\n" + "- " * 400 + "x\n", "? " * 400 + "x\n", nested(400, opening="a:")])
def test_levels_of_yaml_are_counted_within_a_line_too(text: str):
    """`- - -` opens three lists."""
    assert "deeper" in beyond_parsing(text, "yaml")


@pytest.mark.parametrize(
    "text", [" " * 900 + "x = 1\n", ("x(\n" + " " * 300 + "1)\n") * 500, "x\n" + " " * 5000 + "\n", "- a\n" * 5000]
)
@pytest.mark.parametrize("language", ["python", "yaml"])
def test_far_to_the_right_is_not_deep(text: str, language: str):
    """Only levels that are open at once count."""
    assert not beyond_parsing(text, language)


def test_a_long_run_of_lines_without_code_is_refused_a_long_file_is_not():
    """One line of code in between ends a run."""
    assert "without code" in beyond_parsing("# a\n" * 10_001, "python")
    assert not beyond_parsing(("# a\n" * 9_000 + "x = 1\n") * 5, "python")
    assert not beyond_parsing("# a\n" * 20_000, "bash")


@given(st.text(alphabet=" \t\r\n-?:#\\ax", max_size=300), st.sampled_from(["python", "yaml", "go"]))
def test_short_text_is_never_refused(text: str, language: str):
    """Whatever it holds."""
    assert not beyond_parsing(text, language)
