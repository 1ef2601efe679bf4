"""What a model wants to stand before a text, by its name, where its server does not put it there. Pure data.

As the models' cards say. A model that is not listed gets the bare text: right for most, and never quite wrong.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Prompts:
    """What stands before documents and before queries."""

    document: str = ""
    query: str = ""

    def of(self, kind: str) -> str:
        """The one for a kind of text."""
        return self.query if kind == "query" else self.document


_SEARCH: Final = Prompts(query="Represent this sentence for searching relevant passages: ")
_BY_NAME: Final = (
    ("nomic-embed-text", Prompts("search_document: ", "search_query: ")),
    ("mxbai-embed-large", _SEARCH),
    ("snowflake-arctic-embed2", Prompts(query="query: ")),
    ("snowflake-arctic-embed", _SEARCH),
    ("bge-large", _SEARCH),
    (
        "qwen3-embedding",
        Prompts(query="Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"),
    ),
    ("embeddinggemma", Prompts("title: none | text: ", "task: search result | query: ")),
)


def prompts_of(model: str) -> Prompts:
    """What a model wants, by its name with or without namespace and tag."""
    name = model.casefold().rpartition("/")[2].partition(":")[0]
    return next((prompts for known, prompts in _BY_NAME if name.startswith(known)), Prompts())
