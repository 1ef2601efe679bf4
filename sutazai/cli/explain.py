"""`sutazai explain FILE:LINE`: what was found on a line, why it matters, and what the code around it does."""

from typing import Annotated, Any

import typer

from sutazai.cli import output
from sutazai.cli.live import view
from sutazai.cli.session import run_async
from sutazai.errors.usage import UsageError
from sutazai.review.explain import ExplainReport, ExplainRequest
from sutazai.settings.load import Loaded, load_settings

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@command.command()
def explain(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE", help="The line to explain.")],
    *,
    no_model: Annotated[bool, typer.Option("--no-model", help="Only what the engines and rules say.")] = False,
    model: Annotated[str | None, typer.Option("--model", help="Model name, or path to a .gguf file.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, warnings only.")] = False,
) -> None:
    """Explain one line: the findings there, their rules, and the code around it.

    **Example**: `sutazai explain app.py:42`
    """
    path, _, line = place.rpartition(":")
    if not path or not line.isdecimal() or int(line) < 1:
        raise UsageError(f"{place!r} is not FILE:LINE", hint="for example: sutazai explain app.py:42")
    request = ExplainRequest(path=path, line=int(line), model=not no_model)
    loaded = load_settings({"model.name": model})
    with view(quiet=quiet, verbose=False) as sink:
        report = run_async(_explain(loaded, request, sink))
    output.write(report.model_dump_json(indent=2) + "\n" if json_ else _text(report))


async def _explain(loaded: Loaded, request: ExplainRequest, sink: Any) -> ExplainReport:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(loaded) as runtime:
        result = await runtime.run("code.explain", request, on_event=sink)
    assert isinstance(result, ExplainReport)  # noqa: S101 (narrows for mypy)
    return result


def _text(report: ExplainReport) -> str:
    console = output.console()
    with console.capture() as captured:
        console.print(f"{report.path}:{report.line}  {report.symbol or 'module level'}", style="bold", markup=False)
        for finding in report.findings:
            rule = report.rules.get(finding.rule)
            head = f"\n{finding.severity} · {finding.rule} · {finding.message}"
            console.print(output.printable(head), style="yellow", markup=False)
            if rule is not None and rule.description:
                console.print(output.printable(rule.description), markup=False)
            if rule is not None and rule.help_url:
                console.print(rule.help_url, style="dim", markup=False)
        if not report.findings:
            console.print("\nNothing was found on this line.", style="dim")
        if report.text:
            console.print(f"\n{report.model} says:", style="dim", markup=False)
            console.print(output.printable(report.text), markup=False)
    return captured.get()
