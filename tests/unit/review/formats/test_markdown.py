"""Markdown for pull requests: readable, bounded, and not to be taken over by the code under review."""

import re

import pytest
from hypothesis import example, given, settings

from sutazai.review.formats.markdown import MAX_CHARACTERS, render
from sutazai.review.formats.markdown_text import code_span, escape, fence, paragraphs
from sutazai.sdk.finding import Category, Fix
from tests.support.reports import empty, finding, hostile_reports, hostile_text, report


def test_a_comment_has_summary_findings_and_coverage():
    """In this order, with place, code, trace and fix."""
    text = render(report())
    assert text.startswith("## SutazAI review: 3 findings, not everything was reviewed\n\n| severity | findings |")
    assert "| high | 1 |" in text
    assert (
        "### HIGH `app/db.py:2:5`\n\n**SQL is built from the argument \\`name\\`** (`py-sql-injection`, 92% sure)"
        in text
    )
    assert "```py\ncursor.execute(" in text
    assert "2. `app/db.py:2` it becomes part of a query" in text
    assert "Fix: pass the value as a parameter (checked: parses, finding gone)\n\n```diff\n-cursor" in text
    assert "8 of 9 units by qwen2.5-coder:1.5b (3 from cache); 1 suppressed." in text
    assert "- `logo.png` binary\n- `app/db.py:9` slow: no time left" in text
    assert "checked by hand" not in text


def test_a_clean_comment_never_calls_clean_what_was_not_reviewed():
    """The heading itself says it."""
    assert render(empty()).startswith("## SutazAI review: no findings\n")
    heading = render(empty(model_notice="no model here")).splitlines()[0]
    assert heading == "## SutazAI review: no findings in what was reviewed, not everything was reviewed"


def test_suppressed_findings_only_where_asked():
    """Each with who suppressed it."""
    assert "(comment checked by hand)" in render(report(), show_suppressed=True)
    many = report(suppressed=report().suppressed * 25)
    assert "- … and 5 more" in render(many, show_suppressed=True)


def test_a_comment_stays_below_the_limit_and_says_what_it_left_out():
    """Coverage is never what is cut."""
    text = render(report(findings=tuple(finding(explanation="x " * 900) for _ in range(99))))
    assert len(text) <= MAX_CHARACTERS + 200
    assert re.search(r"… and \d+ more findings", text)
    assert "### Coverage" in text


def test_long_code_is_cut():
    """At twenty lines, with the rest counted."""
    text = render(report(findings=(finding(quote="a\n" * 40, fix=None),)))
    assert "… 21 more lines" in text


def test_the_value_of_a_secret_is_never_shown():
    """Neither as code nor in the fix."""
    leaky = finding(category=Category.SECRET, quote="AKIAVERYSECRET", message="a key")
    assert "AKIAVERYSECRET" not in render(report(findings=(leaky,)))


def test_a_fix_elsewhere_is_described_without_a_diff():
    """No diff is better than a wrong one."""
    text = render(report(findings=(finding(fix=Fix(description="rename it", edits=(), source="model")),)))
    assert "Fix: rename it\n" in text
    assert "```diff" not in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("ask @ann", "ask @<!-- -->ann"),
        ("# title", "#<!-- --> title"),
        ("1. one", "1\\. one"),
        ("- item", "\\- item"),
        ("a | b `c` *d*", "a \\| b \\`c\\` \\*d\\*"),
        ("[x](http://e)", "\\[x\\](http:<!-- -->//e)"),
        ("a\n\n# b", "a #<!-- --> b"),
    ],
)
def test_prose_of_others_has_no_markdown_in_it(text, escaped):
    """Neither HTML, nor links, nor calls by name."""
    assert escape(text) == escaped


def test_an_explanation_keeps_its_paragraphs():
    """And nothing stays nothing."""
    assert paragraphs("a\nb\n\n c ") == "a b\n\nc\n"
    assert paragraphs(" \n") == ""


@given(hostile_text)
@example("a\n```\n# b")
@example("````")
@settings(max_examples=100)
def test_no_code_closes_its_fence(code):
    """The fence is longer than any run of backticks inside."""
    lines = fence(code, "py").split("\n")
    ticks = lines[-2]
    assert lines[0] == f"{ticks}py"
    assert not any(line.lstrip().startswith(ticks) for line in lines[1:-2])


@given(hostile_text)
@settings(max_examples=100)
def test_no_path_closes_its_code_span(path):
    """A span is one line, and no run of backticks inside is as long as its ends."""
    span = code_span(path)
    ticks = re.match("`+", span)[0]
    assert "\n" not in span
    assert ticks not in re.findall("`+", span[len(ticks) : -len(ticks)])


def prose_of(text):
    """What is neither in a fenced block nor in a code span, read as CommonMark reads it."""
    kept, fence = [], ""
    for line in text.split("\n"):
        ticks = re.match("`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif ticks:
            fence = ticks[0]
        else:
            kept.append(re.sub(r"(?<![`\\\\])(`+)(?!`).*?(?<!`)\1(?!`)", "", line))
    return "\n".join(kept)


@given(hostile_reports)
@settings(max_examples=50, deadline=None)
def test_nothing_outside_of_code_is_html_or_calls_people(each):
    """The only tags in the prose are the empty comments of our own."""
    prose = prose_of(render(each, show_suppressed=True))
    assert "<" not in prose.replace("<!-- -->", "").replace("<U+", "")
    assert "@ann" not in prose
    assert "://" not in prose


def test_what_reads_the_prose_in_these_tests_sees_html_and_calls():
    """So that the property above can fail."""
    assert prose_of("a `<b>` <i>\n```py\n<u>\n```\n@ann") == "a  <i>\n@ann"
