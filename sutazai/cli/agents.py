"""`sutazai agents`: the installed agents, their capabilities, and the JSON schema of an input."""

import json
from typing import Annotated

import typer

from sutazai.cli import output, talk
from sutazai.sdk.agent import Agent

command = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@command.command()
def agents(
    capability: Annotated[str, typer.Argument(help="Print the input's JSON schema of this capability.")] = "",
    *,
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List installed agents and what they can do.

    **Examples**: `sutazai agents`, `sutazai agents code.review`
    """
    from sutazai.runtime.registry import Registry  # noqa: PLC0415 (loaded only when used)

    registry = Registry()
    if capability:
        schema = registry.capability(capability).request.model_json_schema()
        output.write(json.dumps(schema, indent=2) + "\n")
        return
    found, broken = registry.all()
    for error in broken:
        talk.problem(error.message, error.hint)
    output.write(json.dumps([_row(each) for each in found], indent=2) + "\n" if json_ else _text(found))


def _row(agent: Agent) -> dict[str, object]:
    return {
        "name": agent.name,
        "summary": agent.summary,
        "capabilities": [
            {"key": each.key, "summary": each.summary, "permissions": sorted(each.permissions)}
            for each in agent.capabilities.values()
        ],
    }


def _text(found: list[Agent]) -> str:
    lines = []
    for agent in found:
        lines.append(f"{agent.name}: {agent.summary}\n")
        lines += [f"  {each.key:<16} {each.summary}\n" for each in agent.capabilities.values()]
    return output.printable("".join(lines))
