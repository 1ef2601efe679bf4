"""What can go wrong between us and an Ollama server. `reason` is the server's text, made printable by the caller."""

from collections.abc import Sequence

from sutazai.errors.models import ModelError

_LOG_HINT = "look into the log of the Ollama server (`journalctl -u ollama`, `~/.ollama/logs/server.log`)"


class OllamaHostInvalid(ModelError):
    """A host that is neither a name, an address, nor a URL."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the Ollama host is not usable: {reason}",
            hint="set `ollama.host` or OLLAMA_HOST to host, host:port or http(s)://host[:port][/path]",
        )


class OllamaUnreachable(ModelError):
    """Nothing answers at the host."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"no Ollama server answers at {host}: {reason}",
            hint="start it with `ollama serve`, or set OLLAMA_HOST (inside a container, localhost is the container)",
        )


class OllamaHostRefused(ModelError):
    """The server's guard against DNS rebinding refuses the name it was called by."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the Ollama server at {host} refuses to be called by that name (403)",
            hint="call it by localhost or its address, or start the server with OLLAMA_HOST=0.0.0.0",
        )


class NotOllama(ModelError):
    """Something answers, but not in Ollama's protocol, or in one older than we can speak."""

    status = 502

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"{host} does not answer like an Ollama server: {reason}",
            hint="check OLLAMA_HOST with its port and path, and update Ollama if it is old",
        )


class OllamaSignInNeeded(ModelError):
    """The server, or a proxy before it, asks for credentials."""

    status = 502

    def __init__(self, host: str, model: str) -> None:
        super().__init__(
            f"{host} asks for a sign-in to use {model!r} (401)",
            hint="run `ollama signin` for a cloud model, set the secret `ollama-api-key` for a proxy, "
            "or use a local model",
        )


class OllamaModelMissing(ModelError):
    """The server does not have the model."""

    status = 404

    def __init__(self, model: str, installed: Sequence[str] = ()) -> None:
        have = f"; installed: {', '.join(installed[:8])}" if installed else ""
        super().__init__(f"Ollama does not have the model {model!r}", hint=f"run `ollama pull {model}`{have}")


class OllamaModelUnsuitable(ModelError):
    """A model that cannot do what was asked, an embedding model for instance."""

    status = 422

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(
            f"Ollama cannot use {model!r} for this: {reason}",
            hint="choose a model that can chat: `ollama list` shows those installed",
        )


class OllamaBusy(ModelError):
    """The server's queue stayed full, also after we waited."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the Ollama server at {host} is busy",
            hint="try again later, or raise OLLAMA_MAX_QUEUE or OLLAMA_NUM_PARALLEL on the server",
        )


class OllamaOutOfMemory(ModelError):
    """The model does not fit the server's memory."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(
            f"Ollama has too little memory for {model!r}: {reason}",
            hint="choose a smaller model, lower `model.context_tokens`, or free memory (`ollama ps`, `ollama stop`)",
        )


class OllamaLoadFailed(ModelError):
    """The server could not load the model."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(
            f"Ollama could not load {model!r}: {reason}",
            hint=f"run `ollama pull {model}` again and update Ollama; {_LOG_HINT}",
        )


class OllamaRunnerStopped(ModelError):
    """The server's child that runs the model died, twice."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"Ollama's runner of {model!r} died: {reason}", hint=f"{_LOG_HINT}; a smaller model may fit")


class OllamaSilent(ModelError):
    """The server took the request and then said nothing for too long."""

    status = 504

    def __init__(self, model: str, seconds: float, waited_for: str) -> None:
        super().__init__(
            f"Ollama gave no {waited_for} of {model!r} within {seconds:g} s",
            hint="look at `ollama ps` for what it is doing; raise `model.load_timeout_s` or `model.token_timeout_s`",
        )


class OllamaRemoteFailed(ModelError):
    """A model that the server only passes on to another one failed there."""

    status = 502

    def __init__(self, model: str, code: int, reason: str) -> None:
        super().__init__(
            f"the remote service behind {model!r} failed ({code}): {reason or 'no reason given'}",
            hint="use a local model: `ollama list` shows those installed",
        )


class OllamaRequestRefused(ModelError):
    """The server finds our request wrong; asking again would not help."""

    status = 502

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(
            f"Ollama refused the request to {model!r}: {reason}", hint="update Ollama; if it stays, report this"
        )


class OllamaServerFailed(ModelError):
    """Any other failure that the server reports."""

    status = 502

    def __init__(self, model: str, code: int, reason: str) -> None:
        where = f" ({code})" if code else ""
        super().__init__(f"Ollama failed with {model!r}{where}: {reason or 'no reason given'}", hint=_LOG_HINT)
