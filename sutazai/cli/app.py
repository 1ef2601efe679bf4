"""The command tree. A command's module is imported when it is called, or to list it in the help."""

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from sutazai import __version__
from sutazai.errors.usage import nearest

if TYPE_CHECKING:
    from typer._click import Command, Context

COMMANDS: Final = {
    "review": "sutazai.cli.review",
    "fix": "sutazai.cli.fix",
    "explain": "sutazai.cli.explain",
    "docs": "sutazai.cli.docs",
    "ask": "sutazai.cli.ask",
    "chat": "sutazai.cli.chat",
    "history": "sutazai.cli.history",
    "feedback": "sutazai.cli.feedback",
    "agents": "sutazai.cli.agents",
    "run": "sutazai.cli.run",
    "models": "sutazai.cli.models",
    "doctor": "sutazai.cli.doctor",
    "config": "sutazai.cli.config",
    "cache": "sutazai.cli.cache",
    "resident": "sutazai.cli.resident",
}


class _LazyGroup(TyperGroup):
    """Loads the module of a command when it is needed. Each module has a `command: typer.Typer`."""

    def list_commands(self, ctx: "Context") -> list[str]:  # noqa: ARG002 (the base's form)
        return list(COMMANDS)

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            ctx.fail(f"no such command {args[0][:80]!r}: {nearest(args[0], tuple(COMMANDS))}")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":  # noqa: ARG002 (the base's form)
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = get_command(import_module(COMMANDS[cmd_name]).command)
            self.commands[cmd_name].name = cmd_name
        return self.commands[cmd_name]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sutazai {__version__}")
        raise typer.Exit


def command() -> Any:
    """The whole command line as a callable command."""
    app = typer.Typer(
        cls=_LazyGroup,
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(sutazai)
    return get_command(app)


def sutazai(
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Private AI agents on your own hardware.

    `sutazai review FILE` reviews code with static engines and a local model; `sutazai docs add PATH` and `sutazai ask`
    answer questions from your documents, with citations. Nothing leaves this machine.

    **Examples**: `sutazai review src/`, `git diff | sutazai review -`, `sutazai doctor`
    """
