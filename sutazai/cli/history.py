"""`sutazai history`: earlier runs, and the report of one of them."""

import json
from typing import Annotated

import typer

from sutazai.cli import output
from sutazai.cli.session import run_async
from sutazai.errors.store import RunMissing
from sutazai.sdk.ports import RunRecord
from sutazai.settings.load import load_settings

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@command.command()
def history(
    run: Annotated[str, typer.Argument(help="Show the report of this run (a unique beginning of its id).")] = "",
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many runs to list.")] = 20,
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List earlier runs, or show one.

    **Examples**: `sutazai history`, `sutazai history 3f9a --json`
    """
    if run:
        _show(run, as_json=json_)
        return
    runs = run_async(_runs(limit))
    if json_:
        output.write(json.dumps([_row(each) for each in runs], indent=2) + "\n")
    elif not runs:
        output.write("No runs yet: `sutazai review FILE` makes the first.\n")
    else:
        output.write("".join(_line(each) for each in runs))


def _show(run: str, *, as_json: bool) -> None:
    record = run_async(_one(run))
    if record is None:
        raise RunMissing(run)
    if as_json or not record.report:
        output.write(json.dumps(record.report, indent=2) + "\n")
        return
    from sutazai.cli.report_text import render_text  # noqa: PLC0415 (loaded only when used)
    from sutazai.review.report import ReviewReport  # noqa: PLC0415

    console = output.console()
    with console.capture() as captured:
        render_text(ReviewReport.stored(record.report), console, show_suppressed=False, verbose=False)
    output.write(captured.get())


async def _runs(limit: int) -> list[RunRecord]:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(load_settings()) as runtime:
        return await (await runtime.resources.history()).runs(limit=limit)


async def _one(run: str) -> RunRecord | None:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(load_settings()) as runtime:
        return await (await runtime.resources.history()).get(run)


def _row(run: RunRecord) -> dict[str, object]:
    return {
        "id": run.id,
        "capability": run.capability,
        "started_at": run.started_at.isoformat(),
        "seconds": round(run.seconds, 3),
        "root": run.root,
        "summary": run.summary,
        "exit_code": run.exit_code,
    }


def _line(run: RunRecord) -> str:
    when = run.started_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return output.printable(f"{run.id[:12]:<14}{when}  {run.seconds:7.1f} s  exit {run.exit_code}  {run.summary}\n")
