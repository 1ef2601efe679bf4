"""The benches of documents, on collections small enough for a test."""

import json
from pathlib import Path

import pytest

from sutazai.rag.report import Passage
from sutazai.sdk.testing_documents import MemoryDocuments, WordEmbedder
from tests.bench.knowledge import chunks, peers, pipeline, retrieval

CORPUS = [
    {"_id": "1", "title": "Pears", "text": "Green pears are sweet and soft."},
    {"_id": "2", "title": "", "text": "The sky is blue over the sea."},
    {"_id": "3", "title": "Baskets", "text": "A basket holds apples. " * 20},
]


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    """A judged collection of three documents."""
    queries = [{"_id": "q1", "text": "sweet pears"}, {"_id": "q2", "text": "blue sky"}, {"_id": "q3", "text": "none"}]
    for name, entries in (("corpus", CORPUS), ("queries", queries)):
        lines = "\n".join(json.dumps(each) for each in entries)
        (tmp_path / f"{name}.jsonl").write_text(f"{lines}\n", encoding="utf-8")
    grades = "query-id\tcorpus-id\tscore\nq1\t1\t2\nq2\t2\t1\nq2\t3\t0\nq3\t1\t0\n"
    (tmp_path / "qrels.tsv").write_text(grades, encoding="utf-8")
    return tmp_path


def test_a_collection_is_read_without_queries_that_have_no_answer(beir):
    judged = retrieval.judged_in(beir)
    assert list(judged.queries) == ["q1", "q2"]
    assert judged.grades == {"q1": {"1": 2}, "q2": {"2": 1}}
    assert judged.documents["1"].text == "Pears\n\nGreen pears are sweet and soft."
    assert [each.title for each in judged.documents["1"].headings] == ["Pears"]
    assert list(retrieval.judged_in(beir, 1).queries) == ["q1"]


async def test_every_way_of_searching_has_a_row(beir):
    rows, count = await retrieval.ours(retrieval.judged_in(beir), MemoryDocuments(), WordEmbedder())
    assert [each["name"] for each in rows] == ["ours, hybrid", "ours, text", "ours, vector"]
    assert [(each["ndcg@10"], each["recall@100"]) for each in rows] == [(1, 1)] * 3
    assert count == 3


def test_gains_are_discounted_by_rank():
    assert retrieval.ndcg(["x", "a"], {"a": 1}, 10) == pytest.approx(0.6309, abs=1e-4)
    assert retrieval.ndcg(["a", "b"], {"a": 1, "b": 3}, 10) == pytest.approx((1 + 3 / 1.58496) / (3 + 1 / 1.58496))
    assert retrieval.ndcg(["x"] * 10 + ["a"], {"a": 1}, 10) == 0
    assert retrieval.recall(["x", "a"], {"a": 1, "b": 1}, 2) == 0.5
    assert retrieval.recall(["x", "a"], {"a": 1}, 1) == 0


def given(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    """Puts memory in the place of weights and store."""

    async def embedder() -> WordEmbedder:
        return WordEmbedder()

    class Store(MemoryDocuments):
        async def __aenter__(self) -> MemoryDocuments:
            return self

        async def __aexit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(module, "real_embedder", embedder)
    monkeypatch.setattr(module, "lance", lambda _folder: Store())


def test_search_is_printed_beside_its_peers(beir, monkeypatch, capsys):
    given(monkeypatch, retrieval)

    async def lancedb(texts: dict, queries: dict, *_: object) -> dict[str, list[str]]:
        return {key: ["1"] for key in queries}

    monkeypatch.setattr(retrieval, "bm25s_ranking", lambda texts, queries: {key: ["1"] for key in queries})
    monkeypatch.setattr(retrieval, "lancedb_ranking", lancedb)
    assert retrieval.main(["--beir", str(beir), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["documents"], found["chunks"], found["queries"]) == (3, 3, 2)
    assert [(each["name"], each["ndcg@10"]) for each in found["rows"][3:]] == [
        ("bm25s", 0.5),
        ("LanceDB hybrid, RRF", 0.5),
    ]
    retrieval.main(["--beir", str(beir), "--no-peers"])
    assert capsys.readouterr().out.startswith("ours, hybrid            1.0       1.0\n")


def test_bm25s_ranks_by_words():
    pytest.importorskip("bm25s")
    texts = {each["_id"]: each["text"] for each in CORPUS}
    assert peers.bm25s_ranking(texts, {"q": "soft pears"})["q"][0] == "1"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A text with one answer in it, and the question."""
    text = "\r\n\r\n".join(f"Paragraph {at} says little of thing{at}." for at in range(60))
    (tmp_path / "book.md").write_bytes(text.encode())
    start = text.index("Paragraph 41")
    span = {"start_index": start, "end_index": start + 37, "content": ""}
    question = {"question": "What of thing41?", "corpus_id": "book", "references": [span]}
    (tmp_path / "questions.jsonl").write_text(json.dumps(question) + "\n\n", encoding="utf-8")
    return tmp_path


def test_chunks_are_printed_beside_fixed_ones(answers, monkeypatch, capsys):
    given(monkeypatch, chunks)
    assert chunks.main(["--dir", str(answers), "--json", "--tokens", "200"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["tokens"]) == (1, 200)
    assert [each["name"] for each in found["rows"]] == ["ours", "ours, widened", "fixed 200/50"]
    assert all(each["recall"] == 1 for each in found["rows"])
    assert all(0 < each["precision"] < 0.2 for each in found["rows"])
    chunks.main(["--dir", str(answers)])
    assert capsys.readouterr().out.startswith("ours                1.0       ")


def test_characters_of_other_documents_are_no_hits_and_none_counts_twice():
    question = chunks.Question("q", "a", ((0, 10), (8, 20)))

    def passage(name: str, start: int, end: int) -> Passage:
        return Passage(id="i", document=name, name=name, start=start, end=end, text="", score=0)

    found = [passage("a", 0, 5), passage("a", 3, 10), passage("b", 0, 30)]
    assert chunks.scores(question, found) == (0.5, 0.25)
    assert chunks.scores(question, []) == (0, 0)


def test_fixed_chunks_overlap_by_fifty_tokens():
    text = " ".join(f"w{at}" for at in range(400))
    made = chunks.fixed_chunks("n", text, WordEmbedder())
    assert [(each.text.split()[0], each.text.split()[-1]) for each in made] == [
        ("w0", "w199"),
        ("w150", "w349"),
        ("w300", "w399"),
    ]


async def test_a_document_that_is_not_added_stops_a_bench():
    with pytest.raises(RuntimeError, match="not added"):
        await pipeline.filled({"x": chunks.ParsedDocument(" ", "text")}, "c", MemoryDocuments(), WordEmbedder())
