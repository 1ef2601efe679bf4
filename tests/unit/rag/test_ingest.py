"""Documents are read, cut, embedded and stored; what cannot be read is named and stops nothing."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from sutazai.errors.knowledge import CollectionMismatch, DocumentError
from sutazai.errors.models import ModelError
from sutazai.rag import ingest, prepare
from sutazai.rag.request import AddRequest
from sutazai.sdk.document import DocumentSource, ParsedDocument
from sutazai.sdk.testing import FixedClock, collect
from sutazai.sdk.testing_documents import MemoryReader, WordEmbedder

EVERYTHING = AddRequest(paths=(".",))


async def added(agent, ports, request=EVERYTHING, clock=None):
    """The report of `docs.add`."""
    return (await collect(agent, "docs.add", request, ports, clock)).result


async def names(ports, collection="documents"):
    """The documents of the collection."""
    return [each.name for each in await (await ports.documents("local")).documents(collection)]


async def test_documents_are_added_with_what_was_learnt_of_them(agent, ports):
    report = await added(agent, ports, AddRequest(paths=(".",), tags={"team": "search"}))
    assert report.added == ("code/basket.py", "docs/fruit.md", "docs/sky.txt")
    assert (report.collection, report.chunks, report.embedded, report.skipped) == ("documents", 4, 4, ())
    store = await ports.documents("local")
    record = await store.document("documents", "docs/fruit.md")
    assert (record.format, record.title, record.chunks) == ("markdown", "Fruit", 2)
    assert (record.source, record.tags) == ("/memory/docs/fruit.md", {"team": "search"})
    assert await store.read_original(record.sha256) == ports.library.documents["docs/fruit.md"].encode()
    assert (await store.document("documents", "code/basket.py")).language == "python"
    assert store.optimized == ["documents"]


async def test_what_is_embedded_says_where_it_stands(agent, ports):
    await added(agent, ports)
    assert "Fruit\n## Pears\n\nGreen pears are sweet." in ports.vectors.embedded
    assert "docs/sky.txt\nThe sky over the sea is blue and wide." in ports.vectors.embedded
    assert "basket.py\ntotal\ndef total(basket):\n    return sum(basket)" in ports.vectors.embedded


async def test_adding_again_reads_nothing_and_changes_nothing(agent, ports):
    await added(agent, ports)
    ports.library.read_names.clear()
    report = await added(agent, ports)
    assert (report.added, report.changed, len(report.unchanged)) == ((), (), 3)
    assert ports.library.read_names == []
    assert (await ports.documents("local")).puts == [3]


async def test_a_changed_document_replaces_its_older_version(agent, ports):
    await added(agent, ports)
    ports.library.documents["docs/fruit.md"] = "# Fruit\n\nYellow bananas.\n\n## Pears\n\nGreen pears are sweet."
    report = await added(agent, ports)
    assert (report.changed, report.embedded, report.chunks) == (("docs/fruit.md",), 2, 2)
    texts = [each.text for each in await (await ports.documents("local")).chunks("documents", await key_of(ports))]
    assert texts == ["# Fruit\n\nYellow bananas.", "## Pears\n\nGreen pears are sweet."]


async def key_of(ports, name="docs/fruit.md"):
    """The id of a document."""
    return (await (await ports.documents("local")).document("documents", name)).id


async def test_new_tags_are_added_to_old_ones(agent, ports):
    await added(agent, ports, AddRequest(paths=("docs/sky.txt",), tags={"a": "1"}))
    report = await added(agent, ports, AddRequest(paths=("docs/sky.txt",), tags={"b": "2"}))
    assert report.changed == ("docs/sky.txt",)
    record = await (await ports.documents("local")).document("documents", "docs/sky.txt")
    assert record.tags == {"a": "1", "b": "2"}


async def test_the_same_content_under_another_name_is_a_document_of_its_own(agent, ports):
    ports.library = MemoryReader({"a.md": "# Same\n\ntext", "b.md": "# Same\n\ntext"})
    report = await added(agent, ports)
    assert (report.added, report.chunks) == (("a.md", "b.md"), 2)


async def test_text_from_stdin_is_a_document(agent, ports):
    report = await added(agent, ports, AddRequest(stdin="piped text", stdin_name="note", collection="c"))
    assert (report.added, report.collection) == (("note",), "c")
    again = await added(agent, ports, AddRequest(stdin="other text", stdin_name="note", collection="c"))
    assert again.changed == ("note",)
    assert (await (await ports.documents("local")).document("c", "note")).source == "stdin:note"


async def test_what_cannot_be_read_is_named_and_the_rest_goes_on(agent, ports):
    ports.library.documents |= {
        "bad.pdf": DocumentError("bad.pdf", "encrypted"),
        "blank.txt": ParsedDocument(" \n", "text"),
        "bug.txt": ZeroDivisionError("oops"),
    }
    report = await added(agent, ports, AddRequest(paths=(".", "bad.pdf", "gone.txt")))
    assert [(each.name, each.reason, each.named) for each in report.skipped] == [
        ("bad.pdf", "encrypted", True),
        ("blank.txt", "holds no text", False),
        ("bug.txt", "internal error: ZeroDivisionError", False),
        ("gone.txt", "not there", True),
    ]
    assert len(report.added) == 3


async def test_a_document_that_can_no_longer_be_read_keeps_its_earlier_version(agent, ports):
    await added(agent, ports)
    ports.library.documents["docs/sky.txt"] = DocumentError("docs/sky.txt", "broken")
    report = await added(agent, ports)
    assert [each.reason for each in report.skipped] == ["broken (its earlier version stays)"]
    assert "docs/sky.txt" in await names(ports)


async def test_no_collection_is_made_for_what_cannot_be_read(agent, ports):
    report = await added(agent, ports, AddRequest(paths=("gone",)))
    assert report.skipped[0].named
    assert await (await ports.documents("local")).collections() == []


async def test_excluded_documents_are_counted_and_not_listed(agent, ports):
    report = await added(agent, ports, AddRequest(paths=(".",), exclude=("docs/sky.txt",)))
    assert (len(report.added), report.ignored_count, report.skipped) == (2, 1, ())


async def test_documents_whose_file_is_gone_are_removed_when_asked(agent, ports, monkeypatch):
    monkeypatch.setattr("sutazai.rag.prune._roots", lambda paths: [Path("/memory") / each for each in paths])
    await added(agent, ports)
    await added(agent, ports, AddRequest(stdin="x"))
    del ports.library.documents["docs/sky.txt"], ports.library.documents["code/basket.py"]
    assert (await added(agent, ports, AddRequest(paths=("docs",)))).removed == ()
    report = await added(agent, ports, AddRequest(paths=("docs",), prune=True))
    assert report.removed == ("docs/sky.txt",)
    assert await names(ports) == ["code/basket.py", "docs/fruit.md", "stdin"]


async def test_a_file_that_is_only_left_out_is_not_gone(agent, ports, monkeypatch):
    monkeypatch.setattr("sutazai.rag.prune._roots", lambda paths: [Path("/memory") / each for each in paths])
    await added(agent, ports)
    report = await added(agent, ports, AddRequest(paths=("docs",), exclude=("docs/sky.txt",), prune=True))
    assert report.removed == ()


async def test_a_long_document_is_named_while_it_is_cut(agent, ports, monkeypatch):
    monkeypatch.setattr(prepare, "_LONG", 60)
    seen = await collect(agent, "docs.add", EVERYTHING, ports)
    assert [each.label for each in seen.of("progress") if each.phase == "cut"] == ["docs/fruit.md"]


async def test_progress_names_the_documents(agent, ports):
    seen = await collect(agent, "docs.add", EVERYTHING, ports)
    read = [each for each in seen.of("progress") if each.phase == "read"]
    assert [(each.done, each.total) for each in read] == [(1, 3), (2, 3), (3, 3)]
    assert {each.label for each in read} == set(ports.library.documents)
    embedded = [each for each in seen.of("progress") if each.phase == "embed"]
    assert (embedded[-1].done, embedded[-1].total, embedded[-1].unit) == (4, 4, "chunks")
    stored = [each for each in seen.of("progress") if each.phase == "store"]
    assert stored[-1].done == 3


class Remembering(WordEmbedder):
    """Knows the vector of every text but those about the sky."""

    async def embed(self, texts, *, kind="document"):
        """The vectors, and how many were known."""
        made = await super().embed(texts, kind=kind)
        return replace(made, known=sum("sky" not in each for each in texts))


async def test_vectors_that_were_known_are_not_counted_as_embedded(agent, ports, monkeypatch):
    monkeypatch.setattr(ports, "vectors", Remembering())
    seen = await collect(agent, "docs.add", EVERYTHING, ports)
    assert (seen.result.chunks, seen.result.embedded) == (4, 1)
    embedded = [each for each in seen.of("progress") if each.phase == "embed"]
    assert (embedded[-1].done, embedded[-1].total) == (1, 1)


async def test_where_every_vector_was_known_no_embedding_is_told_of(agent, ports, monkeypatch):
    monkeypatch.setattr(ports, "vectors", Remembering())
    ports.library.documents.pop("docs/sky.txt")
    seen = await collect(agent, "docs.add", EVERYTHING, ports)
    assert (seen.result.chunks, seen.result.embedded) == (3, 0)
    assert [each for each in seen.of("progress") if each.phase == "embed"] == []


async def test_chunks_are_as_long_as_asked_for(agent, ports):
    ports.library = MemoryReader({"long.txt": " ".join(f"w{at}" for at in range(100))})
    report = await added(agent, ports, AddRequest(paths=(".",), chunk_tokens=20, overlap_tokens=0))
    assert report.chunks == 5


async def test_batches_are_stored_as_they_fill_up(agent, ports, monkeypatch):
    monkeypatch.setattr(ingest, "_COMMIT_ROWS", 2)
    monkeypatch.setattr(ingest, "_BATCH_TEXTS", 1)
    monkeypatch.setattr(ingest, "_COMMITS_TO_OPTIMIZE", 2)
    ports.library = MemoryReader({f"d{at}.txt": f"text {at}" for at in range(7)})
    await added(agent, ports)
    store = await ports.documents("local")
    assert store.puts == [2, 2, 2, 1]
    assert store.optimized == ["documents"] * 3


async def test_a_batch_is_stored_after_a_while_though_it_is_not_full(agent, ports, monkeypatch):
    monkeypatch.setattr(ingest, "_BATCH_TEXTS", 1)
    await added(agent, ports, clock=FixedClock(step_s=60))
    assert (await ports.documents("local")).puts == [1, 1, 1]


class Waiting(MemoryReader):
    """Reads one document only once another is stored."""

    def __init__(self, documents, *, last, until):
        super().__init__(documents)
        self.last, self.until = last, until

    async def read(self, source, data):
        if source.name == self.last:
            await self.until.wait()
        return await super().read(source, data)


async def test_what_is_ready_is_stored_while_reading_takes_its_time(agent, ports, monkeypatch):
    monkeypatch.setattr(ingest, "_COMMIT_SECONDS", 0.01)
    stored = asyncio.Event()
    ports.library = Waiting({"a.txt": "one", "slow.txt": "two"}, last="slow.txt", until=stored)
    store = await ports.documents("local")
    put = store.put

    async def putting(name, entries):
        await put(name, entries)
        stored.set()

    monkeypatch.setattr(store, "put", putting)
    async with asyncio.timeout(20):
        await added(agent, ports)
    assert store.puts == [1, 1]


async def test_each_document_is_named_once_it_is_stored(agent, ports):
    ports.library.documents["bad.pdf"] = DocumentError("bad.pdf", "encrypted")
    seen = await collect(agent, "docs.add", EVERYTHING, ports)
    notes = {(each.level, each.text) for each in seen.of("note")}
    assert notes == {("debug", f"stored {name}") for name in await names(ports)}
    again = await collect(agent, "docs.add", EVERYTHING, ports)
    assert again.of("note") == []


async def test_vectors_of_other_weights_are_refused_before_anything_is_read(agent, ports):
    await added(agent, ports)
    ports.library.read_names.clear()
    ports.vectors = WordEmbedder(name="others")
    with pytest.raises(CollectionMismatch):
        await added(agent, ports)
    assert ports.library.read_names == []


class FailingAfter(WordEmbedder):
    """Fails at the second call."""

    async def embed(self, texts, *, kind="document"):
        if self.embedded:
            raise ModelError("the runtime died")
        return await super().embed(texts, kind=kind)


async def test_an_embedder_that_fails_ends_the_run_and_what_was_stored_stays(agent, ports, monkeypatch):
    monkeypatch.setattr(ingest, "_BATCH_TEXTS", 1)
    monkeypatch.setattr(ingest, "_COMMIT_ROWS", 1)
    ports.library = MemoryReader({f"d{at}.txt": f"text {at}" for at in range(40)})
    ports.vectors = FailingAfter()
    with pytest.raises(ModelError, match="the runtime died"):
        await added(agent, ports)
    assert len(await names(ports)) == 1


async def test_a_cancelled_run_keeps_what_it_stored(agent, ports, monkeypatch):
    monkeypatch.setattr(ingest, "_BATCH_TEXTS", 1)
    monkeypatch.setattr(ingest, "_COMMIT_ROWS", 1)
    stored = asyncio.Event()

    class Stalling(WordEmbedder):
        async def embed(self, texts, *, kind="document"):
            if self.embedded:
                stored.set()
                await asyncio.Event().wait()
            return await super().embed(texts, kind=kind)

    ports.vectors = Stalling()
    async with asyncio.TaskGroup() as group:
        run = group.create_task(added(agent, ports))
        await stored.wait()
        run.cancel()
    assert run.cancelled()
    assert len(await names(ports)) == 1


async def test_reading_goes_on_while_vectors_are_made(agent, ports, monkeypatch):
    monkeypatch.setattr(ingest, "_BATCH_TEXTS", 1)
    read_before_embedding = []

    class Watching(WordEmbedder):
        async def embed(self, texts, *, kind="document"):
            for _ in range(200):
                await asyncio.sleep(0.001)
                if len(ports.library.read_names) >= 3:
                    break
            read_before_embedding.append(len(ports.library.read_names))
            return await super().embed(texts, kind=kind)

    ports.vectors = Watching()
    await added(agent, ports)
    assert read_before_embedding[0] == 3


async def test_a_source_without_a_name_of_its_own_is_known_by_its_path():
    one, other = DocumentSource("a", MemoryReader({"a": ""})._source("a").path), DocumentSource("a", data=b"")
    assert ingest.document_id(one) != ingest.document_id(other)
