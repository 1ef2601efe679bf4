"""The cross-encoder of sentence-transformers, with a pretended library."""

import asyncio
import math
import threading

import pytest

from sutazai.errors.embedding import EmbeddingFailed, HubModelMissing
from sutazai.llm.embedding import hub
from sutazai.llm.embedding.cross_encoder import CrossEncoderReranker
from tests.support.fake_transformers import FakeLibrary

NAME = "example/reranker"


@pytest.fixture
def library(monkeypatch) -> FakeLibrary:
    library = FakeLibrary(here={NAME})
    library.install(monkeypatch)
    monkeypatch.setattr(hub, "_fetched", library.here.__contains__)
    return library


def reranker() -> CrossEncoderReranker:
    return CrossEncoderReranker(NAME, may_fetch=False, announce=pytest.fail)


async def test_passages_get_their_scores_in_order_and_the_model_is_loaded_once(library):
    ours = reranker()
    both = await asyncio.gather(ours.scores("abc", ["abx", "xyz", "cab\ud800"]), ours.scores("a", ["a"]))
    assert both == [[2.0, 0.0, 3.0], [1.0]]
    assert library.loads == [(NAME, True)]
    assert ("pair", "cab\ufffd") in library.runs


async def test_nothing_is_loaded_for_no_passages(library):
    assert await reranker().scores("abc", []) == []
    assert library.loads == []


async def test_a_model_that_is_not_here_is_an_error(library):
    library.here.clear()
    with pytest.raises(HubModelMissing):
        await reranker().scores("a", ["a"])


@pytest.mark.parametrize("answer", [[[0.1, 0.9]], [math.nan], ["high"]])
async def test_what_is_no_single_score_is_refused(library, answer):
    library.encoder.answer = lambda query, text: answer
    with pytest.raises(EmbeddingFailed, match="no reranker"):
        await reranker().scores("a", ["a"])


async def test_a_run_that_fails_is_told_as_ours(library):
    library.fails = RuntimeError()
    with pytest.raises(EmbeddingFailed, match="RuntimeError"):
        await reranker().scores("a", ["a"])


async def test_a_cancelled_call_ends_after_the_pair_at_hand(library):
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go_on.wait(10)

    library.while_running = wait
    running = asyncio.ensure_future(reranker().scores("a", ["a", "b", "c"]))
    await asyncio.to_thread(begun.wait, 10)
    running.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait({running})
    assert running.cancelled()
    assert library.runs == [("pair", "a")]
