"""Opens the collections of one tenant, for reading at any time and for writing one at a time. Changes no document."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from sutazai.errors.knowledge import CollectionBroken, CollectionMissing, CollectionUnwritable
from sutazai.sdk.document import EmbedderInfo
from sutazai.store.lance import manifest as manifests
from sutazai.store.lance.collection import OpenCollection
from sutazai.store.lance.engine import Engine, told
from sutazai.store.lance.manifest import Manifest
from sutazai.store.lance.migrations import Migration, is_old, step, version
from sutazai.store.lance.places import Places, stem
from sutazai.store.lance.rows import schema
from sutazai.store.lance.turns import turn
from sutazai.store.lance.upkeep import index_words

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


class Shelf:
    """Collections by name.

    Args:
        places: where they lie.
        wait_s: how long to wait for another writer.
        migrations: the steps of the schema.
    """

    def __init__(self, places: Places, *, wait_s: float, migrations: Sequence[Migration]) -> None:
        self.places = places
        self.engine = Engine(places.tables)
        self._wait_s = wait_s
        self._migrations = migrations

    async def manifest(self, name: str) -> Manifest | None:
        """What is known of a collection, None where there is none."""
        return await asyncio.to_thread(manifests.read, self.places.manifest(name), name)

    async def names(self) -> list[str]:
        """Every collection whose manifest can be read, by name."""
        return sorted(each.name for each in await asyncio.to_thread(self._readable))

    def _readable(self) -> list[Manifest]:
        found = []
        for path in self.places.manifests():
            try:
                manifest = manifests.read(path, "")
            except CollectionBroken:
                continue
            found += [manifest] if manifest else []
        return found

    async def note(self, manifest: Manifest) -> None:
        """Writes what is known of a collection."""
        await asyncio.to_thread(manifests.write, self.places.manifest(manifest.name), manifest)

    async def reading(self, name: str, work: Callable[[OpenCollection], Awaitable[T]]) -> T:
        """The outcome of `work`; tried once more where its table was replaced or its files were tidied away meanwhile.

        Raises:
            CollectionMissing: there is none of that name.
        """
        manifest = await self.there(name)
        try:
            return await self._on(manifest, work)
        except CollectionBroken:
            self.engine.forget(manifest.table)
            return await self._on(await self.there(name), work)

    async def _on(self, manifest: Manifest, work: Callable[[OpenCollection], Awaitable[T]]) -> T:
        if is_old(manifest, self._migrations):
            async with self.writing(manifest.name) as opened:
                manifest = opened.manifest
        with told(manifest.name):
            return await work(OpenCollection(manifest, await self.engine.table(manifest.table)))

    async def there(self, name: str) -> Manifest:
        """What is known of a collection.

        Raises:
            CollectionMissing: there is none of that name.
        """
        manifest = await self.manifest(name)
        if manifest is None:
            raise CollectionMissing(name)
        return manifest

    @asynccontextmanager
    async def turn(self, name: str, *, wait: bool = True) -> AsyncIterator[None]:
        """The turn to write a collection.

        Raises:
            CollectionBusy: others write it for too long.
            CollectionUnwritable: the folder cannot be written.
        """
        try:
            await asyncio.to_thread(self.places.prepare)
        except OSError as error:
            raise CollectionUnwritable(name, error.strerror or str(error)) from error
        async with turn(self.places.lock(name), name, wait_s=self._wait_s if wait else 0):
            yield

    @asynccontextmanager
    async def writing(self, name: str, *, wait: bool = True) -> AsyncIterator[OpenCollection]:
        """A collection to be written, of the present schema, while nobody else writes it.

        Raises:
            CollectionMissing: there is none of that name.
        """
        await self.there(name)
        async with self.turn(name, wait=wait):
            manifest = await self.there(name)
            with told(name):
                table = await self.engine.table(manifest.table)
                while is_old(manifest, self._migrations):
                    manifest = await step(manifest, table, self._migrations)
                    await self.note(manifest)
                yield OpenCollection(manifest, table)

    async def make(self, name: str, embedder: EmbedderInfo) -> Manifest:
        """A new, empty collection; the caller has the turn."""
        if embedder.dimensions < 1:
            raise AssertionError("the embedder was not opened: its dimensions are not known")
        with told(name):
            table = await self.bare_table(name, await asyncio.to_thread(schema, embedder.dimensions))
            await index_words(await self.engine.table(table))
            manifest = Manifest(name, version(self._migrations), embedder, table)
            await self.note(manifest)
        return manifest

    async def bare_table(self, name: str, columns: "pa.Schema") -> str:
        """A new table without an index; the caller has the turn."""
        table = f"{stem(name)}-{secrets.token_hex(6)}"
        await self.engine.make(table, columns)
        return table

    async def clear(self, name: str) -> None:
        """Removes tables of a collection that are not in use; the caller has the turn."""
        manifest = await self.manifest(name)
        used = {manifest.table, manifest.reindex.table if manifest.reindex else ""} if manifest else set()
        for table in await asyncio.to_thread(self.places.tables_of, name):
            if table not in used:
                self.engine.forget(table)
                await asyncio.to_thread(self.places.drop_table, table)
