"""Work on several segments at once, and work in threads that is never left running. Knows nothing of weights."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def each_of(items: Iterable[Item], work: Callable[[Item], Awaitable[None]], jobs: int) -> None:
    """Does `work` for every item, `jobs` at once; the first failure stops all and is raised as itself."""
    slots = asyncio.Semaphore(max(jobs, 1))

    async def one(item: Item) -> None:
        async with slots:
            await work(item)

    try:
        async with asyncio.TaskGroup() as tasks:
            for item in items:
                tasks.create_task(one(item))
    except BaseExceptionGroup as group:
        raise first_of(group) from None


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first failure inside a group, however deep."""
    first = group.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first


async def in_thread(work: Callable[[], Result], *, stop: Callable[[], None] | None = None) -> Result:
    """Runs blocking work in a thread; when cancelled, tells it to `stop` and waits for its end.

    So nothing is written any more once the caller has let go of its lock.
    """
    running = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        if stop:
            stop()
        await asyncio.wait({running})
        running.cancelled() or running.exception()
        raise
