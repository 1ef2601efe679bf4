"""The columns of tables, step by step. A step that was released is never changed: a new one is added.

A step must be harmless when done a second time: the process may die between the step and the note that it was done.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sutazai.errors.knowledge import CollectionTooNew
from sutazai.store.lance.manifest import Manifest

if TYPE_CHECKING:
    from lancedb.table import AsyncTable

Migration = Callable[["AsyncTable"], Awaitable[None]]
FIRST: Final = 1
MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""The first leads from version 1 to version 2."""


def version(migrations: Sequence[Migration]) -> int:
    """The version that these steps lead to."""
    return FIRST + len(migrations)


def is_old(manifest: Manifest, migrations: Sequence[Migration]) -> bool:
    """Whether a table has to be brought to the present version.

    Raises:
        CollectionTooNew: a later version of ours wrote it.
    """
    known = version(migrations)
    if manifest.schema > known:
        raise CollectionTooNew(manifest.name, manifest.schema, known)
    return manifest.schema < known


async def step(manifest: Manifest, table: "AsyncTable", migrations: Sequence[Migration]) -> Manifest:
    """Takes the next step; gives what is to be noted."""
    await migrations[manifest.schema - FIRST](table)
    return replace(manifest, schema=manifest.schema + 1)
