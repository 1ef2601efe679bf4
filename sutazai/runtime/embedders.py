"""Gets from `docs.embedder` to an embedding model, and from `docs.reranker` to a cross-encoder: fetches weights.

The only place that knows which back end a name means: `NAME` of the catalogue, `ollama:NAME`, `st:NAME-OR-PATH`.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sutazai.errors.embedding import UnknownEmbedder, UnknownReranker
from sutazai.errors.usage import nearest
from sutazai.errors.weights import WeightsNotHere
from sutazai.llm.catalog import CATALOG, Entry, find
from sutazai.runtime.models import Emit, fetch_weights, ollama_key, weight_store
from sutazai.sdk.events import Note
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


async def choose_reranker(loaded: Loaded, emit: Emit) -> "Reranker":
    """The cross-encoder that the settings ask for; not loaded.

    Raises:
        UnknownReranker: the name is none.
    """
    from sutazai.llm.embedding.cross_encoder import CrossEncoderReranker  # noqa: PLC0415 (loaded only when used)

    wanted = loaded.settings.docs.reranker
    kind, _, name = wanted.strip().partition(":")
    if kind.lower() != "st" or not name:
        raise UnknownReranker(wanted)
    return CrossEncoderReranker(name, may_fetch=_may_fetch(loaded), announce=_announcer(emit))


async def _embedder(loaded: Loaded, emit: Emit) -> "Embedder":
    kind, _, name = loaded.settings.docs.embedder.strip().partition(":")
    make = _SERVED.get(kind.lower()) if name else None
    return make(loaded, name, emit) if make else await _embedded(loaded, emit)


def _ollama(loaded: Loaded, name: str, _emit: Emit) -> "Embedder":
    from sutazai.llm.embedding.ollama import OllamaEmbedder  # noqa: PLC0415 (loaded only when used)

    model, ollama = loaded.settings.model, loaded.settings.ollama
    return OllamaEmbedder(
        name,
        host=ollama.host,
        keep_alive=ollama.keep_alive,
        connect_timeout_s=ollama.connect_timeout_s,
        answer_timeout_s=max(model.load_timeout_s, model.token_timeout_s),
        api_key=ollama_key(loaded),
    )


def _sentence_transformers(loaded: Loaded, name: str, emit: Emit) -> "Embedder":
    from sutazai.llm.embedding.sentence_transformers import (  # noqa: PLC0415 (loaded only when used)
        SentenceTransformersEmbedder,
    )

    return SentenceTransformersEmbedder(name, may_fetch=_may_fetch(loaded), announce=_announcer(emit))


_SERVED: Final[dict[str, Callable[[Loaded, str, Emit], "Embedder"]]] = {
    "ollama": _ollama,
    "st": _sentence_transformers,
}


def _may_fetch(loaded: Loaded) -> bool:
    return loaded.settings.model.download and not loaded.settings.offline


def _announcer(emit: Emit) -> Callable[[str], None]:
    """Passes on what is said in the thread that loads a model."""
    loop = asyncio.get_running_loop()

    def announce(text: str) -> None:
        loop.call_soon_threadsafe(emit, Note(text=text))

    return announce


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
