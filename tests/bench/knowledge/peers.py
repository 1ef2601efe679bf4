"""Other ways of searching the same documents, for comparison: bm25s, and LanceDB as it comes."""

from collections.abc import Mapping
from pathlib import Path

from sutazai.sdk.knowledge import Embedder

_DEPTH = 100


def bm25s_ranking(texts: Mapping[str, str], queries: Mapping[str, str]) -> dict[str, list[str]]:
    """The best documents of each query by BM25 with bm25s' own tokens, English stop words and the Snowball stemmer."""
    import bm25s  # noqa: PLC0415 (a peer, not installed everywhere)
    import Stemmer  # noqa: PLC0415

    stemmer, names = Stemmer.Stemmer("english"), list(texts)

    def tokens(each: list[str]) -> object:
        return bm25s.tokenize(each, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(tokens(list(texts.values())), show_progress=False)
    depth = min(_DEPTH, len(names))
    found, scores = index.retrieve(tokens(list(queries.values())), k=depth, show_progress=False)
    return {
        query: [names[at] for at, score in zip(found[row], scores[row], strict=True) if score > 0]
        for row, query in enumerate(queries)
    }


async def lancedb_ranking(
    texts: Mapping[str, str], queries: Mapping[str, str], embedder: Embedder, folder: Path
) -> dict[str, list[str]]:
    """The best documents of each query by LanceDB's hybrid search, one row a document, whose end may not fit."""
    import lancedb  # noqa: PLC0415 (loaded only when used)
    import numpy as np  # noqa: PLC0415
    from lancedb.index import FTS  # noqa: PLC0415
    from lancedb.rerankers import RRFReranker  # noqa: PLC0415

    async def vectors(each: list[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        made = await embedder.embed([_fitting(text, embedder) for text in each])
        return np.frombuffer(made.data, dtype="<f4").reshape(made.count, -1)

    made, rows = await vectors(list(texts.values())), list(texts.items())
    data = [{"name": name, "text": text, "vector": made[at]} for at, (name, text) in enumerate(rows)]
    table = await (await lancedb.connect_async(folder)).create_table("peer", data)
    await table.create_index("text", config=FTS(with_position=False))
    asked, found = await vectors(list(queries.values())), dict[str, list[str]]()
    for at, (query, text) in enumerate(queries.items()):
        search = table.query().nearest_to(asked[at]).nearest_to_text(text).rerank(RRFReranker())
        found[query] = [each["name"] for each in await search.select(["name"]).limit(_DEPTH).to_list()]
    return found


def _fitting(text: str, embedder: Embedder) -> str:
    spans = embedder.token_spans(text)[: embedder.info.max_tokens]
    return text[: spans[-1][1]] if spans else text
