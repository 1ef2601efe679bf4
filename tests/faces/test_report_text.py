"""The text report: what a person reads, at any width, and whatever the code says."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from sutazai.cli.report_text import certainty, render_text
from sutazai.review.report import FileSkipped, ModelUsed, Timings, UnderThresholds, UnitCoverage
from sutazai.sdk.finding import Category, Edit, Fix, Location, Severity
from sutazai.settings.model import REVIEW_PROFILES
from tests.support.reports import SOURCE, at, empty, finding, hostile_reports, hostile_text, report

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(each, *, width=80, sources=None, show_suppressed=False, verbose=False, **console):
    """The text as printed without colour."""
    stream = io.StringIO()
    render_text(
        each,
        Console(file=stream, width=width, highlight=False, **console),
        show_suppressed=show_suppressed,
        verbose=verbose,
        sources=sources,
    )
    return stream.getvalue()


def one(*, sources=None, width=80, **changes):
    """The text of a report with one finding."""
    return shown(report(findings=(finding(**changes),), suppressed=()), sources=sources, width=width)


def test_a_finding_shows_place_rule_certainty_code_reason_trace_and_fix():
    """In the order a reader needs them."""
    text = shown(report(), sources={"app/db.py": SOURCE})
    assert (
        """\
  HIGH  app/db.py:2:5  py-sql-injection CWE-89  very likely (92%)  01234567
    SQL is built from the argument `name`

    1 │ def find(name):
    2 │     cursor.execute("SELECT * FROM users WHERE name = '" + name + "'")
      │     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    3 │     return cursor

    Whoever controls the name controls the query.

    Pass it as a parameter.

    How it gets there
    1. app/db.py:1:10  `name` comes from the caller
    2. app/db.py:2:5  it becomes part of a query

    Fix: pass the value as a parameter (checked: parses, finding gone)
    -     cursor.execute("SELECT * FROM users WHERE name = '" + name + "'")
    +     cursor.execute("SELECT * FROM users WHERE name = ?", (name,))
"""
        in text
    )


def test_the_summary_counts_findings_and_says_what_was_and_was_not_reviewed():
    """At the end, where the eye rests."""
    end = shown(report()).split("\n\n")[-2:]
    assert (
        end[0]
        == """\
