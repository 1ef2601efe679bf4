"""`sutazai review`: flags into a request, the report into the format asked for."""

import re
import sys
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from sutazai.cli import output, talk
from sutazai.cli.live import view
from sutazai.cli.session import run_async
from sutazai.errors.files import TargetUnreadable
from sutazai.errors.usage import UsageError
from sutazai.review.report import ReviewReport
from sutazai.review.request import ReviewRequest
from sutazai.sdk.finding import Severity
from sutazai.settings.load import Loaded, load_settings

_MAX_STDIN_BYTES: Final = 20_000_000
_DIFF: Final = re.compile(rb"(\xef\xbb\xbf)?\s*(diff --git|--- |Index: )")
_HELP: Final = """\
Review files, folders, a diff, or what is staged in git.

Static findings come at once; then a local model looks at each function. Exit code 1 means: findings at or above
`--fail-on`. Nothing leaves this machine.

**Examples**

- `sutazai review app.py` — one file
- `sutazai review src/ --exclude 'tests/'` — a folder; ignored files stay out
- `git diff | sutazai review -` — only what changed
- `sutazai review --staged --no-model` — before a commit, in a second
- `sutazai review --diff main --format sarif -o review.sarif` — a branch, for code scanning
"""

_FORMAT_HELP: Final = "text, json, jsonl, sarif, markdown, github, gitlab or junit."

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


