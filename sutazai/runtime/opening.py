"""`open_runtime`: the one `async with` that everything lives in."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from sutazai.runtime.clock import SystemClock
from sutazai.runtime.registry import Registry
from sutazai.runtime.resources import Resources
from sutazai.runtime.run import Runtime
from sutazai.settings.load import Loaded


@asynccontextmanager
async def open_runtime(
    loaded: Loaded, *, folder: Path | None = None, registry: Registry | None = None
) -> AsyncIterator[Runtime]:
    """A runtime over this machine. Nothing is opened before it is used; everything is closed at the end.

    Args:
        loaded: the settings in force.
        folder: what relative paths are relative to; the current folder by default.
        registry: the installed agents; the real ones by default.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(_logging(loaded.settings.log))
        registry = registry or Registry()
        yield Runtime(registry, Resources(loaded, folder or Path.cwd(), stack, SystemClock(), registry))


@contextmanager
def _logging(level: str) -> Iterator[None]:
    """What our modules log goes to stderr while the runtime is open, from `level` on."""
    logger, handler = logging.getLogger("sutazai"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
