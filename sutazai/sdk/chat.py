"""What is said to a model and what comes back: the value types of the port `ChatModel`. Pure data, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "truncated"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One generation. Either `messages` (the model's chat template is applied) or `prompt` (raw text, no template).

    Attributes:
        max_tokens: always set: a model without a limit can run for ever.
        temperature: 0 is greedy.
        seed: same seed, same request, same model file: same tokens, as far as the runtime can.
        stop: generation ends before any of these.
        json_schema: the reply is constrained to this JSON schema.
        top_logprobs: how many alternatives to report for each generated token, 0..20 (0: no log-probabilities).
    """

    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    json_schema: Mapping[str, Any] | None = None
    top_logprobs: int = 0


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token with its natural-log probability, and the likeliest alternatives at its place, best first."""

    token: str
    logprob: float
    top: tuple["TokenLogprob", ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What one generation cost.

    `prompt_tokens` counts all tokens of the prompt, those taken from the prompt cache (`cached_tokens`) included.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True, slots=True)
class ChatChunk:
    """A piece of a reply. The last one of a stream has `finish` and `usage` set; its text is usually empty."""

    text: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()
    finish: Finish | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A whole reply. `finish` is "truncated" where the stream ended without saying so or lost a part of the prompt."""

    text: str
    finish: Finish
    logprobs: tuple[TokenLogprob, ...] = ()
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answers.

    Attributes:
        name: as the user names it, e.g. `qwen2.5-coder:1.5b`.
        runtime: `embedded`, `ollama` or `scripted`.
        digest: identity of the weights, for cache keys (sha256 hex of the file, or Ollama's digest).
        context_tokens: how many tokens prompt and reply may have together, as served.
        logprobs: whether the runtime reports log-probabilities of generated tokens.
        why: one sentence: why this model and this runtime were chosen.
    """

    name: str
    runtime: str
    digest: str = ""
    context_tokens: int = 4096
    logprobs: bool = True
    why: str = ""
