"""Pretends to be sentence-transformers and what it brings, for tests where neither is installed.

As much of the library as our adapters use, in its own words; the real one is tried by `tests/contract`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WORDS = ("[UNK]", "cat", "mat", "query", "passage", ":", ".", "a", "b")


class FakeTokenizer:
    """Words of a small vocabulary, two marks around each text, and cut after two words until it is told otherwise."""

    def __init__(self) -> None:
        self.backend_tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, "[UNK]"))
        self.backend_tokenizer.normalizer = normalizers.Lowercase()
        self.backend_tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        self.backend_tokenizer.enable_truncation(2)
        self.backend_tokenizer.enable_padding(length=9)

    def num_special_tokens_to_add(self, *, pair: bool) -> int:
        """Of a text alone."""
        assert not pair
        return 2


class FakeTensor(np.ndarray):
    """An array that has the few methods of a tensor."""

    def __new__(cls, values: Any) -> Self:
        return np.asarray(values, dtype=np.float32).view(cls)

    def detach(self) -> "FakeTensor":
        return self

    cpu = float = contiguous = detach

    def numpy(self) -> "np.ndarray[Any, Any]":
        return np.asarray(self)


class FakeModel:
    """What `SentenceTransformer` gives. `room` counts the marks; `fails` is raised by every run."""

    def __init__(self, library: "FakeLibrary") -> None:
        self._library = library
        self.tokenizer: Any = FakeTokenizer()
        self.max_seq_length: int | None = 12
        self.prompts: dict[str, str | None] = {"query": "", "document": None}
        self.default_prompt_name: str | None = None
        self.weights = {"b": FakeTensor([1.0]), "a": FakeTensor([[2.0, 3.0]])}
        self.parts: list[Any] = [SimpleNamespace(), SimpleNamespace(pooling_mode="mean")]

    def __iter__(self) -> Any:
        return iter(self.parts)

    def state_dict(self) -> dict[str, FakeTensor]:
        """The weights."""
        return self.weights

    def encode_query(self, texts: list[str], **options: Any) -> Any:
        """Vectors of queries."""
        return self._encode("query", texts, options)

    def encode_document(self, texts: list[str], **options: Any) -> Any:
        """Vectors of documents."""
        return self._encode("document", texts, options)

    def _encode(self, kind: str, texts: list[str], options: dict[str, Any]) -> Any:
        assert options == {"batch_size": 1, "show_progress_bar": False, "convert_to_numpy": True}
        (text,) = texts
        self._library.run(kind, text)
        return np.array([[len(text), 1.0 if kind == "query" else 2.0, sum(map(ord, text)) % 97]], dtype=np.float32)


class FakeCrossEncoder:
    """What `CrossEncoder` gives: the share of the query's letters in a text."""

    def __init__(self, library: "FakeLibrary") -> None:
        self._library = library
        self.answer: Callable[[str, str], Any] = lambda query, text: [float(len(set(query) & set(text)))]

    def predict(self, pairs: list[tuple[str, str]], **options: Any) -> Any:
        """The score of the one pair."""
        assert options == {"batch_size": 1, "show_progress_bar": False}
        ((query, text),) = pairs
        self._library.run("pair", text)
        return np.array(self.answer(query, text))


@dataclass
class FakeLibrary:
    """What was asked of the library, and how it is to behave.

    Attributes:
        here: the names that are on this machine; folders always are.
        loads: place and whether only from this machine, of each attempt.
        runs: kind and text of each run.
        fails: raised by every run, if set.
        broken: raised by every load, if set.
        broken_fetch: raised by every load that may use the network, if set.
        while_running: called in each run.
    """

    here: set[str] = field(default_factory=set)
    loads: list[tuple[str, bool]] = field(default_factory=list)
    runs: list[tuple[str, str]] = field(default_factory=list)
    fails: Exception | None = None
    broken: Exception | None = None
    broken_fetch: Exception | None = None
    while_running: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.model = FakeModel(self)
        self.encoder = FakeCrossEncoder(self)
        self.quiet: list[str] = []

    def run(self, kind: str, text: str) -> None:
        """Remembers a run."""
        self.runs.append((kind, text))
        self.while_running()
        if self.fails:
            raise self.fails

    def load(self, made: Any, place: str, *, local_files_only: bool, trust_remote_code: bool) -> Any:
        """As the constructors of the library."""
        assert trust_remote_code is False
        self.loads.append((place, local_files_only))
        if self.broken:
            raise self.broken
        if self.broken_fetch and not local_files_only:
            raise self.broken_fetch
        if local_files_only and not place.startswith("/") and place not in self.here:
            raise OSError(f"{place} is not in the cache")
        return made

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Puts it in the place of the real one."""
        modules = {
            "sentence_transformers": {
                "SentenceTransformer": lambda place, **options: self.load(self.model, place, **options),
                "CrossEncoder": lambda place, **options: self.load(self.encoder, place, **options),
            },
            "transformers": {},
            "transformers.utils": {
                "logging": SimpleNamespace(
                    disable_progress_bar=lambda: self.quiet.append("bar"),
                    set_verbosity_error=lambda: self.quiet.append("advice"),
                )
            },
        }
        for name, content in modules.items():
            module = ModuleType(name)
            vars(module).update(content)
            monkeypatch.setitem(sys.modules, name, module)
