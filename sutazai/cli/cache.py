"""`sutazai cache size|clean`: what can be computed anew."""

from typing import TYPE_CHECKING, Annotated

import typer

from sutazai.cli import output, talk
from sutazai.cli.session import run_async
from sutazai.settings.load import load_settings

if TYPE_CHECKING:
    from sutazai.store.cache import SqliteCache

command = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


@command.callback()
def cache() -> None:
    """Show or empty the cache of results.

    **Examples**: `sutazai cache size`, `sutazai cache clean`
    """


@command.command()
def size(*, bytes_: Annotated[bool, typer.Option("--bytes", help="The bare number of bytes.")] = False) -> None:
    """Print how much room cached results take.

    **Example**: `sutazai cache size --bytes`
    """
    taken = run_async(_size())
    output.write(f"{taken}\n" if bytes_ else f"{taken / 1e6:.1f} MB\n")


@command.command()
def clean() -> None:
    """Forget every cached result; history, feedback and weights stay.

    **Example**: `sutazai cache clean`
    """
    taken = run_async(_clean())
    talk.say(f"{taken / 1e6:.1f} MB freed")


async def _size() -> int:
    return await _store().size()


async def _clean() -> int:
    store = _store()
    try:
        return await store.clean()
    finally:
        await store.close()


def _store() -> "SqliteCache":
    from sutazai.store.cache import SqliteCache  # noqa: PLC0415 (loaded only when used)

    loaded = load_settings()
    return SqliteCache(loaded.folders.cache_file, quota_bytes=loaded.settings.cache.quota_bytes)
