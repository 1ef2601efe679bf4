"""Fixes as text for people."""

import io

from rich.console import Console

from sutazai.cli.fix_text import print_report
from sutazai.review.fixing.report import FileProblem, FixReport, NotOffered, Patch, TestRun
from sutazai.review.report import Coverage, FileSkipped
from sutazai.sdk.finding import Fix
from tests.support.reports import finding

EVIL = "\x1b]0;owned\x07[bold]x[/]\u202e"


def text_of(report: FixReport) -> str:
    stream = io.StringIO()
    print_report(report, Console(file=stream, width=80, color_system=None, force_terminal=True))
    return stream.getvalue()


def patch(**changes: object) -> Patch:
    fix = Fix(description="write it so", edits=(), source="model", verified=("parses",))
    whole = {"id": "1", "finding": finding(), "fix": fix, "origin": "finding", "diff": "--- a\n+++ b\n-x\n+y\n"}
    return Patch.model_validate(whole | changes)


def test_everything_that_was_not_done_is_listed_with_its_reason() -> None:
    """Long lists end with how many more there are."""
    report = FixReport(
        findings=30,
        patches=(patch(left="the tests fail with it"), patch(applied=True)),
        not_offered=tuple(NotOffered(finding=finding(), reason=f"reason {n}") for n in range(25)),
        not_written=(FileProblem(path="b.py", reason="no room"),),
        written=("c.py",),
        test=TestRun(command="pytest -q", runs=3),
        model_notice="it is not trusted",
        coverage=Coverage(
            files_skipped=(
                FileSkipped(path="d.py", reason="binary file"),
                FileSkipped(path="e.py", reason="nested too deep", engine="taint"),
            )
        ),
    )
    text = text_of(report)
    for part in (
        "Fix by the model's expectation: write it so (checked: parses) · not applied: the tests fail with it",
        "(checked: parses) · applied",
        "reason 19",
        "and 5 more, see --json",
        "b.py: no room",
        "30 findings, 2 with a fix, 1 applied.",
        "Written: c.py.",
        "`pytest -q` does not pass (3 runs).",
        "No fixes written by a model: it is not trusted.",
        "Not looked at: d.py: binary file; e.py: taint: nested too deep.",
    ):
        assert part in text
    assert "reason 20" not in text


def test_a_guess_of_the_model_is_named_and_the_end_says_how_to_apply_it() -> None:
    """What the model expects is no fix that a model wrote: both stand in one report without contradiction."""
    only_seen_by_it = finding(engines=("model:probe",))
    guess = patch(finding=only_seen_by_it, left="unsure")
    text = text_of(FixReport(findings=2, patches=(guess, patch(applied=True)), model_notice="it is not trusted"))
    assert "write it so (a guess of the model; checked: parses) · not applied: unsure" in text
    assert text.count("a guess of the model;") == 1
    assert "2 findings, 2 with a fix, 1 applied.\n1 of them is a guess of the model that `--apply` leaves:" in text
    assert "`--apply --finding ID` writes one, `--apply --guesses` all of them." in text
    text = text_of(FixReport(findings=2, patches=(guess, guess)))
    assert "2 of them are guesses of the model" in text
    written = patch(origin="model")
    assert "Fix written by a model: write it so" in text_of(FixReport(patches=(written,)))
    assert "`--guesses`" not in text_of(FixReport(patches=(patch(finding=only_seen_by_it, applied=True),)))


def test_no_text_steers_the_terminal_or_is_taken_for_markup() -> None:
    report = FixReport(
        patches=(patch(diff=f"-{EVIL}\n", finding=finding(message=EVIL)),),
        not_offered=(NotOffered(finding=finding(), reason=EVIL),),
        written=(EVIL,),
        model_notice=EVIL,
    )
    text = text_of(report)
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert text.count("[bold]x[/]") == 5
