"""Which runtime and model serve, and why: examples, and what must hold in every situation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.models import ModelUnavailable
from sutazai.llm.catalog import CATALOG, DEFAULT, find, known_names
from sutazai.llm.ollama_listing import OllamaModel
from sutazai.llm.policy import Asked, Choice, Situation, choose

CODER_7B = OllamaModel("qwen2.5-coder:7b", 4_700_000_000, capabilities=("completion", "tools"))
CODER_SMALL = OllamaModel("qwen2.5-coder:1.5b", 986_000_000)
GENERAL = OllamaModel("llama3.2:3b", 2_000_000_000)
TINY = OllamaModel("smollm2:135m", 270_000_000)
EMBEDDER = OllamaModel("nomic-embed-text:latest", 3_000_000_000)
EMBEDDER_TOLD = OllamaModel("codesearch:latest", 9_000_000_000, capabilities=("embedding",))
CLOUD = OllamaModel("qwen3-coder:480b-cloud", 500, remote_host="https://cloud.example")
BASE = OllamaModel("codellama:7b-code-base", 3_800_000_000)
HERE = frozenset({DEFAULT.name})
CHOSEN: list[tuple[Situation, tuple[str, str]]] = [
    (Situation(ollama=[CODER_SMALL, CODER_7B, GENERAL]), ("ollama", "qwen2.5-coder:7b")),
    (Situation(ollama=[CODER_SMALL, GENERAL]), ("ollama", "qwen2.5-coder:1.5b")),
    (Situation(ollama=[GENERAL, TINY, EMBEDDER]), ("ollama", "llama3.2:3b")),
    (Situation(ollama=[CODER_SMALL, CODER_7B], memory_bytes=2_000_000_000), ("ollama", "qwen2.5-coder:1.5b")),
    (Situation(ollama=[TINY, EMBEDDER, EMBEDDER_TOLD, BASE], installed=HERE), ("embedded", DEFAULT.name)),
    (Situation(ollama=[CLOUD], installed=HERE), ("embedded", DEFAULT.name)),
    (Situation(ollama=[CLOUD], model=CLOUD.name), ("ollama", CLOUD.name)),
    (Situation(ollama=[], installed=HERE), ("embedded", DEFAULT.name)),
    (Situation(ollama="connection refused", installed=HERE), ("embedded", DEFAULT.name)),
    (Situation(ollama=[CODER_7B], model="qwen2.5-coder", installed=HERE), ("embedded", DEFAULT.name)),
    (Situation(ollama=[CODER_7B, CODER_SMALL], model="qwen2.5-coder"), ("ollama", "qwen2.5-coder:1.5b")),
    (Situation(ollama=[OllamaModel("mistral:latest")], model="Mistral"), ("ollama", "mistral:latest")),
    (Situation(ollama=[TINY], model="smollm2:135m"), ("ollama", "smollm2:135m")),
    (Situation(ollama=[CODER_7B], model="./mine.gguf"), ("embedded", "./mine.gguf")),
    (Situation(ollama=[CODER_7B], runtime="embedded", installed=HERE), ("embedded", DEFAULT.name)),
    (Situation(runtime="ollama", ollama=[CODER_7B]), ("ollama", "qwen2.5-coder:7b")),
    (Situation(offline=True, installed=frozenset({"qwen2.5-coder:0.5b"})), ("embedded", "qwen2.5-coder:0.5b")),
    (Situation(may_download=False, installed=frozenset({"qwen2.5-coder:0.5b"})), ("embedded", "qwen2.5-coder:0.5b")),
]
REFUSED: list[tuple[Situation, str]] = [
    (Situation(runtime="ollama", ollama="connection refused"), r"'qwen2.5-coder:1.5b' \(Ollama: connection refused\)"),
    (Situation(runtime="ollama", ollama=[EMBEDDER]), "no chat model that is fit for code"),
    (Situation(runtime="ollama", ollama=[CODER_7B], model="x:1b"), "it does not have x:1b"),
    (Situation(runtime="ollama", ollama=[EMBEDDER], model="nomic-embed-text"), "cannot chat"),
    (Situation(runtime="ollama", ollama=[CODER_7B], model="./a.gguf"), "it does not serve files"),
    (Situation(ollama="refused", embedded=False), "Ollama: refused; embedded: the llama.cpp wheel is not installed"),
    (Situation(offline=True), "missing and this machine is offline"),
    (Situation(offline=True, installed=frozenset({"smollm2:135m"})), "missing and this machine is offline"),
    (Situation(may_download=False), "nothing may be fetched now"),
    (Situation(ollama=[CODER_7B], model="x:1b"), "does not have x:1b; embedded: no weights are known for x:1b"),
    (Situation(offline=True, model="qwen2.5-coder:1.5b", installed=frozenset({"qwen2.5-coder:0.5b"})), "offline"),
]


@pytest.mark.parametrize(("situation", "expected"), CHOSEN)
def test_the_choice_in_a_known_situation(situation: Situation, expected: tuple[str, str]) -> None:
    """Runtime and model; nothing has to be fetched."""
    choice = choose(situation)
    assert (choice.runtime, choice.model) == expected
    assert choice.needs_download is None


@pytest.mark.parametrize(("situation", "reason"), REFUSED)
def test_a_situation_without_a_model_says_everything_that_was_tried(situation: Situation, reason: str) -> None:
    """Each runtime with its own reason."""
    with pytest.raises(ModelUnavailable, match=reason):
        choose(situation)


def hint_for(situation: Situation) -> str:
    """The next step where nothing serves."""
    with pytest.raises(ModelUnavailable) as caught:
        choose(situation)
    return caught.value.hint


def test_a_name_that_is_unknown_leads_to_the_nearest_that_can_be_had() -> None:
    """Of the catalogue and of Ollama; a name that is known, or a path, does not."""
    coder = next(each.name for each in CATALOG if each.purpose == "code")
    assert hint_for(Situation(model=coder[:-1] + "9")).startswith(f"did you mean {coder!r}?")
    served = (OllamaModel("llama9:8b", size_bytes=5_000_000_000),)
    assert hint_for(Situation(model="llama8:8b", ollama=served)).startswith("did you mean 'llama9:8b'?")
    assert hint_for(Situation(runtime="ollama", model="zzz", ollama=served)).startswith("known: llama9:8b")
    assert "models pull" in hint_for(Situation(model="zzz"))
    assert hint_for(Situation(model=coder, offline=True)).startswith("start Ollama")
    assert hint_for(Situation(runtime="ollama", model="./a.gguf")).startswith("start Ollama")


@pytest.mark.parametrize("here", [frozenset[str](), frozenset({"all-minilm-l6-v2"})])
def test_an_embedding_model_never_chats(here: frozenset[str]) -> None:
    """Neither when it is named nor when it is all there is."""
    with pytest.raises(ModelUnavailable, match="makes vectors of documents and cannot chat"):
        choose(Situation(model="all-minilm-l6-v2", installed=here))
    with pytest.raises(ModelUnavailable):
        choose(Situation(installed=here, offline=True))


def test_missing_weights_are_fetched_where_that_is_allowed() -> None:
    """The choice names what to fetch, and says so."""
    choice = choose(Situation(ollama="connection refused"))
    assert choice.needs_download is DEFAULT
    assert choice.why == (
        "Ollama cannot be used (connection refused); the weights of qwen2.5-coder:1.5b have to be fetched first"
    )


def test_the_reason_is_one_sentence_for_people() -> None:
    """Shown by `sutazai doctor` and with -v."""
    whys = [choose(situation).why for situation, _ in CHOSEN]
    assert "Ollama answers and has qwen2.5-coder:7b, a code model (4.7 GB)" in whys
    assert "Ollama answers and has llama3.2:3b, a chat model (2.0 GB)" in whys
    assert "the embedded runtime serves the file that was named" in whys
    assert "the embedded runtime was asked for, and the weights of qwen2.5-coder:1.5b are here" in whys
    assert not any(why.endswith(".") or "\n" in why for why in whys)


MODELS = st.builds(
    OllamaModel,
    name=st.sampled_from([m.name for m in (CODER_7B, CODER_SMALL, GENERAL, TINY, EMBEDDER, BASE)])
    | st.text(max_size=9),
    size_bytes=st.integers(0, 10**11),
    capabilities=st.sampled_from([(), ("completion",), ("embedding",), ("completion", "tools"), ("vision",)]),
    remote_host=st.sampled_from(["", "https://cloud.example"]),
)
SITUATIONS = st.builds(
    Situation,
    runtime=st.sampled_from(["auto", "ollama", "embedded"]),
    model=st.sampled_from(["", "a.gguf", "./x", "qwen2.5-coder", "llama3.2:3b", *known_names()]) | st.text(max_size=12),
    ollama=st.lists(MODELS, max_size=5) | st.text(max_size=10),
    embedded=st.booleans(),
    installed=st.frozensets(st.sampled_from(known_names())),
    offline=st.booleans(),
    may_download=st.booleans(),
    memory_bytes=st.none() | st.integers(0, 10**11),
)


def _outcome(situation: Situation) -> Choice | None:
    try:
        return choose(situation)
    except ModelUnavailable:
        return None


@given(SITUATIONS)
def test_a_choice_is_always_something_that_can_serve(situation: Situation) -> None:
    """Never a runtime that was not asked for, a model that is not there, or a download that is not allowed."""
    choice = _outcome(situation)
    if choice is None:
        return
    assert choice.why
    assert situation.runtime in {"auto", choice.runtime}
    if choice.runtime == "ollama":
        assert choice.needs_download is None
        served = [m for m in situation.ollama if isinstance(m, OllamaModel) and m.name == choice.model]
        assert any("completion" in m.capabilities or not m.capabilities for m in served)
        assert situation.model or any(not m.remote_host for m in served)
        return
    assert situation.embedded
    entry = find(choice.model)
    if choice.needs_download:
        assert situation.may_download
        assert not situation.offline
        assert choice.needs_download is entry
        assert choice.model not in situation.installed
    elif entry:
        assert choice.model in situation.installed


@given(SITUATIONS, st.sampled_from(["ollama", "embedded"]))
def test_auto_serves_whenever_one_of_the_runtimes_would(situation: Situation, runtime: Asked) -> None:
    """Asking for less never loses a model."""
    asked = Situation(
        runtime, situation.model, situation.ollama, situation.embedded, situation.installed, memory_bytes=None
    )
    auto = Situation("auto", *(getattr(asked, name) for name in ("model", "ollama", "embedded", "installed")))
    assert _outcome(asked) is None or _outcome(auto) is not None


@given(SITUATIONS)
def test_the_order_in_which_ollama_lists_its_models_does_not_matter(situation: Situation) -> None:
    """The same situation gives the same choice."""
    if isinstance(situation.ollama, str) or len({m.name.lower() for m in situation.ollama}) < len(situation.ollama):
        return
    turned = Situation(
        situation.runtime, situation.model, situation.ollama[::-1], situation.embedded, situation.installed,
        situation.offline, situation.may_download, situation.memory_bytes,
    )  # fmt: skip
    assert _outcome(situation) == _outcome(turned)
