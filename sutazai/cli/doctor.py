"""`sutazai doctor`: what is here, what is missing, which model would answer and why, every folder in use."""

import json
from typing import Annotated

import typer

from sutazai.cli import output
from sutazai.cli.session import run_async
from sutazai.errors.base import ExitCode
from sutazai.settings.load import load_usable_settings

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")
_SIGNS = {"ok": "✓", "note": "·", "missing": "✗"}


@command.command()
def doctor(*, json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> int:
    """Look at this machine and say what works, what is missing and what to do about it.

    Exit code 2: settings cannot be used; 3: no model can be had, and everything static still works.

    **Example**: `sutazai doctor`
    """
    from sutazai.runtime.checkup import SETTINGS, checkup  # noqa: PLC0415 (loaded only when used)

    checks = run_async(checkup(*load_usable_settings()))
    if json_:
        rows = [{"name": c.name, "state": c.state, "text": c.text, "hint": c.hint} for c in checks]
        output.write(json.dumps(rows, indent=2) + "\n")
    else:
        for check in checks:
            hint = f"\n    → {check.hint}" if check.hint else ""
            output.write(output.printable(f"{_SIGNS[check.state]} {check.name}: {check.text}{hint}\n"))
    failed = {check.name for check in checks if check.state == "missing"}
    if SETTINGS in failed:
        return ExitCode.USAGE
    return ExitCode.MODEL if "model" in failed else ExitCode.CLEAN