class Format(StrEnum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"


class FailOn(StrEnum):
    """What fails a review."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    NEVER = "never"


class StdinKind(StrEnum):
    """How stdin is taken."""

    AUTO = "auto"
    SOURCE = "source"
    DIFF = "diff"


@command.command(help=_HELP)
def review(  # noqa: PLR0913 (each parameter is a flag)
    paths: Annotated[list[str] | None, typer.Argument(help="Files and folders; `-` reads stdin.")] = None,
    *,
    staged: Annotated[bool, typer.Option("--staged", help="What git would commit now, changed lines only.")] = False,
    diff: Annotated[str, typer.Option("--diff", metavar="BASE", help="What changed since this revision.")] = "",
    commits: Annotated[str, typer.Option("--commits", metavar="A..B", help="The changes of a commit range.")] = "",
    stdin_filename: Annotated[str, typer.Option(help="The name of source text read from stdin.")] = "",
    stdin_kind: Annotated[StdinKind, typer.Option(help="How stdin is taken.")] = StdinKind.AUTO,
    format_: Annotated[Format, typer.Option("--format", "-f", metavar="FORMAT", help=_FORMAT_HELP)] = Format.TEXT,
    output_file: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write the report here.")] = "",
    no_model: Annotated[bool, typer.Option("--no-model", help="Static engines only.")] = False,
    model: Annotated[str | None, typer.Option("--model", help="Model name, or path to a .gguf file.")] = None,
    runtime: Annotated[str | None, typer.Option(help="auto, ollama or embedded.")] = None,
    require_model: Annotated[bool, typer.Option("--require-model", help="Exit 3 where no model can be had.")] = False,
    require_complete: Annotated[
        bool, typer.Option("--require-complete", help="Exit 5 where anything was not reviewed.")
    ] = False,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Model time; the riskiest code first. 0: no limit.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="How much to report: quiet, default or thorough.")
    ] = None,
    min_severity: Annotated[
        Severity | None,
        typer.Option(metavar="LEVEL", help="Leave out what is less serious: critical, high, medium, low, info."),
    ] = None,
    min_confidence: Annotated[float | None, typer.Option(help="Leave out what is less certain, 0 to 1.")] = None,
    fail_on: Annotated[
        FailOn | None, typer.Option(metavar="LEVEL", help="The severity that makes the exit code 1, or never.")
    ] = None,
    max_findings: Annotated[int | None, typer.Option(help="Model findings per file, the surest first.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="A gitignore pattern to leave out; repeatable.")] = None,
    engine: Annotated[list[str] | None, typer.Option(help="Only this static engine; repeatable.")] = None,
    baseline: Annotated[str | None, typer.Option(metavar="FILE", help="Leave out the findings known here.")] = None,
    write_baseline: Annotated[str, typer.Option(metavar="FILE", help="Write the findings here as known.")] = "",
    show_suppressed: Annotated[bool, typer.Option("--show-suppressed", help="Show suppressed ones too.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Look at everything anew.")] = False,
    hook: Annotated[
        bool, typer.Option("--hook", help="As a commit hook: staged changes, no download, a short time limit.")
    ] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", help="Engines at work at once. 0: one per core.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, warnings only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say which model was chosen, and why.")] = False,
) -> int:
    """The exit code of one review."""
    if output_file:
        output.check(output_file)
    if no_model and require_model:
        raise UsageError("--no-model and --require-model exclude one another", hint="give one of them")
    loaded = load_settings(
        {
            "model.name": model,
            "model.runtime": runtime,
            "model.download": False if hook else None,
            "offline": offline or None,
            "review.jobs": jobs,
            "review.profile": profile,
            "review.fail_on": fail_on and fail_on.value,
            "review.min_severity": min_severity and min_severity.value,
            "review.min_confidence": min_confidence,
            "review.max_findings": max_findings,
            "review.time_limit_s": time_limit,
            "review.exclude": tuple(exclude) if exclude else None,
            "review.engines": tuple(engine) if engine else None,
            "review.baseline": baseline,
        }
    )
    request = ReviewRequest(
        **_origin(list(paths or ()), staged=staged or hook, diff=diff, commits=commits, kind=stdin_kind),
        stdin_filename=stdin_filename.encode("utf-8", "replace").decode(),
        stdin_kind=stdin_kind.value,
        model=not no_model,
        cache=not no_cache and loaded.settings.cache.enabled,
        write_baseline=write_baseline,
        require_model=require_model,
        require_complete=require_complete,
        time_limit_s=loaded.settings.review.hook_time_limit_s if hook and time_limit is None else None,
    )
    if format_ is not Format.TEXT or output_file:  # the end of a text report says it
        _name_project_settings(loaded, quiet=quiet)
    with view(quiet=quiet or hook, verbose=verbose) as sink:
        report = run_async(_review(loaded, request, sink))
    _write(report, format_, output_file, show_suppressed=show_suppressed, verbose=verbose)
    if staged and not (quiet or hook):
        _name_unstaged(report)
    return report.outcome()


def _origin(paths: list[str], *, staged: bool, diff: str, commits: str, kind: StdinKind) -> dict[str, Any]:
    """The one place that the code comes from."""
    given = [
        name
        for name, there in (("paths", paths), ("--staged", staged), ("--diff", diff), ("--commits", commits))
        if there
    ]
    if len(given) > 1 and given[0] != "paths":
        raise UsageError(f"{' and '.join(given)} exclude one another", hint="give one of them")
    if "-" in paths:
        if len(paths) > 1 or len(given) > 1:
            raise UsageError("stdin (`-`) stands alone", hint="review the files in a second call")
        return {"stdin": _stdin(kind)}
    return {"paths": tuple(paths), "staged": staged, "diff_base": diff, "commits": commits}


def _stdin(kind: StdinKind) -> str:
    data = sys.stdin.buffer.read(_MAX_STDIN_BYTES + 1)
    if len(data) > _MAX_STDIN_BYTES:
        raise UsageError(f"stdin holds more than {_MAX_STDIN_BYTES // 1_000_000} MB", hint="review it in parts")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if kind is not StdinKind.SOURCE and _DIFF.match(data):
            return data.decode("utf-8-sig", "replace")  # one odd file must not cost the others their review
        raise TargetUnreadable("stdin", f"it is not UTF-8 text: {error.reason} at byte {error.start}") from error


def _name_project_settings(loaded: Loaded, *, quiet: bool) -> None:
    if loaded.project and not quiet:
        origin = next(iter(loaded.project.values()))
        talk.say(f"settings of the project apply: {', '.join(sorted(loaded.project))} ({origin})")


def _name_unstaged(report: ReviewReport) -> None:
    coverage = report.coverage
    if not (coverage.files or coverage.files_skipped or coverage.files_ignored):
        talk.say("nothing is staged: `git add` the changes first, or review them with `--diff HEAD`")


async def _review(loaded: Loaded, request: ReviewRequest, sink: Any) -> ReviewReport:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(loaded) as runtime:
        result = await runtime.run("code.review", request, on_event=sink)
    assert isinstance(result, ReviewReport)  # noqa: S101 (narrows for mypy)
    return result


def _write(report: ReviewReport, format_: Format, file: str, *, show_suppressed: bool, verbose: bool) -> None:
    if format_ is Format.TEXT:
        from sutazai.cli.report_text import render_text  # noqa: PLC0415 (loaded only when used)
        from sutazai.cli.sources import SourcesOnDisk  # noqa: PLC0415

        console = output.console(file=file)
        with console.capture() as captured:
            sources = SourcesOnDisk(report)
            render_text(report, console, show_suppressed=show_suppressed, verbose=verbose, sources=sources)
        output.write(captured.get(), file=file)
        return
    from sutazai.review.formats import FORMATS  # noqa: PLC0415 (loaded only when used)

    output.write(FORMATS[format_.value](report, show_suppressed=show_suppressed), file=file)
