"""`sutazai run CAPABILITY --input FILE`: any capability of any installed agent, JSON in, JSON out."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import BaseModel

from sutazai.cli import output
from sutazai.cli.live import view
from sutazai.cli.session import run_async
from sutazai.errors.base import ExitCode
from sutazai.errors.files import TargetMissing, TargetUnreadable
from sutazai.errors.usage import UsageError
from sutazai.sdk.agent import Recorded
from sutazai.settings.load import load_settings

_MAX_INPUT_BYTES: Final = 20_000_000
command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@command.command()
def run(
    capability: Annotated[str, typer.Argument(help="For example code.review; `sutazai agents` lists them.")],
    *,
    input_file: Annotated[str, typer.Option("--input", "-i", metavar="FILE", help="JSON request; `-` is stdin.")] = "",
    events: Annotated[bool, typer.Option("--events", help="Write every event as a line of JSON instead.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, warnings only.")] = False,
) -> int:
    """Run any capability with a JSON request; the result is JSON on stdout.

    **Example**: `echo '{"paths": ["app.py"]}' | sutazai run code.review --input -`
    """
    request = _request(input_file)
    with view(quiet=quiet or events, verbose=False) as sink:
        result = run_async(_run(capability, request, _line if events else sink))
    if not events:
        output.write(result.model_dump_json(indent=2, by_alias=True) + "\n")
    return result.outcome() if isinstance(result, Recorded) else ExitCode.CLEAN


def _line(event: Any) -> None:
    output.write(event.model_dump_json(by_alias=True) + "\n")


async def _run(capability: str, request: dict[str, Any], sink: Any) -> BaseModel:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(load_settings()) as runtime:
        return await runtime.run(capability, request, on_event=sink)


def _request(file: str) -> dict[str, Any]:
    if not file:
        return {}
    try:
        found = json.loads(_bounded(file))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the input is not JSON: {error}", hint="`sutazai agents CAPABILITY` prints its schema"
        ) from error
    if not isinstance(found, dict):
        raise UsageError("the input is not a JSON object", hint="`sutazai agents CAPABILITY` prints its schema")
    return found


def _bounded(file: str) -> bytes:
    if file == "-":
        data = sys.stdin.buffer.read(_MAX_INPUT_BYTES + 1)
    else:
        try:
            with Path(file).open("rb") as stream:
                data = stream.read(_MAX_INPUT_BYTES + 1)
        except FileNotFoundError as error:
            raise TargetMissing(file) from error
        except OSError as error:
            raise TargetUnreadable(file, error.strerror or str(error)) from error
    if len(data) > _MAX_INPUT_BYTES:
        raise UsageError(f"the input is larger than {_MAX_INPUT_BYTES // 1_000_000} MB", hint="send less")
    return data
