"""Profiles of models: measured here before shipped, by digest before name, cautious for the unknown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.llm.catalog import DEFAULT
from sutazai.llm.profiles import FileProfiles
from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.profile import ModelProfile, RecipeProfile

UNKNOWN = ModelInfo(name="other:7b", runtime="ollama", digest="ab" * 32)
MEASURED = ModelProfile(
    recipes={"claims": RecipeProfile(threshold=0.5, recall=0.6)}, origin="measured", measured_at="2026-11-01"
)


def test_the_default_model_has_a_shipped_profile_by_its_hash(tmp_path: Path) -> None:
    """Whatever its name: the probe, without a second look and without free claims."""
    profile = FileProfiles(tmp_path).of(ModelInfo(name="mine", runtime="embedded", digest=DEFAULT.sha256))
    assert profile.origin == "shipped"
    assert "probe" in profile.recipes
    assert "claims" not in profile.recipes


def test_the_default_model_on_another_runtime_is_known_by_its_name(tmp_path: Path) -> None:
    """Ollama's digest is another one; the case of a name does not matter."""
    info = ModelInfo(name="Qwen2.5-Coder:1.5B", runtime="ollama", digest="cd" * 32)
    assert FileProfiles(tmp_path).of(info).origin == "shipped"


@pytest.mark.parametrize("digest", ["", "ab" * 32, "not a digest"])
def test_an_unknown_model_may_only_probe(digest: str, tmp_path: Path) -> None:
    """It has not shown that its claims are worth anything."""
    profile = FileProfiles(tmp_path).of(ModelInfo(name="other:7b", runtime="ollama", digest=digest))
    assert profile.origin == "default"
    assert set(profile.recipes) == {"probe"}


@pytest.mark.parametrize("name", ["other:7b", "qwen2.5-coder:1.5b"])
def test_without_log_probabilities_there_is_no_probe(name: str, tmp_path: Path) -> None:
    """Neither for an unknown nor for a known model."""
    profile = FileProfiles(tmp_path).of(ModelInfo(name=name, runtime="ollama", logprobs=False))
    assert profile.recipes == {}


def test_what_was_measured_here_counts_more_than_what_was_shipped(tmp_path: Path) -> None:
    """And is there for the next run; a new measurement replaces it."""
    info = ModelInfo(name=DEFAULT.name, runtime="embedded", digest=DEFAULT.sha256)
    FileProfiles(tmp_path / "new").save(info, MEASURED)
    assert FileProfiles(tmp_path / "new").of(info) == MEASURED
    FileProfiles(tmp_path / "new").save(info, ModelProfile(origin="anything"))
    assert FileProfiles(tmp_path / "new").of(info) == ModelProfile(origin="measured")
    assert [each.suffix for each in (tmp_path / "new").iterdir()] == [".json"]


def test_a_measured_profile_is_found_by_the_digest_in_each_of_its_spellings(tmp_path: Path) -> None:
    """With `sha256:` or without, under any name."""
    FileProfiles(tmp_path).save(UNKNOWN, MEASURED)
    renamed = ModelInfo(name="renamed", runtime="embedded", digest=f"sha256:{'AB' * 32}")
    assert FileProfiles(tmp_path).of(renamed) == MEASURED


def test_a_model_without_digest_is_kept_by_runtime_and_name(tmp_path: Path) -> None:
    """Two runtimes may have different models of one name."""
    info = ModelInfo(name="other:7b", runtime="ollama")
    FileProfiles(tmp_path).save(info, MEASURED)
    assert FileProfiles(tmp_path).of(info) == MEASURED
    assert FileProfiles(tmp_path).of(ModelInfo(name="other:7b", runtime="embedded")).origin == "default"


@pytest.mark.parametrize("text", ["", "{", '{"recipes": {"magic": {}}}', "[]", '{"extra": 1}'])
def test_a_damaged_profile_is_passed_over_with_a_warning(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The cautious default holds, and the log names the file."""
    (tmp_path / f"{'ab' * 32}.json").write_text(text)
    assert FileProfiles(tmp_path).of(UNKNOWN).origin == "default"
    assert "ab" * 32 in caplog.text


@given(name=st.text(max_size=40), digest=st.text(max_size=70))
def test_no_name_or_digest_leaves_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str, digest: str) -> None:
    """They come from servers; a path in them is only text."""
    folder = tmp_path_factory.mktemp("profiles") / "inner"
    info = ModelInfo(name=name, runtime="ollama", digest=digest)
    FileProfiles(folder).save(info, MEASURED)
    assert FileProfiles(folder).of(info) == MEASURED
    assert [each.name for each in folder.parent.iterdir()] == ["inner"]
    assert len(list(folder.iterdir())) == 1
