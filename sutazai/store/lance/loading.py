"""Imports LanceDB: silent, and without what it would do for its cloud. The one place that does."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

_LOGS: Final = ("LANCEDB_LOG", "LANCE_LOG")


def load() -> Any:
    """The module. Blocking, and it takes a second: call it in a thread."""
    # It warns on stderr of its own doings unless told otherwise before it is imported; whoever set these is heard.
    for variable in _LOGS:
        os.environ.setdefault(variable, "error")
    with _without_validated_calls():
        import lancedb  # noqa: PLC0415 (loaded only when used)

    return lancedb


@contextmanager
def _without_validated_calls() -> Iterator[None]:
    """Leaves out the validators of a client for remote namespaces, a third of the import that serves nobody."""
    import pydantic  # noqa: PLC0415 (loaded already where the import is what costs)

    real = pydantic.validate_call
    pydantic.validate_call = _unchanged
    try:
        yield
    finally:
        pydantic.validate_call = real


def _unchanged(function: Callable[..., Any] | None = None, **_options: Any) -> Any:
    """A decorator that does nothing, with or without brackets."""
    return function if function is not None else _unchanged
