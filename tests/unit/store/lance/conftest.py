"""Stores over a folder of the test."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from sutazai.sdk.testing import FixedClock
from sutazai.store.lance.store import LanceStore

Opens = Callable[..., LanceStore]


@pytest.fixture
async def opens(tmp_path: Path) -> AsyncIterator[Opens]:
    """Opens a store over the folder of the test, each time a new one, as another process would."""
    async with AsyncExitStack() as stack:

        def made(**options: Any) -> LanceStore:
            store = LanceStore(tmp_path, **{"tenant": "t", "clock": FixedClock(), **options})
            stack.push_async_callback(store.close)
            return store

        yield made


@pytest.fixture
def store(opens: Opens) -> LanceStore:
    """One store."""
    return opens()
