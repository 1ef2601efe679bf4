"""`sutazai models`: what there is, fetching and removing weights, choosing one, measuring one."""

import json
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutazai.cli import output, talk
from sutazai.cli.live import View, view
from sutazai.cli.session import run_async
from sutazai.settings.load import Loaded, load_settings

if TYPE_CHECKING:
    from sutazai.sdk.profile import ModelProfile

command = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
Name = Annotated[str, typer.Argument(help="A name from `sutazai models list`.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@command.callback()
def models() -> None:
    """List, fetch, remove, choose and measure models.

    **Examples**: `sutazai models list`, `sutazai models pull qwen2.5-coder:1.5b`, `sutazai models bench --review`
    """


@command.command("list")
def list_(*, json_: Json = False) -> None:
    """List the models of the catalogue and of Ollama, and which one is used (marked `*`).

    **Example**: `sutazai models list`
    """
    rows = run_async(_rows(load_settings()))
    if json_:
        output.write(json.dumps(rows, indent=2) + "\n")
        return
    for row in rows:
        mark = "*" if row["used"] else " "
        purpose = ", for documents" if row["purpose"] == "embedding" else ""
        line = (
            f"{mark} {row['name']:<28}{row['size_bytes'] / 1e6:>8,.0f} MB  {row['runtime']:<9} {row['state']}{purpose}"
        )
        output.write(output.printable(f"{line}\n"))


@command.command()
def pull(name: Name, *, quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False) -> None:
    """Fetch the weights of a catalogue model, checked by their hash; goes on where it was stopped.

    **Example**: `sutazai models pull qwen2.5-coder:0.5b`
    """
    loaded = load_settings()
    with view(quiet=quiet, verbose=False) as sink:
        path = run_async(_pull(loaded, name, sink))
    talk.say(f"{name} is here: {path}")


@command.command()
def rm(name: Name) -> None:
    """Delete the weights of a catalogue model, and what an unfinished download left of them.

    **Example**: `sutazai models rm qwen2.5-coder:0.5b`
    """
    from sutazai.runtime.models import remove_weights  # noqa: PLC0415 (loaded only when used)

    freed = remove_weights(load_settings(), name)
    talk.say(f"{name}: {freed / 1e6:,.0f} MB freed" if freed else f"{name} was not here")


@command.command()
def show(name: Annotated[str, typer.Argument(help="Empty: the one in use.")] = "", *, json_: Json = False) -> None:
    """Show a model: where it is, its licence, and what it was measured to be good for.

    **Example**: `sutazai models show`
    """
    found = run_async(_shown(load_settings({"model.name": name or None})))
    if json_:
        output.write(json.dumps(found, indent=2) + "\n")
        return
    for key, value in found.items():
        text = value if isinstance(value, str) else json.dumps(value)
        output.write(output.printable(f"{key}: {text}\n"))


@command.command()
def use(name: Annotated[str, typer.Argument(help="A name or a path to a .gguf file; `auto` for the default.")]) -> None:
    """Make a model the one that is used.

    **Examples**: `sutazai models use qwen2.5-coder:0.5b`, `sutazai models use auto`
    """
    from sutazai.runtime.models import usable_name  # noqa: PLC0415 (loaded only when used)
    from sutazai.settings.edit import set_user_value  # noqa: PLC0415
    from sutazai.settings.folders import folders  # noqa: PLC0415

    chosen, doubt = usable_name("" if name == "auto" else name)
    path = folders(os.environ).user_file
    set_user_value(path, "model.name", chosen)
    talk.say(f"model.name = {json.dumps(chosen)} in {path}")
    if doubt:
        talk.say(doubt)


@command.command()
def bench(
    *,
    review: Annotated[bool, typer.Option("--review", help="Measure what the model is good for in a review.")] = False,
    model: Annotated[str | None, typer.Option("--model", help="Model name, or path to a .gguf file.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Use this many functions; 0: all.")] = 0,
    seed: Annotated[int, typer.Option(help="Which faults are planted.")] = 0,
    save: Annotated[bool, typer.Option("--save", help="Keep the result as this model's profile.")] = False,
    json_: Json = False,
) -> None:
    """Measure a model on functions with planted faults; with `--save` its profile decides what it is trusted with.

    **Example**: `sutazai models bench --review --model ./my-model.gguf --save`
    """
    if not review:
        raise typer.BadParameter("say what to measure: --review")
    loaded = load_settings({"model.name": model})
    with view(quiet=False, verbose=True) as sink:
        profile = run_async(_bench(loaded, sink, limit=limit, seed=seed, save=save))
    if json_:
        output.write(profile.model_dump_json(indent=2) + "\n")
        return
    for recipe, each in profile.recipes.items():
        figures = {"recall": each.recall, "false alarms": each.false_alarm_rate, "AUC": each.auc}
        text = ", ".join(f"{name} {value:.2f}" for name, value in figures.items() if value is not None)
        output.write(f"{recipe}: threshold {each.threshold:g}; {text or 'not measured'}\n")


async def _rows(loaded: Loaded) -> list[dict[str, Any]]:
    from sutazai.runtime.models import listing  # noqa: PLC0415 (loaded only when used)

    return [
        {
            "name": each.name,
            "runtime": each.runtime,
            "size_bytes": each.size_bytes,
            "state": each.state,
            "used": each.used,
            "purpose": each.purpose,
        }
        for each in await listing(loaded)
    ]


async def _pull(loaded: Loaded, name: str, sink: View) -> str:
    from sutazai.runtime.models import pull_weights  # noqa: PLC0415 (loaded only when used)

    return str(await pull_weights(loaded, name, sink))


async def _shown(loaded: Loaded) -> dict[str, Any]:
    from sutazai.runtime.models import shown  # noqa: PLC0415 (loaded only when used)

    return await shown(loaded)


async def _bench(loaded: Loaded, sink: View, *, limit: int, seed: int, save: bool) -> "ModelProfile":
    from sutazai.review.bench import measure  # noqa: PLC0415 (loaded only when used)
    from sutazai.runtime.opening import open_runtime  # noqa: PLC0415
    from sutazai.sdk.events import Progress  # noqa: PLC0415

    async with open_runtime(loaded) as runtime:
        chat = await runtime.resources.chat(sink)
        await chat.open()
        profile = await measure(
            chat,
            seed=seed,
            limit=limit,
            on_progress=lambda done, total: sink(Progress(phase="bench", done=done, total=total, unit="functions")),
        )
        if save:
            (await runtime.resources.profiles()).save(chat.info, profile)
    return profile
