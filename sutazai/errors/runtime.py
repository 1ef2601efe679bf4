"""What can go wrong with the embedded model runtime: the program, the file, the memory, the process."""

from collections.abc import Sequence

from sutazai.errors.models import ModelError

_LINES = 3


class ModelRuntimeMissing(ModelError):
    """The embedded runtime is not installed, or cannot be loaded on this machine."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the embedded model runtime cannot be loaded: {reason}",
            hint="run `pip install xllamacpp` (slim Linux images also need the system package libgomp1), or use Ollama",
        )


class ModelRuntimeMismatch(ModelError):
    """The child process is of another version of SutazAI than its parent."""

    def __init__(self, ours: int, theirs: int) -> None:
        super().__init__(
            f"the model process speaks version {theirs} of our protocol, not {ours}",
            hint="two versions of sutazai are mixed: reinstall it in a fresh environment",
        )


class ModelFileBroken(ModelError):
    """A model file that is missing, damaged, or of a kind that the runtime does not know."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the model file {path} cannot be used: {reason}",
            hint="fetch it again with `sutazai models pull`, or name another GGUF file",
        )


class NotEnoughMemory(ModelError):
    """Less free memory than the model needs."""

    def __init__(self, model: str, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(
            f"{model} needs about {_mib(needed_bytes)} MiB of memory, {_mib(free_bytes)} MiB are free",
            hint="close other programs, choose a smaller model, or lower `model.context_tokens`",
        )


class ModelCrashed(ModelError):
    """The model's process ended, or sent what makes no sense, while something was asked of it."""

    def __init__(self, model: str, how: str, stderr: Sequence[str] = ()) -> None:
        last = " | ".join(stderr[-_LINES:])
        super().__init__(
            f"the process of {model} {how}" + (f": {last}" if last else ""),
            hint="ask again: it is started anew; if it crashes each time, try another model or a smaller context",
        )


class ModelTimedOut(ModelError):
    """The model's process was silent for too long and has been ended."""

    status = 504

    def __init__(self, model: str, doing: str, seconds: float) -> None:
        super().__init__(
            f"{model} was {doing} for over {seconds:g} s without a sign of life",
            hint="the machine may be too busy or the model too large for it: try again, or a smaller model",
        )


class ModelClosed(ModelError):
    """The model was closed by us while it answered."""

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} was closed while it answered")


class ModelRefused(ModelError):
    """The runtime refuses a request."""

    status = 422

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"{model} cannot answer this request: {reason}", hint="check the request's options")


def _mib(size_bytes: int) -> int:
    return size_bytes // 2**20
