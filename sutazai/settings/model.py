"""Every setting with its default and meaning: the only place with defaults. Reads nothing.

`PROJECT_SECTIONS` are the sections a project file may set: it comes with code that may be hostile, so it can weigh and
exclude, never name a host, a command, a model or a place to store things.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sutazai.sdk.finding import PathRules, Severity

PROJECT_SECTIONS: Final = frozenset({"review"})


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)


REVIEW_PROFILES: Final[Mapping[str, Mapping[str, Any]]] = {
    "quiet": {"review.min_severity": "medium", "review.min_confidence": 0.8, "review.max_findings": 3},
    "default": {"review.min_severity": "low", "review.min_confidence": 0.5, "review.max_findings": 10},
    "thorough": {"review.min_severity": "info", "review.min_confidence": 0.2, "review.max_findings": 50},
}
"""What the profiles of `review.profile` set."""


class ReviewSettings(_Section):
    """How code is reviewed."""

    engines: tuple[str, ...] = Field(
        default=("ruff", "secrets", "patterns", "taint"), description="static engines to run"
    )
    exclude: tuple[str, ...] = Field(default=(), description="gitignore patterns of files to leave out")
    rules: dict[str, str] = Field(
        default_factory=dict, description="rule id to 'off' or a severity: switches rules off or weighs them anew"
    )
    per_path: dict[str, PathRules] = Field(
        default_factory=dict, description="gitignore pattern to rules and thresholds for the files it matches"
    )
    taint: dict[str, tuple[dict[str, Any], ...]] = Field(
        default_factory=dict, description="rows for the taint engine: `source`, `sink`, `clean` and `pass`"
    )
    profile: Literal["quiet", "default", "thorough"] = Field(
        default="default", description="how much to report: sets the next three where the same place does not"
    )
    min_severity: Severity = Field(default=Severity.LOW, description="leave out findings less serious than this")
    min_confidence: float = Field(default=0.5, ge=0, le=1, description="leave out findings less certain than this")
    max_findings: int = Field(default=10, ge=0, description="model findings per file, the surest first")
    fail_on: Severity | Literal["never"] = Field(
        default=Severity.HIGH, description="the severity from which a finding makes the exit code 1, or 'never'"
    )
    max_file_bytes: int = Field(default=1_000_000, gt=0, description="larger files are skipped and named")
    time_limit_s: float = Field(default=120, ge=0, description="seconds of model time for one review; 0: no limit")
    hook_time_limit_s: float = Field(default=20, ge=0, description="the same, in a commit hook")
    baseline: str = Field(default="", description="file of known findings, relative to the project; empty: none")
    jobs: int = Field(default=0, ge=0, description="engines at work at once; 0: one per processor")


class ModelSettings(_Section):
    """Which model answers, and how it runs."""

    name: str = Field(default="", description="catalogue name, Ollama name or path to a .gguf file; empty: the default")
    runtime: Literal["auto", "ollama", "embedded"] = Field(
        default="auto", description="auto: Ollama if it answers and has a suitable model, else the embedded runtime"
    )
    download: bool = Field(default=True, description="fetch missing weights on first use")
    context_tokens: int = Field(default=4096, ge=512, description="tokens of prompt and reply together")
    threads: int = Field(default=0, ge=0, description="threads of the embedded runtime; 0: by processors and load")
    load_timeout_s: float = Field(default=180, gt=0, description="longest wait for a model to load")
    token_timeout_s: float = Field(default=120, gt=0, description="longest wait from one token to the next")


class OllamaSettings(_Section):
    """Where Ollama is."""

    host: str = Field(default="127.0.0.1:11434", description="host, host:port or URL; `OLLAMA_HOST` is read too")
    connect_timeout_s: float = Field(default=4, gt=0, description="longest wait for a connection")
    keep_alive: str = Field(default="5m", description="how long Ollama keeps the model in memory after a request")


class CacheSettings(_Section):
    """Results that can be computed anew."""

    enabled: bool = Field(default=True, description="reuse results for code that did not change")
    quota_bytes: int = Field(default=500_000_000, ge=0, description="the least recently used results go first")


class HistorySettings(_Section):
    """What was run on this machine."""

    enabled: bool = Field(default=True, description="keep reports for `sutazai history`")
    keep: int = Field(default=200, ge=0, description="how many runs to keep")


class DocsSettings(_Section):
    """Documents: reading, searching, answering."""

    collection: str = Field(default="documents", description="the collection used where none is named")
    embedder: str = Field(
        default="all-minilm-l6-v2", description="embedding model: catalogue name, `ollama:NAME`, or `st:NAME-OR-PATH`"
    )
    reranker: str = Field(default="", description="cross-encoder `st:NAME-OR-PATH`; empty: none")
    chunk_tokens: int = Field(default=200, ge=20, le=8000, description="longest chunk, in tokens of the embedder")
    overlap_tokens: int = Field(default=50, ge=0, description="tokens that neighbouring chunks share")
    limit: int = Field(default=8, ge=1, le=100, description="passages that a search or an answer takes")
    exclude: tuple[str, ...] = Field(default=(), description="gitignore patterns of files to leave out")
    max_file_bytes: int = Field(default=200_000_000, gt=0, description="larger files are skipped and named")
    parse_timeout_s: float = Field(default=10, gt=0, description="longest time for reading one document")
    parse_memory_bytes: int = Field(default=1_000_000_000, gt=0, description="most memory for reading one document")


class Settings(_Section):
    """Every setting."""

    offline: bool = Field(default=False, description="never fetch anything (also: `SUTAZAI_OFFLINE=1`)")
    log: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="what is logged to stderr (also: `SUTAZAI_LOG`)"
    )
    resident: bool = Field(
        default=True, description="keep a process that makes commands start at once (Linux; also: `SUTAZAI_RESIDENT`)"
    )
    review: ReviewSettings = Field(default_factory=ReviewSettings)
    model: ModelSettings = Field(default_factory=ModelSettings)
    ollama: OllamaSettings = Field(default_factory=OllamaSettings)
    cache: CacheSettings = Field(default_factory=CacheSettings)
    history: HistorySettings = Field(default_factory=HistorySettings)
    docs: DocsSettings = Field(default_factory=DocsSettings)


def known_keys() -> tuple[str, ...]:
    """Every dotted key, in order: `offline`, `log`, `review.engines` and so on."""
    keys: list[str] = []
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, _Section):
            keys += [f"{name}.{inner}" for inner in section.model_fields]
        else:
            keys.append(name)
    return tuple(keys)


def description_of(key: str) -> str:
    """What the setting `key` means."""
    section, _, name = key.rpartition(".")
    owner = Settings.model_fields[section].annotation if section else Settings
    assert isinstance(owner, type) and issubclass(owner, BaseModel)  # noqa: S101, PT018 (narrows for mypy)
    return owner.model_fields[name].description or ""
