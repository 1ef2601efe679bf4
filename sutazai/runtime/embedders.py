"""Gets from `docs.embedder` to an embedding model, and from `docs.reranker` to a cross-encoder: fetches weights.

The only place that knows which back end a name means: `NAME` of the catalogue, `ollama:NAME`, `st:NAME-OR-PATH`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sutazai.errors.embedding import EmbedderMissing, UnknownEmbedder
from sutazai.errors.usage import nearest
from sutazai.errors.weights import WeightsNotHere
from sutazai.llm.catalog import CATALOG, Entry, find
from sutazai.runtime.models import Emit, fetch_weights, weight_store
from sutazai.settings.load import Loaded

if TYPE_CHECKING:
    from sutazai.sdk.knowledge import Embedder, Reranker


async def choose_embedder(loaded: Loaded, emit: Emit) -> "Embedder":
    """The embedding model that the settings ask for, its weights fetched; not opened. Vectors are kept by content.

    Raises:
        ModelError: the name is none, or the weights cannot be had.
    """
    from sutazai.llm.embedding.cached import CachedEmbedder  # noqa: PLC0415 (loaded only when used)

    embedder = await _embedder(loaded, emit)
    settings = loaded.settings.cache
    if not settings.enabled:
        return CachedEmbedder(embedder, None)
    from sutazai.store.cache import SqliteCache  # noqa: PLC0415 (loaded only when used)

    cache = SqliteCache(loaded.folders.cache_file, quota_bytes=settings.quota_bytes)
    return CachedEmbedder(embedder, cache, on_close=cache.close)


async def choose_reranker(loaded: Loaded) -> "Reranker":
    """The cross-encoder that the settings ask for; not loaded.

    Raises:
        ModelError: the name is none, or the library is missing.
    """
    raise UnknownEmbedder(loaded.settings.docs.reranker, "rerankers are not served yet: leave `docs.reranker` empty")


async def _embedder(loaded: Loaded, emit: Emit) -> "Embedder":
    kind, _, name = loaded.settings.docs.embedder.strip().partition(":")
    make = _SERVED.get(kind.lower()) if name else None
    return make(loaded, name) if make else await _embedded(loaded, emit)


def _ollama(_loaded: Loaded, name: str) -> "Embedder":
    raise EmbedderMissing(f"ollama:{name}", "sutazai.llm.embedding.ollama")


def _sentence_transformers(_loaded: Loaded, name: str) -> "Embedder":
    raise EmbedderMissing(f"st:{name}", "sentence-transformers")


_SERVED: Final[dict[str, Callable[[Loaded, str], "Embedder"]]] = {"ollama": _ollama, "st": _sentence_transformers}


async def _embedded(loaded: Loaded, emit: Emit) -> "Embedder":
    from sutazai.hardware.cores import usable_cores  # noqa: PLC0415 (loaded only when used)
    from sutazai.llm.embedding.embedded import EmbeddedEmbedder  # noqa: PLC0415
    from sutazai.llm.embedding.recipes import recipe_of  # noqa: PLC0415

    entry = _entry(loaded.settings.docs.embedder)
    recipe = recipe_of(entry.name)
    assert recipe is not None  # noqa: S101 (a test holds that every embedding entry has one)
    store = weight_store(loaded)
    path = store.path_of(entry)
    if path is None:
        _require_download(loaded, entry)
        path = await fetch_weights(loaded, entry, emit)
    return EmbeddedEmbedder(recipe, path, store.folder, threads=usable_cores())


def _require_download(loaded: Loaded, entry: Entry) -> None:
    if not (loaded.settings.model.download or loaded.settings.offline):  # offline is told by the fetcher
        raise WeightsNotHere(entry.name)


def _entry(name: str) -> Entry:
    entry = find(name) if name.strip() else None
    if entry is None or entry.purpose != "embedding":
        known = [each.name for each in CATALOG if each.purpose == "embedding"]
        hint = f"{nearest(name, known)} (or `ollama:NAME`, `st:NAME-OR-PATH`)"
        raise UnknownEmbedder(name, hint)
    return entry
