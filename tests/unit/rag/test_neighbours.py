"""Passages are widened by what stands around them, within a budget and never across a heading."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.knowledge import CollectionMissing
from sutazai.rag import retrieve
from sutazai.rag.neighbours import with_neighbours
from sutazai.rag.request import AddRequest
from sutazai.sdk.testing import collect
from sutazai.sdk.testing_documents import MemoryReader

SENTENCES = [f"Sentence {name} holds five words." for name in "abcdefghijkl"]
TEXT = "# One\n\n" + "\n\n".join(SENTENCES) + "\n\n# Two\n\nAnother heading stands here."
TOKENS = 6  # of a sentence, its point included


@pytest.fixture
async def found(agent, ports, context):
    """Gives the passages of these sentences, in this order; each sentence is a chunk."""
    ports.library = MemoryReader({"x.md": TEXT})
    await collect(agent, "docs.add", AddRequest(paths=(".",), chunk_tokens=20, overlap_tokens=0), ports)

    async def found(*names):
        everything = await retrieve.passages("sentence another", context, collection="documents", limit=99)
        return [next(each for each in everything if name in each.text) for name in names]

    return found


async def widened(context, passages, tokens, **options):
    """The passages with their neighbours."""
    return await with_neighbours(passages, context, collection="documents", tokens=tokens, **options)


async def test_a_passage_is_read_with_what_stands_around_it(found, context):
    (passage,) = await found("Sentence f")
    (wide,) = await widened(context, [passage], 999)
    assert wide.text == TEXT[wide.start : wide.end]
    assert wide.text.startswith(passage.text) is False
    assert passage.text in wide.text
    assert (wide.id, wide.score) == (passage.id, passage.score)
    assert (wide.start_line, wide.end_line) == (
        TEXT.count("\n", 0, wide.start) + 1,
        TEXT.count("\n", 0, wide.end) + 1,
    )


async def test_no_heading_is_crossed(found, context):
    (last,) = await found("Another heading")
    (wide,) = await widened(context, [last], 999)
    assert wide.text == last.text


async def test_passages_that_touch_become_one_in_the_place_of_the_better(found, context):
    first, other, beside = await found("Sentence a", "Another heading", "Sentence d")
    joined = await widened(context, [other, beside, first], 999, reach=0)
    assert [each.id for each in joined] == [other.id, beside.id]
    assert joined[1].text == TEXT[joined[1].start : joined[1].end]
    assert first.text in joined[1].text
    assert beside.text in joined[1].text


async def test_a_budget_goes_to_the_best_passages_first(found, context):
    best, other = await found("Sentence f", "Another heading")
    joined = await widened(context, [best, other], len(best.text.split()) + 3, reach=0)
    assert [each.id for each in joined] == [best.id]


async def test_the_best_passage_is_taken_whatever_its_length(found, context):
    (best,) = await found("Sentence f")
    assert [each.text for each in await widened(context, [best], 1)] == [best.text]


async def test_the_passage_at_which_the_budget_ends_is_cut_at_a_border(agent, ports, context):
    text = ". ".join(f"S{at} one two three four" for at in range(30)) + "."
    ports.library = MemoryReader({"long.txt": text, "short.txt": "S30 one two."})
    await collect(agent, "docs.add", AddRequest(paths=(".",)), ports)
    passages = await retrieve.passages("S30 one two", context, collection="documents")
    passages = sorted(passages, key=lambda each: each.name, reverse=True)
    short, cut = await widened(context, passages, 54, reach=0)
    assert short.text == "S30 one two."
    assert cut.text == text[cut.start : cut.end]
    assert cut.text.endswith("four.")
    assert len(cut.text.split()) == 40
    assert len(await widened(context, passages, 20, reach=0)) == 1


async def test_a_collection_that_is_not_there_is_said(found, context):
    (passage,) = await found("Sentence f")
    with pytest.raises(CollectionMissing):
        await with_neighbours([passage], context, collection="other", tokens=100)


async def test_nothing_comes_of_nothing(found, context):
    assert await widened(context, [], 100) == []
    (passage,) = await found("Sentence f")
    assert await widened(context, [passage.model_copy(update={"document": "gone"})], 100) == []


@pytest.mark.parametrize("reach", [0, 1, 2])
async def test_words_that_passages_share_count_once(agent, ports, context, reach):
    text = " ".join(f"w{at}." for at in range(300))
    ports.library = MemoryReader({"x.txt": text})
    await collect(agent, "docs.add", AddRequest(paths=(".",), chunk_tokens=60, overlap_tokens=20), ports)
    passages = await retrieve.passages("w1", context, collection="documents", limit=99)

    @given(st.permutations(range(len(passages))), st.integers(1, 700))
    def holds(order, budget):
        given_ = [passages[at] for at in order]
        with asyncio.Runner() as runner:
            joined = runner.run(widened(context, given_, budget, reach=reach))
        embedder = ports.vectors
        total = sum(len(embedder.token_spans(each.text)) for each in joined)
        assert total <= max(budget, len(embedder.token_spans(given_[0].text)))
        assert all(each.text == text[each.start : each.end] for each in joined)
        spans = sorted((each.start, each.end) for each in joined)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))

    # In a thread: this test's own loop is running.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(holds).result()
