"""What can go wrong between us and a model: runtimes, weights, replies."""

from collections.abc import Sequence

from sutazai.errors.base import ExitCode, SutazAIError
from sutazai.errors.usage import nearest


class ModelError(SutazAIError):
    """Any failure of a model, its weights or its runtime."""

    exit_code, status = ExitCode.MODEL, 503


class ModelUnavailable(ModelError):
    """No runtime can serve the model."""

    def __init__(self, model: str, tried: Sequence[str], known: Sequence[str] = ()) -> None:
        """`known`: the names of models that can be had, where this one is none of them."""
        named = (
            f"{nearest(model, known)} `sutazai models list` shows what there is, `sutazai models pull NAME` fetches it"
        )
        missing = "start Ollama, or name a model of `sutazai models list`; `sutazai doctor` shows what is missing"
        super().__init__(f"no runtime can serve {model!r} ({'; '.join(tried)})", hint=named if known else missing)


class PromptTooLong(ModelError):
    """A prompt that does not fit the model's context."""

    status = 413

    def __init__(self, model: str, prompt_tokens: int, context_tokens: int) -> None:
        super().__init__(
            f"a prompt of {prompt_tokens} tokens does not fit the {context_tokens} tokens of {model}",
            hint="raise `model.context_tokens`, or review smaller functions",
        )


class ReplyUnusable(ModelError):
    """A model reply that is not what was asked for, also after one repair."""

    status = 502

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"{model} did not answer in the form asked for: {reason}", hint="try a larger model")


class NoChatModel(ModelError):
    """A model that is known and answers nothing: it makes vectors."""

    status = 422

    def __init__(self, model: str) -> None:
        super().__init__(
            f"{model} makes vectors of documents and cannot chat",
            hint=f"set `docs.embedder` to {model}, or name a chat model of `sutazai models list`",
        )
