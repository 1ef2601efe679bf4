"""What `doctor` says of documents: the embedding model, and the store with its size and health. Changes nothing."""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sutazai.errors.base import SutazAIError
from sutazai.errors.embedding import HubModelMissing, UnknownEmbedder
from sutazai.llm.catalog import Entry, find
from sutazai.llm.embedding.hub import EXTRA_HINT, is_here
from sutazai.llm.ollama_listing import model_among
from sutazai.llm.ollama_probe import OllamaStatus
from sutazai.runtime.checkup import Check
from sutazai.runtime.clock import SystemClock
from sutazai.runtime.models import weight_store
from sutazai.sdk.principal import local_principal
from sutazai.settings.load import Loaded

if TYPE_CHECKING:
    from sutazai.store.lance.health import CollectionHealth, StoreHealth

_EMBEDDER: Final = "embedder"
_RERANKER: Final = "reranker"
_DOCUMENTS: Final = "documents"
_MANY_FRAGMENTS: Final = 100


async def knowledge_checks(loaded: Loaded, ollama: OllamaStatus) -> AsyncIterator[Check]:
    """The embedder, the reranker if there is one, the store, and each collection that something is to be said of."""
    yield _embedder(loaded, ollama)
    if loaded.settings.docs.reranker:
        yield _reranker(loaded)
    async for check in _store(loaded):
        yield check


def _embedder(loaded: Loaded, ollama: OllamaStatus) -> Check:
    wanted = loaded.settings.docs.embedder
    kind, _, name = wanted.strip().partition(":")
    if name and kind.lower() == "ollama":
        return _ollama(name, ollama)
    if name and kind.lower() == "st":
        return _sentence_transformers(_EMBEDDER, name, loaded)
    entry = find(wanted)
    if entry is None or entry.purpose != "embedding":
        return Check(
            _EMBEDDER,
            "missing",
            f"{wanted} is no embedding model that is known",
            "set `docs.embedder` to a name of `sutazai models list`, `ollama:NAME` or `st:NAME-OR-PATH`",
        )
    return _embedded(loaded, entry)


def _ollama(name: str, ollama: OllamaStatus) -> Check:
    if not ollama.reachable:
        return Check(_EMBEDDER, "note", f"{name} by Ollama: {ollama.reason}", ollama.hint)
    found = model_among(ollama.models, name)
    if not found.digest:
        return Check(_EMBEDDER, "missing", f"Ollama has no {name}", f"ollama pull {name}")
    if found.capabilities and "embedding" not in found.capabilities:
        return Check(_EMBEDDER, "note", f"{name} by Ollama, which does not say that it makes vectors")
    return Check(_EMBEDDER, "ok", f"{name} by Ollama")


def _reranker(loaded: Loaded) -> Check:
    wanted = loaded.settings.docs.reranker
    kind, _, name = wanted.strip().partition(":")
    if name and kind.lower() == "st":
        return _sentence_transformers(_RERANKER, name, loaded)
    return Check(_RERANKER, "missing", f"{wanted} is no reranker", "set `docs.reranker` to `st:NAME-OR-PATH`")


def _sentence_transformers(check: str, name: str, loaded: Loaded) -> Check:
    if find_spec("sentence_transformers") is None:
        text = f"{name} needs sentence-transformers, which is not installed"
        return Check(check, "missing", text, EXTRA_HINT)
    try:
        here = is_here(name)
    except UnknownEmbedder as error:
        return Check(check, "missing", error.message, error.hint)
    if here:
        return Check(check, "ok", f"{name} by sentence-transformers")
    if loaded.settings.offline or not loaded.settings.model.download:
        missing = HubModelMissing(name)
        return Check(check, "missing", missing.message, missing.hint)
    return Check(check, "note", f"{name} is not fetched yet: the first use does that, from Hugging Face")


def _embedded(loaded: Loaded, entry: Entry) -> Check:
    if find_spec("onnxruntime") is None:
        hint = "pip install onnxruntime, if it has a wheel here; else set `docs.embedder` to `ollama:NAME`"
        return Check(_EMBEDDER, "missing", f"{entry.name} needs onnxruntime, which is not installed", hint)
    store = weight_store(loaded)
    if store.path_of(entry) is None:
        size = f"{entry.size_bytes / 1e6:,.0f} MB"
        text = f"{entry.name} is not fetched yet ({size}): the first use does that"
        return Check(_EMBEDDER, "note", text, f"sutazai models pull {entry.name}")
    prepared = any(store.derived(entry.sha256).glob("sha256-*"))
    state = "prepared" if prepared else "here, and prepared on first use"
    return Check(_EMBEDDER, "ok", f"{entry.name} by onnxruntime, {state}")


async def _store(loaded: Loaded) -> AsyncIterator[Check]:
    folder = loaded.folders.documents
    if not _begun(folder):
        yield Check(_DOCUMENTS, "ok", f"{folder} (not made yet)")
        return
    if find_spec("lancedb") is None:
        hint = "pip install lancedb, if it has a wheel here"
        yield Check(_DOCUMENTS, "missing", f"{folder} cannot be opened: lancedb is not installed", hint)
        return
    try:
        found = await _health(loaded)
    except SutazAIError as error:
        yield Check(_DOCUMENTS, "missing", f"{folder}: {error.message}", error.hint)
        return
    yield Check(_DOCUMENTS, "ok", f"{folder}: {_amounts(found)}")
    for each in found.collections:
        if check := _ailing(each):
            yield check


def _begun(folder: Path) -> bool:
    return any(folder.glob("*/collections/*.json"))


async def _health(loaded: Loaded) -> "StoreHealth":
    from sutazai.store.lance.store import LanceStore  # noqa: PLC0415 (loaded only when used)

    store = LanceStore(loaded.folders.documents, tenant=local_principal().tenant, clock=SystemClock())
    try:
        return await store.health()
    finally:
        await store.close()


def _amounts(found: "StoreHealth") -> str:
    documents = sum(each.documents for each in found.collections)
    chunks = sum(each.chunks for each in found.collections)
    size = (found.originals_bytes + sum(each.size_bytes for each in found.collections)) / 1e6
    names = ", ".join(each.name for each in found.collections)
    return f"{documents} documents, {chunks} passages, {size:,.1f} MB in {names}"


def _ailing(each: "CollectionHealth") -> Check | None:
    name = f"collection {each.name}"
    again = f"--collection {each.name}"
    if each.error:
        hint = f"`sutazai docs remove --all {again}` removes it; then add its documents again"
        return Check(name, "missing", each.error, hint)
    if each.reindexing:
        text = f"a change of its vectors to {each.reindexing} is not finished; it can be searched"
        return Check(name, "note", text, f"sutazai docs reindex {again}")
    if each.fragments > _MANY_FRAGMENTS:
        text = f"{each.fragments} small files make it slow; the next `docs add` puts them together"
        return Check(name, "note", text)
    return None
