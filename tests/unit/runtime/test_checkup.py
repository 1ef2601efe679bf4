"""What `doctor` sees: each part that is there, and for each that is not the next step."""

from importlib.metadata import EntryPoint, PackageNotFoundError
from importlib.metadata import version as real_version

import pytest

from sutazai import __version__
from sutazai.hardware.inspect import Machine as Hardware
from sutazai.llm.catalog import DEFAULT
from sutazai.runtime import checkup as doctor
from sutazai.runtime.checkup import Check, checkup
from sutazai.runtime.registry import AGENTS, Registry
from sutazai.sdk.agent import Agent
from tests.unit.runtime.machine import CODER


@pytest.fixture(autouse=True)
def _known_hardware(monkeypatch):
    async def inspect() -> Hardware:
        return Hardware(
            cpu_name="Odd CPU",
            physical_cores=2,
            logical_cores=4,
            load_1m=0.5,
            memory_total_bytes=8_000_000_000,
            memory_available_bytes=2_500_000_000,
            gpu=("Fast Card",),
        )

    monkeypatch.setattr("sutazai.hardware.inspect.inspect", inspect)


async def seen(machine, **flags) -> dict[str, Check]:
    """The checks by name."""
    return {each.name: each for each in await checkup(machine.loaded(**flags))}


async def test_every_part_is_looked_at_in_a_fixed_order(machine):
    assert list(await seen(machine)) == [
        "sutazai",
        "machine",
        "ruff",
        "ast-grep-py",
        "xllamacpp",
        "ollama",
        "lancedb",
        "onnxruntime",
        "ollama server",
        "model",
        "embedder",
        "documents",
        "agents",
        "resident",
        "settings",
        "settings file",
        "data folder",
        "cache folder",
        "weights folder",
        "undo folder",
    ]


async def test_version_and_machine_are_named(machine):
    checks = await seen(machine)
    assert checks["sutazai"].text.startswith(f"{__version__} on Python 3.")
    assert checks["machine"].text == "Odd CPU, 2 cores, 2.5 of 8.0 GB memory free, Fast Card"


async def test_a_wheel_that_is_missing_is_named_with_what_is_missing_without_it(machine, monkeypatch):
    def version(name: str) -> str:
        if name == "lancedb":
            raise PackageNotFoundError(name)
        return real_version(name)

    monkeypatch.setattr(doctor, "version", version)
    checks = await seen(machine)
    assert checks["lancedb"] == Check(
        "lancedb", "missing", "not installed: no the document store", "pip install lancedb, if it has a wheel here"
    )
    assert (checks["ruff"].state, checks["ruff"].text) == ("ok", f"{real_version('ruff')}, the ruff engine")


async def test_an_ollama_that_does_not_answer_is_a_note_with_the_next_step(machine):
    check = (await seen(machine))["ollama server"]
    assert (check.state, check.text, check.hint) == ("note", "nothing listens at 127.0.0.1:11434", "start Ollama")


async def test_an_ollama_that_answers_is_shown_with_its_models(machine):
    machine.serves(CODER)
    checks = await seen(machine)
    assert checks["ollama server"].text == "0.12.0 at http://127.0.0.1:11434, 1 model"
    assert (checks["model"].state, checks["model"].text.partition(":")[0]) == ("ok", "qwen2.5-coder")


async def test_a_broken_address_of_ollama_does_not_stop_the_doctor(machine):
    checks = await seen(machine, ollama__host="ftp://nowhere")
    assert checks["ollama server"].state == "note"


async def test_a_model_that_must_be_fetched_is_a_note_with_its_size(machine):
    check = (await seen(machine))["model"]
    assert (check.state, check.hint) == ("note", f"sutazai models pull {DEFAULT.name}")
    assert check.text.endswith("(1.1 GB)")
    machine.has("default")
    assert (await seen(machine))["model"].state == "ok"


async def test_no_model_at_all_is_missing_with_everything_that_was_tried(machine):
    machine.lacks_the_embedded_runtime()
    check = (await seen(machine))["model"]
    assert check.state == "missing"
    assert "nothing listens" in check.text
    assert check.hint


async def test_plugins_that_do_not_load_are_named(machine, monkeypatch):
    assert (await seen(machine))["agents"].text == "code-assistant, documentation-assistant"

    class Broken(EntryPoint):
        def load(self):
            raise ImportError("no such thing")

    class Fine(EntryPoint):
        def load(self):
            return Agent("fine", summary="Works")

    entries = [Broken("odd", "odd:agent", AGENTS), Fine("fine", "fine:agent", AGENTS)]
    monkeypatch.setattr(doctor, "Registry", lambda: Registry(lambda group: entries if group == AGENTS else []))
    check = (await seen(machine))["agents"]
    assert check.state == "missing"
    assert "odd" in check.text
    assert "ImportError: no such thing" in check.text


async def test_where_settings_come_from_is_told(machine):
    assert (await seen(machine))["settings"].text == "all at their defaults"
    (machine.folder / "sutazai.toml").write_text("[review]\nmax_findings = 3\n")
    assert (await seen(machine, offline=True))["settings"].text == f"from {machine.folder / 'sutazai.toml'}, flag"


async def test_every_folder_in_use_is_named_and_nothing_is_made(machine):
    folders = machine.loaded().folders
    checks = await seen(machine)
    assert checks["cache folder"].text == f"{folders.cache} (not made yet)"
    assert not folders.cache.exists()
    folders.cache.mkdir(parents=True)
    assert (await seen(machine))["cache folder"].text == str(folders.cache)