3 findings in 2 files: 1 critical, 1 high, 1 low
2 findings at or above high fail this review (--fail-on).
4 files reviewed by ruff, secrets, taint.
8 of 9 functions reviewed by qwen2.5-coder:1.5b (3 from cache).
1 suppressed (--show-suppressed)"""
    )
    assert end[1] == "Not reviewed\n  logo.png  binary\n  app/db.py:9  slow: no time left\n"


def test_the_file_with_the_most_serious_finding_comes_first():
    """And within a file the most serious, then the surest finding."""
    findings = (
        finding(location=at("low.py"), severity=Severity.LOW, message="third"),
        finding(location=at("bad.py"), severity=Severity.MEDIUM, confidence=0.2, message="second"),
        finding(location=at("bad.py"), severity=Severity.CRITICAL, message="first"),
    )
    text = shown(report(findings=findings))
    assert text.startswith("bad.py · 2 findings\n")
    assert text.index("first") < text.index("second") < text.index("third")


def test_without_the_source_the_quote_is_shown():
    """With its line numbers, indented as it was relative to its first line."""
    assert "    2 │ cursor.execute(" in one()
    assert "^" not in one()
    quote = "if a:\n            b()"
    assert "\n    2 ┃ if a:\n    3 ┃     b()\n" in one(
        quote=quote, location=Location(path="x.py", start_line=2, start_column=9, end_line=3, end_column=16)
    )


def test_a_source_that_changed_meanwhile_is_not_shown():
    """The quote is what was reviewed."""
    assert "    9 │ cursor.execute(" in one(location=at(line=9), sources={"app/db.py": SOURCE})


def test_long_code_is_cut_and_counted():
    """Eight lines are shown."""
    place = Location(path="x.py", start_line=1, start_column=1, end_line=20, end_column=2)
    text = one(location=place, sources={"x.py": "a\n" * 20}, fix=None)
    assert "8 ┃ a\n      │ … 12 more lines\n" in text
    assert "9 ┃" not in text


@pytest.mark.parametrize("column", [1, 150, 290])
@pytest.mark.parametrize("width", [60, 200])
def test_the_mark_of_a_long_line_is_always_seen(column, width):
    """The line is cut around it, and the caret stands right below."""
    source = "x" * (column - 1) + "FAULT" + "y" * (300 - column)
    text = one(location=at(line=1, column=column), sources={"app/db.py": source}, width=width, fix=None)
    code, caret = next(
        (line, below) for line, below in zip(text.split("\n"), text.split("\n")[1:], strict=False) if "FAULT" in line
    )
    assert caret.index("^") == code.index("FAULT")
    assert caret.count("^") == 5


def test_the_caret_stands_right_below_wide_characters_and_tabs():
    """Columns are code points, cells are not."""
    text = one(location=at(line=1, column=4, width=2), sources={"app/db.py": "\t日本語x"}, fix=None)
    assert "1 │     日本語x\n      │         ^^^\n" in text


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("sources", [None, {"app/db.py": SOURCE}])
def test_no_line_is_wider_than_the_console_or_ends_in_blanks(width, sources):
    """Also the fix, which is folded and never cut."""
    text = shown(report(), width=width, sources=sources, show_suppressed=True, verbose=True)
    assert max(map(len, text.split("\n"))) <= width
    assert not re.search(r" \n", text)
    assert "(name,))" in re.sub(r"\n +", "", text)


def test_text_of_others_cannot_steer_the_terminal():
    """Neither by escape sequences nor by turning the direction of text."""
    evil = "\x1b]0;owned\x07 \x9b2J \u202egnp.exe \r hidden"
    text = one(message=evil, quote=evil, explanation=evil, rule=evil, location=at(evil), symbol=evil)
    assert not STEERING.search(text)
    assert "␛]0;owned␇" in text
    assert "<U+202E>gnp.exe" in text


def test_text_of_others_is_no_markup():
    """Brackets are brackets, on a terminal with colour too."""
    assert "[bold red]x[/] :smile:" in one(message="[bold red]x[/] :smile:")


def test_colour_is_left_to_the_console():
    """None without a terminal, some with one."""
    assert "\x1b[" not in shown(report())
    text = shown(report(), force_terminal=True, color_system="standard", legacy_windows=False)
    assert "\x1b[1;31m HIGH " in text
    assert "\x1b[0m\x1b[1mcursor.execute(" in text  # the code is not in the colour of its number


def test_the_line_of_a_secret_is_never_printed():
    """Not as its own frame, not as context or quote of another finding, not in a fix."""
    source = 'a = 1\nkey = "AKIAVERYSECRET"\nb = 2\n'
    secret = finding(category=Category.SECRET, location=at("k.py", 2), quote="AKIAVERYSECRET", message="A key")
    near = finding(location=at("k.py", 1, 1, width=1), fix=None)
    edit = Edit(location=at("k.py", 2), replacement="os.environ['KEY']")
    same = finding(location=at("k.py", 2), fix=Fix(description="read it", edits=(edit,), source="rule"))
    for sources in (None, {"k.py": source}):
        text = shown(report(findings=(secret, near, same), suppressed=()), sources=sources)
        assert "AKIA" not in text
        assert "2 │ ••••" in text
    assert "AKIA" not in shown(report(findings=(near, same), suppressed=(secret,)), sources={"k.py": source})


def test_a_console_that_knows_only_ascii_gets_only_ascii():
    """Symbols have a plain form."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    place = Location(path="x.py", start_line=1, start_column=1, end_line=20, end_column=2)
    each = report(findings=(finding(location=place, quote="a\n" * 20), finding(quote="x" * 100)))
    render_text(each, Console(file=stream, width=60), show_suppressed=True, verbose=True)
    stream.flush()
    assert b"> a" in stream.buffer.getvalue()


def test_suppressed_findings_are_listed_where_asked():
    """With who suppressed them and why."""
    assert "checked by hand" not in shown(report())
    text = shown(report(), show_suppressed=True, width=120)
    assert "low app/db.py:3:5  model-slip  The rows are never fetched (comment: checked by hand)" in text


def test_verbose_adds_rule_page_engines_model_and_time():
    """And the whole fingerprint."""
    model = ModelUsed(name="qwen", runtime="embedded", why="the default", calls=3, prompt_tokens=1234)
    rule = report().rules["py-sql-injection"].model_copy(update={"help_url": "https://rules.example/sql"})
    each = report(model=model, timings=Timings(static_s=0.5, total_s=2), rules={"py-sql-injection": rule})
    text = shown(each, verbose=True)
    assert "seen by taint" in text
    assert "v1:0123456789abcdef" in text
    assert "https://rules.example/sql" in text
    assert "Model qwen on embedded: the default" in text
    assert "3 calls, 1,234 tokens read" in text
    assert "0.50 static" in text
    assert "in 2.0 s" in shown(each)


def test_a_clean_review_says_so_and_an_incomplete_one_never_does():
    """What was not reviewed is counted in the same sentence."""
    assert shown(empty()).startswith("No findings.\n2 files reviewed by ruff.\n")
    skipped = tuple(FileSkipped(path=f"f{n}", reason="binary") for n in range(3))
    text = shown(empty(files_skipped=skipped, model_notice="no model here"))
    assert text.startswith("No findings in what was reviewed; 3 not reviewed.\n")
    assert "  model  no model here\n" in text
    assert shown(empty(model_notice="x")).startswith("No findings in what was reviewed; no model was asked.\n")
    nothing = empty().model_copy(update={"coverage": empty().coverage.model_copy(update={"files": 0})})
    assert shown(nothing) == "Nothing to review.\n"


