"""`sutazai fix`: flags into a request, patches as diffs, and a question for each of them where that is asked for."""

import sys
from typing import Annotated, Any, Final

import typer

from sutazai.cli import output, talk
from sutazai.cli.live import view
from sutazai.cli.session import run_async
from sutazai.errors.usage import UsageError
from sutazai.review.fixing.report import FixReport, Patch
from sutazai.review.fixing.request import FixRequest
from sutazai.settings.load import Loaded, load_settings

_HELP: Final = """\
Propose a fix for each finding, checked, as a diff.

A fix is offered only if the file still parses, the finding is gone, and no engine reports a new one. Nothing is written
without `--apply` or `--interactive`; `--undo` restores what the last call wrote. No check can tell whether what only a
model saw is gone: such a fix is a guess, which `--apply` leaves unless `--finding` or `--guesses` asks for it. Exit
code 1 means: fixes are offered that were not applied.

**Examples**

- `sutazai fix app.py` — show what could be done
- `sutazai fix src/ --interactive` — ask for each fix
- `sutazai fix src/ --rule py-yaml-load --apply --test 'pytest -q'` — apply what keeps the tests green
- `sutazai fix --undo` — take it back
"""

_NOTHING: Final = "Nothing to restore: the files are as they were before the fixes.\n"

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@command.command(help=_HELP)
def fix(  # noqa: PLR0913 (each parameter is a flag)
    paths: Annotated[list[str] | None, typer.Argument(help="Files and folders on disk.")] = None,
    *,
    rule: Annotated[list[str] | None, typer.Option(help="Only findings of this rule; repeatable.")] = None,
    finding: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this finding: the beginning of its id; repeatable.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the fixes.")] = False,
    guesses: Annotated[
        bool, typer.Option("--guesses", help="Write fixes of findings that only a model saw too; needs --apply.")
    ] = False,
    interactive: Annotated[bool, typer.Option("--interactive", "-i", help="Ask for each fix: y, n or q.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Restore the files as they were before the last fixes.")] = False,
    test: Annotated[
        str, typer.Option(metavar="COMMAND", help="Keep only fixes with which this command passes. No shell.")
    ] = "",
    test_timeout: Annotated[float, typer.Option(metavar="SECONDS", help="Longest wait for one run of it.")] = 600,
    no_model: Annotated[bool, typer.Option("--no-model", help="Ask no model for findings or fixes.")] = False,
    model: Annotated[str | None, typer.Option("--model", help="Model name, or path to a .gguf file.")] = None,
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Model time. 0: no limit.")] = None,
    min_confidence: Annotated[float | None, typer.Option(help="Leave out what is less certain, 0 to 1.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="A gitignore pattern to leave out; repeatable.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Look at everything anew.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, warnings only.")] = False,
) -> int:
    """The exit code of one fix."""
    _check(list(paths or ()), apply=apply, guesses=guesses, interactive=interactive, undo=undo, test=test)
    loaded = load_settings(
        {
            "model.name": model,
            "review.time_limit_s": time_limit,
            "review.min_confidence": min_confidence,
            "review.exclude": tuple(exclude) if exclude else None,
        }
    )
    request = FixRequest(
        paths=tuple(paths or ()),
        only_rules=tuple(rule or ()),
        only_findings=tuple(finding or ()),
        model=not no_model,
        apply=apply,
        guesses=guesses,
        undo=undo,
        test=test if apply else "",
        test_timeout_s=test_timeout,
        cache=not no_cache and loaded.settings.cache.enabled,
    )
    report = _run(loaded, request, quiet=quiet)
    if interactive and report.patches:
        report = _asked(loaded, request.model_copy(update={"test": test}), report, quiet=quiet)
    text = _text(report, known=interactive) if report.restored or not undo else _NOTHING
    output.write(report.model_dump_json(indent=2, by_alias=True) + "\n" if json_ else text)
    return report.outcome()


def _check(paths: list[str], *, apply: bool, guesses: bool, interactive: bool, undo: bool, test: str) -> None:
    asked = [n for n, on in (("--apply", apply), ("--interactive", interactive), ("--undo", undo)) if on]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} exclude one another", hint="give one of them")
    if "-" in paths:
        raise UsageError("fixes are for files on disk, not for stdin", hint="name the files")
    if interactive and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("--interactive needs a terminal", hint="use --apply, or leave it out to see the fixes")
    if guesses and not apply:
        raise UsageError("--guesses is for --apply", hint="give both, or --interactive to be asked for each fix")
    if test and not (apply or interactive):
        from sutazai.errors.fixes import ApplyNeeded  # noqa: PLC0415 (loaded only when used)

        raise ApplyNeeded


def _run(loaded: Loaded, request: FixRequest, *, quiet: bool) -> FixReport:
    with view(quiet=quiet, verbose=False) as sink:
        return run_async(_fix(loaded, request, sink))


async def _fix(loaded: Loaded, request: FixRequest, sink: Any) -> FixReport:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(loaded) as runtime:
        result = await runtime.run("code.fix", request, on_event=sink)
    assert isinstance(result, FixReport)  # noqa: S101 (narrows for mypy)
    return result


def _asked(loaded: Loaded, request: FixRequest, report: FixReport, *, quiet: bool) -> FixReport:
    """The report after the chosen patches were applied; the others stay offered."""
    chosen = _choose(report.patches)
    if not chosen:
        return report
    apply = request.model_copy(update={"apply": True, "patches": tuple(chosen)})
    done = _run(loaded, apply, quiet=quiet)
    after = {each.id: each for each in done.patches}
    patches = tuple(after.get(each.id, each) for each in report.patches)
    changes = {"patches": patches, "written": done.written, "not_written": done.not_written, "test": done.test}
    return report.model_copy(update=changes)


def _choose(patches: tuple[Patch, ...]) -> list[Patch]:
    from sutazai.cli.fix_text import print_patch  # noqa: PLC0415 (loaded only when used)

    chosen, console = [], talk.console()
    for number, patch in enumerate(patches, 1):
        print_patch(patch, console)
        answer = _answer(f"Apply this fix ({number} of {len(patches)})? [y,n,q] ")
        if answer == "q":
            break
        if answer == "y":
            chosen.append(patch)
    return chosen


def _answer(question: str) -> str:
    """y, n or q; the end of the input is q."""
    while True:
        sys.stderr.write(question)
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            return "q"
        answer = line.strip().lower()[:1]
        if answer in {"y", "n", "q"}:
            return answer


def _text(report: FixReport, *, known: bool) -> str:
    from sutazai.cli.fix_text import print_report  # noqa: PLC0415 (loaded only when used)

    console = output.console()
    with console.capture() as captured:
        print_report(report, console, known=known)
    return captured.get()
