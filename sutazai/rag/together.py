"""Several calls at once, whose first failure is raised as itself."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def together(work: Sequence[Coroutine[Any, Any, ResultT]]) -> list[ResultT]:
    """The results in order; the first failure ends the rest and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [each.result() for each in tasks]
