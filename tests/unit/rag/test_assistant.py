"""The documentation assistant: what each of its capabilities may do, and that each is there."""

import tomllib
from pathlib import Path

import pytest

from sutazai.rag import request as requests
from sutazai.sdk.testing import MemoryPorts, ScriptedChat, collect, next_token
from sutazai.sdk.testing_documents import MemoryReader
from sutazai_agents.documentation_assistant import assistant

READ, WRITE, ASK = {"documents:read"}, {"documents:read", "documents:write"}, {"documents:read", "model:chat"}
ALLOWED = {
    "docs.add": {"files:read", *WRITE},
    "docs.list": READ,
    "docs.show": READ,
    "docs.remove": WRITE,
    "docs.search": READ,
    "docs.answer": ASK,
    "docs.summarise": ASK,
    "docs.reindex": WRITE,
    "docs.collections": READ,
    "docs.export": READ,
}
CALLS = [
    ("docs.list", requests.ListRequest(), lambda got: got.documents[0].name == "pump.md"),
    ("docs.show", requests.ShowRequest(document="pump.md"), lambda got: got.headings == ("Pump",)),
    ("docs.search", requests.SearchRequest(query="weight"), lambda got: got.passages[0].name == "pump.md"),
    ("docs.answer", requests.AnswerRequest(question="What is the weight?"), lambda got: got.found),
    ("docs.summarise", requests.SummariseRequest(), lambda got: got.text == "The weight is 5 kg. [1]"),
    ("docs.reindex", requests.ReindexRequest(), lambda got: got.chunks == 1),
    ("docs.collections", requests.CollectionsRequest(), lambda got: got.collections[0].name == "documents"),
    ("docs.export", requests.ExportRequest(), lambda got: got.documents[0].document.name == "pump.md"),
    ("docs.remove", requests.RemoveRequest(documents=("pump.md",)), lambda got: got.removed == ("pump.md",)),
]


def test_each_capability_has_the_permissions_it_needs_and_no_others():
    assert {key: set(each.permissions) for key, each in assistant.capabilities.items()} == ALLOWED


def test_the_index_names_every_capability():
    """Asking for one imports one plugin."""
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    indexed = {key for key in project["entry-points"]["sutazai.capabilities"] if key.startswith("docs.")}
    assert indexed == set(ALLOWED)


@pytest.mark.parametrize(("key", "request_", "expected"), CALLS, ids=[key for key, _, _ in CALLS])
async def test_each_capability_does_its_work_within_its_permissions(key, request_, expected):
    def reply(request):
        return next_token(("yes", -0.1)) if request.max_tokens == 1 else "The weight is 5 kg. [1]"

    ports = MemoryPorts(model=ScriptedChat(reply), library=MemoryReader({"pump.md": "# Pump\n\nThe weight is 5 kg."}))
    await collect(assistant, "docs.add", requests.AddRequest(paths=("pump.md",)), ports)
    assert expected((await collect(assistant, key, request_, ports)).result)