def test_a_long_list_of_what_was_not_reviewed_is_cut():
    """Ten are named, all of them in verbose."""
    each = empty(files_skipped=tuple(FileSkipped(path=f"f{n}", reason="binary") for n in range(14)))
    assert "  … and 4 more, see --format json\n" in shown(each)
    assert "f13" not in shown(each)
    assert "f13" in shown(each, verbose=True)


def test_what_was_left_out_is_counted():
    """Thresholds, limits, dropped claims, idle suppressions, project settings."""
    each = empty(findings_under_thresholds=2, findings_over_limit=1, claims_dropped=4, files_ignored=7)
    each = each.model_copy(
        update={"unused_suppressions": tuple(f"a.py:{n}" for n in range(12)), "project_settings": ("review.fail_on",)}
    )
    text = shown(each, width=300, verbose=True)
    assert "2 under the thresholds · 1 over --max-findings · 4 model claims dropped" in text
    assert "Suppressions that hid nothing: a.py:0," in re.sub(r"\n", " ", text)
    assert "and 2 more" in text
    assert "review.fail_on" in text
    assert "7 files left out by ignore rules." in text


@pytest.mark.parametrize(
    ("certain", "shows"),
    [
        ((0.2, 0.4), ": --profile thorough shows them"),
        ((0.1, 0.4), ": --profile thorough shows some"),
        ((0.1, 0.1), ""),
    ],
)
def test_what_is_under_the_thresholds_says_how_serious_it_is_and_what_shows_it(certain, shows):
    """No advice where the thorough profile leaves it out too: so in a thorough review."""
    assert REVIEW_PROFILES["thorough"]["review.min_confidence"] == 0.2
    assert REVIEW_PROFILES["thorough"]["review.min_severity"] == Severity.INFO
    found = [finding(severity=Severity.MEDIUM, confidence=each) for each in certain] + [finding(confidence=certain[0])]
    each = empty(findings_under_thresholds=3, under_thresholds=UnderThresholds.of(found))
    assert f"3 under the thresholds (1 high){shows}\n" in shown(each)


def test_the_time_of_the_engines_and_of_the_model_are_told_apart():
    """Nobody waits for ruff for forty seconds."""
    text = shown(report(timings=Timings(collect_s=0.1, static_s=0.4, model_s=39.7, total_s=40.2)))
    assert "reviewed by ruff, secrets, taint in 0.5 s.\n" in text
    assert "reviewed by qwen2.5-coder:1.5b (3 from cache) in 39.7 s.\n" in text


def test_code_outside_of_functions_that_was_not_reviewed_is_named():
    """It has no name of its own."""
    left = UnitCoverage(path="a.py", symbol="", start_line=1, end_line=9, outcome="out_of_time", reason="no time left")
    assert "  a.py:1  code outside of functions: no time left\n" in shown(empty(units_not_reviewed=(left,)))
    skipped = FileSkipped(path="b.py", reason="binary")
    assert "  b.py  binary\n" in shown(empty(files_skipped=(skipped,)))


def test_what_fails_is_said_only_if_it_does():
    """`never` fails nothing."""
    assert "--fail-on" not in shown(report(fail_on="never"))
    assert "1 finding at or above critical fails" in shown(report(fail_on=Severity.CRITICAL))


def test_a_long_fix_is_cut():
    """Twenty lines are shown."""
    edit = Edit(location=finding().location, replacement="a\n" * 30)
    assert "… 12 more lines" in one(fix=Fix(description="d", edits=(edit,), source="model"))
    assert "(not checked)" in one(fix=Fix(description="d", edits=(edit,), source="model"))


@pytest.mark.parametrize(
    ("confidence", "words"), [(1.0, "very likely"), (0.8, "likely"), (0.5, "possible"), (0.0, "doubtful")]
)
def test_a_confidence_has_words(confidence, words):
    """Beside the percentage."""
    assert certainty(confidence) == words


@given(hostile_reports, st.sampled_from([20, 60, 200]), hostile_text)
@settings(max_examples=30, deadline=None)
def test_any_report_is_printed_without_steering_the_terminal(each, width, source):
    """At any width, with any source, and every finding has its line."""
    sources = {finding.location.path: source for finding in each.findings[:1]}
    text = shown(each, width=width, sources=sources, show_suppressed=True, verbose=True)
    assert not STEERING.search(text)
    assert sum(text.count(f" {severity.upper()}") for severity in Severity) >= len(each.findings)
