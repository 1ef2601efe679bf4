"""`sutazai config`: settings, their origins, the files they come from, and secrets."""

import json
import os
import sys
from typing import Annotated, Any

import typer

from sutazai.cli import output, talk
from sutazai.errors.usage import UnknownSetting, UsageError
from sutazai.settings.load import load_settings, value_of
from sutazai.settings.model import known_keys

command = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
Key = Annotated[str, typer.Argument(help="A dotted key, for example review.fail_on.")]


@command.callback()
def config() -> None:
    """Show and change settings.

    **Examples**: `sutazai config show --origin`, `sutazai config set review.fail_on medium`
    """


@command.command()
def show(
    *,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value came from.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print every setting in force.

    **Example**: `sutazai config show --origin`
    """
    loaded = load_settings()
    rows = {key: (value_of(loaded.settings, key), loaded.origins[key]) for key in known_keys()}
    if json_:
        data = {key: {"value": _plain(value), "origin": where} for key, (value, where) in rows.items()}
        output.write(json.dumps(data, indent=2) + "\n")
        return
    for key, (value, where) in rows.items():
        tail = f"  # {where}" if origin else ""
        output.write(output.printable(f"{key} = {json.dumps(_plain(value))}{tail}\n"))


@command.command()
def get(key: Key) -> None:
    """Print one setting.

    **Example**: `sutazai config get review.fail_on`
    """
    if key not in known_keys():
        raise UnknownSetting(key, "the command line", known_keys())
    output.write(output.printable(f"{_text(value_of(load_settings().settings, key))}\n"))


@command.command("set")
def set_(key: Key, value: Annotated[str, typer.Argument(help="The value; lists with commas or as JSON.")]) -> None:
    """Write a setting into your own file.

    **Example**: `sutazai config set review.exclude "vendor/,*.min.js"`
    """
    from sutazai.settings.edit import set_user_value  # noqa: PLC0415 (loaded only when used)
    from sutazai.settings.folders import folders  # noqa: PLC0415

    path = folders(os.environ).user_file
    understood = set_user_value(path, key, value)
    talk.say(f"{key} = {_text(understood)} in {path}")


@command.command()
def path() -> None:
    """Print the path of your settings file.

    **Example**: `$EDITOR "$(sutazai config path)"`
    """
    from sutazai.settings.folders import folders  # noqa: PLC0415 (loaded only when used)

    output.write(f"{folders(os.environ).user_file}\n")


@command.command()
def secret(
    name: Annotated[str, typer.Argument(help="For example ollama-api-key.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Forget it.")] = False,
) -> None:
    """Keep a secret in the system's keyring, or in an owner-only file where there is none. Read from stdin.

    **Example**: `sutazai config secret ollama-api-key < key.txt`
    """
    from sutazai.settings.folders import folders  # noqa: PLC0415 (loaded only when used)
    from sutazai.settings.secrets import Secrets  # noqa: PLC0415

    secrets = Secrets(folders(os.environ).config / "secrets.json", os.environ)
    if remove:
        secrets.remove(name)
        talk.say(f"{name} is forgotten")
        return
    value = typer.prompt(name, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not value.strip():
        raise UsageError("the secret is empty", hint=f"pipe it in: sutazai config secret {name} < FILE")
    talk.say(f"{name} is kept in {secrets.set(name, value.strip())}")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(_plain(value))
