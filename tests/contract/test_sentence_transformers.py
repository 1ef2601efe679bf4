"""The real sentence-transformers behind our embedder and reranker, with models made here. Collected only with torch.

What every embedder promises is tried by `test_embedders.py`; here is what this library alone could get wrong.
"""

import statistics
from array import array
from pathlib import Path

import pytest

from sutazai.errors.embedding import EmbeddingFailed, HubModelMissing, TextTooLong
from sutazai.llm.embedding.cross_encoder import CrossEncoderReranker
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from sutazai.llm.embedding.hub import is_here
from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.embedding.sentence_transformers import SentenceTransformersEmbedder
from sutazai.sdk.document import Vectors
from tests.support.transformer_folders import write_minilm, write_tiny, write_tiny_cross_encoder

TEXTS = (
    "A cat sits on the mat.",
    "Quarterly revenue grew in spite of inflation, and the board raised the dividend by a tenth.",
    "def area(radius): return 3.14159 * radius ** 2",
    "How often must the pump be oiled? Every forty hours of work, and once before the winter.",
    "Zürich, naïve café: the lake freezes seldom.",
)


def embedder_of(folder: Path) -> SentenceTransformersEmbedder:
    return SentenceTransformersEmbedder(str(folder), may_fetch=False, announce=pytest.fail)


def cosine(one: Vectors, other: Vectors, index: int) -> float:
    return sum(a * b for a, b in zip(array("f", one.row(index)), array("f", other.row(index)), strict=True))


@pytest.mark.model
async def test_the_library_and_the_embedded_model_agree_on_the_same_weights(
    embedding_weights, weights_folder, tmp_path
):
    write_minilm(tmp_path, embedding_weights)
    theirs, ours = embedder_of(tmp_path), EmbeddedEmbedder(RECIPES[0], embedding_weights, weights_folder, threads=1)
    await theirs.open()
    await ours.open()
    assert (theirs.info.dimensions, theirs.info.max_tokens) == (ours.info.dimensions, ours.info.max_tokens)
    one, other = await theirs.embed(TEXTS), await ours.embed(TEXTS)
    found = [cosine(one, other, index) for index in range(len(TEXTS))]
    assert statistics.mean(found) >= 0.99
    assert min(found) >= 0.98
    for text in TEXTS:
        assert theirs.token_spans(text) == ours.token_spans(text)
    await ours.close()


async def test_the_same_weights_have_the_same_digest_wherever_they_lie(tmp_path):
    places = [tmp_path / each for each in ("one", "two", "prompted")]
    for place in places:
        write_tiny(place, prompts={"query": "query: "} if place.name == "prompted" else None)
    digests = []
    for place in places:
        embedder = embedder_of(place)
        await embedder.open()
        digests.append(embedder.info.digest)
        await embedder.close()
    assert digests[0] == digests[1] != digests[2]


async def test_words_that_a_model_wants_before_a_text_are_put_there_and_counted(tmp_path):
    write_tiny(tmp_path, prompts={"query": "query: ", "document": "passage: "})
    embedder = embedder_of(tmp_path)
    await embedder.open()
    assert embedder.info.max_tokens == 28  # of 32, with [CLS], [SEP] and two tokens before
    documents, queries = await embedder.embed(["cat"]), await embedder.embed(["cat"], kind="query")
    assert documents.row(0) != queries.row(0)
    assert (await embedder.embed(["cat " * 28])).count == 1
    with pytest.raises(TextTooLong):
        await embedder.embed(["cat " * 29])


async def test_code_that_comes_with_a_model_is_not_run(tmp_path):
    write_tiny(tmp_path, part="modeling_evil.Evil")
    (tmp_path / "modeling_evil.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w').close()\n")
    with pytest.raises(EmbeddingFailed, match="modeling_evil"):
        await embedder_of(tmp_path).open()
    assert not (tmp_path / "run").exists()


async def test_what_is_not_here_is_not_fetched_without_leave():
    assert not is_here("example/none")
    embedder = SentenceTransformersEmbedder("example/none", may_fetch=False, announce=pytest.fail)
    with pytest.raises(HubModelMissing):
        await embedder.open()
    with pytest.raises(HubModelMissing):
        await CrossEncoderReranker("example/none", may_fetch=False, announce=pytest.fail).scores("a", ["b"])


async def test_a_folder_without_a_model_says_what_is_missing(tmp_path):
    with pytest.raises(EmbeddingFailed):
        await embedder_of(tmp_path).open()


async def test_a_cross_encoder_weighs_each_passage_by_itself(tmp_path, capfd):
    write_tiny_cross_encoder(tmp_path)
    capfd.readouterr()
    reranker = CrossEncoderReranker(str(tmp_path), may_fetch=False, announce=pytest.fail)
    texts = ["the cat", "", "word " * 2000, "😀 中文 \ud800"]
    scores = await reranker.scores("where is the cat?", texts)
    assert len(set(scores)) == len(scores) == 4
    for text, score in zip(texts, scores, strict=True):
        assert await reranker.scores("where is the cat?", [text]) == [score]
    assert await reranker.scores("where is the dog?", ["the cat"]) != scores[:1]
    assert capfd.readouterr() == ("", "")


async def test_a_classifier_is_no_reranker(tmp_path):
    write_tiny_cross_encoder(tmp_path, labels=3)
    with pytest.raises(EmbeddingFailed, match="no reranker"):
        await CrossEncoderReranker(str(tmp_path), may_fetch=False, announce=pytest.fail).scores("a", ["b"])
