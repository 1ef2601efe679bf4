"""`sutazai feedback accept|dismiss ID`: what a person says of a finding; dismissed ones stay silent in this project."""

from typing import Annotated

import typer

from sutazai.cli import output
from sutazai.cli.session import run_async
from sutazai.errors.store import FindingMissing
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import History, Verdict
from sutazai.settings.load import load_settings

command = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


@command.callback()
def feedback() -> None:
    """Say that a finding is right or wrong; dismissed ones stay silent in this project.

    **Example**: `sutazai feedback dismiss 3f9a1c -m "checked by the proxy"`
    """


Id = Annotated[
    str, typer.Argument(help="The finding's fingerprint, or a unique beginning of it (with or without v1:).")
]
Reason = Annotated[str, typer.Option("--reason", "-m", help="Why.")]


@command.command()
def accept(fingerprint: Id, *, reason: Reason = "") -> None:
    """Say that a finding is right.

    **Example**: `sutazai feedback accept 3f9a1c`
    """
    _give(fingerprint, "accepted", reason)


@command.command()
def dismiss(fingerprint: Id, *, reason: Reason = "") -> None:
    """Say that a finding is wrong or not wanted: later reviews of this project suppress it.

    **Example**: `sutazai feedback dismiss 3f9a1c -m "the input is checked by the proxy"`
    """
    _give(fingerprint, "dismissed", reason)


def _give(fingerprint: str, verdict: str, reason: str) -> None:
    finding = run_async(_record(fingerprint, verdict, reason))
    at = finding.location
    output.write(output.printable(f"{verdict}: {finding.rule} at {at.path}:{at.start_line}\n"))


async def _record(fingerprint: str, verdict: str, reason: str) -> Finding:
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415 (loaded only when used)

    async with open_runtime(load_settings()) as runtime:
        resources = runtime.resources
        root, finding = await _found(await resources.history(), fingerprint.removeprefix("v1:"))
        given = Verdict(
            fingerprint=finding.fingerprint,
            rule=finding.rule,
            verdict=verdict,
            reason=reason,
            root=root,
            at=resources.clock.now(),
            engines=finding.engines,
            confidence=finding.confidence,
        )
        await (await resources.feedback()).add(given)
    return finding


async def _found(history: History, prefix: str) -> tuple[str, Finding]:
    """The finding of the newest run that has it, with the root it belongs to."""
    for listed in await history.runs(limit=200):
        run = await history.get(listed.id)
        reported = run.report.get("findings", []) + run.report.get("suppressed", []) if run else []
        matching = {each["fingerprint"]: each for each in reported if each["fingerprint"][3:].startswith(prefix)}
        if len(matching) == 1 and prefix:
            return listed.root, Finding.model_validate(next(iter(matching.values())))
        if matching:
            raise FindingMissing(prefix, len(matching))
    raise FindingMissing(prefix, 0)
