"""One agent with every capability of the room, over ports in memory."""

from collections.abc import Awaitable, Callable

import pytest
from pydantic import BaseModel

from sutazai.rag import ingest, library, reindex, retrieve
from sutazai.sdk.agent import PERMISSIONS, Agent, AgentContext
from sutazai.sdk.document import ParsedDocument
from sutazai.sdk.principal import local_principal
from sutazai.sdk.testing import FixedClock, MemoryPorts
from sutazai.sdk.testing_documents import MemoryReader

DOCUMENTS = {
    "docs/fruit.md": "# Fruit\n\nRed apples grow on trees.\n\n## Pears\n\nGreen pears are sweet.",
    "docs/sky.txt": "The sky over the sea is blue and wide.",
    "code/basket.py": ParsedDocument(
        "def total(basket):\n    return sum(basket)\n", "code", language="python", title="basket.py"
    ),
}


@pytest.fixture
def agent() -> Agent:
    """Everything that the room offers."""
    made = Agent("librarian", summary="Keeps documents")
    functions = {
        "docs.add": ingest.add,
        "docs.list": library.list_documents,
        "docs.show": library.show,
        "docs.remove": library.remove,
        "docs.collections": library.collections,
        "docs.export": library.export,
        "docs.reindex": reindex.reindex,
        "docs.search": retrieve.search,
    }
    for key, function in functions.items():
        made.capability(key, permissions=set(PERMISSIONS))(function)
    return made


@pytest.fixture
def ports() -> MemoryPorts:
    """Three documents and an empty store."""
    return MemoryPorts(library=MemoryReader(DOCUMENTS))


@pytest.fixture
def context(ports: MemoryPorts) -> AgentContext:
    """A context of these ports."""

    async def call(capability: str, request: BaseModel) -> BaseModel:
        raise AssertionError(capability)

    return AgentContext(
        capability="test.it",
        permissions=frozenset(PERMISSIONS),
        ports=ports,
        emit=lambda event: None,
        principal=local_principal(),
        clock=FixedClock(),
        call=call,
    )


Run = Callable[[str, BaseModel], Awaitable[BaseModel]]
