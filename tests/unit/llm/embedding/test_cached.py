"""Vectors kept by content: computed once, given back bit for bit, and never a reason to fail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.llm.embedding.cached import CachedEmbedder
from sutazai.sdk.testing import MemoryCache
from sutazai.sdk.testing_documents import WordEmbedder


@pytest.fixture
def inner():
    return WordEmbedder(dimensions=8)


async def test_equal_texts_are_embedded_once_within_a_call(inner):
    embedder = CachedEmbedder(inner, None)
    vectors = await embedder.embed(["a", "b", "a"])
    assert inner.embedded == ["a", "b"]
    assert vectors.row(0) == vectors.row(2) != vectors.row(1)
    assert vectors.known == 1


async def test_what_was_embedded_before_is_not_embedded_again(inner):
    cache = MemoryCache()
    first = await CachedEmbedder(inner, cache).embed(["a", "b"])
    again = CachedEmbedder(inner, cache)
    second = await again.embed(["c", "b", "a"])
    assert inner.embedded == ["a", "b", "c"]
    assert (first.known, second.known) == (0, 2)
    assert (second.row(1), second.row(2)) == (first.row(1), first.row(0))
    assert second == await WordEmbedder(dimensions=8).embed(["c", "b", "a"])


async def test_without_a_cache_nothing_is_kept(inner):
    embedder = CachedEmbedder(inner, None)
    await embedder.embed(["a"])
    await embedder.embed(["a"])
    assert inner.embedded == ["a", "a"]


async def test_other_weights_and_other_kinds_have_vectors_of_their_own(inner):
    cache, other = MemoryCache(), WordEmbedder(name="other", dimensions=8)
    await CachedEmbedder(inner, cache).embed(["a"])
    await CachedEmbedder(inner, cache).embed(["a"], kind="query")
    await CachedEmbedder(other, cache).embed(["a"])
    assert (inner.embedded, other.embedded) == (["a", "a"], ["a"])


@pytest.mark.parametrize("value", ["", "not base64!", "AAAA", "\udc80"])
async def test_a_value_that_is_no_vector_of_this_length_counts_as_a_miss(inner, value):
    cache = MemoryCache()
    embedder = CachedEmbedder(inner, cache)
    expected = await embedder.embed(["a"])
    await cache.put(embedder._key("a", "document"), value)
    assert await embedder.embed(["a"]) == expected
    assert inner.embedded == ["a", "a"]


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(st.characters(), max_size=8), max_size=8))
async def test_order_and_content_are_those_of_the_embedder(texts):
    """Also for texts that are no valid UTF-8."""
    cached = CachedEmbedder(WordEmbedder(dimensions=8), MemoryCache())
    plain = WordEmbedder(dimensions=8)
    for _ in range(2):
        assert await cached.embed(texts) == await plain.embed(texts)


async def test_everything_else_is_the_embedders(inner):
    closed = []

    async def close() -> None:
        closed.append(True)

    embedder = CachedEmbedder(inner, MemoryCache(), on_close=close)
    await embedder.open()
    assert embedder.info == inner.info
    assert embedder.token_spans("a b") == [(0, 1), (2, 3)]
    await embedder.close()
    assert (inner.opened, inner.closed, closed) == (1, 1, [True])
    await CachedEmbedder(inner, None).close()
    assert inner.closed == 2
