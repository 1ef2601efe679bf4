"""`sutazai resident status|stop`: the process that has everything loaded, and starts commands at once."""

import json
import os
from contextlib import suppress
from typing import Annotated

import typer

from sutazai.cli import output, talk
from sutazai.errors.base import SutazAIError
from sutazai.settings.load import load_settings

command = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


@command.callback()
def resident() -> None:
    """Look at, or end, the background process that makes commands start at once.

    A command starts it for the next one; it ends after ten idle minutes. `sutazai config set resident false` keeps it
    from being started.

    **Examples**: `sutazai resident status`, `sutazai resident stop`
    """


@command.command()
def status(*, json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Say whether one is running.

    **Example**: `sutazai resident status --json`
    """
    from sutazai.resident.inventory import running  # noqa: PLC0415 (loaded only when used)

    found = running(os.environ)
    if json_:
        rows = [{"pid": r.pid, "since_s": round(r.since_s, 1), "memory_bytes": r.memory_bytes} for r in found]
        output.write(json.dumps(rows, indent=2) + "\n")
        return
    output.write("".join(f"{each.text()}\n" for each in found) or "none is running\n")


@command.command()
def stop() -> None:
    """End it; commands at work go on.

    **Example**: `sutazai resident stop`
    """
    from sutazai.resident.inventory import stop as stop_all  # noqa: PLC0415 (loaded only when used)

    ended = stop_all(os.environ)
    talk.say(f"ended: process {', '.join(str(each.pid) for each in ended)}" if ended else "none was running")


def keep_ready() -> None:
    """Starts a resident for the next command, where settings allow it. Silent: the command at hand is done."""
    if os.environ.get("CI"):
        return
    with suppress(SutazAIError):
        if load_settings().settings.resident:
            from sutazai.resident.launch import launch  # noqa: PLC0415 (loaded only when used)

            launch(os.environ)
